package playbooks

import (
	"context"
	"time"
)

// waitMost is the longest a page may be waited for in one line; who needs more
// waits as a row, not in a tab.
const waitMost = 2 * time.Minute

// waitVerb waits until the page says something: "wait: 查询完成", or
// "wait: {text: …, within: 40s}"; with gone until it no longer says it. It proves
// what the step before has brought about, too.
type waitVerb struct {
	text   string
	gone   bool
	within time.Duration
}

func readWait(d *decoder, own field) action {
	if _, word := d.scalar(own.value); word {
		return &waitVerb{text: d.text(own, "wait")}
	}
	fields := d.record(own.value, "wait", "text", "gone", "within")
	v := &waitVerb{text: d.optional(fields, "text")}
	if gone := d.optional(fields, "gone"); gone != "" {
		if v.text != "" {
			d.errorf(own.at, "bad_wait", "wait: want text or gone, not both")
		}
		v.text, v.gone = gone, true
	}
	if v.text == "" {
		d.errorf(own.at, "bad_wait", "wait: want text, what the page must say, or gone, what it must no longer say")
	}
	if f, ok := fields["within"]; ok {
		if v.within = d.duration(f, "within"); v.within > waitMost {
			d.errorf(placeOf(f.value), "bad_wait", "wait: want at most %s", waitMost)
		}
	}
	return v
}

func (v *waitVerb) lint(*linter, *stage) {}

func (v *waitVerb) do(ctx context.Context, at *visit) error {
	act := Act{Verb: Wait, Value: v.text, Within: v.within}
	if v.gone {
		act.Want = "gone"
	}
	_, err := at.act(ctx, act)
	return err
}
