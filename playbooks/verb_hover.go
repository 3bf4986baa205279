package playbooks

import "context"

// hoverVerb lays the mouse on something, so that the menu or hint it opens is
// there for the next line.
type hoverVerb struct{ target target }

func readHover(d *decoder, own field) action { return &hoverVerb{d.locator(own)} }

func (v *hoverVerb) lint(l *linter, s *stage) { v.target.lint(l, s) }

func (v *hoverVerb) do(ctx context.Context, at *visit) error {
	where, err := v.target.locate(at)
	if err != nil {
		return err
	}
	_, err = at.act(ctx, Act{Verb: Hover, At: where})
	return err
}
