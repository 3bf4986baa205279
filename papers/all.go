package papers

import "github.com/jingban/jingban/materials"

// paper is one kind of document.
type paper struct {
	name  string // also its file: <name>.html
	mark  string // 代字 of its number
	title materials.Title
	ready func(v View) error // says what the view lacks
}

// all lists every paper.
func all() []paper {
	return []paper{
		{"correction_notice", "失保补", materials.Title{Zh: "一次性补正告知书", En: "Notice of correction"}, readyToCorrect},
		{"acceptance_notice", "失保受", materials.Title{Zh: "受理通知书", En: "Notice of acceptance"}, readyToAccept},
		{"award_notice", "失保核", materials.Title{Zh: "失业保险待遇核定通知书", En: "Notice of an unemployment benefit"},
			stating("months", "monthly", "total", "capitals", "first", "last", "paid", "steps")},
		{"refusal_notice", "失保不", materials.Title{Zh: "不予支付失业保险金告知书", En: "Notice of refusal"}, stating("ground")},
		{"stop_notice", "失保停", materials.Title{Zh: "停发失业保险金告知书", En: "Notice of the end of a benefit"}, stating("undue", "event", "owed", "carry_over", "steps")},
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

// Mark is the 代字 that begins a paper's number, "" for an unknown paper.
func Mark(name string) string {
	for _, p := range all() {
		if p.name == name {
			return p.mark
		}
	}
	return ""
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
