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
