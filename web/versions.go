package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// versionOut is a version of a playbook as the API shows it.
type versionOut struct {
	Hash       string         `json:"hash"`
	Playbook   string         `json:"playbook"`
	Stage      casework.Stage `json:"stage"`
	Since      time.Time      `json:"since"`
	Author     string         `json:"author"`
	Note       string         `json:"note"`
	CreatedAt  time.Time      `json:"created_at"`
	Errors     int            `json:"errors"`
	Warnings   int            `json:"warnings"`
	ReleasedAt time.Time      `json:"released_at"`
	ReleasedBy string         `json:"released_by"`
	RetiredAt  time.Time      `json:"retired_at"`
	Daily      int            `json:"daily"`
	Sample     int            `json:"sample"`
	Taken      int            `json:"taken"`
	Text       string         `json:"text,omitempty"`
}

func showVersion(v store.Version) versionOut {
	return versionOut{
		Hash: v.Hash, Playbook: v.Playbook, Stage: v.Stage, Since: v.Since, Author: v.Author, Note: v.Note, CreatedAt: v.Created,
		Errors: v.Errors, Warnings: v.Warnings, ReleasedAt: v.Released, ReleasedBy: v.ReleasedBy, RetiredAt: v.Retired,
		Daily: v.Daily, Sample: v.Sample, Taken: v.Taken, Text: v.Text,
	}
}

// problemOut is one mistake the linter found.
type problemOut struct {
	Line     int              `json:"line"`
	Column   int              `json:"column"`
	Severity playbooks.Weight `json:"severity"`
	Code     string           `json:"code"`
	Message  string           `json:"message"`
	Snippet  string           `json:"snippet"`
}

type playbookIn struct {
	Text string `json:"text"`
	Note string `json:"note,omitempty"` // what is new
}

type checkOut struct {
	Playbook string       `json:"playbook"`
	Version  string       `json:"version"`
	Problems []problemOut `json:"problems"`
}

type quotaIn struct {
	Daily  int    `json:"daily"`
	Sample int    `json:"sample"` // every so manieth run is supervised; 0: none
	Reason string `json:"reason"`
}

// draft is a text of a playbook with what the linter says about it.
type draft struct {
	Playbook *playbooks.Playbook
	Problems []problemOut
	Errors   int
	Warnings int
}

func (s *Server) lint(text string) draft {
	name := "playbook.yaml"
	pb, _ := playbooks.Parse(name, []byte(text)) // the linter reports the same problems again
	d := draft{Playbook: pb, Problems: []problemOut{}}
	problems := playbooks.Lint(name, []byte(text), s.cfg.Schema, s.cfg.Library.Systems())
	for _, p := range problems {
		d.Problems = append(d.Problems, problemOut{p.Line, p.Column, p.Severity, p.Code, p.Message, p.Snippet})
	}
	d.Errors, d.Warnings = problems.Counts()
	return d
}

// text tidies what a browser sends: its line ends are CR LF, a version's are LF.
func (in playbookIn) tidy() playbookIn {
	in.Text = strings.TrimRight(strings.ReplaceAll(in.Text, "\r\n", "\n"), "\n ") + "\n"
	return in
}

func (s *Server) apiCheckPlaybook(v *visit) (answer, error) {
	var in playbookIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	d := s.lint(in.tidy().Text)
	return reply(checkOut{Playbook: d.Playbook.Name, Version: d.Playbook.Version, Problems: d.Problems})
}

// saveVersion keeps a text as a draft, mistakes or not; only one without a name
// cannot be kept.
func (s *Server) saveVersion(v *visit, in playbookIn) (store.Version, error) {
	in = in.tidy()
	d := s.lint(in.Text)
	if d.Playbook.Name == "" {
		r := refuse(http.StatusUnprocessableEntity, "playbook_unreadable")
		for _, p := range d.Problems {
			r.Fields = append(r.Fields, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Message))
		}
		return store.Version{}, r
	}
	saved, err := s.cfg.Store.SaveVersion(v.Context(), v.actor, store.Version{
		Playbook: d.Playbook.Name, Text: in.Text, Note: in.Note, Errors: d.Errors, Warnings: d.Warnings,
	})
	if err != nil {
		return saved, fmt.Errorf("save the playbook: %w", err)
	}
	return saved, nil
}

func (s *Server) apiSavePlaybook(v *visit) (answer, error) {
	var in playbookIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	saved, err := s.saveVersion(v, in)
	if err != nil {
		return answer{}, err
	}
	return reply(showVersion(saved))
}

func (s *Server) apiVersions(v *visit) (answer, error) {
	all, err := s.cfg.Store.Versions(v.Context(), v.URL.Query().Get("playbook"))
	if err != nil {
		return answer{}, fmt.Errorf("versions: %w", err)
	}
	return listed(all, "", showVersion)
}

func (s *Server) apiVersion(v *visit) (answer, error) {
	version, err := s.cfg.Store.Version(v.Context(), v.PathValue("hash"))
	if err != nil {
		return answer{}, fmt.Errorf("version: %w", err)
	}
	return reply(showVersion(version))
}

// move changes the stage of a version and shows it as it is then.
func (s *Server) move(v *visit, flash, reason string, change func(hash, reason string) error) (answer, error) {
	reason, err := grounds(reason)
	if err != nil {
		return answer{}, err
	}
	if err := change(v.PathValue("hash"), reason); err != nil {
		if errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrTwoPeople) {
			return answer{}, refuse(http.StatusConflict, "stage_moved")
		}
		return answer{}, fmt.Errorf("version: %w", err)
	}
	version, err := s.cfg.Store.Version(v.Context(), v.PathValue("hash"))
	if err != nil {
		return answer{}, fmt.Errorf("version: %w", err)
	}
	version.Text = ""
	return s.done(v, flash, "/versions/"+digest(version.Hash), showVersion(version))
}

// moving makes the handler of a change that needs a reason only.
func (s *Server) moving(flash string, change func(v *visit, hash, reason string) error) func(*visit) (answer, error) {
	return func(v *visit) (answer, error) {
		var in reasonIn
		if err := v.read(&in); err != nil {
			return answer{}, err
		}
		return s.move(v, flash, in.Reason, func(hash, reason string) error { return change(v, hash, reason) })
	}
}

func (s *Server) releaseVersion(v *visit, hash, reason string) error {
	return s.cfg.Store.Release(v.Context(), v.actor, hash, reason)
}

func (s *Server) promoteVersion(v *visit, hash, reason string) error {
	return s.cfg.Store.Promote(v.Context(), v.actor, hash, reason)
}

// demoteVersion is for whoever may release or write: to trust less must be easy.
func (s *Server) demoteVersion(v *visit, hash, reason string) error {
	if err := v.need(mayWritePlaybook); err != nil && !v.may[mayRelease] {
		return err
	}
	return s.cfg.Store.Demote(v.Context(), v.actor, hash, reason)
}

func (s *Server) retireVersion(v *visit, hash, reason string) error {
	return s.cfg.Store.Retire(v.Context(), v.actor, hash, reason)
}

func (s *Server) setQuota(v *visit) (answer, error) {
	var in quotaIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	if in.Daily < 1 || in.Sample < 0 {
		return answer{}, refuse(http.StatusUnprocessableEntity, "quota_invalid")
	}
	return s.move(v, "flash.quota", in.Reason, func(hash, reason string) error {
		return s.cfg.Store.SetQuota(v.Context(), v.actor, hash, in.Daily, in.Sample, reason)
	})
}

// versionTitle names the playbook of a version by its own text.
func (s *Server) versionTitle(p Page, v store.Version) string {
	if v.Text == "" {
		return s.flowTitle(p, v.Playbook)
	}
	pb, _ := playbooks.Parse(v.Playbook, []byte(v.Text)) // a draft with mistakes may still have a title
	return cmp.Or(p.pick(pb.Title.Zh, pb.Title.En), v.Playbook)
}
