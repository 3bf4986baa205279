package materials_test

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// localForm is a form the code knows nothing of: an agency adds it as data.
const localForm = `type: training_form
title: {zh: 培训补贴申请表, en: Training subsidy form}
from: 2020-01-01
basis: 本市规定
need: 3
anchors: [{title: 培训补贴申请表, weight: 3}]
fields:
  - {name: name, title: {zh: 姓名, en: name}, kind: name, required: true, find: [{right_of: [姓名]}]}
  - {name: begin, title: {zh: 开班日期, en: first day}, kind: date, required: true, find: [{right_of: [开班日期]}]}
  - {name: end, title: {zh: 结业日期, en: last day}, kind: date, find: [{right_of: [结业日期]}]}
  - {name: first, title: {zh: 开始年月, en: first month}, kind: month, find: [{right_of: [开始年月]}]}
  - {name: last, title: {zh: 终止年月, en: last month}, kind: month, find: [{right_of: [终止年月]}]}
  - {name: months, title: {zh: 月数, en: months}, kind: count, find: [{right_of: [月数]}]}
  - {name: fee, title: {zh: 学费, en: fee}, kind: amount, find: [{right_of: [学费]}]}
  - {name: meals, title: {zh: 餐费, en: meals}, kind: amount, find: [{right_of: [餐费]}]}
  - {name: total, title: {zh: 合计, en: total}, kind: amount, find: [{right_of: [合计]}]}
  - {name: capitals, title: {zh: 合计大写, en: capitals}, kind: capitals, find: [{right_of: [合计（大写）]}]}
  - {name: school, title: {zh: 培训机构, en: school}, kind: text, find: [{right_of: [培训机构]}]}
  - {name: school_uscc, title: {zh: 机构代码, en: code}, kind: uscc, find: [{right_of: [机构代码]}]}
  - {name: sign, title: {zh: 申请人签名, en: signature}, kind: signature, required: true, find: [{right_of: [申请人签名]}]}
relates:
  - {order: [begin, end, today], within: 400}
  - {months: [months, first, last]}
  - {sum: [total, fee, meals]}
  - {equal: [capitals, total], rule: capitals_differ}
seal: {colour: red, issuer: school, basis: 本市规定}
checks: [uscc]
`

const localMatter = `matter: training
title: {zh: 培训补贴, en: Training subsidy}
from: 2020-01-01
basis: 本市规定
materials:
  - {type: training_form, required: true, basis: 本市规定}
  - {type: household_page, required_if: [{fact: shared.family, is: ["yes"]}], basis: 本市规定}
checks: [id_number, name_same]
relates:
  - {equal: [training_form.school, shared.school], severity: BLOCK}
  - {equal: [training_form.name, applicant.name]}
`

func trainingForm() casework.Reading {
	r := page(
		at{350, 40, "培训补贴申请表"}, at{80, 100, "姓名"}, at{220, 100, "张明"},
		at{80, 160, "开班日期"}, at{220, 160, "2025年3月1日"}, at{480, 160, "结业日期"}, at{620, 160, "2025年8月31日"},
		at{80, 220, "开始年月"}, at{220, 220, "2025年3月"}, at{480, 220, "终止年月"}, at{620, 220, "202508"}, at{800, 220, "月数"}, at{880, 220, "6"},
		at{80, 280, "学费"}, at{220, 280, "¥1,600.00"}, at{480, 280, "餐费"}, at{620, 280, "80.32"},
		at{80, 340, "合计"}, at{220, 340, "1,680.32"}, at{480, 340, "合计（大写）"}, at{640, 340, "壹仟陆佰捌拾元零叁角贰分"},
		at{80, 400, "培训机构"}, at{220, 400, "海州示例职业学校"}, at{480, 400, "机构代码"}, at{620, 400, "91379900MA37990102"},
		at{80, 460, "申请人签名"}, at{240, 460, "张明"}, at{800, 900, "第1页共1页"},
	)
	r.Seals = []casework.Seal{{Box: casework.Box{X: 600, Y: 850, W: 160, H: 160}, Colour: "red", Shape: "round", Text: "海州示例职业学校"}}
	return r
}

func training(t *testing.T, r casework.Reading, change func(*materials.Input)) casework.Assessment {
	t.Helper()
	c, err := materials.Load(folder("types/t.yaml", localForm, "matters/t.yaml", localMatter))
	if err != nil {
		t.Fatal(err)
	}
	in := materials.Input{
		Matter: "training", Region: "379900", Received: casework.Date{Year: 2026, Month: 3, Day: 6},
		Applicant: casework.Person{Name: "张明"}, Shared: map[string]string{"school": "海州示例职业学校"},
		Files: []materials.File{file("", r)},
	}
	if change != nil {
		change(&in)
	}
	return c.Assess(in)
}

func TestALocalFormIsReadRelatedAndSealedWithoutABuild(t *testing.T) {
	a := training(t, trainingForm(), nil)
	if a.Verdict != pass || len(a.Findings) != 0 {
		t.Fatalf("verdict %s:\n%s", a.Verdict, rules(a))
	}
	for field, want := range map[string]string{"total": "1680.32", "capitals": "1680.32", "first": "202503", "last": "202508", "months": "6", "school_uscc": "91379900MA37990102"} {
		if got := a.Documents["training_form"].Fields[field].Value; got != want {
			t.Errorf("%s = %q; want %q", field, got, want)
		}
	}
}

func TestEachBrokenRelationIsNamedOnce(t *testing.T) {
	seal := func(text string) casework.Reading {
		r := trainingForm()
		r.Seals = []casework.Seal{{Colour: "red", Shape: "round", Text: text}}
		return r
	}
	cases := map[string]struct {
		page   casework.Reading
		change func(*materials.Input)
		want   string
	}{
		"days backwards": {with(trainingForm(), "2025年8月31日", "2025年2月1日"), nil, "BLOCK dates_out_of_order training_form.begin"},
		"days backwards, hardly read": {unsure(with(trainingForm(), "2025年8月31日", "2025年2月1日"), "2025年2月1日", 0.8), nil,
			"WARN dates_out_of_order training_form.end"},
		"days too far apart":    {with(trainingForm(), "2025年3月1日", "2024年3月1日"), nil, "BLOCK dates_out_of_order training_form.begin"},
		"after today":           {with(trainingForm(), "2025年8月31日", "2026年3月7日"), nil, "BLOCK dates_out_of_order training_form.end"},
		"months miscounted":     {with(trainingForm(), "6", "7"), nil, "WARN months_mismatch training_form.months"},
		"a sum that is none":    {with(trainingForm(), "80.32", "90.32"), nil, "WARN sum_wrong training_form.total"},
		"capitals differ":       {with(trainingForm(), "壹仟陆佰捌拾元零叁角贰分", "壹仟陆佰玖拾元零叁角贰分"), nil, "BLOCK capitals_differ training_form.capitals"},
		"code with bad check":   {with(trainingForm(), "91379900MA37990102", "91379900MA37990103"), nil, "BLOCK uscc_invalid training_form.school_uscc"},
		"not what was shared":   {trainingForm(), func(in *materials.Input) { in.Shared["school"] = "青石市另一所学校" }, "BLOCK value_mismatch training_form.school"},
		"ring of another":       {seal("青石市技工学院财务专用章"), nil, "WARN seal_mismatch training_form."},
		"ring read badly":       {seal("海州示列职业学校★"), nil, ""},
		"ring not read":         {seal(""), nil, "WARN seal_unread training_form."},
		"nothing signed":        {without(trainingForm(), "张明"), nil, "BLOCK field_missing training_form.name\nWARN signature_missing training_form.sign"},
		"a page is missing":     {with(trainingForm(), "第1页共1页", "第1页/共3页"), nil, "BLOCK pages_missing training_form."},
		"asked for by a fact":   {trainingForm(), func(in *materials.Input) { in.Shared["family"] = "yes" }, "BLOCK material_missing household_page."},
		"asked for, but shared": {trainingForm(), func(in *materials.Input) { in.Shared["family"], in.Shared["household"] = "yes", "yes" }, ""},
		"somebody else's too":   {trainingForm(), func(in *materials.Input) { in.Files[0].Elsewhere = true }, "WARN file_elsewhere training_form."},
		"saved by an editor": {trainingForm(), func(in *materials.Input) {
			in.Files[0].Readings[0].Quality = []casework.Quality{{Code: "edited", Score: 1, Threshold: 1}}
		}, "WARN picture_edited training_form."},
		"a number used twice": {trainingForm(), func(in *materials.Input) { in.Elsewhere = []string{"training_form.school_uscc"} }, "WARN number_elsewhere training_form.school_uscc"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := rules(training(t, c.page, c.change)); got != c.want {
				t.Errorf("findings:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestARegionHasItsOwnListAndTheOthersTheCountrys(t *testing.T) {
	list := strings.Replace(localMatter, "from: 2020-01-01", "region: \"440000\"\nfrom: 2020-01-01", 1)
	list = strings.Replace(list, `required_if: [{fact: shared.family, is: ["yes"]}]`, "required: true", 1)
	c, err := materials.Load(folder("types/t.yaml", localForm, "matters/a.yaml", localMatter, "matters/b.yaml", list))
	if err != nil {
		t.Fatal(err)
	}
	for region, want := range map[string]int{"379900": 1, "440100": 2, "440000": 2, "": 1, "450100": 1} {
		a := c.Assess(materials.Input{Matter: "training", Region: region, Received: casework.Date{Year: 2026, Month: 3, Day: 6}})
		if len(a.Findings) != want {
			t.Errorf("region %q: %d materials missing; want %d\n%s", region, len(a.Findings), want, rules(a))
		}
	}
	if m, ok := c.Matter("training"); !ok || m.Region != "" {
		t.Errorf("the list shown is %q's", m.Region)
	}
}

func TestTwoPapersInOnePictureAreTakenApart(t *testing.T) {
	both := certificate()
	for _, l := range bankCard().Lines {
		for i := range l.Quad {
			l.Quad[i].Y += 1100
		}
		both.Lines = append(both.Lines, l)
	}
	in := claim()
	replace(&in, "termination_notice", both)
	drop(&in, "bank_card")
	if a := catalog(t).Assess(in); a.Verdict != pass || a.Documents["bank_card"].FileID != "file-termination_notice" {
		t.Errorf("verdict %s:\n%s\n%v", a.Verdict, rules(a), a.Documents["bank_card"])
	}
}

func TestWhatIsNoMaterialGetsItsOwnSentence(t *testing.T) {
	cases := map[string]struct {
		r       casework.Reading
		verdict casework.Verdict
		want    string
	}{
		"selfie":           {page(at{400, 300, "NIKE"}), back, "BLOCK picture_unusable bank_card."},
		"screenshot":       {page(at{40, 10, "10:32 5G 87%"}, at{40, 60, "返回"}, at{300, 60, "失业保险金"}, at{40, 900, "按住说话"}), back, "BLOCK screenshot_given bank_card."},
		"foreign passport": {page(at{300, 40, "PASSPORT"}, at{300, 300, "Nationality"}, at{40, 900, "P<UTOSMITH<<JOHN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"}), review, "WARN passport_given bank_card."},
		"a menu":           {page(at{300, 40, "今日菜单"}, at{300, 300, "红烧肉三十二元"}), review, "WARN material_unknown bank_card."},
		"another slot's":   {cardFront(), back, "BLOCK wrong_slot bank_card."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			in := claim()
			replace(&in, "bank_card", c.r)
			a := catalog(t).Assess(in)
			if got := rules(a); got != c.want || a.Verdict != c.verdict {
				t.Errorf("verdict %s:\n%s\nwant %s:\n%s", a.Verdict, got, c.verdict, c.want)
			}
		})
	}
}

func TestAnEmptyFormIsOneSentence(t *testing.T) {
	in := claim()
	replace(&in, "claim_form", page(
		at{350, 60, "失业保险金申领表"}, at{80, 180, "姓名"}, at{480, 180, "手机号码"}, at{80, 240, "公民身份号码"}, at{80, 300, "原单位名称"},
		at{80, 360, "失业原因"}, at{80, 420, "失业时间"}, at{480, 420, "申领日期"}, at{80, 480, "开户银行"}, at{80, 540, "银行账号"}, at{80, 600, "求职意愿"}, at{500, 900, "申领人签名："}))
	if got := rules(catalog(t).Assess(in)); got != "BLOCK form_empty claim_form." {
		t.Errorf("findings:\n%s", got)
	}
}

func TestAFormFilledInByHandIsOneLookOfAPerson(t *testing.T) {
	r := form()
	lines := append([]casework.Line(nil), r.Lines...)
	for i := range lines {
		if lines[i].Quad[0].X >= 200 && i > 3 {
			lines[i].Confidence = 0.7
		}
	}
	r.Lines = lines
	in := claim()
	in.Applicant = casework.Person{}
	replace(&in, "claim_form", r)
	a := catalog(t).Assess(in)
	if a.Verdict != review || strings.Count(rules(a), "\n") > 1 || !strings.Contains(rules(a), "WARN") {
		t.Errorf("verdict %s:\n%s", a.Verdict, rules(a))
	}
}

func TestAPhotoForTheCardIsMeasuredAndSeenByAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		w, h  int
		bytes int64
		want  string
		says  string
	}{
		"right":                {358, 441, 0, "WARN picture_of_person card_photo.", "由工作人员核对"},
		"right, its file, too": {358, 441, 40 << 10, "WARN picture_of_person card_photo.", "由工作人员核对"},
		"too small":            {300, 400, 0, "BLOCK picture_size card_photo.", "社会保障卡照片是300×400像素，应为358×441像素。"},
		"too many bytes":       {358, 441, 41 << 10, "BLOCK picture_size card_photo.", "社会保障卡照片是41KB，应为14–40KB。"},
		"too few bytes":        {358, 441, 9 << 10, "BLOCK picture_size card_photo.", "社会保障卡照片是9KB，应为14–40KB。"},
	} {
		for _, turned := range []int{90, 180, 270} { // a picture without text is turned upright by chance
			w, h := c.w, c.h
			if turned != 180 {
				w, h = h, w
			}
			photo := file("card_photo", casework.Reading{Page: 1, Width: w, Height: h, Rotation: turned})
			photo.Bytes = c.bytes
			a := catalog(t).Assess(materials.Input{Matter: "document_check", Received: casework.Date{Year: 2026, Month: 3, Day: 6}, Files: []materials.File{photo}})
			if rules(a) != c.want {
				t.Errorf("%s, turned by %d: %s", name, turned, rules(a))
			}
		}
		photo := file("card_photo", casework.Reading{Page: 1, Width: c.w, Height: c.h})
		photo.Bytes = c.bytes
		a := catalog(t).Assess(materials.Input{Matter: "document_check", Received: casework.Date{Year: 2026, Month: 3, Day: 6}, Files: []materials.File{photo}})
		if rules(a) != c.want || !strings.Contains(a.Findings[0].Zh, c.says) {
			t.Errorf("%s: %s %s", name, rules(a), a.Findings[0].Zh)
		}
	}
}

func TestRowsOfATransferFormAreChecked(t *testing.T) {
	year := func(y, from, to, months int, base, credit, interest, closing casework.Fen) materials.TransferYear {
		return materials.TransferYear{Place: "海州市", Year: y, From: casework.Month(y*100 + from), To: casework.Month(y*100 + to), Months: months,
			Base: base, Ratio: 800, Credit: credit, Interest: interest, Closing: closing}
	}
	// domain example TE-1
	te1 := func() []materials.TransferYear {
		return []materials.TransferYear{
			year(2020, 1, 12, 12, 500000, 480000, 15704, 495704), year(2021, 1, 12, 12, 550000, 528000, 52296, 1076000),
			year(2022, 1, 3, 3, 600000, 144000, 0, 1220000),
		}
	}
	none := func(materials.TransferYear) (casework.Fen, bool) { return 0, false }
	if faults := materials.CheckTransferYears(te1(), 27, none); len(faults) != 0 {
		t.Errorf("TE-1: %v", faults)
	}
	for want, spoil := range map[string]func([]materials.TransferYear){
		"MONTHS_NE_RANGE":  func(rows []materials.TransferYear) { rows[2].Months, rows[1].Months = 4, 11 },
		"OVERLAP_202112":   func(rows []materials.TransferYear) { rows[2].From, rows[2].Months, rows[1].Months = 202112, 4, 11 },
		"CLOSING_CHAIN":    func(rows []materials.TransferYear) { rows[1].Closing++ },
		"BASE_RANGE":       func(rows []materials.TransferYear) { rows[0].Base = -1 },
		"RATIO_UNEXPECTED": func(rows []materials.TransferYear) { rows[0].Ratio = 1100 },
		"MONTHS_NE_SUM":    func(rows []materials.TransferYear) { rows[2].To, rows[2].Months = 202204, 4 },
	} {
		rows := te1()
		spoil(rows)
		found := false
		for _, f := range materials.CheckTransferYears(rows, 27, none) {
			found = found || f.Code == want
		}
		if !found {
			t.Errorf("%s is not found", want)
		}
	}
	capped := func(materials.TransferYear) (casework.Fen, bool) { return 520000, true }
	if faults := materials.CheckTransferYears(te1(), 0, capped); len(faults) != 2 || faults[0].Code != "BASE_RANGE" {
		t.Errorf("above 300 %%: %v", faults)
	}
}

func TestMoneyAfterADeathIsPaidToSomebodyElse(t *testing.T) {
	in := claim()
	in.Matter, in.Shared["benefit"] = "injury_benefit", "death"
	replace(&in, "bank_card", with(bankCard(), "张明", "王小红"))
	a := catalog(t).Assess(in)
	if strings.Contains(rules(a), "not_own_account") || !strings.Contains(rules(a), "WARN payee_other") {
		t.Errorf("findings:\n%s", rules(a))
	}
	if !strings.Contains(rules(a), "BLOCK material_missing death_certificate.") {
		t.Errorf("nobody asks for proof of the death:\n%s", rules(a))
	}
}
