package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// runOut is a run as the API shows it.
type runOut struct {
	ID        string            `json:"id"`
	CaseID    string            `json:"case_id"`
	Playbook  string            `json:"playbook"`
	Version   string            `json:"version"`
	State     casework.RunState `json:"state"`
	Step      string            `json:"step"`
	End       string            `json:"end"`
	Attempt   int               `json:"attempt"`
	NextAt    time.Time         `json:"next_at"`
	Due       casework.Date     `json:"due"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
}

// entryOut is a journal line without its data, which may be personal.
type entryOut struct {
	Seq     int64              `json:"seq"`
	Step    string             `json:"step"`
	Item    string             `json:"item,omitempty"`
	Attempt int                `json:"attempt"`
	Kind    casework.EntryKind `json:"kind"`
	At      time.Time          `json:"at"`
	Effect  string             `json:"effect,omitempty"`
}

type evidenceOut struct {
	ID      string                `json:"id"`
	Step    string                `json:"step"`
	Attempt int                   `json:"attempt"`
	Kind    casework.EvidenceKind `json:"kind"`
	Name    string                `json:"name"`
	MIME    string                `json:"mime"`
	SHA256  string                `json:"sha256"`
	Bytes   int64                 `json:"bytes"`
	At      time.Time             `json:"at"`
	URL     string                `json:"url"`
}

type runWithJournal struct {
	runOut
	Entries  []entryOut    `json:"entries"`
	Evidence []evidenceOut `json:"evidence"`
}

func showRun(r casework.Run) runOut {
	return runOut{
		ID: r.ID, CaseID: r.CaseID, Playbook: r.Playbook, Version: r.Version, State: r.State, Step: r.Step, End: r.End,
		Attempt: r.Attempt, NextAt: r.NextAt, Due: r.Due, CreatedAt: r.Created, UpdatedAt: r.Updated,
	}
}

func showEvidence(e casework.Evidence) evidenceOut {
	return evidenceOut{
		ID: e.ID, Step: e.Step, Attempt: e.Attempt, Kind: e.Kind, Name: e.Name, MIME: e.MIME, SHA256: e.SHA256,
		Bytes: e.Bytes, At: e.At, URL: apiPrefix + "files/runs/" + e.RunID + "/" + e.ID,
	}
}

func (s *Server) runFilter(v *visit) store.RunFilter {
	q := v.URL.Query()
	f := store.RunFilter{
		States: list[casework.RunState](q.Get("state")), Playbook: q.Get("playbook"), Target: q.Get("target"), CaseID: q.Get("case"), End: q.Get("end"),
		After: q.Get("after"), Limit: v.limit(),
	}
	if q.Get("today") == "1" {
		f.Since = casework.DateOf(s.cfg.Now()).Time()
	}
	return f
}

func (s *Server) apiRuns(v *visit) (answer, error) {
	runs, next, err := s.cfg.Store.Runs(v.Context(), s.runFilter(v))
	if err != nil {
		return answer{}, fmt.Errorf("runs: %w", err)
	}
	return listed(runs, next, showRun)
}

// runStory is a run with what it left behind.
type runStory struct {
	Run      casework.Run
	Playbook *playbooks.Playbook // nil when it is not known any more
	Entries  []casework.Entry
	Evidence []casework.Evidence
}

func (s *Server) runStory(ctx context.Context, id string) (runStory, error) {
	var story runStory
	var err error
	if story.Run, err = s.cfg.Store.Run(ctx, id); err != nil {
		return story, fmt.Errorf("run: %w", err)
	}
	if story.Playbook, err = s.flow(ctx, story.Run.Playbook, story.Run.Version); err != nil {
		return story, err
	}
	if story.Entries, err = s.cfg.Store.Entries(ctx, id); err != nil {
		return story, fmt.Errorf("journal of run %s: %w", id, err)
	}
	if story.Evidence, err = s.cfg.Store.Evidence(ctx, id); err != nil {
		return story, fmt.Errorf("evidence of run %s: %w", id, err)
	}
	return story, nil
}

func (s *Server) apiRun(v *visit) (answer, error) {
	story, err := s.runStory(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	out := runWithJournal{runOut: showRun(story.Run), Entries: []entryOut{}, Evidence: []evidenceOut{}}
	for _, e := range story.Entries {
		out.Entries = append(out.Entries, entryOut{e.Seq, e.Step, e.Item, e.Attempt, e.Kind, e.At, e.Effect})
	}
	for _, e := range story.Evidence {
		out.Evidence = append(out.Evidence, showEvidence(e))
	}
	return reply(out)
}

// evidenceFile gives one file of evidence. Pictures and papers are shown; what
// came from a foreign page (its DOM) is only ever saved, never displayed.
func (s *Server) evidenceFile(v *visit) (answer, error) {
	all, err := s.cfg.Store.Evidence(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("evidence: %w", err)
	}
	for _, e := range all {
		if e.ID != v.PathValue("evidence") {
			continue
		}
		data, err := s.cfg.Store.File(v.Context(), e.SHA256)
		if err != nil {
			return answer{}, fmt.Errorf("file of evidence %s: %w", e.ID, err)
		}
		if err := s.noteLook(v, e.ID, e.RunID); err != nil {
			return answer{}, err
		}
		a := answer{Status: http.StatusOK, File: data, MIME: e.MIME}
		if !shown(e) {
			a.MIME, a.Download = "application/octet-stream", e.Name
		}
		return a, nil
	}
	return answer{}, refuse(http.StatusNotFound, "not_found")
}

// shown says which evidence a browser may display: nothing a foreign page wrote.
func shown(e casework.Evidence) bool {
	switch e.MIME {
	case "image/png", "image/jpeg", "image/webp", "application/pdf", "application/json":
		return true
	}
	return e.Kind == casework.Paper && strings.HasPrefix(e.MIME, "text/")
}
