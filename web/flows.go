package web

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/playbooks"
)

// flow finds the playbook a run works with. A version that is nowhere any more
// gives the present one of that name: only titles are taken from it. It is nil
// when even the name is unknown.
func (s *Server) flow(name, version string) *playbooks.Playbook {
	pb, ok := s.cfg.Library.Playbook(name)
	if ok {
		return pb
	}
	return nil
}

// stepTitle names a step as its playbook does, or shows its id.
func stepTitle(p Page, pb *playbooks.Playbook, id string) string {
	if pb == nil || id == "" {
		return id
	}
	step, _ := pb.Step(id)
	return cmp.Or(p.pick(step.Title.Zh, step.Title.En), id)
}

// passedOver says that a journal line finishes a step whose condition did not
// hold, so that nothing was done.
func passedOver(e casework.Entry) bool {
	if e.Kind != casework.Happened {
		return false
	}
	var outcome struct {
		Skipped bool `json:"skipped"`
	}
	// Outcomes of any shape are read here; one that is no object was no skip.
	return json.Unmarshal(e.Data, &outcome) == nil && outcome.Skipped
}

// evidenceName says what a file of evidence shows: a paper by its title, a
// picture by the moment it was taken at.
func evidenceName(p Page, e casework.Evidence) string {
	base, kind, _ := strings.Cut(e.Name, ".")
	if e.Kind == casework.Paper {
		if title, ok := papers.Title(base); ok {
			return p.T("evidence.file", p.pick(title.Zh, title.En), strings.ToUpper(kind))
		}
		return e.Name
	}
	moment := p.Word("moment", base)
	if e.Kind == casework.Screenshot || base == string(e.Kind) {
		return moment
	}
	return p.T("evidence.of", p.Word("evidence", string(e.Kind)), moment)
}
