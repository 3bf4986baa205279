package storetest

import (
	"errors"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func marksContract() contract {
	return contract{
		"ChangedPageNeedsTwoPeople": changedPages,
	}
}

// changedPages: the first look approves; a change is taken by two people, each for what
// was found then, and asks anew when the page changes once more.
func changedPages(t *testing.T, h *house) {
	ctx, page := t.Context(), "失业待遇 / 申领查询"
	h.target(t, casework.Limits{Seats: 1})
	of := func() store.PageMarks {
		t.Helper()
		all, err := h.PageMarks(ctx, system)
		must(t, err)
		if len(all) != 1 || all[0].Page != page {
			t.Fatalf("%+v", all)
		}
		return all[0]
	}
	must(t, h.SeePage(ctx, system, page, "one", "picture-one"))
	must(t, h.SeePage(ctx, system, page, "one", "picture-one"))
	if p := of(); p.Marks != "one" || p.Found != "" {
		t.Errorf("after the first look %+v", p)
	}
	must(t, h.SeePage(ctx, system, page, "two", "picture-two"))
	if p := of(); p.Marks != "one" || p.Found != "two" || p.FoundAt.IsZero() {
		t.Errorf("changed %+v", p)
	}
	if _, err := h.AcceptPage(ctx, operator, system, page, "three", nil); !errors.Is(err, store.ErrConflict) {
		t.Errorf("accepting what is not there: %v", err)
	}
	if approved, err := h.AcceptPage(ctx, operator, system, page, "two", nil); approved || err != nil {
		t.Errorf("the first person: %v, %v", approved, err)
	}
	if approved, err := h.AcceptPage(ctx, operator, system, page, "two", nil); approved || !errors.Is(err, store.ErrTwoPeople) {
		t.Errorf("the same person: %v, %v", approved, err)
	}
	must(t, h.SeePage(ctx, system, page, "four", "picture-four"))
	if p := of(); p.Found != "four" || p.AcceptedBy != "" {
		t.Errorf("changed once more %+v", p)
	}
	_, err := h.AcceptPage(ctx, operator, system, page, "four", nil)
	must(t, err)
	if approved, err := h.AcceptPage(ctx, second, system, page, "four", map[string]string{"证件号码": "公民身份号码"}); !approved || err != nil {
		t.Errorf("the second person: %v, %v", approved, err)
	}
	if p := of(); p.Marks != "four" || p.Found != "" || p.ApprovedBy != second.Name {
		t.Errorf("approved %+v", p)
	}
	aliases, err := h.PageAliases(ctx, system)
	must(t, err)
	if len(aliases) != 1 || len(aliases["证件号码"]) != 1 || aliases["证件号码"][0] != "公民身份号码" {
		t.Errorf("aliases %v", aliases)
	}
	must(t, h.SeePage(ctx, system, page, "one", "picture-one"))
	must(t, h.SeePage(ctx, system, page, "four", "picture-four"))
	if p := of(); p.Found != "" || p.Picture != "picture-four" || p.FoundPicture != "" {
		t.Errorf("a page that has changed back: %+v", p)
	}
	h.alerted(t, "page", system)
	changedPagesLetGo(t, h, page)
}

// changedPagesLetGo: runs that are parked for a page go on with its approval, in doubt by
// looking again; others stay, and one that comes to park too late for the approval does not.
func changedPagesLetGo(t *testing.T, h *house, page string) {
	ctx := t.Context()
	must(t, h.SeePage(ctx, system, page, "five", "picture-five"))
	h.alerted(t, "page", system, "page_changed")
	park := func(worker, page string, choices ...casework.Choice) string {
		lease := h.held(t, worker)
		must(t, h.Settle(ctx, lease, casework.Result{State: casework.RunParked, Step: "submit", Review: &casework.Review{ID: casework.NewID(), Role: "operator",
			Reason: casework.PageChanged, Show: []string{casework.PageShow(system, page)}, Choices: choices}}))
		return lease.Run.ID
	}
	retry, verify, stop := casework.Choice{Name: "retry"}, casework.Choice{Name: "verify"}, casework.Choice{Name: "stop"}
	must(t, h.SeePage(ctx, system, "another", "one", ""))
	must(t, h.SeePage(ctx, system, "another", "two", ""))
	before, doubt, other := park("w1", page, retry, stop), park("w2", page, verify, stop), park("w3", "another", retry, stop)
	waiting, err := h.PageWaiters(ctx, system)
	must(t, err)
	equal(t, "waiting for the page", waiting[page], 2)
	for _, by := range []casework.Actor{operator, second} {
		h.ended(t, before, casework.RunParked)
		_, err := h.AcceptPage(ctx, by, system, page, "five", nil)
		must(t, err)
	}
	for id, want := range map[string]string{before: "retry", doubt: "verify"} {
		h.ended(t, id, casework.RunWaiting)
		answers, err := h.Decisions(ctx, id)
		must(t, err)
		if got := answers["submit"]; got.Choice != want || got.By.Name != second.Name {
			t.Errorf("answered %+v, want %s by the second person", got, want)
		}
	}
	h.ended(t, other, casework.RunParked)
	h.alerted(t, "page", system, "page_changed") // another page is still not as approved
	h.ended(t, park("w4", page, retry, stop), casework.RunWaiting)
}
