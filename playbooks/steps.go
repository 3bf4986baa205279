package playbooks

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// kind is one kind of step. A new kind is a file step_<kind>.go and a line here.
type kind struct {
	name string
	keys []string // its own keys beside name, id, title, when and end
	read func(d *decoder, own field, all map[string]field) body
}

func kinds() []kind {
	return []kind{
		{"check", nil, readCheck},
		{"ask", []string{"show", "choices", "due"}, readAsk},
		{"decide", nil, readDecide},
		{"paper", []string{"with"}, readPaper},
		{"compute", []string{"with"}, readCompute},
		{"case.find", []string{"each", "by", "most", "again"}, readCaseFind},
		{"case.open", []string{"each", "by", "most", "again", "with", "files"}, readCaseOpen},
		{"reconcile", []string{"day", "files"}, readReconcile},
		{"sheet.read", []string{"columns"}, readSheetRead},
		{"sheet.write", []string{"columns", "rows", "line", "outcome", "serial", "why"}, readSheetWrite},
		{personsSearch, []string{"export"}, readPersonsSearch},
		{"wait", []string{"from", "event", "look", "found", "every", "remind"}, readWaitStep},
		{"by_hand", []string{"effect", "at", "values", "receipt", "role", "due"}, readByHand},
		{"page", []string{"effect", "do", "before", "verify", "keep", "each", "by", "most", "stuck"}, readPage},
	}
}

// body is what a kind of step does.
type body interface {
	// lint reports what is wrong with the step, beside the common keys.
	lint(l *linter, step *Step)

	// gives names what later steps may use of it, each with its zero value,
	// which also stands when the step was skipped. A computation gives what the
	// calculation of its name, one of those offered, has as outputs.
	gives(offered []casework.Calculation) map[string]any

	// run carries the step out, or gives a *casework.Fault or a *question.
	run(ctx context.Context, t *turn, step *Step) (outcome, error)
}

// pageOf gives the page step that a step drives, once or for each row, or nil.
func pageOf(b body) *pageStep {
	switch b := b.(type) {
	case *pageStep:
		return b
	case *eachStep:
		return b.page
	case *waitStep:
		return b.look
	}
	return nil
}

// commits says that a step changes another system, once or for each row, whoever does
// it.
func commits(step *Step) bool {
	page := pageOf(step.body)
	_, hand := step.body.(*byHandStep)
	return hand || page != nil && page.commit != nil
}

// outcome is what a finished step leaves in the journal, and all that a resumed
// run knows of it.
type outcome struct {
	Skipped bool              `json:"skipped,omitempty"`
	Values  map[string]any    `json:"values,omitempty"` // what later steps see
	Kept    map[string]string `json:"kept,omitempty"`   // values kept from pages
	Edits   map[string]string `json:"edits,omitempty"`  // a person's corrections
	Same    map[string]string `json:"same,omitempty"`   // what was written, for other runs with the same key
	By      string            `json:"by,omitempty"`     // effects: "robot", "person" or "other_run"
	Sight   []string          `json:"sight,omitempty"`  // texts that the page step found only in pixels
}
