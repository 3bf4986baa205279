package playbooks

import (
	"context"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// verb is one way to act on a page. A new verb is a file verb_<verb>.go and a
// line here.
type verb struct {
	name  Verb
	looks bool // it changes nothing: verify may use it
	read  func(d *decoder, own field) action
}

// commitVerb is the one verb that is no Act: Page.Do refuses it.
const commitVerb Verb = "commit"

func verbs() []verb {
	return []verb{
		{Open, true, readOpen},
		{Fill, true, readFill},
		{Click, true, readClick},
		{Attach, false, readAttach},
		{Read, true, readRead},
		{Hover, true, readHover},
		{Press, true, readPress},
		{Wait, true, readWait},
		{Download, true, readDownload},
		{Close, true, readClose},
		{commitVerb, false, readCommit},
	}
}

func verbNames() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, string(v.name))
	}
	return names
}

// action is one line of a page step.
type action interface {
	// lint reports what is wrong; s is the page's stage of the linter.
	lint(l *linter, s *stage)

	// do carries the action out on the page of the visit.
	do(ctx context.Context, v *visit) error
}

// line is an action with its verb and place.
type line struct {
	verb   verb
	action action
	at     place
}

// actions reads the list under do.
func (d *decoder) actions(f field) []line {
	var lines []line
	for _, n := range d.list(f, "do") {
		if l, ok := d.line(n); ok {
			lines = append(lines, l)
		}
	}
	return lines
}

func (d *decoder) line(n ast.Node) (line, bool) {
	pairs := d.pairs(n, "do")
	if len(pairs) != 1 {
		d.errorf(placeOf(n), "one_verb", "do: want one verb in each line")
		return line{}, false
	}
	for _, v := range verbs() {
		if string(v.name) == pairs[0].key {
			return line{v, v.read(d, pairs[0]), pairs[0].at}, true
		}
	}
	d.errorf(pairs[0].at, "unknown_verb", "do: unknown verb %q, want one of: %s", pairs[0].key, strings.Join(verbNames(), ", "))
	return line{}, false
}
