package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/sheets"
	"github.com/jingban/jingban/store"
)

func sheetsContract() contract {
	return contract{
		"SheetRowsBeginOnce":           sheetRowsBeginOnce,
		"CorrectedSheetRepeatsNothing": correctedSheetRepeatsNothing,
		"SameRowOfTwoSheetsBeginsOnce": sameRowOfTwoSheetsBeginsOnce,
	}
}

// listed gives n rows of a list; the last is wrong.
func listed(n int) []sheets.Planned {
	var rows []sheets.Planned
	for i := range n {
		p := sheets.Planned{Line: i + 2, Case: casework.Case{Region: "379900", Month: 202603, Applicant: casework.Person{Name: "张明", IDNumber: fmt.Sprintf("37990119850312%04d", i)}}}
		if i == n-1 {
			p.Wrongs = []sheets.Wrong{{Line: p.Line, Column: 1, Title: "身份证号", Code: "id_checksum"}}
		}
		rows = append(rows, p)
	}
	return rows
}

func (h *house) take(t *testing.T, file string, rows []sheets.Planned) store.Sheet {
	t.Helper()
	v, err := h.TakeSheet(t.Context(), clerk, store.Sheet{Playbook: "unemployment_stop", Name: "三月.csv", Format: sheets.CSV}, []byte(file), rows)
	must(t, err)
	return v
}

func (h *house) fed(t *testing.T) int {
	t.Helper()
	n, err := h.FeedSheets(t.Context(), clerk)
	must(t, err)
	return n
}

func (h *house) rowsBy(t *testing.T, id string) map[store.SheetStand]int {
	t.Helper()
	counts, err := h.SheetCounts(t.Context(), id)
	must(t, err)
	return counts
}

func sheetRowsBeginOnce(t *testing.T, h *house) {
	ctx := t.Context()
	v := h.take(t, "one", listed(31))
	again, err := h.TakeSheet(ctx, clerk, store.Sheet{Playbook: "unemployment_stop", Name: "b.csv"}, []byte("one"), listed(31))
	refused(t, "the same file", err, store.ErrDuplicate)
	equal(t, "its sheet", again.ID+again.Name, v.ID+"三月.csv")

	var all sync.WaitGroup // many schedulers at once
	for range 4 {
		all.Go(func() {
			if _, err := h.FeedSheets(ctx, clerk); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	cases, _, err := h.Cases(ctx, store.CaseFilter{Limit: 200})
	must(t, err)
	equal(t, "cases ahead", len(cases) >= store.SheetAhead && len(cases) <= 30, true)
	equal(t, "each once", h.rowsBy(t, v.ID)[store.RowWorking], len(cases))

	must(t, h.StopSheet(ctx, clerk, v.ID, "下班"))
	before := len(cases)
	for _, c := range cases { // what is under way comes to its end
		must(t, h.CancelCase(ctx, clerk, c.ID, "试验"))
	}
	equal(t, "begun while it stands", h.fed(t), 0)
	must(t, h.ContinueSheet(ctx, clerk, v.ID, "上班"))
	equal(t, "the rest", h.fed(t), 30-before)
	counts := h.rowsBy(t, v.ID)
	equal(t, "stands", fmt.Sprint(counts[store.RowCancelled], counts[store.RowWorking], counts[store.RowWrong]), fmt.Sprint(before, 30-before, 1))
	cases, _, err = h.Cases(ctx, store.CaseFilter{States: []casework.CaseState{casework.CaseMaterialsChecking}, Limit: 200})
	must(t, err)
	for _, c := range cases {
		must(t, h.CancelCase(ctx, clerk, c.ID, "试验"))
	}
	h.fed(t)
	v, err = h.Sheet(ctx, v.ID)
	must(t, err)
	equal(t, "in the end", v.State, store.SheetDone)
}

func correctedSheetRepeatsNothing(t *testing.T, h *house) {
	first := h.take(t, "one", listed(4))
	equal(t, "begun", h.fed(t), 3)
	rows := listed(4)
	rows[3].Wrongs = nil // corrected; the others are as they were
	second := h.take(t, "two", rows)
	equal(t, "rows that begin or follow", h.fed(t), 4)
	cases, _, err := h.Cases(t.Context(), store.CaseFilter{})
	must(t, err)
	equal(t, "cases", len(cases), 4)
	a, err := h.SheetRows(t.Context(), first.ID, 0, 10)
	must(t, err)
	b, err := h.SheetRows(t.Context(), second.ID, 0, 10)
	must(t, err)
	equal(t, "the case of the first row", a[0].CaseID, b[0].CaseID)
	equal(t, "its number", a[0].Number == "" || b[3].Number == "", false)
	equal(t, "what is wrong", a[3].Wrongs[0].Code, "id_checksum")
}

func sameRowOfTwoSheetsBeginsOnce(t *testing.T, h *house) {
	rows := listed(6)
	for i := range 4 {
		h.take(t, fmt.Sprint(i), rows)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := h.FeedSheets(t.Context(), clerk); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	cases, _, err := h.Cases(t.Context(), store.CaseFilter{Limit: 200})
	must(t, err)
	equal(t, "cases of five rows in four sheets", len(cases), 5)
}
