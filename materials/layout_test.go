package materials_test

import (
	"math"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// fieldsOf reads one page as a type and gives the values.
func fieldsOf(t *testing.T, kind string, r casework.Reading) map[string]string {
	t.Helper()
	a := catalog(t).Assess(materials.Input{
		Matter: "unemployment_claim", Region: "379900", Received: casework.Date{Year: 2026, Month: 3, Day: 6},
		Files: []materials.File{file(kind, r)},
	})
	got := map[string]string{}
	for name, f := range a.Documents[kind].Fields {
		got[name] = f.Value
	}
	return got
}

// turned rotates every line about the page's corner, as a crooked photo does.
func turned(r casework.Reading, degrees float64) casework.Reading {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	lines := append([]casework.Line(nil), r.Lines...)
	for i := range lines {
		for j, p := range lines[i].Quad {
			lines[i].Quad[j] = casework.Point{X: p.X*cos - p.Y*sin + 100, Y: p.X*sin + p.Y*cos + 100}
		}
	}
	r.Lines = lines
	return r
}

func TestFieldsAreFoundHoweverThePaperIsLaidOut(t *testing.T) {
	cases := map[string]struct {
		kind string
		page casework.Reading
		want map[string]string
	}{
		"labels with inner spaces": {"claim_form", page(
			at{300, 20, "失 业 保 险 金 申 领 表"},
			at{80, 180, "姓    名"}, at{220, 180, "张明"}, at{480, 180, "联 系 电 话"}, at{660, 180, "138 0000 0001"},
		), map[string]string{"name": "张明", "mobile": "13800000001"}},
		"label in two boxes": {"claim_form", page(
			at{300, 20, "失业保险金申领表"}, at{80, 180, "姓"}, at{140, 181, "名"}, at{220, 180, "张明"},
		), map[string]string{"name": "张明"}},
		"label and value in one line without a colon": {"id_card_front", page(
			at{60, 60, "姓名张明"}, at{60, 120, "性别男民族汉"}, at{60, 180, "出生1985年3月12日"},
			at{60, 240, "住址山东省海州市示例县样板路"}, at{100, 275, "1号2单元"}, at{60, 360, "公民身份号码379901198503120017"},
		), map[string]string{"name": "张明", "sex": "男", "ethnicity": "汉", "birth": "1985-03-12", "number": "379901198503120017",
			"address": "山东省海州市示例县样板路1号2单元"}},
		"number under its label": {"id_card_front", page(
			at{60, 60, "姓名"}, at{140, 60, "张明"}, at{60, 120, "性别"}, at{140, 120, "男"}, at{60, 180, "住址"}, at{140, 180, "海州市"},
			at{60, 360, "公民身份号码"}, at{60, 395, "37990119650815003x"},
		), map[string]string{"number": "37990119650815003X", "address": "海州市"}},
		"a crooked photo": {"claim_form", turned(form(), 4), map[string]string{
			"name": "张明", "mobile": "13800000001", "claim_date": "2026-03-06", "leave_date": "2026-02-28", "employer": "海州示例机械有限公司"}},
		"crooked the other way": {"id_card_front", turned(cardFront(), -5), map[string]string{
			"name": "张明", "sex": "男", "ethnicity": "汉", "birth": "1985-03-12", "number": "379901198503120017"}},
		"a sentence that begins like a label": {"employer_form", page(
			at{300, 20, "社会保险变更登记表"}, at{80, 120, "办理事项"}, at{220, 120, "变更"}, at{80, 180, "单位名称"}, at{220, 180, "海州示例机械有限公司"},
			at{80, 240, "单位地址"}, at{220, 240, "海州市样板路1号"}, at{80, 300, "法定代表人"}, at{220, 300, "张明"},
			at{80, 360, "变更内容"}, at{220, 360, "单位地址变更为海州市示例路8号"},
		), map[string]string{"address": "海州市样板路1号", "change": "单位地址变更为海州市示例路8号"}},
		"endless card": {"id_card_back", page(
			at{300, 80, "居民身份证"}, at{150, 300, "签发机关"}, at{280, 300, "海州市公安局"}, at{150, 360, "有效期限"}, at{280, 360, "2016.03.05"}, at{400, 360, "-长期"},
		), map[string]string{"valid_from": "2016-03-05", "valid_to": "长期"}},
		"dots lost in the period": {"id_card_back", with(cardBack(), "2016.03.05-2036.03.05", "20160305-20360305"),
			map[string]string{"valid_from": "2016-03-05", "valid_to": "2036-03-05"}},
		"a certificate in prose": {"termination_notice", page(
			at{300, 80, "终止劳动合同证明书"},
			at{100, 200, "张明（身份证号：379901198503120017）于2026年2月28日与本单位终止"},
			at{100, 240, "劳动关系，劳动合同期限自2019年3月1日起至2026年2月28日，工作岗位：车工，"},
			at{100, 280, "本单位工作年限：7年，特此证明。"},
			at{500, 900, "单位（盖章）：海州示例机械有限公司"}, at{500, 960, "二〇二六年三月二日"},
		), map[string]string{"name": "张明", "id_number": "379901198503120017", "contract_start": "2019-03-01", "contract_end": "2026-02-28",
			"end_date": "2026-02-28", "employer": "海州示例机械有限公司"}},
		"a contract without end": {"termination_notice", with(certificate(), "劳动合同期限：2019年3月1日至2026年2月28日", "劳动合同期限：2019年3月1日至无固定期限"),
			map[string]string{"contract_start": "2019-03-01", "contract_end": "长期"}},
		"Chinese numerals": {"termination_notice", with(certificate(), "出具日期：2026年3月2日", "出具日期：二〇二六年三月二日"),
			map[string]string{"issue_date": "2026-03-02"}},
		"a reason that begins like a label": {"termination_notice", with(certificate(), "解除（终止）原因：劳动合同期满终止", "解除（终止）原因：用人单位提出，协商一致解除"),
			map[string]string{"employer": "海州示例机械有限公司", "reason": "用人单位提出,协商一致解除"}},
		"a passbook style card": {"bank_card", page(
			at{100, 60, "示例市农村商业银行"}, at{80, 120, "户名"}, at{180, 120, "张明"}, at{80, 180, "账号"}, at{180, 180, "6228480000000000018"},
		), map[string]string{"number": "6228480000000000018", "holder": "张明"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := fieldsOf(t, c.kind, c.page)
			for field, want := range c.want {
				if got[field] != want {
					t.Errorf("%s = %q; want %q (all: %v)", field, got[field], want, got)
				}
			}
		})
	}
}

func TestEveryWayToWriteADayIsRead(t *testing.T) {
	for text, want := range map[string]string{
		"2026-03-05": "2026-03-05", "2026.03.05": "2026-03-05", "2026/3/5": "2026-03-05", "2026年3月5日": "2026-03-05",
		"2026 年 03 月 05 日": "2026-03-05", "20260305": "2026-03-05", "二〇二六年三月五日": "2026-03-05", "二○二六年十二月二十一日": "2026-12-21",
		"二零二六年十月三十日": "2026-10-30", "２０２６年３月５日": "2026-03-05",
		"26年3月5日": "", "2026年2月30日": "", "2026年13月1日": "", "三月五日": "",
	} {
		r := with(certificate(), "出具日期：2026年3月2日", "出具日期："+text)
		if got := fieldsOf(t, "termination_notice", r)["issue_date"]; got != want {
			t.Errorf("%q = %q; want %q", text, got, want)
		}
	}
}

func TestBoxesPointAtTheValueNotAtItsLabel(t *testing.T) {
	a := catalog(t).Assess(claim())
	box := a.Documents["termination_notice"].Fields["name"].Box
	if box.X < 150 || box.X+box.W > 202 || box.Y != 200 || box.H != 20 {
		t.Errorf("box of 张明 in 姓名：张明 = %+v", box)
	}
	card := a.Documents["bank_card"].Fields["number"].Box
	if card.X != 80 || card.X+card.W < 320 {
		t.Errorf("box of a number in two lines = %+v", card)
	}
}

func TestConfidenceCountsTheValuesOwnCharacters(t *testing.T) {
	r := edit(certificate(), "姓名：张明", func(l *casework.Line) {
		l.Confidence, l.Chars = 0.9, []float64{0.2, 0.2, 0.2, 0.99, 0.97}
	})
	in := claim()
	replace(&in, "termination_notice", r)
	if got := catalog(t).Assess(in).Documents["termination_notice"].Fields["name"].Confidence; got != 0.97 {
		t.Errorf("confidence = %.2f; want the weaker of the name's characters", got)
	}
}

func TestClassifyTellsTheTypesApart(t *testing.T) {
	c := catalog(t)
	for want, r := range map[string]casework.Reading{
		"id_card_front": cardFront(), "id_card_back": cardBack(), "termination_notice": certificate(), "bank_card": bankCard(), "claim_form": form(),
	} {
		if got, confidence := c.Classify([]casework.Reading{r}); got != want || confidence < 0.6 || confidence > 1 {
			t.Errorf("%s is taken for %q (%.2f)", want, got, confidence)
		}
	}
	overlapping := with(with(bankCard(), "6228 4800 0000", "6222028533216664"), "0000 018", "4633") // twenty digits: one was seen by both pieces
	if got, _ := c.Classify([]casework.Reading{overlapping}); got != "bank_card" {
		t.Errorf("a card whose number was read in overlapping pieces is taken for %q", got)
	}
	wages := page(at{300, 40, "工资发放明细表"}, at{80, 100, "序号"}, at{160, 100, "姓名"}, at{260, 100, "公民身份号码"}, at{560, 100, "基本工资"},
		at{80, 160, "1"}, at{160, 160, "张明"}, at{260, 160, "379901198503120017"}, at{560, 160, "5000.00"})
	if got, _ := c.Classify([]casework.Reading{wages}); got != "" {
		t.Errorf("a wage sheet is taken for %q", got)
	}
	for name, r := range map[string]casework.Reading{"menu": page(at{10, 10, "今日菜单"}), "nothing": page(), "a bank's letter": page(at{10, 10, "海州银行通知"})} {
		if got, confidence := c.Classify([]casework.Reading{r}); got != "" || confidence != 0 {
			t.Errorf("%s is taken for %s (%.2f)", name, got, confidence)
		}
	}
}

func FuzzAssessNeverPanics(f *testing.F) {
	f.Add("姓名", "公民身份号码379901198503120017", 10.0, 10.0)
	f.Add("解除（终止）劳动合同证明书", "出具日期：二〇二六年三月二日", 0.0, -5.0)
	f.Add("有效期限", "2016.03.05-长期", math.Inf(1), math.NaN())
	f.Add("", "×\xff\u3000", -1.0, 1e300)
	c, err := materials.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, first, second string, x, y float64) {
		r := page(at{60, 60, "姓名"}, at{140, 60, "性别"}, at{60, 100, "公民身份号码"}, at{x, y, first}, at{y, x, second}, at{60, 130, second})
		in := claim()
		in.Files = []materials.File{file("id_card_front", r), file("claim_form", page(at{60, 20, "失业保险金申领表"}, at{60, 60, first + second}, at{x, 60, second}))}
		a := c.Assess(in)
		if strings.TrimSpace(string(a.Verdict)) == "" {
			t.Error("no verdict")
		}
	})
}
