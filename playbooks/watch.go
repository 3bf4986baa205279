package playbooks

import (
	"context"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Watch knows how the pages of foreign systems looked when people approved them. Its
// errors are those of where it keeps that.
type Watch interface {
	// Standing gives the change of the first of the pages that is not as it was approved,
	// nil when none is known to have changed. Nothing is looked at.
	Standing(ctx context.Context, system string, pages []string) (*PageChange, error)

	// Opened holds a page that was just opened against what was approved; the first look at
	// a page is its approval. picture is taken only where it is to be kept.
	Opened(ctx context.Context, system, page string, marks Marks, picture func(context.Context) ([]byte, error)) (*PageChange, error)
}

// PageChange is a page that is not as it was approved, and what shows it: the picture of
// the page as approved, the one as it is now, and the differences.
type PageChange struct {
	Page  string
	Shots []Shot
}

// PageName is what a page is called by the menu path that opens it.
func PageName(menu []string) string { return strings.Join(menu, " / ") }

// PageUse is one playbook that opens a page, with its steps that do.
type PageUse struct {
	Playbook string
	Steps    []string // ids
}

// Uses are the playbooks that open a page of a system, by name: what a change of that
// page stops.
func (l Library) Uses(system, page string) []PageUse {
	var all []PageUse
	for _, pb := range l.Playbooks() {
		use := PageUse{Playbook: pb.Name}
		for i := range pb.Steps {
			of := pageOf(pb.Steps[i].body)
			if of != nil && of.system == system && slices.Contains(of.pages(), page) {
				use.Steps = append(use.Steps, pb.Steps[i].ID)
			}
		}
		if len(use.Steps) > 0 {
			all = append(all, use)
		}
	}
	return all
}

// pages are the pages that a step opens, verify included.
func (s *pageStep) pages() []string {
	lines := s.do
	if s.verify != nil {
		lines = slices.Concat(lines, s.verify.do)
	}
	var names []string
	for _, l := range lines {
		if open, ok := l.action.(*openVerb); ok {
			names = append(names, PageName(open.menu))
		}
	}
	return names
}

// standing stops a step at the door when a page it needs has changed.
func (t *turn) standing(ctx context.Context, s *pageStep) error {
	if t.Watch == nil {
		return nil
	}
	change, err := t.Watch.Standing(ctx, s.system, s.pages())
	return t.met(s.system, change, err)
}

// opened stops a passage on a page that is not as it was approved. It leaves alone what
// the last verb has seen.
func (v *visit) opened(ctx context.Context, menu []string) error {
	if v.turn.Watch == nil {
		return nil
	}
	seen, err := v.page.Do(ctx, Act{Verb: Read, Want: "marks"})
	if err != nil {
		return err
	}
	change, err := v.turn.Watch.Opened(ctx, v.system.Name, PageName(menu), seen.Marks, func(ctx context.Context) ([]byte, error) {
		return Picture(ctx, v.page)
	})
	return v.turn.met(v.system.Name, change, err)
}

// Picture is the screenshot among what a page shows for evidence.
func Picture(ctx context.Context, page Page) ([]byte, error) {
	shots, err := page.Shoot(ctx, "page")
	if i := slices.IndexFunc(shots, func(s Shot) bool { return s.Kind == casework.Screenshot }); err == nil && i >= 0 {
		return shots[i].Data, nil
	}
	return nil, err
}

// met makes a question of a change; it is shown with the change when the run parks.
func (t *turn) met(system string, change *PageChange, err error) error {
	if err != nil || change == nil {
		return err
	}
	t.changed, t.changedShow = change, casework.PageShow(system, change.Page)
	return casework.AskPerson(casework.PageChanged, "%s: %s is not as it was approved", system, change.Page)
}

// exhibit keeps what shows a changed page with the run that parks for it.
func (t *turn) exhibit(ctx context.Context, step *Step, q *question) error {
	if q.reason != casework.PageChanged || t.changed == nil {
		return nil
	}
	for _, shot := range t.changed.Shots {
		if shot.Kind == casework.Screenshot {
			q.show = append(q.show, evidencePrefix+shot.Name)
		}
	}
	q.show = append(q.show, t.changedShow)
	return t.Journal.Keep(ctx, step.ID, t.run.Attempt, t.changed.Shots)
}
