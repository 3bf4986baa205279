package playbooks

import (
	"context"
	"strings"
)

// openVerb goes to a function through the menu. It also leaves whatever form
// was open before.
type openVerb struct{ menu []string }

func readOpen(d *decoder, own field) action {
	v := &openVerb{}
	for part := range strings.SplitSeq(d.text(own, "open"), "/") {
		v.menu = append(v.menu, strings.TrimSpace(part))
	}
	return v
}

func (v *openVerb) lint(*linter, *stage) {}

func (v *openVerb) do(ctx context.Context, at *visit) error {
	_, err := at.act(ctx, Act{Verb: Open, Menu: v.menu})
	return err
}
