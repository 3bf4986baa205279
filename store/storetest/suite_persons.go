package storetest

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/store"
)

func personsContract() contract {
	return contract{
		"PairsAreSortedByValueAndAnswersHold": pairsAreSortedByValueAndAnswersHold,
		"TakingAMergeBackRestoresTheLineage":  takingAMergeBackRestoresTheLineage,
		"ASearchIsOrderedOnceAndEnded":        aSearchIsOrderedOnceAndEnded,
	}
}

func (h *house) queued(a, b, print string, value int64) store.PersonPair {
	return store.PersonPair{Key: h.PairKey(a, b), Print: print, Zone: "review", Level: "L5", Rule: "slip_same_name", Months: 12, Fen: 4200, Doubt: 2500, Value: value,
		Shown: store.PairShown{A: a, B: b, Weight: 3.5, Chance: 0.92, Fields: []store.PairField{{Field: "name", A: "欧阳明", B: "欧阳明", Level: "same", Weight: 8}}}}
}

func pairsAreSortedByValueAndAnswersHold(t *testing.T, h *house) {
	ctx := t.Context()
	low, high := h.queued("3701", "3702", "1", 10), h.queued("3703", "3704", "1", 900)
	must(t, h.KeepPairs(ctx, []store.PersonPair{low, high}))
	equal(t, "either order", h.PairKey("3702", "3701"), low.Key)
	page, next, err := h.PersonPairs(ctx, store.PairOpen, "", 1)
	must(t, err)
	equal(t, "first", page[0].Key, high.Key)
	equal(t, "shown", page[0].Shown.Fields[0].A, "欧阳明")
	page, next, err = h.PersonPairs(ctx, store.PairOpen, next, 1)
	must(t, err)
	equal(t, "second", page[0].Key+next, low.Key)

	must(t, h.RulePair(ctx, clerk, high.Key, store.PairOpen, store.PairTwo, "双胞胎", ""))
	refused(t, "an old page", h.RulePair(ctx, clerk, high.Key, store.PairOpen, store.PairSame, "", "c1"), store.ErrConflict)
	high.Print = "2" // the next night reads it otherwise
	must(t, h.KeepPairs(ctx, []store.PersonPair{high}))
	kept, err := h.PersonPair(ctx, high.Key)
	must(t, err)
	equal(t, "the veto", kept.State, store.PairTwo)
	must(t, h.DropPairs(ctx, []string{low.Key}))
	prints, err := h.PairPrints(ctx)
	must(t, err)
	equal(t, "pairs of the last search", len(prints), 1)
	must(t, h.KeepPairs(ctx, []store.PersonPair{low}))
	counts, err := h.PairCounts(ctx)
	must(t, err)
	equal(t, "open again", counts[store.PairOpen], 1)
	rulings, err := h.PairRulings(ctx, high.Key)
	must(t, err)
	equal(t, "the note", rulings[0].Note+" "+rulings[0].By, "双胞胎 "+clerk.Name)

	must(t, h.RulePair(ctx, clerk, low.Key, store.PairOpen, store.PairSame, "", "case-1"))
	refused(t, "beside an open case", h.RulePair(ctx, clerk, low.Key, store.PairSame, store.PairTwo, "", ""), store.ErrConflict)
	must(t, h.ReopenPair(ctx, "case-1", store.PairUnsure))
	kept, err = h.PersonPair(ctx, low.Key)
	must(t, err)
	equal(t, "after a case without merge", kept.State, store.PairUnsure)
}

// lineageText is all that our store says of numbers.
func (h *house) lineageText(t *testing.T, numbers ...string) string {
	t.Helper()
	var text []string
	for _, no := range numbers {
		main, folded, err := h.Lineage(t.Context(), no)
		must(t, err)
		text = append(text, no+" is "+main+" with "+strings.Join(folded, ","))
	}
	return strings.Join(text, "\n")
}

func takingAMergeBackRestoresTheLineage(t *testing.T, h *house) {
	ctx := t.Context()
	before := h.lineageText(t, "3701", "3702", "3703")
	first := store.PersonMerge{RunID: "run-1", Main: "3701", Sub: "3702", Serial: "HH1", Before: "aa", After: "bb"}
	must(t, h.NoteMerge(ctx, clerk, first))
	must(t, h.NoteMerge(ctx, clerk, first)) // the turn again after a crash
	once := h.lineageText(t, "3701", "3702", "3703")
	equal(t, "one merge", once, "3701 is 3701 with 3702\n3702 is 3701 with 3702\n3703 is 3703 with ")
	refused(t, "folded twice", h.NoteMerge(ctx, clerk, store.PersonMerge{RunID: "run-2", Main: "3703", Sub: "3702"}), store.ErrConflict)

	must(t, h.NoteMerge(ctx, clerk, store.PersonMerge{RunID: "run-3", Main: "3701", Sub: "3703", Before: "cc", After: "dd"}))
	equal(t, "three numbers", h.lineageText(t, "3703"), "3703 is 3701 with 3702,3703")
	must(t, h.NoteUndo(ctx, clerk, "3703", "undo-1", "cc"))
	equal(t, "the second taken back", h.lineageText(t, "3701", "3702", "3703"), once)
	must(t, h.NoteUndo(ctx, clerk, "3702", "undo-2", "xx"))
	must(t, h.NoteUndo(ctx, clerk, "3702", "undo-2", "xx"))
	equal(t, "as before", h.lineageText(t, "3701", "3702", "3703"), before)

	exact, err := h.MergeOfRun(ctx, "run-3")
	must(t, err)
	inexact, err := h.MergeOfRun(ctx, "run-1")
	must(t, err)
	equal(t, "exact", exact.Exact(), true)
	equal(t, "not exact", inexact.Exact(), false)
	equal(t, "the serial", inexact.Serial, "HH1")
	alerts, _, err := h.Alerts(ctx, store.AlertFilter{Kind: "persons"})
	must(t, err)
	equal(t, "alarm", alerts[0].Code, "undo_differs")
	must(t, h.NoteMerge(ctx, clerk, store.PersonMerge{RunID: "run-4", Main: "3701", Sub: "3702"}))
}

func aSearchIsOrderedOnceAndEnded(t *testing.T, h *house) {
	ctx := t.Context()
	v, err := h.OrderPersonSearch(ctx, clerk, "20260302.csv", "folder")
	must(t, err)
	_, err = h.OrderPersonSearch(ctx, clerk, "20260302.csv", "folder")
	wantErr(t, err, store.ErrDuplicate)
	v.State, v.Way, v.Records, v.Opened = store.PersonsSearched, "full", 7, 2
	must(t, h.EndPersonSearch(ctx, v))
	wantErr(t, h.EndPersonSearch(ctx, v), store.ErrConflict)
	all, err := h.PersonSearches(ctx, 5)
	must(t, err)
	equal(t, "searches", len(all), 1)
	equal(t, "records", all[0].Records, 7)
	bad, err := h.OrderPersonSearch(ctx, clerk, "20260303.csv", "folder")
	must(t, err)
	bad.State, bad.Code = store.PersonsRefused, "export_unusable"
	must(t, h.EndPersonSearch(ctx, bad))
	alerts, _, err := h.Alerts(ctx, store.AlertFilter{Kind: "persons"})
	must(t, err)
	equal(t, "alarm", alerts[0].Code, "export_unusable")
	begun, err := h.BeginPersonSearch(ctx, clerk, "insured.csv", "run-1", "searched")
	must(t, err)
	begun.State, begun.Code = store.PersonsRefused, "export_unusable"
	must(t, h.EndPersonSearch(ctx, begun))
	_, err = h.PersonSearchOf(ctx, "run-1", "searched")
	wantErr(t, err, store.ErrNotFound)
	begun, err = h.BeginPersonSearch(ctx, clerk, "insured.csv", "run-1", "searched")
	must(t, err)
	begun.State, begun.Records = store.PersonsSearched, 9
	must(t, h.EndPersonSearch(ctx, begun))
	again, err := h.PersonSearchOf(ctx, "run-1", "searched")
	must(t, err)
	equal(t, "what it came to", again.ID == begun.ID && again.Records == 9, true)
	_, err = h.PersonSearchOf(ctx, "run-1", "another")
	wantErr(t, err, store.ErrNotFound)
}
