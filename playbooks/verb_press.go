package playbooks

import (
	"context"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// KeyNames are the keys that press knows.
func KeyNames() []string {
	return []string{"Enter", "Tab", "Escape", "Space", "Backspace", "Delete", "Home", "End", "PageUp", "PageDown",
		"ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "F2", "F4", "F5", "F8", "F9", "F12"}
}

// pressVerb presses one key: "press: Enter" where the page stands, or
// "press: {label: 关键字, key: Enter}" in a field.
type pressVerb struct {
	target *target
	key    string
	at     place
}

func readPress(d *decoder, own field) action {
	v := &pressVerb{at: placeOf(own.value)}
	if _, word := d.scalar(own.value); word {
		v.key = d.text(own, "press")
	} else if _, list := own.value.(*ast.SequenceNode); !list {
		fields := d.record(own.value, "press", append(locatorKeys(), "key")...)
		v.target = new(d.locatorOf(fields, v.at))
		if f, ok := d.need(fields, v.at, "press", "key"); ok {
			v.key = d.text(f, "key")
		}
	}
	if !slices.Contains(KeyNames(), v.key) {
		d.errorf(v.at, "unknown_key_name", "press: want one of the keys %s", strings.Join(KeyNames(), ", "))
	}
	return v
}

// lint refuses the keys that submit a form, or press the button that has the
// focus, where a system has something that can't be undone: nothing guards a key.
func (v *pressVerb) lint(l *linter, s *stage) {
	if (v.key == "Enter" || v.key == "Space") && len(s.system.Commits) > 0 {
		l.errorf(v.at, "press_commits", "press: %s may submit a form of %s for good, click the button meant instead", v.key, s.system.Name)
	}
	if v.target != nil {
		v.target.lint(l, s)
	}
}

func (v *pressVerb) do(ctx context.Context, at *visit) error {
	act := Act{Verb: Press, Value: v.key}
	if v.target != nil {
		where, err := v.target.locate(at)
		if err != nil {
			return err
		}
		act.At = where
	}
	_, err := at.act(ctx, act)
	return err
}
