package materials_test

import (
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

const (
	own     = "379901198503120017"
	another = "37990119650815003X"
)

// strangersFront is the card of 李国强.
func strangersFront() casework.Reading {
	return with(with(cardFront(), own, another), "张明", "李国强")
}

func householdPage(name, id, birth, sex, relation string) casework.Reading {
	r := page(at{300, 40, "常住人口登记卡"}, at{80, 100, "姓名"}, at{240, 100, name}, at{500, 100, "户主或与户主关系"}, at{720, 100, relation},
		at{80, 160, "性别"}, at{240, 160, sex}, at{500, 160, "出生日期"}, at{720, 160, birth}, at{80, 220, "公民身份号码"}, at{300, 220, id},
		at{80, 280, "户籍地址"}, at{240, 280, "山东省海州市示例县样板路1号"}, at{500, 340, "籍贯"})
	r.Seals = []casework.Seal{{Colour: "red", Shape: "round", Text: "海州市公安局户口专用章", Confidence: 0.99}}
	return r
}

func letterOfAttorney(matter string) casework.Reading {
	return page(at{300, 40, "授权委托书"}, at{80, 100, "委托人"}, at{240, 100, "张明"}, at{80, 160, "委托人身份证号"}, at{300, 160, own},
		at{80, 220, "受托人"}, at{240, 220, "李国强"}, at{80, 280, "受托人身份证号"}, at{300, 280, another}, at{80, 340, "委托事项"}, at{240, 340, matter},
		at{80, 400, "委托期限"}, at{240, 400, "2026年3月1日至2026年12月31日"}, at{80, 460, "委托人签字"}, at{260, 460, "张明"}, at{80, 520, "签署日期"}, at{260, 520, "2026年3月1日"})
}

func TestASecondPersonsPaperIsNotSwallowed(t *testing.T) {
	second := func(r casework.Reading) casework.Reading { r.Page = 2; return r }
	strangersCard := with(with(with(bankCard(), "张明", "李国强"), "6228 4800 0000", "6217 0000 0000"), "0000 018", "0000 020")
	for name, c := range map[string]struct {
		spoil func(*materials.Input)
		want  string
	}{
		"a stranger's card behind the own one": {func(in *materials.Input) { replace(in, "id_card_front", cardFront(), second(strangersFront())) },
			"WARN paper_of_another id_card_front."},
		"a stranger's card in a file of its own": {func(in *materials.Input) { in.Files = append(in.Files, loose(strangersFront())) },
			"WARN paper_of_another id_card_front."},
		"two bank cards, a stranger's first": {func(in *materials.Input) {
			in.Files = append([]materials.File{file("bank_card", strangersCard)}, in.Files...)
		}, "WARN paper_of_another bank_card."},
		"the emblem sides of two cards": {func(in *materials.Input) {
			in.Files = append(in.Files, loose(with(cardBack(), "2016.03.05-2036.03.05", "2006.03.05-2016.03.05")))
		}, "WARN paper_of_another id_card_back."},
		"the emblem side twice, one day misread": {func(in *materials.Input) {
			in.Files = append([]materials.File{loose(with(cardBack(), "2016.03.05-2036.03.05", "2016.03.06-2036.03.05"))}, in.Files...)
		}, ""},
		"the own card twice": {func(in *materials.Input) { in.Files = append(in.Files, loose(cardFront())) }, ""},
		"the father's page before the own one": {func(in *materials.Input) {
			in.Files = append(in.Files, loose(householdPage("李国强", another, "1965年8月15日", "男", "户主"), householdPage("张明", own, "1985年3月12日", "男", "子")))
		}, ""},
		"the agent's card beside an authorisation": {func(in *materials.Input) {
			in.Files = append(in.Files, loose(letterOfAttorney("代办失业保险金申领")), loose(strangersFront()))
		}, ""},
		"an authorisation for something else": {func(in *materials.Input) { in.Files = append(in.Files, loose(letterOfAttorney("代办房产过户"))) },
			"WARN authorisation_matter authorisation.matter"},
	} {
		t.Run(name, func(t *testing.T) {
			in := claim()
			c.spoil(&in)
			if got := rules(catalog(t).Assess(in)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestPapersOfTwoPeopleDoNotPassBecauseNobodySaidWhoApplies(t *testing.T) {
	r := with(certificate(), "姓名：张明", "姓名：李国强")
	r = with(r, "公民身份号码："+own, "公民身份号码："+another)
	a := checked(t, casework.Person{}, loose(r), loose(form()))
	if a.Verdict != review || rules(a) != "WARN persons_differ termination_notice.name" && rules(a) != "WARN persons_differ claim_form.name" {
		t.Errorf("%s: %s", a.Verdict, rules(a))
	}
}

func TestTheNumberBesideTheApplicantsNameIsTheApplicants(t *testing.T) {
	r := page(at{300, 40, "结婚证"}, at{80, 100, "持证人"}, at{240, 100, "张明"}, at{80, 160, "登记日期"}, at{240, 160, "2010年5月1日"}, at{80, 220, "结婚证字号"}, at{240, 220, "J379901-2010-000123"},
		at{80, 280, "持证人身份证件号"}, at{300, 280, another}, at{80, 340, "配偶姓名"}, at{240, 340, "王芳"}, at{80, 400, "配偶身份证件号"}, at{300, 400, another})
	r.Seals = []casework.Seal{{Colour: "red", Shape: "round", Text: "海州市民政局", Confidence: 0.99}}
	a := checked(t, casework.Person{}, loose(cardFront()), loose(r))
	if rules(a) != "BLOCK id_mismatch marriage_certificate.holder_id" {
		t.Errorf("%s: %s", a.Verdict, rules(a))
	}
}

func TestHoldersOfResidencePermitsGoToAPerson(t *testing.T) {
	for _, number := range []string{"911156198503120011", "810000198503120014"} {
		in := claim()
		in.Applicant = casework.Person{IDNumber: number}
		a := catalog(t).Assess(in)
		found := false
		for _, f := range a.Findings {
			found = found || f.Rule == "resident_permit" && f.Severity == casework.Warn
			if f.Rule == "id_region" || f.Rule == "id_checksum" && number[0] == '9' {
				t.Errorf("%s: %s", number, f.Rule)
			}
		}
		if !found {
			t.Errorf("%s: %s", number, rules(a))
		}
	}
}

func TestSealsNobodyReadAndSignedOnes(t *testing.T) {
	red := casework.Seal{Colour: "red", Shape: "round"}
	wrong := casework.Seal{Colour: "red", Shape: "round", Text: "青石市技工学院财务专用章", Confidence: 0.99}
	right := casework.Seal{Colour: "red", Shape: "round", Text: "海州示例机械有限公司", Confidence: 0.99}
	for name, c := range map[string]struct {
		seals []casework.Seal
		want  string
	}{
		"a wrong one beside an unread one": {[]casework.Seal{wrong, red}, "WARN seal_mismatch termination_notice."},
		"the right one beside an unread":   {[]casework.Seal{red, right}, ""},
		"only an unread one":               {[]casework.Seal{red}, "WARN seal_unread termination_notice."},
		"a signed one":                     {[]casework.Seal{{Colour: "digital", Shape: "signature"}}, ""},
		"one signed by another":            {[]casework.Seal{{Colour: "digital", Shape: "signature", Text: "青石市技工学院"}}, "WARN seal_mismatch termination_notice."},
	} {
		in := claim()
		r := certificate()
		r.Seals = c.seals
		replace(&in, "termination_notice", r)
		if got := rules(catalog(t).Assess(in)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestWhatTwoPapersSayOfOneClaimant(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*materials.Input)
		want  string
	}{
		"another sex on the certificate": {func(in *materials.Input) {
			replace(in, "termination_notice", with(certificate(), "性别：男", "性别：女"))
		},
			"BLOCK id_sex_mismatch termination_notice.sex"},
		"at work before sixteen": {func(in *materials.Input) {
			r := with(certificate(), "劳动合同期限：2019年3月1日至2026年2月28日", "劳动合同期限：1996年3月1日至2026年2月28日")
			replace(in, "termination_notice", with(r, "本单位工作年限：7年", "本单位工作年限：30年"))
		}, "WARN work_before_16 termination_notice.contract_start"},
		"a certificate younger than the form": {func(in *materials.Input) {
			replace(in, "claim_form", with(form(), "2026年3月6日", "2026年3月1日"))
		},
			"WARN dates_out_of_order termination_notice.issue_date"},
		"another mobile than was typed": {func(in *materials.Input) { in.Applicant.Mobile = "13900000009" }, "WARN value_mismatch claim_form.mobile"},
		"a social card where a bank card was asked for": {func(in *materials.Input) {
			replace(in, "bank_card", page(at{200, 40, "中华人民共和国社会保障卡"}, at{80, 100, "姓名"}, at{200, 100, "张明"}, at{80, 160, "社会保障号码"}, at{300, 160, own},
				at{80, 220, "卡号"}, at{200, 220, "A12345678"}, at{80, 280, "银行卡号"}, at{280, 280, "6228480000000000018"}, at{80, 340, "发卡日期"}, at{280, 340, "2020年5月6日"}))
		}, ""},
		"no address on the card": {func(in *materials.Input) {
			replace(in, "id_card_front", without(without(without(cardFront(), "住址"), "山东省海州市示例县样板路"), "１号２单元"))
		}, "WARN field_missing id_card_front.address"},
	} {
		t.Run(name, func(t *testing.T) {
			in := claim()
			c.spoil(&in)
			if got := rules(catalog(t).Assess(in)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestAFormWithPrintedDatesIsEmptyToo(t *testing.T) {
	in := claim()
	replace(&in, "claim_form", page(at{350, 60, "失业保险金申领表"}, at{60, 120, "经办机构：海州市失业保险服务中心"},
		at{80, 180, "姓名"}, at{480, 180, "手机号码"}, at{80, 240, "公民身份号码"}, at{80, 300, "原单位名称"}, at{80, 360, "失业原因"},
		at{80, 420, "失业时间"}, at{260, 420, "年　月　日"}, at{480, 420, "申领日期"}, at{620, 420, "年　月　日"}, at{80, 480, "开户银行"}, at{80, 540, "银行账号"},
		at{80, 600, "求职意愿"}, at{260, 600, "有求职要求"}, at{450, 700, "承 诺"}, at{500, 900, "申领人签名："}, at{620, 900, "年　月　日"}))
	if got := rules(catalog(t).Assess(in)); got != "BLOCK form_empty claim_form." {
		t.Errorf("findings:\n%s", got)
	}
}

func TestAWorkersOwnApplicationNeedsNoSealOfTheEmployer(t *testing.T) {
	of := func(kind string) casework.Reading {
		return page(at{350, 40, "工伤认定申请表"}, at{80, 100, "职工姓名"}, at{240, 100, "张明"}, at{480, 100, "公民身份号码"}, at{700, 100, own},
			at{80, 160, "用人单位名称"}, at{240, 160, "海州示例机械有限公司"}, at{480, 160, "统一社会信用代码"}, at{720, 160, "91379900MA37990102"},
			at{80, 220, "事故时间"}, at{240, 220, "2026年2月6日"}, at{480, 220, "事故地点"}, at{640, 220, "车间"}, at{80, 280, "事故原因"}, at{240, 280, "机器压伤"},
			at{480, 280, "伤害部位"}, at{640, 280, "右手"}, at{80, 340, "申请人类别"}, at{240, 340, kind}, at{480, 340, "申请日期"}, at{640, 340, "2026年3月6日"},
			at{480, 460, "申请人签字"}, at{640, 460, "张明"})
	}
	who := casework.Person{Name: "张明", IDNumber: own}
	if got := rules(checked(t, who, loose(of("职工")))); got != "" {
		t.Errorf("a worker's own: %s", got)
	}
	if got := rules(checked(t, who, loose(of("用人单位")))); got != "WARN field_missing injury_application.opinion\nWARN seal_missing injury_application." {
		t.Errorf("the employer's: %s", got)
	}
}

func TestOneSideOfACardTwiceIsSaidSo(t *testing.T) {
	for missing, c := range map[string]struct {
		twice casework.Reading
		want  string
	}{
		"id_card_back":  {cardFront(), "缺少居民身份证（国徽面）：上传的2张都是居民身份证（人像面）。"},
		"id_card_front": {cardBack(), "缺少居民身份证（人像面）：上传的2张都是居民身份证（国徽面）。"},
	} {
		in := claim()
		drop(&in, missing)
		for i := range in.Files {
			in.Files[i].Slot = "" // nobody says what is what
		}
		in.Files = append(in.Files, loose(c.twice))
		a := catalog(t).Assess(in)
		if a.Verdict != back || rules(a) != "BLOCK side_twice "+missing+"." || a.Findings[0].Zh != c.want {
			t.Errorf("%s: %s %+v", missing, rules(a), a.Findings)
		}
	}
}

func TestTheSidesOfACardMayComeInAnyOrderAndNumberOfFiles(t *testing.T) {
	for name, files := range map[string][]materials.File{
		"one file each, emblem side first": {loose(cardBack()), loose(cardFront())},
		"one file of two pages":            {loose(cardFront(), cardBack())},
		"the portrait twice":               {loose(cardFront()), loose(cardBack()), loose(cardFront())},
	} {
		in := claim()
		drop(&in, "id_card_front")
		drop(&in, "id_card_back")
		in.Files = append(in.Files, files...)
		if a := catalog(t).Assess(in); a.Verdict != pass {
			t.Errorf("%s: %s", name, rules(a))
		}
	}
	in := claim()
	drop(&in, "id_card_back")
	replace(&in, "id_card_front", cardBack())
	a := catalog(t).Assess(in)
	if want := "BLOCK wrong_slot id_card_front."; rules(a) != want {
		t.Errorf("the emblem side in the portrait's place: %s; want %s", rules(a), want)
	}
}
