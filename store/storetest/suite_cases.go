package storetest

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func casesContract() contract {
	return contract{
		"CaseNumbersCountByMatterAndDay":       caseNumbers,
		"CaseComesBackAsItWasGiven":            caseComesBack,
		"CasesAreFoundByIDNumberNameAndNumber": casesAreFound,
		"CasesArePagedAndFiltered":             casesArePaged,
		"LateCasesAreOursOnly":                 lateCases,
		"UploadsCloseWithSubmission":           uploadsClose,
		"UploadWakesTheRunThatWaitsForIt":      uploadWakes,
		"LastReadingAsksForTheRunOnce":         lastReading,
		"ReadingTwiceIsANoOp":                  readingTwice,
		"CancelNeedsNoLiveRun":                 cancelNeedsNoLiveRun,
		"FilesAreSealedAndChecked":             filesAreSealed,
	}
}

func is(err, target error) bool { return target != nil && errors.Is(err, target) }

// refused asserts that an error is the one wanted.
func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: have %v, want %v", what, err, want)
	}
}

func caseNumbers(t *testing.T, h *house) {
	equal(t, "first", h.newCase(t, applicant).Number, "SY-20260306-0001")
	equal(t, "second", h.newCase(t, applicant).Number, "SY-20260306-0002")
	h.clock.Advance(15 * time.Hour) // 2026-03-07 00:30 in China, still the 6th in UTC
	equal(t, "next day", h.newCase(t, applicant).Number, "SY-20260307-0001")
}

func caseComesBack(t *testing.T, h *house) {
	made := h.newCase(t, applicant)
	got, err := h.Case(t.Context(), made.ID)
	must(t, err)
	equal(t, "applicant", got.Applicant, applicant)
	equal(t, "month", got.Month, casework.Month(202603))
	equal(t, "shared", got.Shared["leave_reason"], "E01")
	equal(t, "state", got.State, casework.CaseCreated)
	equal(t, "received", got.ReceivedAt, h.clock.Now())
	equal(t, "due", got.Due.String(), "2026-03-20")
	_, err = h.Case(t.Context(), "nobody")
	refused(t, "unknown case", err, store.ErrNotFound)
	open, err := h.NewCase(t.Context(), clerk, casework.Case{Matter: "other"})
	must(t, err)
	equal(t, "unknown due date", open.Due, casework.Date{})
}

func casesAreFound(t *testing.T, h *house) {
	one := h.newCase(t, applicant)
	h.newCase(t, casework.Person{Name: "张明", IDNumber: "379902199001010014"})
	for text, want := range map[string]int{
		"379901198503120017": 1, "欧阳明": 1, " 欧阳 明 ": 1, "欧阳": 1, one.Number: 1, "SY-20260306": 2,
		"37990119850312001": 0, "欧明": 0, "阳欧": 0, "王五": 0, "%": 0, "": 2,
	} {
		found, _, err := h.Cases(t.Context(), store.CaseFilter{Text: text})
		must(t, err)
		equal(t, "found by "+text, len(found), want)
	}
}

func casesArePaged(t *testing.T, h *house) {
	for range 5 {
		h.newCase(t, applicant)
	}
	h.submitted(t)
	var seen []string
	f := store.CaseFilter{States: []casework.CaseState{casework.CaseCreated}, Limit: 2}
	for {
		page, next, err := h.Cases(t.Context(), f)
		must(t, err)
		for _, c := range page {
			seen = append(seen, c.Number[len(c.Number)-4:])
		}
		if next == "" {
			break
		}
		f.After = next
	}
	equal(t, "pages", strings.Join(seen, " "), "0005 0004 0003 0002 0001")
}

func lateCases(t *testing.T, h *house) {
	h.newCase(t, applicant)
	run := h.held(t, "w1")
	must(t, h.Settle(t.Context(), run, casework.Result{State: casework.RunDone, End: "returned"}))
	late, _, err := h.Cases(t.Context(), store.CaseFilter{DueBy: casework.Date{Year: 2026, Month: 3, Day: 20}})
	must(t, err)
	equal(t, "late", len(late), 1)
	early, _, err := h.Cases(t.Context(), store.CaseFilter{DueBy: casework.Date{Year: 2026, Month: 3, Day: 19}})
	must(t, err)
	equal(t, "a day before", len(early), 0)
}

func (h *house) upload(t *testing.T, caseID string) casework.Material {
	t.Helper()
	m, err := h.AddMaterial(t.Context(), clerk, casework.Material{CaseID: caseID, Slot: "id_card_front",
		FileName: "欧阳明.jpg", MIME: "image/jpeg"}, []byte("picture "+casework.NewID()))
	must(t, err)
	return m
}

func uploadsClose(t *testing.T, h *house) {
	c := h.newCase(t, applicant)
	m := h.upload(t, c.ID)
	equal(t, "read_material hints", h.hints(t, "read_material", m.ID), 1)
	equal(t, "file name", m.FileName, "欧阳明.jpg")
	must(t, h.SubmitCase(t.Context(), clerk, c.ID))
	equal(t, "start_run hints while unread", h.hints(t, "start_run", c.ID), 0)
	_, err := h.AddMaterial(t.Context(), clerk, casework.Material{CaseID: c.ID}, []byte("late"))
	refused(t, "upload after submission", err, store.ErrConflict)
	refused(t, "second submission", h.SubmitCase(t.Context(), clerk, c.ID), store.ErrConflict)
	_, err = h.StartRun(t.Context(), clerk, h.order(c.ID, ""), snapshot(c))
	refused(t, "run before all is read", err, store.ErrConflict)
	_, err = h.AddMaterial(t.Context(), clerk, casework.Material{CaseID: "nobody"}, []byte("x"))
	refused(t, "upload to nowhere", err, store.ErrNotFound)
}

// uploadWakes: only the case of a run that waits for an upload takes one.
func uploadWakes(t *testing.T, h *house) {
	ctx, lease := t.Context(), h.held(t, "w1")
	id, later := lease.Run.ID, h.clock.Now().Add(4*time.Hour)
	closed := func(what string) {
		t.Helper()
		_, err := h.AddMaterial(ctx, clerk, casework.Material{CaseID: lease.Run.CaseID}, []byte(what))
		refused(t, what, err, store.ErrConflict)
	}
	closed("upload while the run works")
	must(t, h.Drop(ctx, lease, "", casework.Waiting, later))
	closed("upload while it waits for something else")
	h.exec(t, "UPDATE runs SET next_at = 0 WHERE id = $1", id)
	must(t, h.Drop(ctx, h.claim(t, id, "w1"), "", casework.WaitingMaterial, later))
	first, second := h.upload(t, lease.Run.CaseID), h.upload(t, lease.Run.CaseID)
	wakes := func(what string, at time.Time) {
		t.Helper()
		run, err := h.Run(ctx, id)
		must(t, err)
		equal(t, what, run.NextAt, at)
	}
	must(t, h.SaveReadings(ctx, first.ID, nil))
	wakes("while one is unread", later)
	must(t, h.SaveUnreadable(ctx, second.ID, "blurred"))
	wakes("when all is read", h.clock.Now())
	c, err := h.Case(ctx, lease.Run.CaseID)
	must(t, err)
	equal(t, "case", c.State, casework.CaseDataChecking)
	h.clock.Advance(time.Minute)
	again := h.claim(t, id, "w1")
	must(t, h.Drop(ctx, again, "", casework.WaitingMaterial, later))
	wakes("when nothing was read during its turn", later)
	third := h.upload(t, lease.Run.CaseID)
	h.exec(t, "UPDATE runs SET next_at = 0 WHERE id = $1", id)
	looks := h.claim(t, id, "w1")
	must(t, h.SaveReadings(ctx, third.ID, nil))
	must(t, h.Drop(ctx, looks, "", casework.WaitingMaterial, later))
	wakes("when the last was read during its turn", h.clock.Now())
}

func lastReading(t *testing.T, h *house) {
	c := h.newCase(t, applicant)
	var all []casework.Material
	for range 4 {
		all = append(all, h.upload(t, c.ID))
	}
	must(t, h.SubmitCase(t.Context(), clerk, c.ID))
	each(t, len(all), nil, func(i int) error {
		if i == 0 {
			return h.SaveUnreadable(t.Context(), all[i].ID, "blurred")
		}
		return h.SaveReadings(t.Context(), all[i].ID, []casework.Reading{{Page: 1, Engine: "ppocr"}})
	})
	equal(t, "start_run hints", h.hints(t, "start_run", c.ID), 1)
	m, err := h.Material(t.Context(), all[0].ID)
	must(t, err)
	equal(t, "fault", m.Fault, "blurred")
	equal(t, "state", m.State, casework.MaterialUnreadable)
}

func readingTwice(t *testing.T, h *house) {
	c := h.newCase(t, applicant)
	m := h.upload(t, c.ID)
	first := []casework.Reading{{Page: 1, Engine: "ppocr", Lines: []casework.Line{{Text: "欧阳明", Confidence: 0.99}}}, {Page: 2}}
	must(t, h.SaveReadings(t.Context(), m.ID, first))
	must(t, h.SubmitCase(t.Context(), clerk, c.ID))
	must(t, h.SaveReadings(t.Context(), m.ID, []casework.Reading{{Page: 1, Engine: "tesseract"}}))
	got, err := h.Readings(t.Context(), m.ID)
	must(t, err)
	if !reflect.DeepEqual(got, first) {
		t.Errorf("readings: have %+v, want %+v", got, first)
	}
	equal(t, "start_run hints", h.hints(t, "start_run", c.ID), 1)
	refused(t, "unknown material", h.SaveReadings(t.Context(), "nobody", nil), store.ErrNotFound)
}

func cancelNeedsNoLiveRun(t *testing.T, h *house) {
	run := h.started(t, "")
	refused(t, "with a live run", h.CancelCase(t.Context(), clerk, run.CaseID, "撤回"), store.ErrConflict)
	must(t, h.WithdrawRun(t.Context(), clerk, run.ID, "撤回"))
	must(t, h.CancelCase(t.Context(), clerk, run.CaseID, "撤回"))
	c, err := h.Case(t.Context(), run.CaseID)
	must(t, err)
	equal(t, "state", c.State, casework.CaseCancelled)
	refused(t, "twice", h.CancelCase(t.Context(), clerk, run.CaseID, "撤回"), store.ErrConflict)
}

func filesAreSealed(t *testing.T, h *house) {
	clear := []byte("a scan of an ID card")
	sum, err := h.PutFile(t.Context(), clear)
	must(t, err)
	again, err := h.PutFile(t.Context(), clear)
	must(t, err)
	equal(t, "address", again, sum)
	got, err := h.File(t.Context(), sum)
	must(t, err)
	equal(t, "bytes", string(got), string(clear))
	path := filepath.Join(h.cfg.Files, sum[:2], sum)
	sealed, err := os.ReadFile(path)
	must(t, err)
	if bytes.Contains(sealed, clear) {
		t.Error("the file is not sealed")
	}
	sealed[len(sealed)-1] ^= 1
	must(t, os.WriteFile(path, sealed, 0o600))
	if _, err := h.File(t.Context(), sum); err == nil {
		t.Error("a changed file was accepted")
	}
	for _, strange := range []string{"", "../../etc/passwd", strings.Repeat("0", 64)} {
		_, err := h.File(t.Context(), strange)
		refused(t, "file "+strange, err, store.ErrNotFound)
	}
}
