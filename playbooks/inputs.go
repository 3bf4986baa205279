package playbooks

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/jingban/jingban/sheets"
)

// Inputs lists what the playbook wants to know of a case that comes as one row of
// a sheet: the applicant first, then every value that its expressions read, in the
// order of the file. Required is what the key is made of, and what no expression
// compares with "": a playbook that asks whether there is one can do without.
// shared names a value of data sharing in a language, "" where it has no name.
func (pb *Playbook) Inputs(shared func(lang, name string) string) []sheets.Input {
	used, keyed, spared := pb.used()
	var all []sheets.Input
	for _, name := range append([]string{"name", "id_number"}, used...) {
		in, known := sheets.CaseInput(name)
		if plain, is := strings.CutPrefix(name, "shared."); is {
			in, known = sheets.Input{Name: name, Zh: orSelf(shared("zh", plain), plain), En: orSelf(shared("en", plain), plain)}, true
			in.Required = !slices.Contains(spared, name)
		}
		if !known || slices.ContainsFunc(all, func(a sheets.Input) bool { return a.Name == in.Name }) {
			continue
		}
		in.Required = in.Required || slices.Contains(keyed, name) || (name == "name" || name == "id_number") && slices.Contains(used, name)
		all = append(all, in)
	}
	if len(pb.Needs) > 0 {
		all = append(all, sheets.PapersInput())
	}
	return all
}

func orSelf(text, self string) string {
	if text == "" {
		return self
	}
	return text
}

// used gives the values of case and shared that expressions read; those of the
// key; and those that some expression compares with "".
func (pb *Playbook) used() (used, keyed, spared []string) {
	for _, e := range pb.exprs {
		e.walk(func(n ast.Node) {
			if b, ok := n.(*ast.BinaryNode); ok {
				if text, empty := b.Right.(*ast.StringNode); empty && text.Value == "" {
					spared = append(spared, inputName(b.Left))
				}
			}
			if name := inputName(n); name != "" {
				used = append(used, name)
				if e == pb.Key {
					keyed = append(keyed, name)
				}
			}
		})
	}
	return used, keyed, spared
}

// inputName is "id_number" of case.id_number and "shared.a" of shared.a.
func inputName(n ast.Node) string {
	parts := strings.Split(dotted(n), ".")
	switch {
	case len(parts) == 2 && parts[0] == "case":
		return parts[1]
	case len(parts) == 2 && parts[0] == "shared":
		return "shared." + parts[1]
	}
	return ""
}
