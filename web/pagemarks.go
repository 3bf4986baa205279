package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// changedPage is a page of a target that is not as it was approved: what it was told by
// and what stands there now, and the names that would count from now on.
type changedPage struct {
	Name, At string
	Found    string // hash of what was found: what is approved is what was shown
	Changes  []pageChange
	Repairs  []pageChange
	Accepted string // who has accepted it already
	Mine     bool   // that was the visitor: another one must approve
}

type pageChange struct{ Kind, Old, New string }

func (s *Server) changedPages(v *visit, p Page, target string) ([]changedPage, error) {
	pages, err := s.cfg.Store.PageMarks(v.Context(), target)
	if err != nil {
		return nil, fmt.Errorf("pages of %s: %w", target, err)
	}
	var all []changedPage
	for _, m := range pages {
		if m.Found == "" {
			continue
		}
		one := changedPage{Name: m.Page, At: p.Time(m.FoundAt), Found: foundHash(m), Accepted: m.Accepted, Mine: m.AcceptedBy == v.actor.ID}
		old, now := marksOf(m)
		for _, c := range old.Changes(now) {
			one.Changes = append(one.Changes, pageChange{p.Word("mark", c.Kind), c.Old, c.New})
		}
		repairs := old.Aliases(now)
		for _, was := range slices.Sorted(maps.Keys(repairs)) {
			one.Repairs = append(one.Repairs, pageChange{Old: was, New: repairs[was]})
		}
		all = append(all, one)
	}
	return all, nil
}

// marksOf reads what a page is told by, as approved and now; what another release has
// written counts as nothing.
func marksOf(m store.PageMarks) (old, now playbooks.Marks) {
	if errors.Join(json.Unmarshal([]byte(m.Marks), &old), json.Unmarshal([]byte(m.Found), &now)) != nil {
		return playbooks.Marks{}, playbooks.Marks{}
	}
	return old, now
}

func foundHash(m store.PageMarks) string {
	sum := sha256.Sum256([]byte(m.Found))
	return hex.EncodeToString(sum[:])
}

// acceptPage takes a changed page as it was shown: the first person's word is noted, the
// second's approves it.
func (s *Server) acceptPage(v *visit) (answer, error) {
	name := v.PathValue("name")
	m, err := s.shownPage(v.Context(), name, v.form.Get("page"), v.form.Get("found"))
	if err != nil {
		return answer{}, err
	}
	old, now := marksOf(m)
	approved, err := s.cfg.Store.AcceptPage(v.Context(), v.actor, name, m.Page, m.Found, old.Aliases(now))
	if err != nil {
		return answer{}, fmt.Errorf("page of %s: %w", name, err)
	}
	flash := "flash.page_accepted"
	if approved {
		flash = "flash.page_approved"
	}
	s.flash(v, "ok", flash)
	return redirect("/targets/" + name)
}

func (s *Server) shownPage(ctx context.Context, target, page, found string) (store.PageMarks, error) {
	pages, err := s.cfg.Store.PageMarks(ctx, target)
	if err != nil {
		return store.PageMarks{}, fmt.Errorf("pages of %s: %w", target, err)
	}
	for _, m := range pages {
		if m.Page == page && m.Found != "" && foundHash(m) == found {
			return m, nil
		}
	}
	return store.PageMarks{}, refuse(http.StatusConflict, "page_moved_on")
}
