package browser

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// suggestWithin is how long a field's list of entries may take to open.
const suggestWithin = 2 * time.Second

// choose says how a field wants its value: "typed" (it was typed, an entry is to
// be taken), "open" (its list is to be opened first), "keys" (only real keys work)
// or "" (it has the value).
func (f found) choose() string {
	var how struct{ Choose string }
	if json.Unmarshal(f.OK, &how) != nil {
		return ""
	}
	return how.Choose
}

// findOnce is find for an order that changes the page: a page that was replaced
// under it is the caller's to judge.
func (t *Tab) findOnce(ctx context.Context, o order, what string) (found, error) {
	until := time.Now().Add(t.browser.config.Verb / 5)
	for {
		f, err := t.ask(ctx, o)
		if err != nil || f.Fault == "" {
			return f, err
		}
		if f.Fault == "not_kept" || f.Fault == "ambiguous_option" || time.Now().After(until) {
			return f, f.fault(what)
		}
		if _, err := t.ask(ctx, order{Do: "pause"}); err != nil && !errors.Is(err, errMoved) {
			return f, err
		}
	}
}

// choose takes the entry of a list that says exactly the value. A field that
// takes free text keeps what was typed where no list opens.
func (t *Tab) choose(ctx context.Context, o order, how string) (found, error) {
	what := describe(o.At)
	switch how {
	case "keys":
		return t.typeKeys(ctx, o.At, o.Value)
	case "open":
		to, _, err := t.aim(ctx, o.At, t.system.CommitNames())
		if err == nil {
			err = t.tap(ctx, to, what)
		}
		if err != nil {
			return found{}, err
		}
	}
	option := order{Do: "option", Value: o.Value, Commits: t.system.CommitNames()}
	f, err := t.findWithin(ctx, option, "the entry of "+what, suggestWithin)
	switch {
	case err == nil:
		to, err := f.place()
		if err != nil {
			return f, err
		}
		if err := t.tap(ctx, to, "the entry of "+what); err != nil {
			return f, err
		}
	case how == "open" || casework.AsFault(err).Code != "element_missing":
		if how == "open" && casework.AsFault(err).Code == "element_missing" {
			err = casework.AskPerson("value_not_kept", "%s has no entry of that text", what)
		}
		return f, err
	}
	if how == "typed" {
		if _, err := t.ask(ctx, order{Do: "leave"}); err != nil && !errors.Is(err, errMoved) {
			return f, err
		}
	}
	if _, err := t.settle(ctx); err != nil {
		return f, err
	}
	o.Do = "peek"
	return t.find(ctx, o, what)
}

// typeKeys empties the field and types the value with real keys.
func (t *Tab) typeKeys(ctx context.Context, at playbooks.Locator, value string) (found, error) {
	f, err := t.find(ctx, order{Do: "focus", Verb: playbooks.Fill, At: at}, describe(at))
	if err != nil {
		return found{}, err
	}
	all := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "a", Code: "KeyA", WindowsVirtualKeyCode: 65, Modifiers: 2, Commands: []string{"selectAll"}}
	if _, err := cdp.Call(ctx, f.pane.session, input.DispatchKeyEvent, all); err != nil {
		return found{}, err
	}
	if err := t.keys(ctx, f.pane, kb.Delete); err != nil {
		return found{}, err
	}
	for _, r := range strings.ReplaceAll(value, "\r\n", "\n") {
		if unicode.IsControl(r) && r != '\n' { // as a key it would submit the form or leave the field
			return found{}, casework.Fail("value_not_kept", "%s: a value with a control character can't be typed", describe(at))
		}
		send := t.keys
		if r == '\n' {
			send = func(ctx context.Context, p *pane, text string) error { return t.guarded(ctx, p, describe(at), text) }
		}
		if err := send(ctx, f.pane, string(r)); err != nil {
			return found{}, err
		}
	}
	if _, err := t.ask(ctx, order{Do: "leave"}); err != nil && !errors.Is(err, errMoved) {
		return found{}, err
	}
	if _, err := t.settle(ctx); err != nil {
		return found{}, err
	}
	return t.find(ctx, order{Do: "peek", Verb: playbooks.Fill, At: at, Value: value}, describe(at))
}

// keys sends real keys; what is on no keyboard is inserted as an input method
// would.
func (t *Tab) keys(ctx context.Context, p *pane, text string) error {
	for _, r := range text {
		if _, known := kb.Keys[r]; !known {
			if _, err := cdp.Call(ctx, p.session, input.InsertText, input.InsertTextParams{Text: string(r)}); err != nil {
				return err
			}
			continue
		}
		for _, ev := range kb.Encode(r) {
			if _, err := cdp.Call(ctx, p.session, input.DispatchKeyEvent, *ev); err != nil {
				return err
			}
		}
	}
	return nil
}

// guarded sends keys that must not press what only a commit may press.
func (t *Tab) guarded(ctx context.Context, p *pane, what, text string) error {
	if _, err := t.askIn(ctx, p, order{Do: "guard", Commits: t.system.CommitNames()}); err != nil && !errors.Is(err, errMoved) {
		return err
	}
	return errors.Join(t.keys(ctx, p, text), t.landed(ctx, p, what))
}

// keyNames are the keys a playbook may press.
func keyNames() map[string]string {
	return map[string]string{"Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Backspace": kb.Backspace, "Delete": kb.Delete, "Home": kb.Home, "End": kb.End,
		"PageUp": kb.PageUp, "PageDown": kb.PageDown, "ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
		"F2": kb.F2, "F4": kb.F4, "F5": kb.F5, "F8": kb.F8, "F9": kb.F9, "F12": kb.F12, "Space": " "}
}

// key presses one key, in a field or where the page stands.
func (t *Tab) key(ctx context.Context, at playbooks.Locator, name string) error {
	key, known := keyNames()[name]
	if !known {
		return casework.Fail("unknown_key", "key %q", name)
	}
	p := t.seat.panes.front()
	if describe(at) != "" {
		f, err := t.find(ctx, order{Do: "focus", Verb: playbooks.Fill, At: at}, describe(at))
		if err != nil {
			return err
		}
		p = f.pane
	}
	if err := t.guarded(ctx, p, "the key "+name, key); err != nil {
		return err
	}
	_, err := t.settle(ctx)
	return err
}

// hover lays the mouse on something.
func (t *Tab) hover(ctx context.Context, at playbooks.Locator) error {
	to, _, err := t.aim(ctx, at, nil)
	if err != nil {
		return err
	}
	return t.rest(ctx, to)
}

// rest moves the mouse without pressing it, and ends the watch of the aim.
func (t *Tab) rest(ctx context.Context, to point) error {
	_, err := cdp.Call(ctx, to.pane.session, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: to.X, Y: to.Y})
	if err != nil {
		return err
	}
	if _, err := t.askIn(ctx, to.pane, order{Do: "landed"}); err != nil && !errors.Is(err, errMoved) {
		return err
	}
	_, err = t.settle(ctx)
	return err
}

// waitFor waits until the page says something, or no longer says it.
func (t *Tab) waitFor(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	within := act.Within
	if within <= 0 {
		within = t.browser.config.Verb
	}
	until := time.Now().Add(within)
	mark := t.mark()
	for {
		text, err := t.settle(ctx)
		if err != nil {
			return playbooks.Seen{}, err
		}
		list, _, stir := t.seat.dialogs.since(mark.dialogs)
		there := says(text+"\n"+join(texts(list)), []string{act.Value})
		if there != (act.Want == "gone") {
			return playbooks.Seen{Page: text}, nil
		}
		if time.Now().After(until) {
			return playbooks.Seen{Page: text}, casework.AskPerson("element_missing", "the page %s %q within %s", map[bool]string{false: "does not say", true: "still says"}[there], act.Value, within)
		}
		if err := wait(ctx, stir, 2*still); err != nil {
			return playbooks.Seen{}, err
		}
	}
}

// closeFront closes the pop-up in front.
func (t *Tab) closeFront(ctx context.Context) error {
	p := t.seat.panes.pop()
	if p == nil {
		return casework.AskPerson("no_popup", "no pop-up stands open")
	}
	p.cancel()
	_, err := t.settle(ctx)
	return err
}

// sameDate allows a date to be spelled as the page spells it.
func sameDate(got, want string) bool {
	a, b := datePart(got), datePart(want)
	return a != "" && a == b
}

// datePart is a date's digits, padded; "" for anything else.
func datePart(s string) string {
	s = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-", "T", " ").Replace(strings.TrimSpace(s))
	day, clock, _ := strings.Cut(s, " ")
	for _, layout := range []string{"2006-1-2", "20060102", "2006-1", "2006-1-", "200601"} {
		if at, err := time.Parse(layout, day); err == nil {
			if strings.Contains(layout, "2") && (layout == "2006-1" || layout == "2006-1-" || layout == "200601") {
				return at.Format("2006-01")
			}
			return strings.TrimSpace(at.Format("2006-01-02") + " " + strings.TrimSuffix(strings.TrimPrefix(clock, "00:00"), ":00"))
		}
	}
	return ""
}

// sameList allows several values in another order and with another mark between.
func sameList(got, want string) bool {
	split := func(s string) []string {
		parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",，、;；\n", r) })
		for i, p := range parts {
			parts[i] = normal(p)
		}
		slices.Sort(parts)
		return parts
	}
	a, b := split(got), split(want)
	return len(a) > 1 && slices.Equal(a, b)
}
