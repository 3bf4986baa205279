package playbooks

import (
	"context"

	"github.com/goccy/go-yaml/ast"

	"github.com/jingban/jingban/casework"
)

// fillVerb writes values into a form, in the order of the file: a mapping of
// labels to values, or a list of locators with a value each, where a label alone
// does not say which field is meant. A value that comes out empty asks a person,
// unless the label ends in "?" (or the list says optional): then the field is
// left alone. "keys: true" types with real keys.
type fillVerb struct{ values []labelled }

type labelled struct {
	label    string
	target   *target // instead of the label
	optional bool
	keys     bool
	value    *Expr
}

func readFill(d *decoder, own field) action { return &fillVerb{d.placed(own, "fill")} }

// labelled reads a mapping of visible labels to text expressions.
func (d *decoder) labelled(own field, what string) []labelled {
	var values []labelled
	for _, f := range d.pairs(own.value, what) {
		label, optional := optionalLabel(f.key)
		values = append(values, labelled{label: label, optional: optional, value: d.expr(f, aText)})
	}
	return values
}

// placed reads such a mapping, or a list of {label: …, near: …, value: …}.
func (d *decoder) placed(own field, what string) []labelled {
	if _, list := own.value.(*ast.SequenceNode); !list {
		return d.labelled(own, what)
	}
	var values []labelled
	for _, n := range d.list(own, what) {
		fields := d.record(n, what, append(locatorKeys(), "value", "optional", "keys")...)
		t := d.locatorOf(fields, placeOf(n))
		if t.Button != "" || t.Link != "" || t.Text != "" || t.Table != "" && t.Column == "" {
			d.errorf(t.at, "bad_locator", "%s: want a label, a table with row and column, or css", what)
		}
		one := labelled{label: t.fieldName(), target: &t}
		if f, ok := d.need(fields, t.at, what, "value"); ok {
			one.value = d.expr(f, aText)
		}
		if f, ok := fields["optional"]; ok {
			one.optional = d.yes(f, "optional")
		}
		if f, ok := fields["keys"]; ok {
			one.keys = d.yes(f, "keys")
		}
		values = append(values, one)
	}
	return values
}

// fieldName is how evidence calls the field.
func (l Locator) fieldName() string {
	if l.Column != "" {
		return l.name() + " / " + l.Column
	}
	return l.name()
}

// lint checks the value and, where it stands in a row, the row.
func (f labelled) lint(l *linter, s *stage) {
	if f.value != nil {
		l.check(f.value, s.env)
	}
	if f.target != nil {
		f.target.lint(l, s)
	}
}

// locate gives where the value goes.
func (f labelled) locate(v *visit) (Locator, error) {
	if f.target != nil {
		return f.target.locate(v)
	}
	return v.locate(Locator{Label: f.label}), nil
}

func (v *fillVerb) lint(l *linter, s *stage) {
	for _, f := range v.values {
		f.lint(l, s)
	}
}

func (v *fillVerb) do(ctx context.Context, at *visit) error {
	for _, f := range v.values {
		text, err := f.value.text(at.env)
		if err != nil {
			return err
		}
		if text == "" && f.optional {
			continue
		}
		if text == "" {
			return casework.AskPerson("value_missing", "there is no value for the field %s", f.label)
		}
		where, err := f.locate(at)
		if err != nil {
			return err
		}
		seen, err := at.act(ctx, Act{Verb: Fill, At: where, Value: text, Keys: f.keys})
		if err != nil {
			return err
		}
		at.wrote = append(at.wrote, writing{Label: f.label, Written: text, ReadBack: seen.Text})
	}
	return nil
}
