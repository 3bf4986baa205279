package storetest

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func broughtContract() contract {
	return contract{
		"ACaseIsBroughtOnceWithItsFiles":              broughtOnce,
		"AReturnedCaseComesAgainWithWhatWasFound":     comesAgain,
		"ACaseAtWorkIsNotBroughtAgain":                broughtWhileAtWork,
		"ACaseComesAgainForTheSamePersonOnly":         comesAgainForAnother,
		"FilesThatCameAgainAreJudgedAgain":            filesComeAgain,
		"ACaseThatAPersonCancelledIsLeftAlone":        cancelledStays,
		"AnUploadOfAPersonStaysWhenTheCaseComesAgain": uploadStays,
	}
}

// brought is a submission with files of these contents.
func (h *house) brought(t *testing.T, mark string, contents ...string) store.Brought {
	t.Helper()
	b := store.Brought{Key: "the key", Mark: mark, RunID: "run", Case: casework.Case{Matter: "portal_answer", Region: "379900", Month: 202603,
		ReceivedAt: h.clock.Now(), Applicant: casework.Person{Name: "欧阳明", IDNumber: "379901198503120015"}, Shared: map[string]string{"submission": mark}}}
	for _, text := range contents {
		sum, err := h.PutFile(t.Context(), []byte(text))
		must(t, err)
		b.Files = append(b.Files, casework.Material{FileName: text + ".jpg", MIME: "image/jpeg", SHA256: sum, Bytes: int64(len(text))})
	}
	return b
}

// bring brings it and gives the one case there is.
func (h *house) bring(t *testing.T, want store.Stand, b store.Brought) casework.Case {
	t.Helper()
	_, foretold, err := h.FindBrought(t.Context(), b.Key, b.Mark)
	must(t, err)
	number, stand, err := h.Bring(t.Context(), clerk, b)
	must(t, err)
	equal(t, "stand", stand, want)
	equal(t, "foretold", foretold, want)
	cases, _, err := h.Cases(t.Context(), store.CaseFilter{Limit: 9})
	must(t, err)
	equal(t, "cases", len(cases), 1)
	equal(t, "number", number, cases[0].Number)
	return cases[0]
}

// answered reads the case's files, starts its run and ends it.
func (h *house) answered(t *testing.T, c casework.Case, end string) {
	t.Helper()
	files, err := h.Materials(t.Context(), c.ID)
	must(t, err)
	for _, m := range files {
		must(t, h.SaveReadings(t.Context(), m.ID, nil))
	}
	run, err := h.StartRun(t.Context(), clerk, h.order(c.ID, ""), snapshot(c))
	must(t, err)
	must(t, h.Settle(t.Context(), h.claim(t, run.ID, "w1"), casework.Result{State: casework.RunDone, End: end}))
}

func broughtOnce(t *testing.T, h *house) {
	b := h.brought(t, "1", "one", "two", "two")
	var fresh atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, stand, err := h.Bring(t.Context(), clerk, b)
			if err != nil || stand != store.StandNew && stand != store.StandKnown {
				t.Error(stand, err)
			}
			if stand == store.StandNew {
				fresh.Add(1)
			}
		})
	}
	all.Wait()
	equal(t, "opened", fresh.Load(), int64(1))
	c := h.bring(t, store.StandKnown, b)
	files, err := h.Materials(t.Context(), c.ID)
	must(t, err)
	equal(t, "files", len(files), 2)
	equal(t, "name", files[0].FileName, "one.jpg")
	equal(t, "hints to read", h.hints(t, "read_material", files[0].ID), 1)
	equal(t, "state", c.State, casework.CaseMaterialsChecking)
	equal(t, "hints to start before all is read", h.hints(t, "start_run", c.ID), 0)
	must(t, h.SaveReadings(t.Context(), files[0].ID, nil))
	must(t, h.SaveReadings(t.Context(), files[1].ID, nil))
	equal(t, "hints to start", h.hints(t, "start_run", c.ID), 1)
}

func comesAgain(t *testing.T, h *house) {
	first := h.bring(t, store.StandNew, h.brought(t, "1", "one", "two"))
	h.answered(t, first, "returned")
	h.bring(t, store.StandKnown, h.brought(t, "1", "one", "two")) // the list was read before the answer
	again := h.brought(t, "2", "two", "three")
	again.Case.Applicant.Mobile = "13800000002"
	c := h.bring(t, store.StandAgain, again)
	equal(t, "state", c.State, casework.CaseMaterialsChecking)
	equal(t, "mobile", c.Applicant.Mobile, "13800000002")
	equal(t, "shared", c.Shared["submission"], "2")
	clock, err := h.Clock(t.Context(), c.ID)
	must(t, err)
	_, standing := clock.Paused()
	equal(t, "the clock stands", standing, false)
	h.answered(t, c, "passed")
	rounds, err := h.Rounds(t.Context(), c.ID)
	must(t, err)
	equal(t, "rounds", len(rounds), 2)
	equal(t, "found before", rounds[1].Assessment.Findings[0].Zh, "欧阳明")
	files, err := h.Materials(t.Context(), c.ID)
	must(t, err)
	equal(t, "files", len(files), 3)
	equal(t, "replaced", files[0].Replaced, true)
	equal(t, "kept", files[1].Replaced || files[2].Replaced, false)
}

func broughtWhileAtWork(t *testing.T, h *house) {
	c := h.bring(t, store.StandNew, h.brought(t, "1"))
	h.bring(t, store.StandBusy, h.brought(t, "2"))
	run, err := h.StartRun(t.Context(), clerk, h.order(c.ID, ""), snapshot(c))
	must(t, err)
	h.bring(t, store.StandBusy, h.brought(t, "2"))
	must(t, h.Settle(t.Context(), h.claim(t, run.ID, "w1"), casework.Result{State: casework.RunDone, End: "withdrawn"}))
	c = h.bring(t, store.StandAgain, h.brought(t, "2"))
	equal(t, "state", c.State, casework.CaseMaterialsChecking)
}

func comesAgainForAnother(t *testing.T, h *house) {
	h.answered(t, h.bring(t, store.StandNew, h.brought(t, "1", "one")), "returned")
	other := h.brought(t, "2", "two")
	other.Case.Applicant.IDNumber = "379901198503120023"
	_, _, err := h.Bring(t.Context(), clerk, other)
	refused(t, "another person", err, store.ErrInvalid)
	c := h.bring(t, store.StandAgain, h.brought(t, "2", "two")) // nothing of the refused one stayed
	equal(t, "state", c.State, casework.CaseMaterialsChecking)
}

func filesComeAgain(t *testing.T, h *house) {
	h.answered(t, h.bring(t, store.StandNew, h.brought(t, "1", "one")), "returned")
	h.answered(t, h.bring(t, store.StandAgain, h.brought(t, "2", "two")), "returned")
	c := h.bring(t, store.StandAgain, h.brought(t, "3", "one"))
	files, err := h.Materials(t.Context(), c.ID)
	must(t, err)
	equal(t, "files", len(files), 2)
	equal(t, "the first counts again", files[0].Replaced, false)
	equal(t, "the second does not", files[1].Replaced, true)
	equal(t, "hints to start", h.hints(t, "start_run", c.ID), 3)
}

func cancelledStays(t *testing.T, h *house) {
	c := h.bring(t, store.StandNew, h.brought(t, "1"))
	must(t, h.CancelCase(t.Context(), clerk, c.ID, "双方同意"))
	h.bring(t, store.StandKnown, h.brought(t, "2"))
}

func uploadStays(t *testing.T, h *house) {
	c := h.bring(t, store.StandNew, h.brought(t, "1", "one"))
	h.answered(t, c, "returned")
	h.upload(t, c.ID)
	c = h.bring(t, store.StandAgain, h.brought(t, "2", "two"))
	files, err := h.Materials(t.Context(), c.ID)
	must(t, err)
	equal(t, "files", len(files), 3)
	equal(t, "the upload", files[1].Replaced, false)
	equal(t, "the first", files[0].Replaced, true)
}
