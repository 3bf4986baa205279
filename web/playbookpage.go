package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// stageMark is one station of the small stepper.
type stageMark struct {
	Text string
	Tone string // "past", "here" or ""
}

// stagesOf shows how far a version is trusted.
func stagesOf(p Page, stage casework.Stage) []stageMark {
	var out []stageMark
	here := slices.Index(casework.Stages(), stage)
	for i, name := range casework.Stages() {
		mark := stageMark{Text: p.Word("stage", string(name))}
		switch {
		case i < here:
			mark.Tone = "past"
		case i == here:
			mark.Tone = "here"
		}
		out = append(out, mark)
	}
	return out
}

// versionRow is one version in a list.
type versionRow struct {
	Hash, Short, Author, Created, Note string
	Released, ReleasedBy               string
	Stages                             []stageMark
	Stage                              Pill
	Retired                            bool
	Lint                               Pill
	Quota                              meter
	HasQuota                           bool
}

// meter is a bar: how much of a quota is used.
type meter struct {
	Used, Most, Percent int
	Tone                string
}

func meterOf(used, most int) meter {
	m := meter{Used: used, Most: most, Tone: "ok"}
	if most > 0 {
		m.Percent = min(100, used*100/most)
	}
	switch {
	case m.Percent >= 100:
		m.Tone = "bad"
	case m.Percent >= 80:
		m.Tone = "warn"
	}
	return m
}

func versionRowOf(p Page, v store.Version) versionRow {
	row := versionRow{
		Hash: v.Hash, Short: digest(v.Hash), Author: v.Author, Created: p.Time(v.Created), Note: v.Note, Released: p.Time(v.Released), ReleasedBy: v.ReleasedBy,
		Stages: stagesOf(p, v.Stage), Stage: p.pill("stage", string(v.Stage)), Retired: !v.Retired.IsZero(), Lint: lintPill(p, v.Errors, v.Warnings),
		Quota: meterOf(v.Taken, v.Daily), HasQuota: v.Stage != casework.StageDraft && v.Stage != casework.StageFull,
	}
	if v.AuthorID == "program" {
		row.Author = p.T("playbook.shipped")
	}
	if v.Stage == casework.StageFull {
		row.Stage.Tone = "ok"
	}
	return row
}

func lintPill(p Page, mistakes, warnings int) Pill {
	switch {
	case mistakes > 0:
		return Pill{Tone: "bad", Text: p.T("lint.errors", mistakes)}
	case warnings > 0:
		return Pill{Tone: "warn", Text: p.T("lint.warnings", warnings)}
	}
	return Pill{Tone: "ok", Text: p.T("lint.clean")}
}

// flowCard is one playbook with its versions.
type flowCard struct {
	Name, Title string
	Killed      bool
	Versions    []versionRow
}

type playbooksView struct {
	Page
	Flows []flowCard
}

func (s *Server) playbooksPage(v *visit) (answer, error) {
	all, err := s.cfg.Store.Versions(v.Context(), "")
	if err != nil {
		return answer{}, fmt.Errorf("versions: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "nav.playbooks"), "playbooks")
	view := playbooksView{Page: p}
	for _, version := range all {
		i := slices.IndexFunc(view.Flows, func(f flowCard) bool { return f.Name == version.Playbook })
		if i < 0 {
			view.Flows = append(view.Flows, flowCard{Name: version.Playbook, Title: s.flowTitle(p, version.Playbook)})
			i = len(view.Flows) - 1
		}
		view.Flows[i].Versions = append(view.Flows[i].Versions, versionRowOf(p, version))
	}
	return page("playbooks", view)
}

// editView is the editor of a playbook's text.
type editView struct {
	Page
	From     string // version it was made from
	Text     string
	Note     string
	Checked  bool
	Problems []problemOut
	Lint     Pill
	Refused  sentences
}

// editPage opens the editor with a version's text, or with an empty frame.
func (s *Server) editPage(v *visit) (answer, error) {
	view := editView{Page: s.page(v, s.words.text(v.lang, "playbook.edit"), "playbooks"), From: v.URL.Query().Get("from")}
	if view.From != "" {
		version, err := s.cfg.Store.Version(v.Context(), view.From)
		if err != nil {
			return answer{}, fmt.Errorf("version: %w", err)
		}
		view.Text, view.From = version.Text, digest(version.Hash)
		s.judge(&view)
	}
	return page("playbookedit", view)
}

// editForm checks a text, or keeps it as a draft.
func (s *Server) editForm(v *visit) (answer, error) {
	in := playbookIn{Text: v.form.Get("text"), Note: v.form.Get("note")}.tidy()
	view := editView{Page: s.page(v, s.words.text(v.lang, "playbook.edit"), "playbooks"), From: v.form.Get("from"), Text: in.Text, Note: in.Note}
	view.Path = "/playbooks/edit"
	if v.form.Get("do") == "check" {
		s.judge(&view)
		return page("playbookedit", view)
	}
	saved, err := s.saveVersion(v, in)
	if r, ok := errors.AsType[*refusal](err); ok {
		s.judge(&view)
		view.Refused = s.words.sentences(v.lang, r.Code, r.Detail)
		return answer{Status: r.Status, Template: "playbookedit", View: view}, nil
	}
	if err != nil {
		return answer{}, err
	}
	s.flash(v, "ok", "flash.draft")
	return redirect("/versions/" + digest(saved.Hash))
}

func (s *Server) judge(view *editView) {
	d := s.lint(view.Text)
	view.Checked, view.Problems, view.Lint = true, d.Problems, lintPill(view.Page, d.Errors, d.Warnings)
}

// diffRow is one line of two texts side by side.
type diffRow struct {
	LeftNo, RightNo string
	Left, Right     string
	Kind            string // "same", "changed", "gone", "new" or "fold"
}

// unchangedAround is how many equal lines are shown round each change.
const unchangedAround = 3

// sideBySide pairs what was taken out with what came in, and folds long equal
// stretches.
func sideBySide(p Page, lines []playbooks.DiffLine) []diffRow {
	var rows []diffRow
	left, right := 0, 0
	for i := 0; i < len(lines); {
		if lines[i].Op == ' ' {
			left, right = left+1, right+1
			rows = append(rows, diffRow{LeftNo: strconv.Itoa(left), RightNo: strconv.Itoa(right), Left: lines[i].Text, Right: lines[i].Text, Kind: "same"})
			i++
			continue
		}
		var gone, fresh []string
		for ; i < len(lines) && lines[i].Op != ' '; i++ {
			if lines[i].Op == '-' {
				gone = append(gone, lines[i].Text)
			} else {
				fresh = append(fresh, lines[i].Text)
			}
		}
		for n := range max(len(gone), len(fresh)) {
			row := diffRow{Kind: "changed"}
			if n < len(gone) {
				left++
				row.Left, row.LeftNo = gone[n], strconv.Itoa(left)
			} else {
				row.Kind = "new"
			}
			if n < len(fresh) {
				right++
				row.Right, row.RightNo = fresh[n], strconv.Itoa(right)
			} else {
				row.Kind = "gone"
			}
			rows = append(rows, row)
		}
	}
	return folded(p, rows)
}

func folded(p Page, rows []diffRow) []diffRow {
	near := make([]bool, len(rows))
	for i, row := range rows {
		if row.Kind == "same" {
			continue
		}
		for j := max(0, i-unchangedAround); j < min(len(rows), i+unchangedAround+1); j++ {
			near[j] = true
		}
	}
	var out []diffRow
	for i := 0; i < len(rows); {
		if near[i] {
			out = append(out, rows[i])
			i++
			continue
		}
		from := i
		for i < len(rows) && !near[i] {
			i++
		}
		out = append(out, diffRow{Left: p.T("diff.fold", i-from), Kind: "fold"})
	}
	return out
}

type eventRow struct {
	At, By, From, To, Reason, RunID string
}

type versionView struct {
	Page
	Version  versionRow
	Playbook string // title
	Name     string
	Since    string
	Numbers  store.VersionNumbers
	Text     []string
	With     string // short hash it is compared with
	Others   []Option
	Diff     []diffRow
	Problems []problemOut
	Dry      []dryRow
	Events   []eventRow
	Daily    int
	Sample   int
	// What the person may do now.
	CanEdit, CanRelease, CanPromote, CanDemote, CanRetire, CanQuota bool
	Alone                                                           bool // they wrote it: a second person must release it
	Any                                                             bool
}

func (s *Server) versionPage(v *visit) (answer, error) {
	version, err := s.cfg.Store.Version(v.Context(), v.PathValue("hash"))
	if err != nil {
		return answer{}, fmt.Errorf("version: %w", err)
	}
	p := s.page(v, "", "playbooks")
	view := versionView{Page: p, Version: versionRowOf(p, version), Playbook: s.versionTitle(p, version), Name: version.Playbook, Since: p.Stamp(version.Since),
		Problems: s.lint(version.Text).Problems, Daily: version.Daily, Sample: version.Sample}
	view.Title = view.Playbook
	if err := s.compare(v, &view, version); err != nil {
		return answer{}, err
	}
	if err := s.past(v, &view, version.Hash); err != nil {
		return answer{}, err
	}
	s.versionActions(v, &view, version)
	return page("version", view)
}

// compare sets the version beside another one: the one asked for, else the one
// saved before it.
func (s *Server) compare(v *visit, view *versionView, version store.Version) error {
	all, err := s.cfg.Store.Versions(v.Context(), version.Playbook)
	if err != nil {
		return fmt.Errorf("versions: %w", err)
	}
	with := v.URL.Query().Get("with")
	for _, other := range all { // the newest first
		if with == "" && other.Hash != version.Hash && !other.Created.After(version.Created) {
			with = digest(other.Hash)
		}
	}
	for _, other := range all {
		if other.Hash != version.Hash {
			view.Others = append(view.Others, Option{Value: digest(other.Hash), Text: digest(other.Hash) + " · " + view.Word("stage", string(other.Stage)), Chosen: digest(other.Hash) == with})
		}
	}
	view.Text = linesOf(version.Text)
	if with == "" {
		return nil
	}
	old, err := s.cfg.Store.Version(v.Context(), with)
	if err != nil {
		return fmt.Errorf("version: %w", err)
	}
	view.With, view.Diff = digest(old.Hash), sideBySide(view.Page, playbooks.Diff(old.Text, version.Text))
	return nil
}

func linesOf(text string) []string {
	var out []string
	for _, line := range playbooks.Diff("", text) {
		out = append(out, line.Text)
	}
	return out
}

// past adds what the version has shown so far: its runs, dry runs and moves.
func (s *Server) past(v *visit, view *versionView, hash string) (err error) {
	if view.Numbers, err = s.cfg.Store.VersionNumbers(v.Context(), hash); err != nil {
		return fmt.Errorf("runs of the version: %w", err)
	}
	dry, err := s.cfg.Store.DryRuns(v.Context(), store.DryRunFilter{Hash: hash, Limit: 10})
	if err != nil {
		return fmt.Errorf("dry runs: %w", err)
	}
	for _, d := range dry {
		view.Dry = append(view.Dry, dryRowOf(view.Page, d))
	}
	events, err := s.cfg.Store.VersionEvents(v.Context(), hash)
	if err != nil {
		return fmt.Errorf("moves of the version: %w", err)
	}
	for _, e := range events {
		reason := e.Reason
		if e.RunID != "" {
			reason = s.endText(view.Page, e.Reason)
		}
		view.Events = append(view.Events, eventRow{At: view.Time(e.At), By: e.By, From: view.Word("stage", string(e.From)), To: view.Word("stage", string(e.To)), Reason: reason, RunID: e.RunID})
	}
	return nil
}

func (s *Server) versionActions(v *visit, view *versionView, version store.Version) {
	live := version.Retired.IsZero()
	release := v.may[mayRelease]
	wrote := v.actor.ID == version.AuthorID || v.actor.Name == version.Author
	view.CanEdit = v.may[mayWritePlaybook]
	view.CanRelease = release && !wrote && version.Errors == 0 && version.Stage == casework.StageDraft && live
	view.CanPromote = release && !wrote && live && version.Stage != casework.StageDraft && version.Stage != casework.StageFull
	view.CanDemote = (release || v.may[mayWritePlaybook]) && live && version.Stage.Back() != version.Stage
	view.CanRetire = release && live && version.Stage != casework.StageDraft
	view.CanQuota = release && live && view.Version.HasQuota
	view.Alone = release && wrote && version.Stage != casework.StageFull
	view.Any = view.CanRelease || view.CanPromote || view.CanDemote || view.CanRetire || view.CanQuota || view.Alone
}

// diffOut is a comparison as the API gives it.
type diffOut struct {
	Op   string `json:"op"` // " " both, "-" only in the other one, "+" only in this one
	Text string `json:"text"`
}

func (s *Server) apiDiff(v *visit) (answer, error) {
	version, err := s.cfg.Store.Version(v.Context(), v.PathValue("hash"))
	if err != nil {
		return answer{}, fmt.Errorf("version: %w", err)
	}
	with := v.URL.Query().Get("with")
	if with == "" {
		return answer{}, refuse(http.StatusUnprocessableEntity, "input_invalid").with("fields", "with")
	}
	other, err := s.cfg.Store.Version(v.Context(), with)
	if err != nil {
		return answer{}, fmt.Errorf("version: %w", err)
	}
	return listed(playbooks.Diff(other.Text, version.Text), "", func(l playbooks.DiffLine) diffOut { return diffOut{string(l.Op), l.Text} })
}
