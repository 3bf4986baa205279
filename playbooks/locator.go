package playbooks

import (
	"strings"

	"github.com/jingban/jingban/casework"
)

// target is a Locator with its place in the file.
type target struct {
	Locator
	rowOf *Expr // the text of the row, where the case decides it
	at    place
}

// lint checks the expression of the row.
func (t target) lint(l *linter, s *stage) {
	if t.rowOf != nil {
		l.check(t.rowOf, s.env)
	}
}

// locate gives the locator as it is for this visit.
func (t target) locate(v *visit) (Locator, error) {
	at := t.Locator
	if t.rowOf != nil {
		row, err := t.rowOf.text(v.env)
		if err != nil {
			return at, err
		}
		if row == "" {
			return at, casework.AskPerson("value_missing", "there is no value for the row of %s", at.name())
		}
		at.Row = row
	}
	return v.locate(at), nil
}

// locator reads {label|button|link|text|table|css: …} with near, row and column.
func (d *decoder) locator(f field) target {
	return d.locatorOf(d.record(f.value, "locator", locatorKeys()...), placeOf(f.value))
}

// locatorKeys are the keys of a locator.
func locatorKeys() []string {
	return []string{"label", "button", "link", "text", "table", "row", "row_of", "column", "near", "css"}
}

// locatorOf reads a locator among other keys.
func (d *decoder) locatorOf(fields map[string]field, at place) target {
	t := target{at: at, rowOf: d.optionalExpr(fields, "row_of", aText), Locator: Locator{
		Label: d.optional(fields, "label"), Button: d.optional(fields, "button"), Link: d.optional(fields, "link"), Text: d.optional(fields, "text"),
		Table: d.optional(fields, "table"), Row: d.optional(fields, "row"), Column: d.optional(fields, "column"),
		Near: d.optional(fields, "near"), CSS: d.optional(fields, "css")}}
	mains := 0
	for _, key := range []string{t.Label, t.Button, t.Link, t.Text, t.Table, t.CSS} {
		if key != "" {
			mains++
		}
	}
	if mains != 1 {
		d.errorf(t.at, "bad_locator", "locator: want exactly one of label, button, link, text, table, css")
	}
	if t.rowOf != nil && t.Row != "" {
		d.errorf(t.at, "bad_locator", "locator: want row (a text) or row_of (an expression), not both")
	}
	if t.CSS != "" {
		d.warnf(fields["css"].at, "css_locator", "locator: CSS breaks with the next release of the page; name what a person sees")
	}
	return t
}

// name is what a person would call the element.
func (l Locator) name() string {
	for _, key := range []string{l.Label, l.Button, l.Link, l.Text, l.Table} {
		if key != "" {
			return key
		}
	}
	return l.CSS
}

// known gives the locator with the system's other spellings of its name and of what
// narrows it down.
func (l Locator) known(system System) Locator {
	l.Alias = system.Aliases[l.name()]
	for _, also := range []string{l.Near, l.Column} {
		if others := system.Aliases[also]; also != "" && len(others) > 0 {
			if l.AliasOf == nil {
				l.AliasOf = map[string][]string{}
			}
			l.AliasOf[also] = others
		}
	}
	return l
}

// optionalLabel splits the "?" off a label that may stay empty.
func optionalLabel(key string) (label string, optional bool) {
	label, optional = strings.CutSuffix(key, "?")
	return strings.TrimSpace(label), optional
}
