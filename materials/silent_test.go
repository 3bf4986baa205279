package materials_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// checked assesses files in the matter that asks for nothing.
func checked(t *testing.T, who casework.Person, files ...materials.File) casework.Assessment {
	t.Helper()
	return catalog(t).Assess(materials.Input{Matter: "document_check", Region: "379900", Applicant: who,
		Received: casework.Date{Year: 2026, Month: 3, Day: 6}, Files: files})
}

// loose is an upload of which nobody said what it is.
func loose(readings ...casework.Reading) materials.File {
	for i := range readings {
		readings[i].Page = i + 1
	}
	return materials.File{ID: fmt.Sprint("loose-", len(readings)), FileName: "IMG_1.jpg", Readings: readings}
}

func passport() casework.Reading {
	return page(at{300, 40, "UTOPIA PASSPORT"}, at{300, 300, "Nationality UTOPIAN"}, at{40, 900, "P<UTOSMITH<<JOHN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"})
}

func chat() casework.Reading {
	return page(at{40, 10, "10:32 5G 87%"}, at{40, 60, "返回"}, at{300, 60, "失业保险金"}, at{40, 900, "按住说话"})
}

// onPhone shows a page inside a phone's screen.
func onPhone(r casework.Reading) casework.Reading {
	moved := page(at{40, 2, "10:32 5G 87%"})
	for _, l := range r.Lines {
		for i := range l.Quad {
			l.Quad[i].Y += 40
		}
		moved.Lines = append(moved.Lines, l)
	}
	moved.Seals = r.Seals
	return moved
}

func TestWhatIsNoPaperNeverPassesTheCheckOfDocuments(t *testing.T) {
	blurred := cardFront()
	blurred.Quality = []casework.Quality{{Code: "blurred", Retake: true}}
	for name, c := range map[string]struct {
		files   []materials.File
		verdict casework.Verdict
		want    string
	}{
		"nothing":                         {nil, review, "WARN nothing_read ."},
		"a file with a password":          {[]materials.File{{ID: "f", FileName: "x.pdf", Fault: "pdf_encrypted"}}, back, "BLOCK picture_unusable ."},
		"a selfie":                        {[]materials.File{loose(page())}, back, "BLOCK picture_unusable ."},
		"a selfie in the card's slot":     {[]materials.File{file("id_card_front", page())}, back, "BLOCK picture_unusable id_card_front."},
		"a blurred card":                  {[]materials.File{file("id_card_front", blurred)}, back, "BLOCK picture_blurred id_card_front."},
		"a screenshot":                    {[]materials.File{loose(chat())}, back, "BLOCK screenshot_given ."},
		"a passport":                      {[]materials.File{loose(passport())}, review, "WARN passport_given ."},
		"an identity card as a bank card": {[]materials.File{file("bank_card", cardFront())}, back, "BLOCK wrong_slot bank_card."},
		"a menu":                          {[]materials.File{loose(page(at{300, 40, "今日菜单"}, at{300, 300, "红烧肉三十二元"}))}, review, "WARN material_unknown ."},
	} {
		t.Run(name, func(t *testing.T) {
			a := checked(t, casework.Person{}, c.files...)
			if got := rules(a); got != c.want || a.Verdict != c.verdict {
				t.Errorf("verdict %s:\n%s\nwant %s:\n%s", a.Verdict, got, c.verdict, c.want)
			}
		})
	}
}

func TestWhatIsTooMuchInACompleteClaimIsSeen(t *testing.T) {
	for name, c := range map[string]struct {
		r    casework.Reading
		want string
	}{
		"a passport":   {passport(), "WARN passport_given ."},
		"a chat":       {chat(), "WARN screenshot_given ."},
		"a selfie":     {page(), "WARN picture_unusable ."},
		"another card": {onPhone(cardFront()), ""}, // the card itself is there
	} {
		in := claim()
		in.Files = append(in.Files, loose(c.r))
		if got := rules(catalog(t).Assess(in)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestADocumentInsideAPhonesScreenIsAScreenshot(t *testing.T) {
	gallery := form()
	gallery.Lines = append(slices.Clone(gallery.Lines), page(at{80, 1350, "分享"}, at{280, 1350, "收藏"}, at{480, 1350, "编辑"}, at{680, 1350, "删除"}).Lines...)
	for kind, r := range map[string]casework.Reading{"id_card_front": onPhone(cardFront()), "claim_form": gallery, "termination_notice": onPhone(certificate())} {
		in := claim()
		replace(&in, kind, r)
		if got, want := rules(catalog(t).Assess(in)), "BLOCK screenshot_given "+kind+"."; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

func TestAFormWithOneSuchWordIsNoScreenshotAndNoPassport(t *testing.T) {
	for _, text := range []string{"请扫码添加朋友圈或者微信支付", "分享", "8:00至17:30", "居民身份证/护照　国籍：中国", "更多信息见网站，可下载"} {
		in := claim()
		replace(&in, "claim_form", withLines(form(), at{60, 1300, text}))
		if got := rules(catalog(t).Assess(in)); got != "" {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestWhatTheReaderSuspectsReachesAPerson(t *testing.T) {
	for code, rule := range map[string]string{
		"screen_photo": "picture_screen", "hidden_text": "picture_hidden", "corner_missing": "picture_partial", "cut_off": "picture_partial",
		"picture_broken": "picture_inside_broken", "signature_unverified": "signature_unverified", "edited": "picture_edited", "skewed": "",
	} {
		in := claim()
		r := cardFront()
		r.Quality = []casework.Quality{{Code: code, Score: 2, Threshold: 1}, {Code: code, Score: 3, Threshold: 1}}
		replace(&in, "id_card_front", r)
		want, verdict := "WARN "+rule+" id_card_front.", review
		if rule == "" {
			want, verdict = "", pass
		}
		if a := catalog(t).Assess(in); rules(a) != want || a.Verdict != verdict {
			t.Errorf("%s: %s %q, want %q", code, a.Verdict, rules(a), want)
		}
	}
}

func TestACornerOnTheEdgeOfBeingMissedAsksNobody(t *testing.T) {
	in := claim()
	r := form()
	r.Quality = []casework.Quality{{Code: "corner_missing", Score: 0.052, Threshold: 0.05}}
	replace(&in, "claim_form", r)
	if a := catalog(t).Assess(in); a.Verdict != pass {
		t.Errorf("%s %q", a.Verdict, rules(a))
	}
}

func TestAPaperOfTheFallbackEngineNeverPasses(t *testing.T) {
	in := claim()
	r := certificate()
	r.Engine = "tesseract"
	replace(&in, "termination_notice", r)
	a := catalog(t).Assess(in)
	if rules(a) != "WARN engine_fallback termination_notice." || a.Verdict != review || !strings.Contains(a.Findings[0].Zh, "tesseract") {
		t.Errorf("%s: %s", a.Verdict, rules(a))
	}
}

func TestPagesNobodyReadGoToAPerson(t *testing.T) {
	in := claim()
	r := certificate()
	r.Quality = []casework.Quality{{Code: "pages_unread", Score: 25, Threshold: 20}}
	replace(&in, "termination_notice", r)
	a := catalog(t).Assess(in)
	if rules(a) != "WARN pages_unread termination_notice." || !strings.Contains(a.Findings[0].Zh, "共25页，只读了20页") {
		t.Errorf("%s", rules(a))
	}
}

func TestAFilesSizeIsToldAndStopsNobody(t *testing.T) {
	for code, c := range map[string]struct {
		score, limit float64
		want         string
	}{
		"file_heavy": {6500, 5120, "解除（终止）劳动合同证明的文件有6.3MB，超过规定的5MB。"},
		"file_light": {12.5, 20, "解除（终止）劳动合同证明的图片只有12KB，不到规定的20KB，可能压缩过度。"},
	} {
		in := claim()
		r := certificate()
		r.Quality = []casework.Quality{{Code: code, Score: c.score, Threshold: c.limit}}
		replace(&in, "termination_notice", r)
		a := catalog(t).Assess(in)
		if a.Verdict != pass || rules(a) != "INFO "+code+" termination_notice." || a.Findings[0].Zh != c.want {
			t.Errorf("%s: %s %+v", code, a.Verdict, a.Findings)
		}
	}
}

func TestWhatLiesUnderAReflectionIsNotHeldAgainstAnybody(t *testing.T) {
	for _, glare := range []bool{false, true} {
		in := claim()
		r := without(form(), "海州示例机械有限公司")
		want := "BLOCK field_missing claim_form.employer"
		if glare {
			r.Quality = []casework.Quality{{Code: "glare", Score: 0.02, Threshold: 0.01}}
			want = "WARN field_missing claim_form.employer"
		}
		replace(&in, "claim_form", r)
		if got := rules(catalog(t).Assess(in)); got != want {
			t.Errorf("glare %v: %s, want %s", glare, got, want)
		}
	}
}

func TestNearlyAnothersPictureIsSeenOnlyWhereTwoPeoplesDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		slot string
		near map[int]int
		want string
	}{
		"a card of another, saved again":             {"id_card_front", map[int]int{1: 3}, "WARN file_near id_card_front."},
		"a card some bits away":                      {"id_card_front", map[int]int{1: 5}, ""},
		"another page of the file":                   {"id_card_front", map[int]int{2: 0}, ""},
		"an emblem side, of which all are alike":     {"id_card_back", map[int]int{1: 0}, ""},
		"a form, of which all flat scans are alike":  {"claim_form", map[int]int{1: 1}, ""},
		"a bank's card, which differs in its number": {"bank_card", map[int]int{1: 2}, ""},
	} {
		in := claim()
		for i := range in.Files {
			if in.Files[i].Slot == c.slot {
				in.Files[i].Near = c.near
			}
		}
		a := catalog(t).Assess(in)
		if got := rules(a); got != c.want || c.want != "" && a.Verdict != review {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAnEmployersLicenceMayLieInManyCases(t *testing.T) {
	licence := page(at{400, 40, "营业执照"}, at{80, 100, "统一社会信用代码"}, at{300, 100, "91379900MA37990102"}, at{80, 160, "名称"}, at{240, 160, "海州示例机械有限公司"},
		at{80, 220, "类型"}, at{240, 220, "有限责任公司"}, at{80, 280, "法定代表人"}, at{240, 280, "张明"}, at{80, 340, "成立日期"}, at{240, 340, "2015年3月1日"},
		at{80, 400, "营业期限"}, at{240, 400, "2015年3月1日至2045年2月28日"}, at{80, 460, "住所"}, at{240, 460, "海州市示例区示例路8号"}, at{80, 520, "登记机关"}, at{240, 520, "海州市市场监督管理局"}, at{80, 580, "核准日期"}, at{240, 580, "2016年3月1日"})
	licence.Seals = []casework.Seal{{Colour: "red", Shape: "round", Text: "海州市市场监督管理局", Confidence: 0.99}}
	f := loose(licence)
	f.Elsewhere, f.Near = true, map[int]int{1: 0}
	if a := checked(t, casework.Person{}, f); a.Verdict != pass {
		t.Errorf("%s", rules(a))
	}
}

func TestARegisterIsAskedForWithItsCoverAndItsHomePage(t *testing.T) {
	in := materials.Input{Matter: "pension_transfer_in", Region: "379900", Received: casework.Date{Year: 2026, Month: 3, Day: 6}, Shared: map[string]string{"account_place": "undecided"}}
	missing := func() (kinds []string) {
		for _, f := range catalog(t).Assess(in).Findings {
			if f.Rule == "material_missing" && strings.HasPrefix(f.Material, "household") {
				kinds = append(kinds, f.Material)
			}
		}
		return kinds
	}
	if got := missing(); !slices.Equal(got, []string{"household_page", "household_home", "household_cover"}) {
		t.Errorf("missing %v", got)
	}
	in.Shared["household"] = "known" // shared data answers all three
	if got := missing(); len(got) > 0 {
		t.Errorf("missing %v although it was shared", got)
	}
}

func TestThePagesOfARegisterBearOneNumberWhereverTheyAreAskedFor(t *testing.T) {
	own := withLines(householdPage("张明", own, "1985年3月12日", "男", "户主"), at{80, 340, "户号"}, at{240, 340, "3799123456"})
	home := page(at{300, 40, "居民户口簿"}, at{80, 100, "户别"}, at{240, 100, "非农业家庭户口"}, at{500, 100, "户主姓名"}, at{680, 100, "张明"},
		at{80, 160, "户号"}, at{240, 160, "3799000001"}, at{80, 220, "住址"}, at{240, 220, "山东省海州市示例县样板路1号"})
	home.Seals = []casework.Seal{{Colour: "red", Shape: "round", Text: "海州市公安局户口专用章", Confidence: 0.99}}
	for _, matter := range []string{"document_check", "pension_transfer_in", "record_merge", "injury_benefit"} {
		a := catalog(t).Assess(materials.Input{Matter: matter, Region: "379900", Received: casework.Date{Year: 2026, Month: 3, Day: 6}, Files: []materials.File{loose(own), loose(home)}})
		if !strings.Contains(rules(a), "WARN household_differs household_page.household_number") {
			t.Errorf("%s: %s", matter, rules(a))
		}
	}
}

// A merge that the agency found itself asks nobody to apply; other numbers want the
// household register or the police's statement, see 30-merge §2.
func TestMergesThatTheAgencyFoundAskForProofOnly(t *testing.T) {
	in := materials.Input{Matter: "record_merge", Region: "379900", Received: casework.Date{Year: 2026, Month: 3, Day: 6}, Applicant: casework.Person{Name: "张明华"}}
	missing := func(shared map[string]string) (list []string) {
		in.Shared = shared
		for _, f := range catalog(t).Assess(in).Findings {
			list = append(list, f.Material)
		}
		return list
	}
	if got := missing(map[string]string{"found_by_agency": "yes"}); len(got) != 0 {
		t.Errorf("one number: %v", got)
	}
	if got := missing(map[string]string{"found_by_agency": "yes", "numbers_differ": "yes"}); !slices.Equal(got, []string{"household_page"}) {
		t.Errorf("two numbers: %v", got)
	}
	if got := missing(nil); !slices.Contains(got, "merge_application") || !slices.Contains(got, "id_card_front") {
		t.Errorf("a person applies: %v", got)
	}
}
