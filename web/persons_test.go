package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// pair puts two numbers into the queue as a search would.
func (w *site) pair(a, b string) store.PersonPair {
	w.t.Helper()
	p := store.PersonPair{Key: w.store.PairKey(a, b), Print: "1", Zone: "review", Level: "L5", Rule: "reissued_mobile", Months: 14, Fen: 587200, Doubt: 6100, Value: 699992,
		Shown: store.PairShown{A: a, B: b, Prior: -14.2, Rarity: 3.1, Weight: 4.6, Chance: 0.96, Fields: []store.PairField{
			{Field: "number", A: "379901198503120017", B: "379902198503120014", Level: "other", Weight: -6.4}, {Field: "name", A: "张明华", B: "张明华", Level: "same", Weight: 9.9},
			{Field: "birth", A: "19850312", B: "19850312", Level: "same", Weight: 4.1}, {Field: "mobile", A: "13800000001", B: "13800000001", Level: "same", Weight: 8.1}, {Field: "account", Level: "missing"}}}}
	w.must(w.store.KeepPairs(w.t.Context(), []store.PersonPair{p}))
	return p
}

func TestPairIsMaskedUntilItIsShownAndTheLookIsAudited(t *testing.T) {
	w := newSite(t)
	p := w.pair("370000123451", "370000123459")
	clerk := w.as("clerk")
	for _, path := range []string{"/persons", "/persons/" + p.Key} {
		code, body, _ := clerk.get(path)
		if code != http.StatusOK || !strings.Contains(body, "张*华") || !strings.Contains(body, "L5") {
			t.Errorf("%s: %d, or the pair is not there", path, code)
		}
		for _, secret := range []string{"张明华", "379901198503120017", "13800000001", "370000123451", "19850312"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s shows %s", path, secret)
			}
		}
	}
	code, body, _ := clerk.get("/persons/" + p.Key + "?reveal=1")
	if code != http.StatusOK || !strings.Contains(body, "379901198503120017") || !strings.Contains(body, "370000123459") {
		t.Errorf("shown in full: %d, or not in full", code)
	}
	if rows, err := w.store.Audit(t.Context(), p.Key, 10); err != nil || !has(rows, "personal_data.reveal") {
		t.Errorf("the look was not audited: %v", err)
	}
	if code, _, _ := w.as("manager").get("/persons/" + p.Key + "?reveal=1"); code != http.StatusForbidden {
		t.Errorf("a manager sees names: %d", code)
	}
}

func TestPairIsAnsweredOnceAndAVetoHoldsInTheNextNight(t *testing.T) {
	w := newSite(t, func(cfg *Config) {
		cfg.Matters = append(cfg.Matters, Matter{Name: mergeMatter}, Matter{Name: unmergeMatter})
	})
	p := w.pair("370000123451", "370000123459")
	answer := func(v *visitor, was, ruling string) (int, string) {
		code, _, header := v.form("/persons/"+p.Key+"/ruling", url.Values{"ruling": {ruling}, "was": {was}, "note": {"姓名相同，手机为单位统一登记"}, "name": {"张明华"}, "id_number": {"379901198503120017"}})
		return code, header.Get("Location")
	}
	if code, _ := answer(w.as("manager"), "open", "two"); code != http.StatusForbidden {
		t.Errorf("a manager answers: %d", code)
	}
	clerk := w.as("clerk")
	if code, _ := answer(clerk, "open", "perhaps"); code != http.StatusUnprocessableEntity {
		t.Errorf("an answer nobody offers: %d", code)
	}
	if code, _ := answer(clerk, "open", "two"); code != http.StatusSeeOther {
		t.Errorf("two persons: %d", code)
	}
	if code, _ := answer(clerk, "open", "same"); code != http.StatusConflict {
		t.Errorf("an answer on an old page: %d", code)
	}
	again := p
	again.Print = "2"
	w.must(w.store.KeepPairs(t.Context(), []store.PersonPair{again}))
	if kept, err := w.store.PersonPair(t.Context(), p.Key); err != nil || kept.State != store.PairTwo {
		t.Errorf("after the next night: %s, %v", kept.State, err)
	}
	code, to := answer(clerk, "two", "same")
	if code != http.StatusSeeOther || !strings.HasPrefix(to, "/cases/") {
		t.Fatalf("one person: %d to %s", code, to)
	}
	c, err := w.store.Case(t.Context(), strings.TrimPrefix(to, "/cases/"))
	w.must(err)
	if c.Matter != "record_merge" || c.State != casework.CaseCreated || c.Shared["pair"] != "370000123451/370000123459" || c.Shared["level"] != "L5" || c.Applicant.Name != "张明华" {
		t.Errorf("the merge case: %s %s %v", c.Matter, c.State, c.Shared)
	}
	if code, _ := answer(clerk, "same", "two"); code != http.StatusConflict {
		t.Errorf("an answer beside the open case: %d", code)
	}
	cases, _, err := w.store.Cases(t.Context(), store.CaseFilter{Matter: "record_merge"})
	w.must(err)
	if len(cases) != 1 {
		t.Errorf("%d merge cases; want one", len(cases))
	}
	_, body, _ := clerk.get("/persons/" + p.Key)
	if !strings.Contains(body, to) || !strings.Contains(body, "手机为单位统一登记") {
		t.Error("the page does not show the case and what was said")
	}
}

func TestMergeIsTakenBackByACaseOfItsOwn(t *testing.T) {
	w := newSite(t, func(cfg *Config) {
		cfg.Matters = append(cfg.Matters, Matter{Name: mergeMatter}, Matter{Name: unmergeMatter})
	})
	seeded := w.seed(person(1), "submitted")
	w.must(w.store.NoteMerge(t.Context(), cook, store.PersonMerge{RunID: seeded.Run.ID, Main: "370000123451", Sub: "370000123459", Serial: "HH20260301000001", Before: "aa", After: "bb"}))
	clerk := w.as("clerk")
	_, body, _ := clerk.get("/persons")
	if !strings.Contains(body, "已合并") || !strings.Contains(body, "申请回退") || strings.Contains(body, "370000123459") {
		t.Error("the page does not list the merge, or shows a number in full")
	}
	code, _, header := clerk.form("/persons/merges/"+seeded.Run.ID+"/undo", nil)
	if code != http.StatusSeeOther {
		t.Fatalf("undo: %d", code)
	}
	c, err := w.store.Case(t.Context(), strings.TrimPrefix(header.Get("Location"), "/cases/"))
	w.must(err)
	if c.Matter != "record_merge_undo" || c.Shared["serial"] != "HH20260301000001" || c.Shared["sub"] != "370000123459" || c.Applicant.Name != seeded.Case.Applicant.Name {
		t.Errorf("the case: %s %v", c.Matter, c.Shared)
	}
	w.must(w.store.NoteUndo(t.Context(), cook, "370000123459", "run-u", "aa"))
	if code, _, _ := clerk.form("/persons/merges/"+seeded.Run.ID+"/undo", nil); code != http.StatusConflict {
		t.Errorf("taken back twice: %d", code)
	}
	if _, body, _ = clerk.get("/persons"); !strings.Contains(body, "已回退，完全恢复") || strings.Contains(body, "申请回退") {
		t.Error("the page does not say that it was taken back")
	}
}

// A number written in fifteen digits needs no paper: the case goes to the check at once.
func TestAPairOfOneNumberIsMergedWithoutAPaper(t *testing.T) {
	w := newSite(t, func(cfg *Config) { cfg.Matters = append(cfg.Matters, Matter{Name: mergeMatter}) })
	p := w.pair("370000123451", "370000123459")
	p.Level, p.Print = "L2", "2"
	w.must(w.store.KeepPairs(t.Context(), []store.PersonPair{p}))
	_, _, header := w.as("clerk").form("/persons/"+p.Key+"/ruling", url.Values{"ruling": {"same"}, "was": {"open"}})
	c, err := w.store.Case(t.Context(), strings.TrimPrefix(header.Get("Location"), "/cases/"))
	w.must(err)
	if c.State != casework.CaseMaterialsChecking || c.Shared["found_by_agency"] != "yes" || c.Shared["numbers_differ"] != "" {
		t.Errorf("the case: %s %v", c.State, c.Shared)
	}
}
