package playbooks

import (
	"context"
	"slices"
)

// clickVerb presses a button or link that changes nothing for good.
type clickVerb struct{ target target }

func readClick(d *decoder, own field) action {
	v := &clickVerb{d.locator(own)}
	if v.target.Table != "" {
		d.errorf(v.target.at, "bad_locator", "click: want a button, link, label or css")
	}
	return v
}

func (v *clickVerb) lint(l *linter, s *stage) {
	name := plain(v.target.name())
	commits := slices.ContainsFunc(s.system.commitNames(), func(c string) bool { return plain(c) == name })
	if name != "" && commits {
		l.errorf(v.target.at, "click_commits", "click: %s changes %s for good, use commit", v.target.name(), s.system.Name)
	}
}

func (v *clickVerb) do(ctx context.Context, at *visit) error {
	_, err := at.act(ctx, Act{Verb: Click, At: at.locate(v.target.Locator)})
	return err
}

// commitNames are the committing buttons with all their spellings.
func (s System) commitNames() []string {
	var names []string
	for _, c := range s.Commits {
		names = append(append(names, c), s.Aliases[c]...)
	}
	return names
}
