package web

import (
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"testing"
	"text/template/parse"
)

// views gives the type each page is rendered with.
func views() map[string]reflect.Type {
	return map[string]reflect.Type{
		"signin": reflect.TypeFor[signInView](), "dashboard": reflect.TypeFor[dashboardView](), "cases": reflect.TypeFor[casesView](),
		"newcase": reflect.TypeFor[newCaseView](), "upload": reflect.TypeFor[uploadView](), "case": reflect.TypeFor[caseView](),
		"inbox": reflect.TypeFor[inboxView](), "attended": reflect.TypeFor[attendedView](), "review": reflect.TypeFor[reviewView](), "runs": reflect.TypeFor[runsView](),
		"run": reflect.TypeFor[runView](), "dryrun": reflect.TypeFor[dryView](),
		"schedules": reflect.TypeFor[schedulesView](), "schedule": reflect.TypeFor[scheduleView](), "scheduleedit": reflect.TypeFor[scheduleForm](),
		"rules": reflect.TypeFor[rulesView](), "samples": reflect.TypeFor[samplesView](), "sample": reflect.TypeFor[sampleView](), "drawn": reflect.TypeFor[drawnView](),
		"calendar": reflect.TypeFor[calendarView](), "alerts": reflect.TypeFor[alertsView](),
		"targets": reflect.TypeFor[targetsView](), "target": reflect.TypeFor[targetView](), "pagechange": reflect.TypeFor[repairView](), "playbooks": reflect.TypeFor[playbooksView](), "playbookedit": reflect.TypeFor[editView](), "version": reflect.TypeFor[versionView](), "error": reflect.TypeFor[errorView](),
		"persons": reflect.TypeFor[personsView](), "personpair": reflect.TypeFor[pairView](),
		"params": reflect.TypeFor[paramsView](), "paramedit": reflect.TypeFor[paramEditView](), "paramset": reflect.TypeFor[paramSetView](),
		"sheets": reflect.TypeFor[sheetsView](), "worklist": reflect.TypeFor[sheetView](),
		"fund": reflect.TypeFor[fundView](), "fundaccount": reflect.TypeFor[fundAccountView](), "fundday": reflect.TypeFor[fundDayView](), "fundbooks": reflect.TypeFor[fundBooksView](),
	}
}

func TestTemplatesNameOnlyFieldsTheirViewsHave(t *testing.T) {
	pages, err := parsePages()
	if err != nil {
		t.Fatal(err)
	}
	for name, tmpl := range pages {
		view, ok := views()[name]
		if !ok {
			t.Errorf("page %s: no view in this test", name)
			continue
		}
		w := &walker{t: t, tmpl: tmpl, seen: map[string]bool{}}
		w.template("layout", view)
	}
	if len(pages) != len(views()) {
		t.Errorf("%d pages, %d views", len(pages), len(views()))
	}
}

// The walker itself must notice a misspelt field, in a branch not taken too.
func TestWalkerNoticesAMisspeltField(t *testing.T) {
	tmpl := template.Must(template.New("layout").Parse(`{{if .Title}}ok{{else}}{{range .Nav}}{{.Hrf}}{{end}}{{end}}`))
	quiet := &walker{tmpl: tmpl, seen: map[string]bool{}}
	quiet.template("layout", reflect.TypeFor[errorView]())
	if len(quiet.mistakes) != 1 || !strings.Contains(quiet.mistakes[0], "Hrf") {
		t.Fatalf("got %q", quiet.mistakes)
	}
}

// walker follows a template's parse tree with the type of dot. A nil type means
// "not known": nothing is said about its fields.
type walker struct {
	t        *testing.T
	tmpl     *template.Template
	seen     map[string]bool
	mistakes []string
	vars     map[string]reflect.Type
	file     string
}

func (w *walker) wrong(format string, args ...any) {
	text := w.file + ": " + fmt.Sprintf(format, args...)
	w.mistakes = append(w.mistakes, text)
	if w.t != nil {
		w.t.Error(text)
	}
}

func (w *walker) template(name string, dot reflect.Type) {
	key := fmt.Sprint(name, dot)
	tmpl := w.tmpl.Lookup(name)
	if w.seen[key] || tmpl == nil || tmpl.Tree == nil {
		if tmpl == nil {
			w.wrong("template %q does not exist", name)
		}
		return
	}
	w.seen[key] = true
	vars, file := w.vars, w.file
	w.vars, w.file = map[string]reflect.Type{"$": dot}, w.tmpl.Name()+"/"+name
	w.list(tmpl.Tree.Root, dot)
	w.vars, w.file = vars, file
}

func (w *walker) list(list *parse.ListNode, dot reflect.Type) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.ActionNode:
			w.pipe(n.Pipe, dot)
		case *parse.TemplateNode:
			var arg reflect.Type
			if n.Pipe != nil {
				arg = w.pipe(n.Pipe, dot)
			}
			w.template(n.Name, arg)
		case *parse.IfNode:
			w.pipe(n.Pipe, dot)
			w.list(n.List, dot)
			w.list(n.ElseList, dot)
		case *parse.WithNode:
			w.list(n.List, w.pipe(n.Pipe, dot))
			w.list(n.ElseList, dot)
		case *parse.RangeNode:
			w.rang(n, dot)
		}
	}
}

func (w *walker) rang(n *parse.RangeNode, dot reflect.Type) {
	over := w.pipe(n.Pipe, dot)
	var elem reflect.Type
	if over != nil && (over.Kind() == reflect.Slice || over.Kind() == reflect.Map || over.Kind() == reflect.Array) {
		elem = over.Elem()
	} else if over != nil {
		w.wrong("range over %s", over)
	}
	if decl := n.Pipe.Decl; len(decl) == 1 {
		w.vars[decl[0].Ident[0]] = elem
	} else if len(decl) == 2 {
		w.vars[decl[0].Ident[0]], w.vars[decl[1].Ident[0]] = reflect.TypeFor[int](), elem
	}
	w.list(n.List, elem)
	w.list(n.ElseList, dot)
}

func (w *walker) pipe(pipe *parse.PipeNode, dot reflect.Type) reflect.Type {
	var last reflect.Type
	for _, cmd := range pipe.Cmds {
		types := make([]reflect.Type, len(cmd.Args))
		for i, arg := range cmd.Args {
			types[i] = w.value(arg, dot)
		}
		last = types[0]
		if _, call := cmd.Args[0].(*parse.IdentifierNode); call {
			last = w.result(cmd, types)
		}
	}
	for _, v := range pipe.Decl {
		w.vars[v.Ident[0]] = last
	}
	return last
}

// result knows what index gives; other functions give something unknown.
func (w *walker) result(cmd *parse.CommandNode, types []reflect.Type) reflect.Type {
	if cmd.Args[0].String() == "index" && types[1] != nil {
		return types[1].Elem()
	}
	return nil
}

func (w *walker) value(node parse.Node, dot reflect.Type) reflect.Type {
	switch n := node.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return w.fields(dot, n.Ident)
	case *parse.VariableNode:
		return w.fields(w.vars[n.Ident[0]], n.Ident[1:])
	case *parse.ChainNode:
		return w.fields(w.value(n.Node, dot), n.Field)
	case *parse.PipeNode:
		return w.pipe(n, dot)
	}
	return nil
}

func (w *walker) fields(t reflect.Type, names []string) reflect.Type {
	for _, name := range names {
		if t == nil {
			return nil
		}
		if m, ok := t.MethodByName(name); ok {
			t = m.Type.Out(0)
			continue
		}
		if t.Kind() == reflect.Map {
			t = t.Elem()
			continue
		}
		if t.Kind() != reflect.Struct {
			w.wrong("%s has no field %s", t, name)
			return nil
		}
		f, ok := t.FieldByName(name)
		if !ok {
			w.wrong("%s has no field or method %s", t, name)
			return nil
		}
		t = f.Type
	}
	return t
}
