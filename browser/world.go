package browser

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

//go:embed locate/*.js
var locateFiles embed.FS

// locateScript is the one function that locate/*.js make together. Its name is
// drawn anew for each browser, so that no page can know it. More parts add orders.
func locateScript(name string, more ...string) (string, error) {
	var script strings.Builder
	fmt.Fprintf(&script, "globalThis[%q] = async function (order) {\n'use strict';\n", name)
	for _, part := range append([]string{"text", "fields", "tables", "find", "write", "sight", "marks", "orders"}, more...) {
		text, err := locateFiles.ReadFile("locate/" + part + ".js")
		if err != nil {
			return "", fmt.Errorf("page script: %w", err)
		}
		script.Write(text)
	}
	script.WriteString("return orders[order.do]();\n}; true")
	return script.String(), nil
}

// order is what locate.js is asked to do.
type order struct {
	Do    string            `json:"do"`
	Verb  playbooks.Verb    `json:"verb,omitempty"`
	At    playbooks.Locator `json:"at"`
	Menu  []string          `json:"menu,omitempty"`
	Also  [][]string        `json:"also,omitempty"` // menu: other spellings of each entry
	Depth int               `json:"depth"`
	Value string            `json:"value"`
	Rows  bool              `json:"rows,omitempty"`
	Calm  int64             `json:"calm,omitempty"` // text: ms without a change that it waits for first

	Commits []string `json:"commits,omitempty"` // what must not be pressed, by its text

	X float64 `json:"x,omitempty"` // over: a place; point: shares of the surface's box
	Y float64 `json:"y,omitempty"`

	Index int   `json:"index"`           // of a surface, see locate/sight.js
	Picks []int `json:"picks,omitempty"` // surfaces to be narrowed down
}

// found is what it answers; a fault is one of the element codes, without prefix.
type found struct {
	OK       json.RawMessage `json:"ok"`
	Fault    string          `json:"fault"`
	Count    int             `json:"count"`
	Near     []string        `json:"near"`
	Fallback bool            `json:"fallback"`
	Blind    int             `json:"blind"` // frames that let nobody in

	pane *pane // where it was asked
}

// errMoved says that the page was replaced while a script ran in it.
var errMoved = errors.New("the page was replaced meanwhile")

// askRoot runs an order in the isolated world of one root.
func (t *Tab) askRoot(ctx context.Context, p *pane, root cdp.FrameID, o order) (found, error) {
	result, err := t.call(ctx, p, root, o, true)
	if err != nil {
		return found{}, err
	}
	var f found
	if err := json.Unmarshal(result.Value, &f); err != nil {
		return found{}, fmt.Errorf("answer of the page: %w", err)
	}
	return f, nil
}

// call runs locate.js; byValue false gives a handle of an element instead. The
// script stays in the frame's world until the frame is replaced; then it is
// brought there again, once. Only what a watch has seen is not asked of a document
// that came after it.
func (t *Tab) call(ctx context.Context, p *pane, root cdp.FrameID, o order, byValue bool) (*runtime.RemoteObject, error) {
	arg, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("order to the page: %w", err)
	}
	if world, ok := p.world(root); ok {
		result, err := t.callIn(ctx, p, world, arg, byValue)
		if errors.Is(err, chromedp.ErrTargetDetached) {
			p.lose()
		}
		if err == nil || !stale(err) {
			return t.answer(o, result, err)
		}
		p.keep(root, 0)
		if o.Do == "landed" {
			return nil, errMoved
		}
	}
	world, err := t.settleIn(ctx, p, root)
	if err != nil {
		return nil, moved(err)
	}
	result, err := t.callIn(ctx, p, world, arg, byValue)
	if errors.Is(err, chromedp.ErrTargetDetached) {
		p.lose()
	}
	return t.answer(o, result, err)
}

func (t *Tab) callIn(ctx context.Context, p *pane, world runtime.ExecutionContextID, arg []byte, byValue bool) (runtime.CallFunctionOnResult, error) {
	return cdp.Call(ctx, p.session, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: "(order) => globalThis[" + t.browser.scriptName + "](order)", ExecutionContextID: world, AwaitPromise: new(true),
		ReturnByValue: new(byValue), UserGesture: new(true), Arguments: []*runtime.CallArgument{{Value: arg}},
	})
}

func (t *Tab) answer(o order, result runtime.CallFunctionOnResult, err error) (*runtime.RemoteObject, error) {
	if err != nil {
		return nil, moved(err)
	}
	if d := result.ExceptionDetails; d != nil {
		return nil, fmt.Errorf("script %s: line %d: %s", o.Do, scriptLine(d), scriptError(d))
	}
	return result.Result, nil
}

// scriptLine is where in the script an exception was thrown.
func scriptLine(d *runtime.ExceptionDetails) int64 {
	if d.StackTrace != nil && len(d.StackTrace.CallFrames) > 0 {
		return d.StackTrace.CallFrames[0].LineNumber + 1
	}
	return d.LineNumber + 1
}

// settleIn brings the script into a frame's isolated world.
func (t *Tab) settleIn(ctx context.Context, p *pane, root cdp.FrameID) (runtime.ExecutionContextID, error) {
	world, err := cdp.Call(ctx, p.session, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: root, WorldName: "jingban"})
	if err != nil {
		return 0, err
	}
	got, err := cdp.Call(ctx, p.session, runtime.Evaluate, runtime.EvaluateParams{Expression: t.browser.script, ContextID: world.ExecutionContextID, ReturnByValue: new(true)})
	if err != nil {
		return 0, err
	}
	if got.ExceptionDetails != nil {
		return 0, fmt.Errorf("page script: line %d: %s", got.ExceptionDetails.LineNumber+1, scriptError(got.ExceptionDetails))
	}
	p.keep(root, world.ExecutionContextID)
	return world.ExecutionContextID, nil
}

// stale says that a world was gone before the script began.
func stale(err error) bool {
	e, ok := errors.AsType[*cdproto.Error](err)
	return ok && strings.Contains(e.Message, "Cannot find context")
}

func handleID(o *runtime.RemoteObject) runtime.RemoteObjectID {
	if o == nil {
		return ""
	}
	return o.ObjectID
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
	if errors.Is(err, chromedp.ErrTargetDetached) {
		return errMoved // a pop-up that has closed itself
	}
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
		by := ""
		if len(f.Near) > 0 && f.Near[0] != "" {
			by = " by " + f.Near[0]
		}
		return casework.AskPerson("element_covered", "%s is covered%s", what, by)
	case "moving":
		return casework.AskPerson("element_moving", "%s does not stand still", what)
	case "offscreen":
		return casework.AskPerson("element_offscreen", "%s can't be brought into view", what)
	case "ambiguous_option":
		return casework.AskPerson("value_not_kept", "%s has several entries of that text", what)
	case "disabled":
		return casework.AskPerson("element_disabled", "%s is disabled or read-only", what)
	case "commits":
		return outside(what)
	case "not_kept":
		return casework.AskPerson("value_not_kept", "%s does not take the value", what)
	}
	return casework.AskPerson("element_missing", "%s: %s", what, f.Fault)
}

// outside is the refusal of what only a commit may do.
func outside(what string) error {
	return casework.AskPerson("commit_outside", "%s changes the system for good, and this is no commit; nothing was pressed", what)
}

// describe names a locator for people.
func describe(at playbooks.Locator) string {
	parts := []string{}
	for _, p := range []struct{ kind, text string }{
		{"field", at.Label}, {"button", at.Button}, {"link", at.Link}, {"text", at.Text}, {"table", at.Table}, {"column", at.Column}, {"css", at.CSS},
	} {
		if p.text != "" {
			parts = append(parts, fmt.Sprintf("%s %q", p.kind, p.text))
		}
	}
	return strings.Join(parts, " ")
}
