package papers

import "github.com/jingban/jingban/materials"

// paper is one kind of document.
type paper struct {
	name  string // also its file: <name>.html
	title materials.Title
	ready func(v View) error // says what the view lacks
}

// all lists every paper.
func all() []paper {
	return []paper{
		{"correction_notice", materials.Title{Zh: "一次性补正告知书", En: "Notice of correction"}, readyToCorrect},
		{"acceptance_notice", materials.Title{Zh: "受理通知书", En: "Notice of acceptance"}, readyToAccept},
	}
}

// Names lists the papers that can be rendered, for the playbook linter.
func Names() []string {
	var names []string
	for _, p := range all() {
		names = append(names, p.name)
	}
	return names
}

// Title names a paper in both languages; ok is false for an unknown one.
func Title(name string) (title materials.Title, ok bool) {
	for _, p := range all() {
		if p.name == name {
			return p.title, true
		}
	}
	return materials.Title{}, false
}
