package playbooks

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"

	"github.com/jingban/jingban/casework"
)

// sort is what an expression must give.
type sort reflect.Kind

const (
	aBool  sort = sort(reflect.Bool)
	aText  sort = sort(reflect.String)
	aList  sort = sort(reflect.Slice)
	aValue sort = sort(reflect.Invalid) // whatever the calculation asks for
)

// Expr is one expression with its place in the file.
type Expr struct {
	Source string

	want  sort
	at    place
	block bool // a block scalar: columns inside it are not known
}

// clockless takes away every builtin that looks at a clock: a replayed run must
// come to the same answers.
func clockless() []expr.Option {
	return []expr.Option{expr.DisableBuiltin("now"), expr.DisableBuiltin("date"),
		expr.DisableBuiltin("duration"), expr.DisableBuiltin("timezone")}
}

// check compiles the expression against the types it may use.
func (e *Expr) check(env types.Map) *file.Error {
	options := append(clockless(), expr.Env(env), expr.AsKind(reflect.Kind(e.want)), expr.WarnOnAny())
	_, err := expr.Compile(e.Source, options...)
	if err == nil {
		return nil
	}
	if at, ok := errors.AsType[*file.Error](err); ok {
		return at
	}
	return &file.Error{Location: file.Location{}, Line: 1, Message: err.Error()}
}

// place gives where in the file the expression's error stands.
func (e *Expr) place(err *file.Error) place {
	if e.block || err.Line > 1 {
		return e.at
	}
	return place{e.at.line, e.at.column + err.Column}
}

// value evaluates the expression. Its fault names the expression, never a value.
func (e *Expr) value(env map[string]any) (any, error) {
	program, err := expr.Compile(e.Source, append(clockless(), expr.AllowUndefinedVariables())...)
	if err != nil {
		return nil, casework.Fail("expression", "expression %q does not compile", e.Source)
	}
	v, err := expr.Run(program, env)
	if err != nil {
		return nil, casework.AskPerson("expression", "expression %q has no value here", e.Source)
	}
	if reflect.ValueOf(v).Kind() != reflect.Kind(e.want) {
		return nil, casework.AskPerson("expression", "expression %q gives %T, want %s", e.Source, v, reflect.Kind(e.want))
	}
	return v, nil
}

// bool evaluates a condition.
func (e *Expr) bool(env map[string]any) (bool, error) {
	v, err := e.value(env)
	if err != nil {
		return false, err
	}
	return v.(bool), nil
}

// text evaluates a text.
func (e *Expr) text(env map[string]any) (string, error) {
	v, err := e.value(env)
	if err != nil {
		return "", err
	}
	return v.(string), nil
}

// tree parses the expression; nil when it does not parse.
func (e *Expr) tree() ast.Node {
	tree, err := parser.Parse(e.Source)
	if err != nil {
		return nil
	}
	return tree.Node
}

// walk calls see for every node of the expression.
func (e *Expr) walk(see func(ast.Node)) {
	if node := e.tree(); node != nil {
		ast.Walk(&node, visitor(see))
	}
}

type visitor func(ast.Node)

// Visit implements ast.Visitor.
func (v visitor) Visit(node *ast.Node) { v(*node) }

// dotted gives the dotted name of a chain like docs.id_card.number, or "".
func dotted(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.MemberNode:
		left, name := dotted(n.Node), ""
		if property, ok := n.Property.(*ast.StringNode); ok {
			name = property.Value
		}
		if left != "" && name != "" {
			return left + "." + name
		}
	}
	return ""
}

// documents gives the material types and fields that the expression reads.
func (e *Expr) documents() [][2]string {
	var used [][2]string
	e.walk(func(n ast.Node) {
		parts := strings.Split(dotted(n), ".")
		if len(parts) == 3 && parts[0] == "docs" {
			used = append(used, [2]string{parts[1], parts[2]})
		}
	})
	return used
}

// names says that the expression uses a name.
func (e *Expr) names(name string) bool {
	used := false
	e.walk(func(n ast.Node) {
		if id, ok := n.(*ast.IdentifierNode); ok && id.Value == name {
			used = true
		}
	})
	return used
}

// matching turns any(rows, condition) into filter(rows, condition) and says
// which list it looks through. ok is false for an expression of another shape.
func (e *Expr) matching() (list string, filter *Expr, ok bool) {
	call, isCall := e.tree().(*ast.BuiltinNode)
	if !isCall || call.Name != "any" || len(call.Arguments) == 0 {
		return "", nil, false
	}
	rows, isName := call.Arguments[0].(*ast.IdentifierNode)
	source, isAny := strings.CutPrefix(strings.TrimSpace(e.Source), "any")
	if !isName || !isAny {
		return "", nil, false
	}
	return rows.Value, &Expr{Source: "filter" + source, want: sort(reflect.Slice), at: e.at}, true
}

// rowsOf gives the rows that the expression's any() finds.
func (e *Expr) rowsOf(env map[string]any) (list string, rows []any, err error) {
	list, filter, ok := e.matching()
	if !ok {
		return "", nil, fmt.Errorf("expression %q is not any(rows, …)", e.Source)
	}
	v, err := filter.value(env)
	if err != nil {
		return "", nil, err
	}
	rows, _ = v.([]any)
	return list, rows, nil
}
