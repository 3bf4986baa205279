package materials_test

import (
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// at is one line of a hand-made page: its left top corner and its text.
type at struct {
	x, y float64
	text string
}

const (
	high  = 20.0 // of a line, px
	faint = 0.5
)

// page makes a reading of lines in 20 px type; every character is read with
// confidence 0.995.
func page(lines ...at) casework.Reading {
	r := casework.Reading{Page: 1, Width: 1000, Height: 1400, Engine: "hand"}
	for _, l := range lines {
		wide := 0.0
		for _, c := range l.text {
			wide += 10
			if c > 0x2000 {
				wide += 10
			}
		}
		r.Lines = append(r.Lines, casework.Line{
			Text: l.text, Confidence: 0.995, Engine: "hand",
			Quad: casework.Quad{{X: l.x, Y: l.y}, {X: l.x + wide, Y: l.y}, {X: l.x + wide, Y: l.y + high}, {X: l.x, Y: l.y + high}},
		})
	}
	return r
}

// with gives the page with one line's text replaced.
func with(r casework.Reading, old, text string) casework.Reading {
	return edit(r, old, func(l *casework.Line) { l.Text = text })
}

// unsure gives the page with one line read with little confidence.
func unsure(r casework.Reading, text string, confidence float64) casework.Reading {
	return edit(r, text, func(l *casework.Line) { l.Confidence = confidence })
}

func edit(r casework.Reading, text string, change func(*casework.Line)) casework.Reading {
	lines := append([]casework.Line(nil), r.Lines...)
	for i := range lines {
		if lines[i].Text == text {
			change(&lines[i])
			r.Lines = lines
			return r
		}
	}
	panic("no line " + text)
}

// without leaves one line out.
func without(r casework.Reading, text string) casework.Reading {
	var lines []casework.Line
	for _, l := range r.Lines {
		if l.Text != text {
			lines = append(lines, l)
		}
	}
	r.Lines = lines
	return r
}

func cardFront() casework.Reading {
	return page(
		at{60, 60, "姓名"}, at{140, 62, "张明"},
		at{60, 120, "性别"}, at{140, 120, "男"}, at{240, 120, "民族"}, at{320, 120, "汉"},
		at{60, 180, "出生"}, at{140, 180, "1985"}, at{200, 180, "年"}, at{230, 180, "3"}, at{250, 180, "月"}, at{280, 180, "12"}, at{310, 180, "日"},
		at{60, 240, "住址"}, at{140, 240, "山东省海州市示例县样板路"}, at{140, 275, "１号２单元"}, at{600, 270, "样本"},
		at{60, 360, "公民身份号码"}, at{220, 362, "379901198503120017"},
	)
}

func cardBack() casework.Reading {
	return page(
		at{300, 80, "中华人民共和国"}, at{320, 140, "居民身份证"},
		at{150, 300, "签发机关"}, at{280, 300, "海州市公安局示例分局"},
		at{150, 360, "有效期限"}, at{280, 360, "2016.03.05-2036.03.05"},
	)
}

func certificate() casework.Reading {
	r := page(
		at{300, 80, "解除（终止）劳动合同证明书"},
		at{700, 130, "编号：示例2026-001"},
		at{100, 200, "姓名：张明"},
		at{100, 250, "性别：男"},
		at{100, 300, "公民身份号码：379901198503120017"},
		at{100, 350, "单位名称："}, at{210, 350, "海州示例机械有限公司"},
		at{100, 400, "统一社会信用代码：91379900MA37990102"},
		at{100, 450, "劳动合同期限：2019年3月1日至2026年2月28日"},
		at{100, 500, "工作岗位：车工"},
		at{100, 550, "本单位工作年限：7年"},
		at{100, 600, "解除（终止）日期：2026年2月28日"},
		at{100, 650, "解除（终止）原因：劳动合同期满终止"},
		at{140, 720, "根据《中华人民共和国劳动合同法》的规定，本单位与上述职工的劳动合同已经解除（终止），"},
		at{100, 760, "双方劳动关系就此结束，特此证明。"},
		at{500, 900, "单位（盖章）：海州示例机械有限公司"},
		at{500, 960, "出具日期：2026年3月2日"},
	)
	r.Seals = []casework.Seal{{Box: casework.Box{X: 600, Y: 850, W: 160, H: 160}, Colour: "red", Shape: "round", Text: "海州示例机械有限公司", Confidence: 0.99}}
	return r
}

func bankCard() casework.Reading {
	return page(
		at{100, 60, "中国农业银行"}, at{600, 60, "借记卡"}, at{700, 60, "DEBIT"}, at{700, 90, "示例卡"},
		at{80, 300, "6228 4800 0000"}, at{250, 302, "0000 018"},
		at{80, 380, "持卡人"}, at{180, 380, "张明"},
	)
}

func form() casework.Reading {
	return page(
		at{350, 60, "失业保险金申领表"}, at{60, 120, "经办机构：海州市失业保险服务中心"},
		at{80, 180, "姓名"}, at{220, 180, "张 明"}, at{480, 180, "手机号码"}, at{620, 180, "13800000001"},
		at{80, 240, "公民身份号码"}, at{260, 240, "379901198503120017"},
		at{80, 300, "原单位名称"}, at{260, 300, "海州示例机械有限公司"},
		at{80, 360, "失业原因"}, at{260, 360, "劳动合同期满"},
		at{80, 420, "失业时间"}, at{260, 420, "2026年2月28日"}, at{480, 420, "申领日期"}, at{620, 420, "2026年3月6日"},
		at{80, 480, "开户银行"}, at{260, 480, "中国农业银行"},
		at{80, 540, "银行账号"}, at{260, 540, "6228480000000000018"},
		at{80, 600, "求职意愿"}, at{260, 600, "有求职要求"}, at{450, 600, "无求职要求"},
		at{450, 700, "承 诺"}, at{120, 750, "本人承诺以上填写的内容及所提交的材料真实、准确、有效，"},
		at{500, 900, "申领人签名："}, at{620, 900, "张明"},
	)
}

func file(slot string, readings ...casework.Reading) materials.File {
	return materials.File{ID: "file-" + slot, Slot: slot, FileName: slot + ".jpg", Readings: readings}
}

// claim is a claim with nothing wrong: domain example UE-2.
func claim() materials.Input {
	return materials.Input{
		Matter: "unemployment_claim", Region: "379900", Month: 202603,
		Applicant: casework.Person{Name: "张明", IDNumber: "379901198503120017", Mobile: "13800000001", Account: "6228480000000000018"},
		Received:  casework.Date{Year: 2026, Month: 3, Day: 6},
		Shared:    map[string]string{},
		Files: []materials.File{
			file("id_card_front", cardFront()), file("id_card_back", cardBack()), file("termination_notice", certificate()),
			file("bank_card", bankCard()), file("claim_form", form()),
		},
	}
}

// replace puts other readings into a slot.
func replace(in *materials.Input, slot string, readings ...casework.Reading) {
	for i := range in.Files {
		if in.Files[i].Slot == slot {
			in.Files[i].Readings = readings
			return
		}
	}
	panic("no slot " + slot)
}

func drop(in *materials.Input, slot string) {
	var kept []materials.File
	for _, f := range in.Files {
		if f.Slot != slot {
			kept = append(kept, f)
		}
	}
	in.Files = kept
}

func catalog(t testing.TB) *materials.Catalog {
	t.Helper()
	c, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
