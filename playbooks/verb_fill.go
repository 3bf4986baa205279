package playbooks

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// fillVerb writes values into a form, in the order of the file. A value that
// comes out empty asks a person, unless the label ends in "?": then the field
// is left alone.
type fillVerb struct{ values []labelled }

type labelled struct {
	label    string
	optional bool
	value    *Expr
}

func readFill(d *decoder, own field) action { return &fillVerb{d.labelled(own, "fill")} }

// labelled reads a mapping of visible labels to text expressions.
func (d *decoder) labelled(own field, what string) []labelled {
	var values []labelled
	for _, f := range d.pairs(own.value, what) {
		label, optional := optionalLabel(f.key)
		values = append(values, labelled{label, optional, d.expr(f, aText)})
	}
	return values
}

func (v *fillVerb) lint(l *linter, s *stage) {
	for _, f := range v.values {
		l.check(f.value, s.env)
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
		seen, err := at.act(ctx, Act{Verb: Fill, At: at.locate(Locator{Label: f.label}), Value: text})
		if err != nil {
			return err
		}
		at.wrote = append(at.wrote, writing{Label: f.label, Written: text, ReadBack: seen.Text})
	}
	return nil
}
