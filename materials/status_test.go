package materials_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// seconded gives the page with what a second reader saw of a number on it.
func seconded(r casework.Reading, line, number, saw string) casework.Reading {
	return edit(r, line, func(l *casework.Line) {
		from := len([]rune(line[:strings.Index(line, number)]))
		l.Second = append(slices.Clone(l.Second), casework.Opinion{From: from, To: from + len([]rune(number)), Text: saw, Engine: "tesseract"})
	})
}

const (
	leaveLine = "解除（终止）日期：2026年2月28日"
	goodID    = "379901198503120017"
)

func TestAFieldIsVerifiedOnlyByTwoThatAgree(t *testing.T) {
	c := catalog(t)
	for name, spoil := range map[string]struct {
		in                     func(*materials.Input)
		kind, field            string
		status                 casework.FieldStatus
		value, second, offered string
	}{
		"a date both readers see": {func(in *materials.Input) {
			replace(in, "id_card_back", seconded(seconded(cardBack(), "2016.03.05-2036.03.05", "2016.03.05", "20160305"), "2016.03.05-2036.03.05", "2036.03.05", "20360305"))
		}, "id_card_back", "valid_to", casework.FieldVerified, "2036-03-05", "", ""},
		"a date in one run with another": {func(in *materials.Input) {
			replace(in, "id_card_back", seconded(cardBack(), "2016.03.05-2036.03.05", "2016.03.05-2036.03.05", "2016030520360305"))
		}, "id_card_back", "valid_to", casework.FieldVerified, "2036-03-05", "", ""},
		"a date nobody read twice": {func(*materials.Input) {}, "id_card_back", "valid_to", casework.FieldRead, "2036-03-05", "", ""},
		"a date the second reader sees otherwise": {func(in *materials.Input) {
			replace(in, "termination_notice", seconded(certificate(), "出具日期：2026年3月2日", "2026年3月2日", "202638"))
		}, "termination_notice", "issue_date", casework.FieldDoubtful, "2026-03-02", "2026-03-08", ""},
		"a date the second reader sees otherwise, but the law as the first one": {func(in *materials.Input) {
			replace(in, "id_card_back", seconded(cardBack(), "2016.03.05-2036.03.05", "2036.03.05", "20360306"))
		}, "id_card_back", "valid_to", casework.FieldRead, "2036-03-05", "2036-03-06", ""},
		"a date that the second reader has not read whole": {func(in *materials.Input) {
			replace(in, "id_card_back", seconded(cardBack(), "2016.03.05-2036.03.05", "2036.03.05", "2036035"))
		}, "id_card_back", "valid_to", casework.FieldRead, "2036-03-05", "", ""},
		"a second reader that could not tell": {func(in *materials.Input) {
			replace(in, "id_card_back", seconded(cardBack(), "2016.03.05-2036.03.05", "2036.03.05", ""))
		}, "id_card_back", "valid_to", casework.FieldRead, "2036-03-05", "", ""},
		"a name the applicant stated":   {func(*materials.Input) {}, "id_card_front", "name", casework.FieldVerified, "张明", "", ""},
		"a birthday the number repeats": {func(*materials.Input) {}, "id_card_front", "birth", casework.FieldVerified, "1985-03-12", "", ""},
		"an office nobody confirms":     {func(*materials.Input) {}, "id_card_back", "authority", casework.FieldRead, "海州市公安局示例分局", "", ""},
		"a number with its check digit": {func(*materials.Input) {}, "id_card_front", "number", casework.FieldVerified, goodID, "", ""},
		"a right check digit over doubtful characters": {func(in *materials.Input) {
			replace(in, "id_card_front", unsure(cardFront(), goodID, 0.7))
		}, "id_card_front", "number", casework.FieldDoubtful, goodID, "", ""},
		"doubtful characters that the second reader sees, too": {func(in *materials.Input) {
			replace(in, "id_card_front", seconded(unsure(cardFront(), goodID, 0.7), goodID, goodID, goodID))
		}, "id_card_front", "number", casework.FieldVerified, goodID, "", ""},
		"a wrong check digit, right in the second reading": {func(in *materials.Input) {
			wrong := strings.Replace(goodID, "8", "3", 1)
			replace(in, "id_card_front", seconded(with(cardFront(), goodID, wrong), wrong, wrong, goodID))
		}, "id_card_front", "number", casework.FieldDoubtful, strings.Replace(goodID, "8", "3", 1), goodID, goodID},
		"both readers agree on a number that can't be": {func(in *materials.Input) {
			wrong := strings.Replace(goodID, "8", "3", 1)
			replace(in, "id_card_front", seconded(with(cardFront(), goodID, wrong), wrong, wrong, wrong))
		}, "id_card_front", "number", casework.FieldDoubtful, strings.Replace(goodID, "8", "3", 1), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := claim()
			spoil.in(&in)
			f := c.Assess(in).Documents[spoil.kind].Fields[spoil.field]
			if f.Status != spoil.status || f.Value != spoil.value || f.Second != spoil.second || f.Offer != spoil.offered {
				t.Errorf("%s, value %s, second %q, offer %q; want %s, %s, %q, %q", f.Status, f.Value, f.Second, f.Offer, spoil.status, spoil.value, spoil.second, spoil.offered)
			}
		})
	}
}

// written gives the page with a line written by hand.
func written(r casework.Reading, line string) casework.Reading {
	return edit(r, line, func(l *casework.Line) { l.Hand = [][2]int{{0, len([]rune(line))}} })
}

func TestHandwritingIsNeverVerified(t *testing.T) {
	c := catalog(t)
	for name, spoil := range map[string]struct {
		in          func(*materials.Input)
		kind, field string
		status      casework.FieldStatus
		finding     string
	}{
		"a number with its check digit, seen alike by both readers": {func(in *materials.Input) {
			in.Applicant = casework.Person{}
			replace(in, "id_card_front", seconded(written(written(cardFront(), goodID), "住址"), goodID, goodID, goodID))
		}, "id_card_front", "number", casework.FieldDoubtful, "WARN field_unclear id_card_front.number"},
		"a date both readers see": {func(in *materials.Input) {
			const line = "2016.03.05-2036.03.05"
			replace(in, "id_card_back", seconded(written(written(cardBack(), line), "海州市公安局示例分局"), line, line, "2016030520360305"))
		}, "id_card_back", "valid_to", casework.FieldDoubtful, "WARN paper_unclear id_card_back."}, // who wrote two of its three values wrote the third
		"a birthday on a card with two values by hand": {func(in *materials.Input) {
			replace(in, "id_card_front", written(written(cardFront(), "张明"), goodID))
		}, "id_card_front", "birth", casework.FieldDoubtful, "WARN paper_unclear id_card_front."},
		"a name that the applicant stated": {func(in *materials.Input) {
			replace(in, "id_card_front", written(written(cardFront(), "张明"), "住址"))
		}, "id_card_front", "name", casework.FieldRead, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := claim()
			spoil.in(&in)
			a := c.Assess(in)
			f := a.Documents[spoil.kind].Fields[spoil.field]
			if f.Status != spoil.status || !f.Hand || f.Value == "" || f.Confidence > 0.85 {
				t.Errorf("%+v, want it %s", f, spoil.status)
			}
			if !strings.Contains(rules(a), spoil.finding) || spoil.finding == "" && rules(a) != "" {
				t.Errorf("findings %q, want %q", rules(a), spoil.finding)
			}
		})
	}
}

func TestOneLineOfACardThatLooksWrittenIsTheCamerasDoing(t *testing.T) {
	in := claim()
	replace(&in, "id_card_front", written(cardFront(), goodID))
	a := catalog(t).Assess(in)
	if f := a.Documents["id_card_front"].Fields["number"]; f.Status != casework.FieldVerified || f.Hand || rules(a) != "" {
		t.Errorf("%+v, findings %q", f, rules(a))
	}
}

// TestHandwritingAccusesNobody has suggestions differ from what is known as much
// as another person's papers would.
func TestHandwritingAccusesNobody(t *testing.T) {
	const other = "37990119650815003X"
	for name, c := range map[string]struct {
		paper casework.Reading
		want  string
	}{
		"another name":   {written(with(certificate(), "姓名：张明", "姓名：李国强"), "姓名：李国强"), "WARN field_unclear termination_notice.name"},
		"another number": {written(with(certificate(), "公民身份号码："+goodID, "公民身份号码："+other), "公民身份号码："+other), "WARN field_unclear termination_notice.id_number"},
	} {
		in := claim()
		replace(&in, "termination_notice", c.paper)
		if a := catalog(t).Assess(in); rules(a) != c.want || a.Verdict != review {
			t.Errorf("%s: %s, %q; want %q", name, a.Verdict, rules(a), c.want)
		}
	}
}

func TestReadersThatDifferBringAPerson(t *testing.T) {
	in := claim()
	replace(&in, "termination_notice", seconded(certificate(), "出具日期：2026年3月2日", "2026年3月2日", "202638"))
	a := catalog(t).Assess(in)
	if got, want := rules(a), "WARN field_unclear termination_notice.issue_date"; got != want || a.Verdict != review {
		t.Errorf("verdict %s, findings %q, want %q", a.Verdict, got, want)
	}
	// The leaving day stands on the form, too: nobody has to look.
	in = claim()
	replace(&in, "termination_notice", seconded(certificate(), leaveLine, "2026年2月28日", "2026223"))
	if a := catalog(t).Assess(in); len(a.Findings) != 0 {
		t.Errorf("findings %s", rules(a))
	}
}

func TestADateReadFaintlyButTwiceAlikeNeedsNobody(t *testing.T) {
	const line = "出具日期：2026年3月2日"
	for saw, want := range map[string]string{"202632": "", "": "WARN field_unclear termination_notice.issue_date"} {
		in := claim()
		replace(&in, "termination_notice", seconded(unsure(certificate(), line, faint), line, "2026年3月2日", saw))
		if got := rules(catalog(t).Assess(in)); got != want {
			t.Errorf("the second reader saw %q: findings %q, want %q", saw, got, want)
		}
	}
}

func TestInkWhereSomebodySignsIsASignature(t *testing.T) {
	for signed, want := range map[bool]string{true: "BLOCK field_missing training_form.name", false: "BLOCK field_missing training_form.name\nWARN signature_missing training_form.sign"} {
		page := without(trainingForm(), "张明") // nobody could read what is written there
		page.Signatures = []casework.Signature{{Label: "申请人（签名）", Signed: signed, Box: casework.Box{X: 240, Y: 455, W: 90, H: 30}}}
		a := training(t, page, nil)
		if got := rules(a); got != want {
			t.Errorf("signed %v: %s, want %s", signed, got, want)
		}
		if f := a.Documents["training_form"].Fields["sign"]; signed && (f.Value != materials.Signed || f.Status != casework.FieldRead || f.Box.Empty()) {
			t.Errorf("%+v", f)
		}
	}
}

// What one reader alone says, or says with little confidence, is a person's to
// look at: nobody is sent home for it, and nothing is refused.
func TestNothingIsHeldAgainstAnybodyByADoubtfulReading(t *testing.T) {
	c := catalog(t)
	resigned := func(said string) casework.Reading {
		return with(certificate(), "解除（终止）原因：劳动合同期满终止", "解除（终止）原因："+said)
	}
	formOf := func(said string) casework.Reading { return with(form(), "劳动合同期满", said) }
	const period, number, wrong = "2016.03.05-2036.03.05", "6228480000000000018", "6228480000000000019"
	for name, spoil := range map[string]struct {
		in      func(*materials.Input)
		verdict casework.Verdict
		want    string
	}{
		"an expiry only the first reader sees": {func(in *materials.Input) {
			over := strings.Replace(period, "2036", "2026", 1)
			replace(in, "id_card_back", seconded(with(cardBack(), period, over), over, "2026.03.05", "20360305"))
		}, casework.ManualReview, "WARN id_expired id_card_back.valid_to"},
		"an account both readers see, with a wrong digit": {func(in *materials.Input) {
			replace(in, "claim_form", seconded(unsure(with(form(), number, wrong), wrong, 0.95), wrong, wrong, wrong))
		}, casework.ReturnForCorrection, "BLOCK account_luhn claim_form.account"},
		"an account with a wrong digit, and readers that differ": {func(in *materials.Input) {
			replace(in, "claim_form", seconded(with(form(), number, wrong), wrong, wrong, strings.Replace(wrong, "2", "3", 1)))
		}, casework.ManualReview, "WARN account_luhn claim_form.account"},
		"a wrong digit that is right in the second reading": {func(in *materials.Input) {
			replace(in, "claim_form", seconded(with(form(), number, wrong), wrong, wrong, number))
		}, casework.ManualReview, "WARN field_unclear claim_form.account"},
		"another's name, faintly": {func(in *materials.Input) {
			replace(in, "termination_notice", unsure(with(certificate(), "姓名：张明", "姓名：李国强"), "姓名：李国强", 0.65))
		}, casework.ManualReview, "WARN field_unclear termination_notice.name"},
		"a resignation, faintly": {func(in *materials.Input) {
			in.Shared["leave_reason"] = "V01"
			replace(in, "termination_notice", unsure(resigned("本人辞职"), "解除（终止）原因：本人辞职", 0.5))
			replace(in, "claim_form", formOf("本人辞职"))
		}, casework.ManualReview, "WARN field_unclear termination_notice.reason"},
		"a resignation that is denied": {func(in *materials.Input) {
			delete(in.Shared, "leave_reason")
			replace(in, "termination_notice", resigned("单位裁员，非个人原因离职"))
			replace(in, "claim_form", formOf("经济性裁员"))
		}, casework.AutoPass, ""},
		"a reason that says both": {func(in *materials.Input) {
			delete(in.Shared, "leave_reason")
			replace(in, "termination_notice", resigned("因裁员，本人辞职"))
			replace(in, "claim_form", formOf("因裁员，本人辞职"))
		}, casework.ManualReview, "WARN reason_unclear termination_notice.reason"},
	} {
		t.Run(name, func(t *testing.T) {
			in := claim()
			spoil.in(&in)
			a := c.Assess(in)
			if got := rules(a); got != spoil.want || a.Verdict != spoil.verdict {
				t.Errorf("verdict %s, findings:\n%s\nwant %s:\n%s", a.Verdict, got, spoil.verdict, spoil.want)
			}
		})
	}
}
