package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// flow finds the playbook of a version: that of this release, else one kept in
// the store. For a version nobody knows any more it gives the present playbook
// of that name, whose titles will do, or nil.
func (s *Server) flow(ctx context.Context, name, version string) (*playbooks.Playbook, error) {
	present, ok := s.cfg.Library.Playbook(name)
	if ok && present.Version == version {
		return present, nil
	}
	if known, ok := s.flows.Load(version); ok {
		return known.(*playbooks.Playbook), nil
	}
	kept, err := s.cfg.Store.Version(ctx, version)
	if errors.Is(err, store.ErrNotFound) {
		return present, nil
	}
	if err != nil {
		return nil, fmt.Errorf("version of playbook %s: %w", name, err)
	}
	pb, _ := playbooks.Parse(name, []byte(kept.Text)) // what does not parse has fewer steps, and only titles are read
	s.flows.Store(version, pb)
	return pb, nil
}

// flowTitle names a playbook, as its matter or itself does.
func (s *Server) flowTitle(p Page, name string) string {
	if pb, ok := s.cfg.Library.Playbook(name); ok {
		return cmp.Or(p.pick(pb.Title.Zh, pb.Title.En), name)
	}
	return s.matterTitle(p, name)
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
	if strings.HasPrefix(base, "sight_") {
		base = "sight" // they are numbered
	}
	moment := p.Word("moment", base)
	if e.Kind == casework.Screenshot || base == string(e.Kind) {
		return moment
	}
	return p.T("evidence.of", p.Word("evidence", string(e.Kind)), moment)
}
