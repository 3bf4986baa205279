package playbooks

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// value puts an expression into words. What it does not know it shows as it is
// written: an operator is better off with the source than with a wrong sentence.
func (t *explainer) value(e *Expr) string {
	node := e.tree()
	if node == nil {
		return "`" + e.Source + "`"
	}
	return t.node(node)
}

func (t *explainer) node(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return t.quoted(strings.TrimSpace(n.Value))
	case *ast.IntegerNode:
		return fmt.Sprint(n.Value)
	case *ast.FloatNode:
		return fmt.Sprint(n.Value)
	case *ast.BoolNode:
		return t.pick(n.Value, "成立", "true", "不成立", "false")
	case *ast.UnaryNode:
		return t.not(n)
	case *ast.BinaryNode:
		return t.binary(n)
	case *ast.ConditionalNode:
		return t.conditional(n)
	case *ast.BuiltinNode:
		return t.builtin(n)
	case *ast.CallNode:
		return t.call(n)
	case *ast.PredicateNode:
		return t.node(n.Node)
	case *ast.IdentifierNode, *ast.MemberNode:
		return t.named(n)
	case *ast.ArrayNode:
		return t.list(t.nodes(n.Nodes))
	}
	return "`" + n.String() + "`"
}

func (t *explainer) nodes(all []ast.Node) []string {
	words := make([]string, len(all))
	for i, n := range all {
		words[i] = t.node(n)
	}
	return words
}

func (t *explainer) pick(yes bool, zhYes, enYes, zhNo, enNo string) string {
	if yes {
		return t.either(zhYes, enYes)
	}
	return t.either(zhNo, enNo)
}

// either gives one of two texts as they are.
func (t *explainer) either(zh, en string) string {
	if t.english {
		return en
	}
	return zh
}

// named says what a dotted name stands for.
func (t *explainer) named(n ast.Node) string {
	if m, ok := n.(*ast.MemberNode); ok {
		if text := t.member(m); text != "" {
			return text
		}
	}
	parts := strings.Split(dotted(n), ".")
	switch {
	case parts[0] == "docs" && len(parts) == 3:
		return t.documentField(parts[1], parts[2])
	case parts[0] == "case" && len(parts) == 2:
		return t.caseField(parts[1])
	case parts[0] == "shared" && len(parts) == 2:
		return t.word("shared", parts[1])
	case parts[0] == "page" && len(parts) == 2:
		return t.pick(parts[1] == "total", "页面所示的总数", "the page's own total", "页面文字", "the page's text")
	case len(parts) == 1 && parts[0] == "verdict":
		return t.say("材料核验结论", "the verdict on the papers")
	case len(parts) == 1 && parts[0] == "correction_text":
		return t.say("需要补正的全部内容", "everything that is to be corrected")
	case parts[0] == "row" && len(parts) == 2:
		return t.say("本行的%s", "%s of the row", t.quoted(parts[1]))
	case len(parts) == 2:
		return t.stepField(parts[0], parts[1], n)
	case len(parts) == 1 && parts[0] != "":
		if from, ok := t.reads[parts[0]]; ok {
			return t.say("读到的%s", "what was read from %s", t.quoted(from))
		}
	}
	return "`" + n.String() + "`"
}

// member says .申领月份 of a row and rows[0].受理编号.
func (t *explainer) member(m *ast.MemberNode) string {
	property, ok := m.Property.(*ast.StringNode)
	if !ok {
		return ""
	}
	if _, ok := m.Node.(*ast.PointerNode); ok {
		return t.quoted(property.Value)
	}
	inner, ok := m.Node.(*ast.MemberNode)
	if !ok {
		return ""
	}
	at, ok := inner.Property.(*ast.IntegerNode)
	if !ok {
		return ""
	}
	return t.say("第 %d 条记录的%s", "%[2]s of record %[1]d", at.Value+1, t.quoted(property.Value))
}

func (t *explainer) documentField(kind, field string) string {
	switch field {
	case "file":
		return t.say("%s的扫描件", "the picture of %s", t.document(kind))
	case "confidence":
		return t.say("%s的识读把握", "how sure the reading of %s is", t.document(kind))
	}
	name := field
	if t.names.Field != nil {
		if title := t.names.Field(kind, field); title != "" {
			name = title
		}
	}
	return t.say("%[1]s上的%[2]s", "the %[2]s on %[1]s", t.document(kind), name)
}

func (t *explainer) caseField(name string) string {
	words := map[string][2]string{"name": {"申请人姓名", "the applicant's name"}, "id_number": {"申请人证件号码", "the applicant's ID number"},
		"mobile": {"申请人手机号", "the applicant's mobile"}, "account": {"申请人账号", "the applicant's account"}, "month": {"待遇月份", "the benefit month"},
		"number": {"案件编号", "the case number"}, "received": {"受理日期", "the day it was received"}, "matter": {"事项", "the matter"}, "region": {"地区", "the region"}}
	if w, ok := words[name]; ok {
		return t.either(w[0], w[1])
	}
	return "case." + name
}

func (t *explainer) stepField(step, field string, n ast.Node) string {
	found, ok := t.pb.Step(step)
	if !ok {
		return "`" + n.String() + "`"
	}
	switch body := found.body.(type) {
	case *waitStep:
		if field == "passed" {
			return t.say("%s的期限已满", "the time of %s is up", t.stepName(step))
		}
	case *askStep:
		if field == "note" {
			return t.say("%s时写的说明", "the note with the answer to %s", t.stepName(step))
		}
	case *caseFindStep:
		if field == "fresh" {
			return t.say("%s查出的新件和再次提交的件", "what %s found to be new or to come again", t.stepName(step))
		}
	case *decideStep:
		return t.pick(field == "outcome", t.stepName(step)+"的结论", "the outcome of "+t.stepName(step), t.stepName(step)+"的依据", "the ground of "+t.stepName(step))
	case *computeStep:
		if field == linesOutput {
			return t.say("%s的计算过程", "the calculation of %s", t.stepName(step))
		}
		if c, known := find(t.names.Calculations, body.name); known {
			for _, out := range c.Outputs {
				if out.Name == field {
					return t.say("%[1]s得出的%[2]s", "%[2]s of %[1]s", t.stepName(step), t.either(out.Zh, out.En))
				}
			}
		}
	}
	switch field {
	case "passed":
		return t.say("%s全部通过", "%s passed", t.stepName(step))
	case "failed":
		return t.say("%s发现的问题", "what %s found", t.stepName(step))
	case "choice":
		return t.say("%s的答复", "the answer to %s", t.stepName(step))
	}
	return t.say("%[1]s得到的%[2]s", "%[2]s of %[1]s", t.stepName(step), t.quoted(field))
}

func (t *explainer) not(n *ast.UnaryNode) string {
	if field, ok := n.Node.(*ast.MemberNode); ok && strings.HasSuffix(dotted(field), ".passed") {
		id := strings.TrimSuffix(dotted(field), ".passed")
		step, _ := t.pb.Step(id)
		if _, wait := step.body.(*waitStep); wait {
			return t.say("%s的期限未满", "the time of %s is not up", t.stepName(id))
		}
		return t.say("%s没有全部通过", "%s did not pass", t.stepName(id))
	}
	if in, ok := n.Node.(*ast.BinaryNode); ok && in.Operator == "in" {
		return t.say("%s不属于%s", "%s is none of %s", t.node(in.Left), t.node(in.Right))
	}
	return t.say("并非（%s）", "not (%s)", t.node(n.Node))
}

func (t *explainer) binary(n *ast.BinaryNode) string {
	left, right := t.node(n.Left), t.node(n.Right)
	if text, ok := n.Right.(*ast.StringNode); ok {
		if said := t.against(n, left, text.Value); said != "" {
			return said
		}
	}
	switch n.Operator {
	case "in":
		if _, list := n.Right.(*ast.ArrayNode); !list {
			return t.say("%[2]s中有%[1]s", "%[2]s has %[1]s", left, right)
		}
	case "+":
		return t.joined(n)
	}
	words := map[string][2]string{"==": {"等于", "is"}, "!=": {"不等于", "is not"}, "and": {"，并且", "and"}, "&&": {"，并且", "and"}, "or": {"，或者", "or"}, "||": {"，或者", "or"},
		"contains": {"含有", "contains"}, "startsWith": {"的开头是", "begins with"}, "in": {"属于", "is one of"}, ">=": {"不小于", "is at least"}, "<=": {"不大于", "is at most"}, "-": {"减去", "less"}, ">": {"大于", "is more than"}, "<": {"小于", "is less than"}}
	if w, ok := words[n.Operator]; ok {
		return t.say("%[1]s%[2]s%[4]s", "%[1]s %[3]s %[4]s", left, w[0], w[1], right)
	}
	return "`" + n.String() + "`"
}

// against says how a value is compared with a text: an answer, a verdict, "".
func (t *explainer) against(n *ast.BinaryNode, left, text string) string {
	if n.Operator != "==" && n.Operator != "!=" {
		return ""
	}
	same := n.Operator == "=="
	name := dotted(n.Left)
	step, isChoice := strings.CutSuffix(name, ".choice")
	switch {
	case text == "":
		return t.pick(same, left+"没有", left+" is missing", left+"有值", left+" is there")
	case isChoice:
		answer := t.quoted(choiceTitle(t.pb, step, text))
		return t.pick(same, t.stepName(step)+"时选的是"+answer, "the answer to "+t.stepName(step)+" is "+answer, t.stepName(step)+"时选的不是"+answer, "the answer to "+t.stepName(step)+" is not "+answer)
	case name == "verdict":
		verdict := t.quoted(t.word("verdict", text))
		return t.pick(same, left+"是"+verdict, left+" is "+verdict, left+"不是"+verdict, left+" is not "+verdict)
	}
	return ""
}

// joined says what a text is put together from; separators are left out.
func (t *explainer) joined(n ast.Node) string {
	var parts []string
	var walk func(ast.Node)
	walk = func(n ast.Node) {
		if b, ok := n.(*ast.BinaryNode); ok && b.Operator == "+" {
			walk(b.Left)
			walk(b.Right)
			return
		}
		if text, ok := n.(*ast.StringNode); ok && strings.Trim(text.Value, " /-_|,") == "" {
			return
		}
		parts = append(parts, t.node(n))
	}
	walk(n)
	return strings.Join(parts, t.say("＋", " + "))
}

// conditional says "A, or B where there is none" for the usual shape, and spells
// any other out.
func (t *explainer) conditional(n *ast.ConditionalNode) string {
	first, second := t.node(n.Exp1), t.node(n.Exp2)
	if cond, ok := n.Cond.(*ast.BinaryNode); ok && cond.Operator == "!=" && cond.Left.String() == n.Exp1.String() && cond.Right.String() == `""` {
		return t.say("%s，没有时用%s", "%s, or else %s", first, second)
	}
	if cond, ok := n.Cond.(*ast.BinaryNode); ok && cond.Operator == "!=" && cond.Right.String() == `""` && n.Exp2.String() == `""` {
		return t.say("%s（有的话）", "%s (if there is one)", first)
	}
	return t.say("若%s则用%s，否则用%s", "if %s: %s, otherwise %s", t.node(n.Cond), first, second)
}

func (t *explainer) builtin(n *ast.BuiltinNode) string {
	words := t.nodes(n.Arguments)
	switch {
	case n.Name == "len" && len(words) == 1:
		return t.say("%s的条数", "the number of rows of %s", words[0])
	case n.Name == "any" && len(words) == 2:
		return t.say("有一条记录满足：%s", "there is a record for which %s", words[1])
	case n.Name == "none" && len(words) == 2:
		return t.say("没有一条记录满足：%s", "there is no record for which %s", words[1])
	case n.Name == "all" && len(words) == 2:
		return t.say("每条记录都满足：%s", "for each record %s", words[1])
	case (n.Name == "string" || n.Name == "int") && len(words) == 1:
		return words[0]
	case n.Name == "join" && len(n.Arguments) > 0:
		return words[0]
	case n.Name == "concat" && len(words) > 1:
		return strings.Join(words, t.say("，接着", ", then "))
	case n.Name == "map" && len(words) == 2:
		return t.say("%s每行的%s", "of each row of %s: %s", words[0], words[1])
	case n.Name == "filter" && len(words) == 2:
		return t.say("%s中满足下面条件的记录（%s）", "the records of %s for which %s", words[0], words[1])
	}
	return "`" + n.String() + "`"
}

func (t *explainer) call(n *ast.CallNode) string {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if ok && len(n.Arguments) == 1 && (callee.Value == "yuan" || callee.Value == "fen") {
		return t.node(n.Arguments[0]) // the same amount, written otherwise
	}
	if ok && callee.Value == "code" && len(n.Arguments) == 2 {
		return t.say("%s（换成系统自己的代码）", "%s (as the system's own code)", t.node(n.Arguments[1]))
	}
	return "`" + n.String() + "`"
}
