package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

//go:embed locate.js
var locateScript string

// order is what locate.js is asked to do.
type order struct {
	Do    string            `json:"do"`
	Verb  playbooks.Verb    `json:"verb,omitempty"`
	At    playbooks.Locator `json:"at"`
	Menu  []string          `json:"menu,omitempty"`
	Depth int               `json:"depth"`
	Value string            `json:"value"`
}

// found is what it answers; a fault is one of the element codes, without prefix.
type found struct {
	OK       json.RawMessage `json:"ok"`
	Fault    string          `json:"fault"`
	Count    int             `json:"count"`
	Near     []string        `json:"near"`
	Fallback bool            `json:"fallback"`
}

// errMoved says that the page was replaced while a script ran in it.
var errMoved = errors.New("the page was replaced meanwhile")

// ask runs an order in the page's isolated world.
func (t *Tab) ask(ctx context.Context, o order) (found, error) {
	result, err := t.call(ctx, o, true)
	if err != nil {
		return found{}, err
	}
	var f found
	if err := json.Unmarshal(result.Value, &f); err != nil {
		return found{}, fmt.Errorf("answer of the page: %w", err)
	}
	return f, nil
}

// call runs locate.js; byValue false gives a handle of an element instead.
func (t *Tab) call(ctx context.Context, o order, byValue bool) (*runtime.RemoteObject, error) {
	arg, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("order to the page: %w", err)
	}
	session := t.seat.session
	world, err := cdp.Call(ctx, session, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
		FrameID: cdp.FrameID(session.TargetID), WorldName: "jingban"})
	if err != nil {
		return nil, moved(err)
	}
	result, err := cdp.Call(ctx, session, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: locateScript, ExecutionContextID: world.ExecutionContextID, AwaitPromise: new(true),
		ReturnByValue: new(byValue), UserGesture: new(true), Arguments: []*runtime.CallArgument{{Value: arg}},
	})
	if err != nil {
		return nil, moved(err)
	}
	if result.ExceptionDetails != nil {
		return nil, fmt.Errorf("script %s: line %d: %s", o.Do, result.ExceptionDetails.LineNumber+1, scriptError(result.ExceptionDetails))
	}
	return result.Result, nil
}

// scriptError is the kind of the exception; its message could hold page text.
func scriptError(d *runtime.ExceptionDetails) string {
	if d.Exception == nil {
		return "exception"
	}
	return d.Exception.ClassName
}

// moved tells the errors of a page that was replaced from all others.
func moved(err error) error {
	if e, ok := errors.AsType[*cdproto.Error](err); ok {
		for _, sign := range []string{"context", "frame", "Promise was collected", "navigated"} {
			if strings.Contains(strings.ToLower(e.Message), strings.ToLower(sign)) {
				return errMoved
			}
		}
	}
	return err
}

// fault turns the page's answer into a Fault. Captions help the operator;
// values never appear.
func (f found) fault(what string) error {
	switch f.Fault {
	case "missing":
		hint := ""
		if len(f.Near) > 0 {
			hint = "; nearest: " + strings.Join(f.Near, ", ")
		}
		return casework.AskPerson("element_missing", "%s is not on the page%s", what, hint)
	case "ambiguous":
		return casework.AskPerson("element_ambiguous", "%s is on the page %d times", what, f.Count)
	case "covered":
		return casework.AskPerson("element_covered", "%s is covered or moving", what)
	case "disabled":
		return casework.AskPerson("element_disabled", "%s is disabled or read-only", what)
	case "not_kept":
		return casework.AskPerson("value_not_kept", "%s does not take the value", what)
	}
	return casework.AskPerson("element_missing", "%s: %s", what, f.Fault)
}

// describe names a locator for people.
func describe(at playbooks.Locator) string {
	parts := []string{}
	for _, p := range []struct{ kind, text string }{
		{"field", at.Label}, {"button", at.Button}, {"link", at.Link}, {"table", at.Table}, {"column", at.Column}, {"css", at.CSS},
	} {
		if p.text != "" {
			parts = append(parts, fmt.Sprintf("%s %q", p.kind, p.text))
		}
	}
	return strings.Join(parts, " ")
}
