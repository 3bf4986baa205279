package playbooks

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// decoder reads YAML strictly and keeps the place of everything. The order of
// mappings is kept: a form is filled in the order in which it is written.
type decoder struct {
	*report
	exprs []*Expr // every expression of the file
}

// field is one key of a mapping with its value.
type field struct {
	key   string
	at    place
	value ast.Node
}

// document parses one YAML document and gives its root, or nil after reporting.
func (d *decoder) document(text []byte) ast.Node {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		at := place{1, 1}
		message := err.Error()
		if e, ok := errors.AsType[yaml.Error](err); ok {
			message = e.GetMessage()
			at = place{e.GetToken().Position.Line, e.GetToken().Position.Column}
		}
		d.errorf(at, "yaml", "%s", message)
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		d.errorf(place{1, 1}, "yaml", "want exactly one YAML document")
		return nil
	}
	return file.Docs[0].Body
}

func placeOf(n ast.Node) place {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return placeOf(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return placeOf(n.Key)
	}
	if n == nil || n.GetToken() == nil {
		return place{1, 1}
	}
	p := n.GetToken().Position
	return place{p.Line, p.Column}
}

// pairs gives the keys of a mapping in order, or reports that n is none.
func (d *decoder) pairs(n ast.Node, what string) []field {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		d.errorf(placeOf(n), "want_mapping", "%s: want a mapping (key: value)", what)
		return nil
	}
	var fields []field
	for _, v := range values {
		key, ok := d.scalar(v.Key)
		if !ok {
			d.errorf(placeOf(v.Key), "want_text", "%s: want a plain key", what)
			continue
		}
		fields = append(fields, field{key, placeOf(v.Key), v.Value})
	}
	return fields
}

// record reads a mapping with known keys; every other key is reported.
func (d *decoder) record(n ast.Node, what string, known ...string) map[string]field {
	fields := map[string]field{}
	for _, f := range d.pairs(n, what) {
		if !slices.Contains(known, f.key) {
			d.errorf(f.at, "unknown_key", "%s: unknown key %q, want one of: %s", what, f.key, strings.Join(known, ", "))
			continue
		}
		fields[f.key] = f
	}
	return fields
}

// need reports a missing key and says whether it is there.
func (d *decoder) need(fields map[string]field, at place, what, key string) (field, bool) {
	f, ok := fields[key]
	if !ok {
		d.errorf(at, "missing_key", "%s: the key %q is missing", what, key)
	}
	return f, ok
}

// scalar gives the text of a scalar as it was written.
func (d *decoder) scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// text reads a non-empty scalar.
func (d *decoder) text(f field, what string) string {
	s, ok := d.scalar(f.value)
	if !ok || strings.TrimSpace(s) == "" {
		d.errorf(f.at, "want_text", "%s: want a text", what)
		return ""
	}
	return strings.TrimSpace(s)
}

// optional reads the text under key, or gives "".
func (d *decoder) optional(fields map[string]field, key string) string {
	f, ok := fields[key]
	if !ok {
		return ""
	}
	return d.text(f, key)
}

// list reads a sequence.
func (d *decoder) list(f field, what string) []ast.Node {
	s, ok := f.value.(*ast.SequenceNode)
	if !ok || len(s.Values) == 0 {
		d.errorf(f.at, "want_list", "%s: want a list that is not empty", what)
		return nil
	}
	return s.Values
}

// words reads a sequence of texts.
func (d *decoder) words(f field, what string) []string {
	var words []string
	for _, n := range d.list(f, what) {
		words = append(words, d.text(field{what, placeOf(n), n}, what))
	}
	return words
}

// optionalWords reads the list under key, or gives nil.
func (d *decoder) optionalWords(fields map[string]field, key string) []string {
	f, ok := fields[key]
	if !ok {
		return nil
	}
	return d.words(f, key)
}

// expr reads an expression that must give a value of the wanted sort.
func (d *decoder) expr(f field, want sort) *Expr {
	source, ok := d.scalar(f.value)
	if !ok || strings.TrimSpace(source) == "" {
		d.errorf(f.at, "want_expression", "%s: want an expression", f.key)
		source = `""`
	}
	e := &Expr{Source: source, want: want, at: placeOf(f.value)}
	if quoted(f.value) {
		e.at.column++
	}
	if _, block := f.value.(*ast.LiteralNode); block {
		e.block = true
	}
	d.exprs = append(d.exprs, e)
	return e
}

func quoted(n ast.Node) bool {
	s, ok := n.(*ast.StringNode)
	return ok && (s.Token.Type == token.SingleQuoteType || s.Token.Type == token.DoubleQuoteType)
}

// optionalExpr reads the expression under key, or gives nil.
func (d *decoder) optionalExpr(fields map[string]field, key string, want sort) *Expr {
	f, ok := fields[key]
	if !ok {
		return nil
	}
	return d.expr(f, want)
}

// without gives a mapping less one key.
func without(n ast.Node, key string) ast.Node {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return n
	}
	less := *m
	less.Values = slices.DeleteFunc(slices.Clone(m.Values), func(v *ast.MappingValueNode) bool {
		return v.Key.GetToken().Value == key
	})
	return &less
}
