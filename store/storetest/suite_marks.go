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
	must(t, h.SeePage(ctx, system, page, "one"))
	must(t, h.SeePage(ctx, system, page, "one"))
	if p := of(); p.Marks != "one" || p.Found != "" {
		t.Errorf("after the first look %+v", p)
	}
	must(t, h.SeePage(ctx, system, page, "two"))
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
	must(t, h.SeePage(ctx, system, page, "four"))
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
	must(t, h.SeePage(ctx, system, page, "one"))
	must(t, h.SeePage(ctx, system, page, "four"))
	if p := of(); p.Found != "" {
		t.Errorf("a page that has changed back: %+v", p)
	}
}
