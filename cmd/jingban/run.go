package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// runCommand is the operator's hand on runs.
type runCommand struct {
	List   runList   `cmd:"" help:"List runs, the newest first."`
	Show   runShow   `cmd:"" help:"Show one run with its journal (no personal data)."`
	Pause  runPause  `cmd:"" help:"Keep a run where it is; a running one stops before its next step or click."`
	Resume runResume `cmd:"" help:"Let a paused run go on."`
	Retry  runRetry  `cmd:"" help:"Let a failed or parked run go on: where it stands, from a step, or with another playbook version."`
	Skip   runSkip   `cmd:"" help:"Pass over a step; a question to a person is never skipped."`
	Cancel runCancel `cmd:"" help:"End a run; a person takes the case over."`
	Trace  runTrace  `cmd:"" help:"Write a run as one HTML file that opens offline: timeline, pictures, values, journal. It holds personal data."`
	Replay runReplay `cmd:"" help:"Rehearse a run offline on the pages it left as evidence, with its playbook or a changed one."`
	Dry    runDry    `cmd:"" help:"Fill the live page up to but without the commit and show field by field what would be written."`
}

type runList struct {
	State    []casework.RunState `help:"waiting, running, parked, done, failed or withdrawn; may be repeated." placeholder:"STATE"`
	Playbook string              `placeholder:"NAME"`
	Target   string              `help:"The system that the next step works on." placeholder:"NAME"`
	Counts   bool                `help:"Count by playbook and target instead of listing."`
	Limit    int                 `default:"50"`
}

// Run prints one run a line.
func (r runList) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	filter := store.RunFilter{States: r.State, Playbook: r.Playbook, Target: r.Target, Limit: r.Limit}
	if r.Counts {
		return counted(ctx, term, h, filter)
	}
	runs, next, err := h.store.Runs(ctx, filter)
	if err != nil {
		return err
	}
	var ids []string
	for _, run := range runs {
		ids = append(ids, run.ID)
	}
	paused, err := h.store.Paused(ctx, ids...)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	for _, run := range runs {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", run.ID, run.Playbook, stateOf(run, paused[run.ID]), run.Step, run.End, run.Updated.In(casework.China).Format(time.DateTime))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if next != "" {
		fmt.Fprintln(term.err, term.say("还有更多；请用 --state、--playbook、--target 或 --limit 缩小范围", "there are more; narrow the list with --state, --playbook, --target or --limit"))
	}
	return nil
}

// counted prints how many runs each playbook and each target has.
func counted(ctx context.Context, term console, h *house, filter store.RunFilter) error {
	facets, err := h.store.Facets(ctx, filter)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(facets.Playbooks)) {
		fmt.Fprintf(table, "playbook\t%s\t%d\n", name, facets.Playbooks[name])
	}
	for _, name := range slices.Sorted(maps.Keys(facets.Targets)) {
		fmt.Fprintf(table, "target\t%s\t%d\n", name, facets.Targets[name])
	}
	return table.Flush()
}

func stateOf(run casework.Run, paused bool) string {
	if paused {
		return string(run.State) + " (paused)"
	}
	return string(run.State)
}

type runShow struct {
	ID string `arg:"" name:"run"`
}

// Run prints the run, its stage and its journal.
func (r runShow) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	run, err := h.store.Run(ctx, r.ID)
	if err != nil {
		return err
	}
	stage, err := h.store.RunStage(ctx, run.ID)
	if err != nil {
		return err
	}
	paused, err := h.store.Paused(ctx, run.ID)
	if err != nil {
		return err
	}
	entries, err := h.store.Entries(ctx, run.ID)
	if err != nil {
		return err
	}
	for _, line := range [][2]string{{"run", run.ID}, {"case", run.CaseID}, {"playbook", run.Playbook}, {"version", run.Version},
		{"stage", string(stage)}, {"state", stateOf(run, paused[run.ID])}, {"step", run.Step}, {"end", run.End}} {
		fmt.Fprintf(term.out, "%-10s %s\n", line[0], line[1])
	}
	return journal(term.out, entries)
}

// journal prints what happened when; the data of the lines may name people and
// stays sealed.
func journal(out io.Writer, entries []casework.Entry) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, e := range entries {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%d\n", e.Seq, e.At.In(casework.China).Format(time.DateTime), e.Step, e.Kind, e.Attempt)
	}
	return table.Flush()
}

// playbookOf gives the version that a run works with.
func (h *house) playbookOf(ctx context.Context, runID string) (*playbooks.Playbook, error) {
	run, err := h.store.Run(ctx, runID)
	if err != nil {
		return nil, err
	}
	v, err := h.store.Version(ctx, run.Version)
	if err != nil {
		return nil, err
	}
	pb, problems := playbooks.Parse(v.Playbook+".yaml", []byte(v.Text))
	if problems.Broken() {
		return nil, fmt.Errorf("playbook %s: %w", v.Playbook, problems)
	}
	return pb, nil
}
