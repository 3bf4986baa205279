package playbooks

import "strings"

// target is a Locator with its place in the file.
type target struct {
	Locator
	at place
}

// locator reads {label|button|link|table|css: …} with near, row and column.
func (d *decoder) locator(f field) target {
	fields := d.record(f.value, "locator", "label", "button", "link", "table", "row", "column", "near", "css")
	t := target{at: placeOf(f.value), Locator: Locator{
		Label: d.optional(fields, "label"), Button: d.optional(fields, "button"), Link: d.optional(fields, "link"),
		Table: d.optional(fields, "table"), Row: d.optional(fields, "row"), Column: d.optional(fields, "column"),
		Near: d.optional(fields, "near"), CSS: d.optional(fields, "css")}}
	mains := 0
	for _, key := range []string{t.Label, t.Button, t.Link, t.Table, t.CSS} {
		if key != "" {
			mains++
		}
	}
	if mains != 1 {
		d.errorf(t.at, "bad_locator", "locator: want exactly one of label, button, link, table, css")
	}
	if t.CSS != "" {
		d.warnf(fields["css"].at, "css_locator", "locator: CSS breaks with the next release of the page; name what a person sees")
	}
	return t
}

// name is what a person would call the element.
func (l Locator) name() string {
	for _, key := range []string{l.Label, l.Button, l.Link, l.Table} {
		if key != "" {
			return key
		}
	}
	return l.CSS
}

// known gives the locator with the system's other spellings of its name.
func (l Locator) known(system System) Locator {
	l.Alias = system.Aliases[l.name()]
	return l
}

// optionalLabel splits the "?" off a label that may stay empty.
func optionalLabel(key string) (label string, optional bool) {
	label, optional = strings.CutSuffix(key, "?")
	return strings.TrimSpace(label), optional
}
