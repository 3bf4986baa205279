package papers_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/papers"
)

var update = flag.Bool("update", false, "write the golden files anew")

func finding(rule string, severity casework.Severity, zh, fix, basis string) casework.Finding {
	return casework.Finding{Rule: rule, Severity: severity, Zh: zh, En: "x.", Fix: fix, Basis: basis}
}

// view is a complete notice of fictional facts.
func view() papers.View {
	return papers.View{
		Agency: papers.Agency{
			Name: "海州市失业保险服务中心", Address: "海州市示例路1号", Phone: "0539-0000000", Hours: "工作日 9:00–17:00",
			Review: "海州市人民政府", Court: "海州市示例区人民法院",
		},
		Number: "海失补〔2026〕7号", Case: "SY-20260306-0007",
		Applicant: casework.Person{Name: "张明", IDNumber: "379901198503120017"},
		Matter:    "失业保险金申领", Ground: "《社会保险经办条例》第二十四条",
		Received: casework.Date{Year: 2026, Month: 3, Day: 6}, Issued: casework.Date{Year: 2026, Month: 3, Day: 9},
		Days: 10, Deadline: casework.Date{Year: 2026, Month: 3, Day: 23},
		Findings: []casework.Finding{
			finding("material_missing", casework.Block, "缺少银行卡。", "请补交银行卡的清晰照片或者扫描件。", "《失业保险条例》第十六条"),
			finding("id_expired", casework.Block, "居民身份证已于2026年2月5日过期。", "请到公安机关换领新证后，上传新的居民身份证（两面）。", "《中华人民共和国居民身份证法》第五条、第十一条"),
			finding("seal_missing", casework.Warn, "证明上没有看到红色印章。", "请准备好原件备查。", "《失业保险条例》第十六条"),
			finding("material_missing", casework.Block, "缺少银行卡。", "请补交银行卡的清晰照片或者扫描件。", "《失业保险条例》第十六条"),
		},
		Materials:           []string{"居民身份证（人像面）", "居民身份证（国徽面）", "银行卡", "失业保险金申领表"},
		ReconsiderationDays: 60, LawsuitMonths: 6,
		Facts: map[string]string{"months": "16", "monthly": "1760.00", "total": "28160.00", "capitals": "贰万捌仟壹佰陆拾元整", "first": "202603", "last": "202706", "paid": "84",
			"steps": "累计缴费月数\n  结论：累计缴费84个月", "ground": "《中华人民共和国社会保险法》第四十五条第二项", "facts": "失业原因为本人辞职，属于本人意愿中断就业。",
			"what": "就业后一次性领取失业保险金", "amount": "6372.00", "undue": "202606", "event": "202605", "cause": "重新就业", "basis": "《中华人民共和国社会保险法》第五十一条第一项", "action": "停止", "owed": "3", "carry_over": "13",
			"letter": "LX530000202204080001", "receiver": "宁川市社会保险事业中心", "receipt": "QGHZ20220408000001", "sender": "宁川市社会保险事业中心", "kind": "跨省转移", "account_kind": "一般账户", "old_number": "530001",
			"holder": "宁川市社会保险事业中心", "bank": "中国农业银行宁川分行", "account_number": "6228480000000000299", "no": "37000017", "sex": "男", "nation": "汉", "birth": "1985-03-12", "address": "山东省海州市示例县样板路1号", "region": "379900",
			"joined": "2020-01-01", "personal_since": "199601", "day": "2022-04-08", "before": "0.00", "balance": "10760.00", "current": "1440.00", "account": "12200.00", "pooled": "17280.00",
			"rows":    "海州市|2020|202001|202012|12|5000.00|8%|8%|4800.00|157.04|4957.04|\n海州市|2021|202101|202112|12|5500.00|8%|8%|5280.00|522.96|10760.00|\n海州市|2022|202201|202203|3|6000.00|8%|8%|1440.00|0.00|–|",
			"overlap": "202310 202311 202312", "count": "3", "counted": "17", "refund": "1008.00", "arrears": "202102 202103",
			"main": "37100001", "sub": "37100002", "serial": "HH20260309000001",
			"table":      "个人账户余额（元）|13872.16|4421.50|17265.30\n企业职工养老保险月数|12|8（重复3）|17",
			"refunds":    "企业职工养老保险|202310|37100001|37100002|342.78\n企业职工养老保险|202311|37100001|37100002|342.79\n企业职工养老保险|202312|37100001|37100002|342.79",
			"refund_sum": "1028.36", "refund_capitals": "壹仟零贰拾捌元叁角陆分"},
	}
}

func render(t *testing.T, name string, v papers.View) string {
	t.Helper()
	html, err := papers.Render(name, v)
	if err != nil {
		t.Fatal(err)
	}
	return string(html)
}

// golden compares a page with the one that was looked at.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden.html")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s changed; look at it printed and run with -update", name)
	}
}

func TestPapersMatchTheirGolden(t *testing.T) {
	for _, name := range papers.Names() {
		got := render(t, name, view())
		golden(t, name, got)
		if title, ok := papers.Title(name); !ok || !strings.Contains(got, title.Zh) || title.En == "" {
			t.Errorf("%s does not show its title %q", name, title.Zh)
		}
	}
}

// worst is the notice of the worst claim that the rules are tried on.
func worst(t *testing.T) papers.View {
	t.Helper()
	raw, err := os.ReadFile("../materials/testdata/worst.golden")
	if err != nil {
		t.Fatal(err)
	}
	var a casework.Assessment
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatal(err)
	}
	v := view()
	v.Findings = a.Findings
	return v
}

func TestTheWorstNoticeListsEverythingOnceOnItsPaper(t *testing.T) {
	v := worst(t)
	page, text := printed(t, v)
	golden(t, "worst_notice", page)
	flat := strings.Join(strings.Fields(text), "")
	blocking := 0
	for _, f := range v.Findings {
		want := 0
		if f.Severity == casework.Block {
			want, blocking = 1, blocking+1
		}
		if n := strings.Count(flat, strings.Join(strings.Fields(f.Zh), "")); n != want {
			t.Errorf("%q stands %d times on the paper, want %d", f.Zh, n, want)
		}
	}
	if blocking < 9 || strings.Count(flat, "怎样补正") != blocking {
		t.Errorf("%d defects, %d of them with what to do", blocking, strings.Count(flat, "怎样补正"))
	}
	if lost := papers.Lost([]byte(page), text); len(lost) > 0 {
		t.Errorf("characters are lost: %q", string(lost))
	}
}

func TestCorrectionNoticeNamesEveryDefectOnceAndNoDoubt(t *testing.T) {
	html := render(t, "correction_notice", view())
	for _, text := range []string{
		"一、缺少银行卡。", "二、居民身份证已于2026年2月5日过期。", "《失业保险条例》第十六条", "上传新的居民身份证",
		"10个工作日内", "最晚2026年3月23日", "60日内", "海州市人民政府", "6个月内", "海州市示例区人民法院",
		"海失补〔2026〕7号", "张明", "失业保险金申领", "2026年3月9日", "印章",
	} {
		if strings.Count(html, text) < 1 {
			t.Errorf("the notice does not say %q", text)
		}
	}
	if strings.Count(html, "缺少银行卡。") != 1 || strings.Contains(html, "红色印章") {
		t.Error("a defect stands twice, or a doubt is put to the citizen")
	}
	if strings.Contains(html, "material_missing") || strings.Contains(html, "BLOCK") {
		t.Error("the notice shows codes")
	}
}

func TestAReturnByAClerkListsDoubtsAndNote(t *testing.T) {
	v := view()
	v.Findings = v.Findings[2:3]
	v.Note = "请携带原件到窗口。"
	html := render(t, "correction_notice", v)
	if !strings.Contains(html, "一、证明上没有看到红色印章。") || !strings.Contains(html, "请携带原件到窗口。") {
		t.Error("the doubt or the note is missing")
	}
	v.Findings = nil
	if html = render(t, "correction_notice", v); strings.Contains(html, "<ol") {
		t.Error("an empty list is printed")
	}
}

func TestAnUnknownDeadlineStaysOpen(t *testing.T) {
	v := view()
	v.Deadline = casework.Date{}
	html := render(t, "correction_notice", v)
	if strings.Contains(html, "最晚") || !strings.Contains(html, "10个工作日内") {
		t.Error("a deadline nobody knows is printed")
	}
}

func TestPapersEscapeWhatPeopleTyped(t *testing.T) {
	v := view()
	v.Applicant.Name = "<script>alert(1)</script>"
	v.Note = "<img src=x>"
	if html := render(t, "correction_notice", v); strings.Contains(html, "<script") || strings.Contains(html, "<img") {
		t.Error("typed text became markup")
	}
}

func TestRenderRefusesIncompletePapersWithoutNamingThePerson(t *testing.T) {
	for name, spoil := range map[string]func(*papers.View){
		"agency":                      func(v *papers.View) { v.Agency.Name = "" },
		"number":                      func(v *papers.View) { v.Number = "" },
		"applicant's name":            func(v *papers.View) { v.Applicant.Name = "" },
		"matter":                      func(v *papers.View) { v.Matter = "" },
		"ground":                      func(v *papers.View) { v.Ground = "" },
		"day of receipt":              func(v *papers.View) { v.Received = casework.Date{} },
		"day of issue":                func(v *papers.View) { v.Issued = casework.Date{} },
		"time limit":                  func(v *papers.View) { v.Days = 0 },
		"there is nothing to correct": func(v *papers.View) { v.Findings = nil },
		"remedy":                      func(v *papers.View) { v.LawsuitMonths = 0 },
	} {
		v := view()
		spoil(&v)
		_, err := papers.Render("correction_notice", v)
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "张明") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	if _, err := papers.Render("love_letter", view()); err == nil || !strings.Contains(err.Error(), "correction_notice") {
		t.Errorf("unknown paper: error = %v", err)
	}
	if _, ok := papers.Title("love_letter"); ok {
		t.Error("an unknown paper has a title")
	}
}

func TestNewViewTakesLimitsFromTheParameters(t *testing.T) {
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		t.Fatal(err)
	}
	snapshot := casework.Snapshot{
		Number: "SY-1", Matter: "unemployment_claim", Region: "379900", Applicant: casework.Person{Name: "张明"},
		Received: casework.Date{Year: 2026, Month: 4, Day: 30},
		Assessment: casework.Assessment{
			Documents: map[string]casework.Document{"claim_form": {}, "id_card_front": {}},
			Findings:  view().Findings,
		},
	}
	v, err := papers.NewView(snapshot, catalog, calendar, snapshot.Received)
	if err != nil {
		t.Fatal(err)
	}
	if v.Days != 10 || v.Deadline.String() != "2026-05-18" || v.ReconsiderationDays != 60 || v.LawsuitMonths != 6 {
		t.Errorf("limits %d, %s, %d, %d", v.Days, v.Deadline, v.ReconsiderationDays, v.LawsuitMonths)
	}
	if v.Matter != "失业保险金申领" || strings.Join(v.Materials, "、") != "居民身份证（人像面）、失业保险金申领表" || v.Ground == "" {
		t.Errorf("matter %s, materials %v, ground %s", v.Matter, v.Materials, v.Ground)
	}
	v.Agency.Name, v.Number = "示例", "1号"
	if html := render(t, "acceptance_notice", v.ForDecision(7, casework.Date{})); !strings.Contains(html, "7个工作日内") || strings.Contains(html, "最晚") {
		t.Error("the agency's own limit is not printed")
	}
	if _, err := papers.NewView(snapshot, catalog, calendar, casework.Date{Year: 1990, Month: 1, Day: 1}); err == nil {
		t.Error("limits were found for 1990")
	}
}

func TestNoticePrintsOnA4WithARealBrowser(t *testing.T) {
	page, text := printed(t, view())
	flat := strings.Join(strings.Fields(text), "")
	for _, want := range []string{"一次性补正告知书", "缺少银行卡。", "二、居民身份证已于2026年2月5日过期。", "行政复议", "行政诉讼"} {
		if !strings.Contains(flat, want) {
			t.Errorf("the PDF does not hold %q", want)
		}
	}
	if pages := strings.Count(text, "\f"); pages != 1 {
		t.Errorf("two defects take %d pages; want one", pages)
	}
	if lost := papers.Lost([]byte(page), text); len(lost) > 0 {
		t.Errorf("ordinary characters count as lost: %q", string(lost))
	}
}

// TestACharacterWithoutAGlyphIsMissed prints a rare name that typefaces have, and
// one with a private code point that none has.
func TestACharacterWithoutAGlyphIsMissed(t *testing.T) {
	for name, want := range map[string]string{"王𬱖": "", "李\ue863": "\ue863"} {
		v := view()
		v.Applicant.Name = name
		page, text := printed(t, v)
		if lost := papers.Lost([]byte(page), text); string(lost) != want {
			t.Errorf("%q: lost %q, want %q", name, string(lost), want)
		}
	}
}

// printed gives a notice and the text of its print by a real browser.
func printed(t *testing.T, v papers.View) (page, text string) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("REQUIRE_REAL") == "1" {
			t.Fatal("chromium is missing; run make setup")
		}
		t.Skip("chromium is missing; run make setup")
	}
	dir := t.TempDir()
	page = render(t, "correction_notice", v)
	file, pdf := filepath.Join(dir, "notice.html"), filepath.Join(dir, "notice.pdf")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	print := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--print-to-pdf="+pdf, "file://"+file)
	if out, err := print.CombinedOutput(); err != nil {
		t.Fatalf("print: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", pdf, "-").Output()
	if err != nil {
		t.Fatalf("read the PDF back: %v", err)
	}
	return page, string(out)
}

func TestFormsOfATransferStateTheirExactFields(t *testing.T) {
	for name, want := range map[string][]string{
		"contact_letter":           {"联系函编号", "开户全称", "开户银行名称", "银行账号", "原个人编号", "新就业地社保机构"},
		"contribution_certificate": {"凭证编号", "个人编号", "民族", "户籍地地址", "本地缴费开始年月", "本地缴费结束年月", "本地缴费月数", "本地个人账户储存额", "行政区划代码"},
		"transfer_info_1":          {"转出单位名称", "参加工作时间", "首次参保地实行个人缴费时间", "本人首次缴费时间", "本人建立个人账户时间", "在本地实际缴费月数", "转移时间", "④＝①＋②＋③", "⑥＝④＋⑤", "10760.00"},
		"transfer_info_2":          {"划入账户比例", "个人缴费比例", "当年记账金额", "当年记账利息", "年末累计储存额", "<td>157.04</td><td>4957.04</td>", "landscape"},
		"transfer_payment_order":   {"收款单位", "拨款金额", "6228480000000000299"},
		"duplicate_confirmation":   {"202310 202311 202312", "1008.00元", "□ 保留在本地的缴费"},
		"transfer_reminder":        {"QGHZ20220408000001", "催办"},
	} {
		html := render(t, name, view())
		for _, text := range want {
			if !strings.Contains(html, text) {
				t.Errorf("%s lacks %q", name, text)
			}
		}
		v := view()
		v.Facts = nil
		if _, err := papers.Render(name, v); err == nil {
			t.Errorf("%s was made without its facts", name)
		}
	}
}

func TestAMergeIsConfirmedLineByLineAndItsMoneyComesBack(t *testing.T) {
	for name, want := range map[string][]string{
		"merge_confirmation": {"37100002", "HH20260309000001", "8（重复3）", "17265.30", "342.78", "本人签名", "原办理层级回退", "60日内"},
		"refund_form":        {"202311", "1028.36", "壹仟零贰拾捌元叁角陆分", "本人银行账号", "申请人签名"},
	} {
		html := render(t, name, view())
		for _, text := range want {
			if !strings.Contains(html, text) {
				t.Errorf("%s lacks %q", name, text)
			}
		}
		v := view()
		v.Facts["refunds"], v.Facts["main"] = "", ""
		if _, err := papers.Render(name, v); err == nil {
			t.Errorf("%s was made without its facts", name)
		}
	}
	v := view()
	v.Facts["refunds"] = ""
	if html := render(t, "merge_confirmation", v); strings.Contains(html, "重复缴费") {
		t.Error("a merge without overlap speaks of doubled months")
	}
}

func TestDecisionsStateTheirFactsTheirRemedyAndTheirSteps(t *testing.T) {
	for name, want := range map[string][]string{
		"award_notice":   {"84个月", "16个月", "2026年3月", "2027年6月", "1760.00元", "28160.00元（贰万捌仟壹佰陆拾元整）", "累计缴费84个月"},
		"grant_notice":   {"就业后一次性领取失业保险金", "16个月", "6372.00元（贰万捌仟壹佰陆拾元整）", "13个月，以后再次失业时合并计算"},
		"refusal_notice": {"不予支付失业保险金", "第四十五条第二项", "本人辞职"},
		"stop_notice":    {"2026年6月", "2026年5月重新参加", "应发3个月", "13个月予以保留"},
	} {
		html := render(t, name, view())
		for _, text := range append(want, "60日内", "海州市人民政府", "6个月内") {
			if !strings.Contains(html, text) {
				t.Errorf("%s lacks %q", name, text)
			}
		}
		v := view()
		v.Facts = nil
		if _, err := papers.Render(name, v); err == nil {
			t.Errorf("%s was made without its facts", name)
		}
	}
}
