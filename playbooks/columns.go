package playbooks

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/jingban/jingban/casework"
)

// A column that a page does not have is no empty value: 证件号码 renamed to 公民身份号码
// would make every record look absent, and a lost reply be sent once more. So what a
// look proves, what it keeps and what tells rows apart is said of columns that the
// table has, or a person is asked.

// usedColumn is a column of a list that an expression reads.
type usedColumn struct{ list, column string }

// columns gives the columns that the expression reads of the rows of lists, as in
// any(rows, .月份 == "1"), rows[0].月份 and row.月份.
func (e *Expr) columns() []usedColumn {
	var used []usedColumn
	var walk func(n ast.Node, list string)
	walk = func(n ast.Node, list string) {
		switch n := n.(type) {
		case *ast.MemberNode:
			if column, ok := n.Property.(*ast.StringNode); ok {
				if of := listOf(n.Node, list); of != "" {
					used = append(used, usedColumn{of, column.Value})
				}
			}
			walk(n.Node, list)
			walk(n.Property, list)
		case *ast.BuiltinNode:
			for i, argument := range n.Arguments {
				if i > 0 {
					walk(argument, listOf(n.Arguments[0], list))
					continue
				}
				walk(argument, list)
			}
		default:
			for _, child := range children(n) {
				walk(child, list)
			}
		}
	}
	if tree := e.tree(); tree != nil {
		walk(tree, "")
	}
	return used
}

// listOf names the list whose rows a node stands for, "" for no list: # is a row of
// the list at hand, rows, rows[0] and filter(rows, …) are rows.
func listOf(n ast.Node, list string) string {
	switch n := n.(type) {
	case *ast.PointerNode:
		return list
	case *ast.IdentifierNode:
		return n.Value
	case *ast.ChainNode:
		return listOf(n.Node, list)
	case *ast.MemberNode:
		if _, named := n.Property.(*ast.StringNode); !named {
			return listOf(n.Node, list)
		}
	case *ast.SliceNode:
		return listOf(n.Node, list)
	case *ast.BuiltinNode:
		return listOf(n.Arguments[0], list)
	}
	return ""
}

// children are the parts of a node that hold no rows themselves.
func children(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.CallNode:
		return append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.SliceNode:
		return []ast.Node{n.Node}
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.VariableDeclaratorNode:
		return []ast.Node{n.Value, n.Expr}
	case *ast.SequenceNode:
		return n.Nodes
	}
	return nil
}

// canonical gives a table the headings that playbooks use for it where the system
// spells them in another way.
func (s System) canonical(seen Seen) Seen {
	for name, others := range s.Aliases {
		is := slices.IndexFunc(seen.Columns, func(c string) bool { return slices.Contains(others, c) })
		if is < 0 || slices.Contains(seen.Columns, name) {
			continue
		}
		was := seen.Columns[is]
		seen.Columns = slices.Clone(seen.Columns)
		seen.Columns[is] = name
		for _, row := range seen.Rows {
			if value, ok := row[was]; ok {
				row[name] = value
				delete(row, was)
			}
		}
	}
	return seen
}

// shows asks a person when an expression reads a column that the table read here
// does not have.
func (v *visit) shows(asked ...*Expr) error {
	for _, e := range asked {
		if e == nil {
			continue
		}
		for _, used := range e.columns() {
			if err := v.has(used); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *visit) has(used usedColumn) error {
	if columns := v.columns[used.list]; len(columns) > 0 && !slices.Contains(columns, used.column) {
		return casework.AskPerson("column_missing", "the table %s has no column %q", used.list, used.column)
	}
	return nil
}
