package playbooks

import (
	"context"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// openVerb goes to a function through the menu, written "a / b" or as a list, or
// to a path below the base URL ("/list"). It also leaves whatever form was open
// before, with its pop-ups.
type openVerb struct{ menu []string }

func readOpen(d *decoder, own field) action {
	if _, list := own.value.(*ast.SequenceNode); list {
		return &openVerb{d.words(own, "open")} // an entry may hold a stroke
	}
	if text := d.text(own, "open"); strings.HasPrefix(text, "/") {
		return &openVerb{[]string{text}}
	}
	v := &openVerb{}
	for part := range strings.SplitSeq(d.text(own, "open"), "/") {
		v.menu = append(v.menu, strings.TrimSpace(part))
	}
	return v
}

func (v *openVerb) lint(*linter, *stage) {}

func (v *openVerb) do(ctx context.Context, at *visit) error {
	if _, err := at.act(ctx, Act{Verb: Open, Menu: v.menu}); err != nil {
		return err
	}
	return at.opened(ctx, v.menu)
}
