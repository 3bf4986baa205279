package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func tuningContract() contract {
	return contract{
		"AnswersTeachRulesAndFields":        answersTeachRules,
		"SamplesAreStratifiedAndRepeatable": samplesAreStratified,
		"TwoLabelAThirdSettles":             twoLabelAThirdSettles,
		"NumbersAndFilesOfOthersAreFound":   numbersOfOthersAreFound,
		"NearPicturesOfOthersAreFound":      nearPicturesOfOthersAreFound,
	}
}

// everAfter is a period that holds everything the suite does.
func (h *house) everAfter() (since, until time.Time) {
	return h.clock.Now().AddDate(-1, 0, 0), h.clock.Now().AddDate(1, 0, 0)
}

// assessed makes a case whose check found these things; its run is parked with a
// question about it.
func (h *house) assessed(t *testing.T, verdict casework.Verdict, findings ...casework.Finding) (casework.Case, casework.Review) {
	t.Helper()
	c := h.submitted(t)
	s := snapshot(c)
	s.Assessment = casework.Assessment{Verdict: verdict, Findings: findings, Rules: "sha256:1", Documents: map[string]casework.Document{
		"id_card_front": {Type: "id_card_front", Fields: map[string]casework.Field{
			"name": {Name: "name", Value: "欧阳明", Status: casework.FieldRead}, "number": {Name: "number", Value: "379901198503120017", Status: casework.FieldVerified}}},
		"bank_card": {Type: "bank_card", Fields: map[string]casework.Field{"number": {Name: "number", Value: "6222020000000000034"}}},
	}}
	run, err := h.StartRun(t.Context(), clerk, h.order(c.ID, ""), s)
	must(t, err)
	must(t, h.Settle(t.Context(), h.claim(t, run.ID, "w1"), question(casework.Choice{Name: "return", Zh: "退回"})))
	return c, h.openReview(t, c.ID)
}

func finding(rule string, severity casework.Severity, field string) casework.Finding {
	return casework.Finding{Rule: rule, Severity: severity, Material: "id_card_front", Field: field}
}

func answersTeachRules(t *testing.T, h *house) {
	for choice, edits := range map[string]map[string]string{"submit": {"id_card_front.name": "欧阳鸣"}, "return": {}} {
		_, review := h.assessed(t, casework.ManualReview, finding("field_unclear", casework.Warn, "name"), finding("id_period", casework.Warn, "valid_to"))
		must(t, h.Decide(t.Context(), casework.Decision{ReviewID: review.ID, Choice: choice, By: clerk, Edits: edits}))
	}
	h.assessed(t, casework.ManualReview, finding("id_period", casework.Warn, "valid_to"), finding("account_bin_unknown", casework.Info, "number")) // nobody answers
	since, until := h.everAfter()
	counts, err := h.RuleCounts(t.Context(), since, until)
	must(t, err)
	want := []store.RuleCount{
		{Rule: "account_bin_unknown", Severity: casework.Info, Fired: 1},
		{Rule: "field_unclear", Severity: casework.Warn, Fired: 2, Decided: 2},            // one was put right, one sent back: both were rightly raised
		{Rule: "id_period", Severity: casework.Warn, Fired: 3, Decided: 2, Overridden: 1}, // one went on as it was
	}
	if !slices.Equal(counts, want) {
		t.Errorf("counts\n%+v\nwant\n%+v", counts, want)
	}
	fields, err := h.FieldCounts(t.Context(), since, until)
	must(t, err)
	labels := []store.FieldCount{ // only of the case that went on, only of papers that were shown
		{Material: "id_card_front", Field: "name", Status: casework.FieldRead, Seen: 1, Corrected: 1},
		{Material: "id_card_front", Field: "number", Status: casework.FieldVerified, Seen: 1},
	}
	if !slices.Equal(fields, labels) {
		t.Errorf("fields\n%+v\nwant\n%+v", fields, labels)
	}
	later, err := h.RuleCounts(t.Context(), until, until.AddDate(0, 1, 0))
	must(t, err)
	equal(t, "rules of a later period", len(later), 0)
	equal(t, "values among the labels", h.number(t, "SELECT COUNT(*) FROM field_labels WHERE material LIKE '%欧%' OR field LIKE '%欧%'"), 0)
}

func samplesAreStratified(t *testing.T, h *house) {
	for i := range 9 {
		verdict := casework.AutoPass
		if i < 2 {
			verdict = casework.ReturnForCorrection
		}
		h.assessed(t, verdict, finding("id_expired", casework.Block, fmt.Sprint(i)))
	}
	since, until := h.everAfter()
	order := store.SampleOrder{Size: 5, Since: since, Until: until, Seed: 7}
	first, err := h.DrawSample(t.Context(), clerk, order)
	must(t, err)
	equal(t, "drawn from", first.From, 9)
	equal(t, "size", first.Size, 5)
	cases, err := h.SampleCases(t.Context(), first.ID)
	must(t, err)
	count := map[string]int{}
	for _, c := range cases {
		count[c.Stratum]++
		equal(t, "rule", c.Rules["id_expired"], casework.Block)
	}
	equal(t, "of the passed", count["unemployment_claim/AUTO_PASS"], 4)
	equal(t, "of the returned", count["unemployment_claim/RETURN_FOR_CORRECTION"], 1)
	again, err := h.DrawSample(t.Context(), clerk, order)
	must(t, err)
	same, err := h.SampleCases(t.Context(), again.ID)
	must(t, err)
	for i := range cases {
		equal(t, "the same seed draws", same[i].CaseID, cases[i].CaseID)
	}
	_, err = h.DrawSample(t.Context(), clerk, store.SampleOrder{Size: 5, Since: until, Until: until.AddDate(0, 1, 0)})
	refused(t, "an empty period", err, store.ErrInvalid)
	all, err := h.Samples(t.Context())
	must(t, err)
	equal(t, "draws", len(all), 2)
}

func twoLabelAThirdSettles(t *testing.T, h *house) {
	_, review := h.assessed(t, casework.AutoPass)
	must(t, h.Decide(t.Context(), casework.Decision{ReviewID: review.ID, Choice: "submit", By: clerk}))
	h.assessed(t, casework.ReturnForCorrection, finding("id_expired", casework.Block, "valid_to"))
	since, until := h.everAfter()
	sample, err := h.DrawSample(t.Context(), clerk, store.SampleOrder{Size: 2, Since: since, Until: until, Seed: 1})
	must(t, err)
	person := func(id string) casework.Actor {
		return casework.Actor{Kind: casework.Human, ID: id, Name: "login-" + id, Role: "clerk"}
	}
	label := func(who casework.Actor, place int, verdict casework.Verdict, faults ...string) error {
		return h.LabelSample(t.Context(), who, sample.ID, place, store.SampleLabel{Verdict: verdict, Faults: faults})
	}
	cases, err := h.SampleCases(t.Context(), sample.ID)
	must(t, err)
	passed, returned := cases[0], cases[1]
	if passed.Verdict != casework.AutoPass {
		passed, returned = returned, passed
	}
	refused(t, "who decided the case itself", label(clerk, passed.Place, casework.AutoPass), store.ErrConflict)
	refused(t, "a verdict no person gives", label(person("a"), passed.Place, casework.ManualReview), store.ErrInvalid)
	refused(t, "no such place", label(person("a"), 9, casework.AutoPass), store.ErrNotFound)
	must(t, label(person("a"), passed.Place, casework.AutoPass))
	refused(t, "twice by one", label(person("a"), passed.Place, casework.AutoPass), store.ErrConflict)
	must(t, label(person("b"), passed.Place, casework.AutoPass))
	refused(t, "a third where two agree", label(person("c"), passed.Place, casework.AutoPass), store.ErrConflict)
	must(t, label(person("a"), returned.Place, casework.ReturnForCorrection, "id_expired", "seal_missing"))
	must(t, label(person("b"), returned.Place, casework.AutoPass))
	refused(t, "one of the two settles", label(person("b"), returned.Place, casework.AutoPass), store.ErrConflict)
	must(t, label(person("c"), returned.Place, casework.ReturnForCorrection, "seal_missing"))
	refused(t, "settled twice", label(person("d"), returned.Place, casework.AutoPass), store.ErrConflict)

	cases, err = h.SampleCases(t.Context(), sample.ID)
	must(t, err)
	for _, c := range cases {
		equal(t, "state", c.State(), store.SampleSettled)
	}
	for _, a := range store.AuditCases(cases) {
		if a.Machine == casework.ReturnForCorrection && (len(a.Blocks) != 1 || len(a.Faults) != 1 || a.Faults[0] != "seal_missing" || a.Weight != 1) {
			t.Errorf("audit case %+v", a)
		}
	}
	known, err := h.Sample(t.Context(), sample.ID)
	must(t, err)
	equal(t, "settled", known.Settled, 2)
}

func numbersOfOthersAreFound(t *testing.T, h *house) {
	first := h.newCase(t, applicant)
	own := h.newCase(t, applicant)
	other := h.newCase(t, casework.Person{Name: "张明", IDNumber: "379902199001010014"})
	hash := h.Hash("paper number", "CZ0000001")
	keep := func(c casework.Case) int {
		found, err := h.KeepNumbers(t.Context(), c.ID, []string{hash})
		must(t, err)
		return len(found)
	}
	equal(t, "the first", keep(first), 0)
	equal(t, "another case of the same person", keep(own), 0)
	equal(t, "somebody else's", keep(other), 1)
	equal(t, "the first, asked again", keep(first), 1)

	data := []byte("the same scan")
	scan := func(c casework.Case) casework.Material {
		m, err := h.AddMaterial(t.Context(), clerk, casework.Material{CaseID: c.ID, FileName: "a.png", MIME: "image/png"}, data)
		must(t, err)
		return m
	}
	m := scan(first)
	elsewhere := func() bool {
		there, err := h.FileElsewhere(t.Context(), first, m)
		must(t, err)
		return there
	}
	scan(own)
	equal(t, "a file the person handed in twice", elsewhere(), false)
	scan(other)
	equal(t, "a file in somebody else's case", elsewhere(), true)
}

func nearPicturesOfOthersAreFound(t *testing.T, h *house) {
	first := h.newCase(t, applicant)
	own := h.newCase(t, applicant)
	other := h.newCase(t, casework.Person{Name: "张明", IDNumber: "379902199001010014"})
	looked := func(c casework.Case, bits ...int) casework.Material {
		hash := make([]byte, 32)
		for _, bit := range bits {
			hash[bit/8] ^= 1 << (bit % 8)
		}
		m, err := h.AddMaterial(t.Context(), clerk, casework.Material{CaseID: c.ID, FileName: "a.png", MIME: "image/png", Looks: []casework.Look{{Page: 2, Hash: hash}}}, []byte(casework.NewID()))
		must(t, err)
		return m
	}
	m := looked(first)
	near := func() map[int]int {
		pages, err := h.NearElsewhere(t.Context(), first, m)
		must(t, err)
		return pages
	}
	looked(first, 1)
	looked(own, 1, 2)
	equal(t, "pictures of the same person", len(near()), 0)
	looked(other, 1, 2, 3, 4, 5)
	equal(t, "one of somebody else, five bits away", near()[2], 5)
	looked(other, 7, 9, 11)
	equal(t, "a nearer one", near()[2], 3)
	looked(other, 1, 2, 3, 4, 5, 6, 7)
	equal(t, "one further away", near()[2], 3)
}
