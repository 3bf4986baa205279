package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// tryReport is what became of a try. It holds personal data.
type tryReport struct {
	Playbook string              `json:"playbook"`
	Version  string              `json:"version"`
	System   string              `json:"system"`
	State    string              `json:"state"` // done, stopped, parked or failed
	End      string              `json:"end,omitempty"`
	Steps    []tryStep           `json:"steps"`
	Form     *casework.DryReport `json:"form,omitempty"`   // without --commit: what would have been written
	Sent     int                 `json:"sent"`             // changing requests of commits that left
	Verify   string              `json:"verify,omitempty"` // what the last look said
	Kept     map[string]string   `json:"kept,omitempty"`
	Fault    string              `json:"fault,omitempty"` // code
	Cause    string              `json:"cause,omitempty"`
	Choices  []string            `json:"choices,omitempty"` // what a person would be asked
}

type tryStep struct {
	ID      string         `json:"id"`
	Kind    string         `json:"kind"`
	Title   string         `json:"title,omitempty"`
	Outcome string         `json:"outcome"` // done, skipped, before_commit, stopped, parked or failed
	Values  map[string]any `json:"values,omitempty"`
	Acts    []tryAct       `json:"acts,omitempty"`
}

// tryAct is one verb, what it wrote, and what the page answered.
type tryAct struct {
	Verb  string          `json:"verb"`
	Where string          `json:"where,omitempty"`
	Wrote string          `json:"wrote,omitempty"`
	Saw   string          `json:"saw,omitempty"` // fill: read back; read: the value
	Rows  []playbooks.Row `json:"rows,omitempty"`
	Files []string        `json:"files,omitempty"`
	Fault string          `json:"fault,omitempty"`

	said playbooks.Act
}

// triedPage asks before each act and takes down what it did.
type triedPage struct {
	playbooks.Page
	try *try
}

// Do carries out one verb.
func (p *triedPage) Do(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	if err := p.try.pace(ctx, act); err != nil {
		return playbooks.Seen{}, err
	}
	seen, err := p.Page.Do(ctx, act)
	p.try.note(tryAct{Verb: string(act.Verb), Where: whereOf(act), Wrote: act.Value, said: act}, seen, err)
	return seen, err
}

// Commit presses the button. Whoever stops here has pressed nothing, which a
// fault says.
func (p *triedPage) Commit(ctx context.Context, order playbooks.Commit, guard playbooks.Guard) (playbooks.Seen, error) {
	press := playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Button: order.Button, Link: order.Link}}
	if err := p.try.pace(ctx, press); err != nil {
		return playbooks.Seen{}, casework.Fail("stopped", "%w", err)
	}
	seen, err := p.Page.Commit(ctx, order, guard)
	p.try.note(tryAct{Verb: "commit", Where: order.Button + order.Link, said: press}, seen, err)
	return seen, err
}

func whereOf(act playbooks.Act) string {
	return strings.Join(act.Menu, " / ") + act.At.Label + act.At.Button + act.At.Link + act.At.Text + act.At.Table + act.At.CSS
}

func (t *try) note(act tryAct, seen playbooks.Seen, err error) {
	act.Saw, act.Rows = seen.Text, seen.Rows
	for _, f := range seen.Files {
		act.Files = append(act.Files, fmt.Sprintf("%s (%d bytes)", f.Name, len(f.Data)))
	}
	if err != nil {
		act.Fault = err.Error()
	}
	t.acts = append(t.acts, act)
}

// close prints the report and gives the exit status.
func (t *try) close(term console, err error, asJSON bool) error {
	r := &t.report
	if err != nil {
		fault := casework.AsFault(err)
		r.Fault, r.Cause = fault.Code, err.Error()
	}
	if len(t.acts) > 0 { // of a step that never finished
		r.Steps = append(r.Steps, tryStep{Outcome: "stopped", Acts: t.acts})
	}
	if asJSON {
		if err := term.json(r); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	} else if err := term.tried(*r); err != nil {
		return err
	}
	if r.State != "done" {
		return status(1)
	}
	return nil
}

// tried prints a report.
func (t console) tried(r tryReport) error {
	for _, s := range r.Steps {
		t.triedStep(s)
	}
	if r.Fault != "" || r.Cause != "" {
		fmt.Fprintf(t.out, "%s%s %s\n", t.say("停下：", "stopped: "), r.Fault, r.Cause)
	}
	if len(r.Choices) > 0 {
		fmt.Fprintln(t.out, t.say("须由人选择：", "a person would choose: ")+strings.Join(r.Choices, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Kept)) {
		fmt.Fprintf(t.out, "%s = %s\n", name, r.Kept[name])
	}
	if r.Form != nil && r.Fault == "" {
		err := t.dryRun(store.DryRun{ID: r.Playbook, State: store.DryDone, Code: r.End, Good: true, Report: *r.Form})
		fmt.Fprintln(t.out, t.say("没有提交。", "nothing was committed"))
		return err
	}
	fmt.Fprintf(t.out, t.say("已发出的提交 %d 次，核查：%s\n", "%d commits sent, verify: %s\n"), r.Sent, r.Verify)
	fmt.Fprintln(t.out, r.Playbook, r.State, r.End)
	return nil
}

func (t console) triedStep(s tryStep) {
	fmt.Fprintf(t.out, "%s %s %s [%s]\n", s.ID, s.Kind, s.Title, s.Outcome)
	for _, a := range s.Acts {
		line := a.Verb + " " + a.Where
		if a.said.Verb != "" && a.Verb != "commit" {
			line = t.act(a.said)
		}
		if a.Wrote != "" && a.said.Verb == playbooks.Fill {
			line += " ← " + a.Wrote
		}
		if a.Saw != "" {
			line += " → " + a.Saw
		}
		fmt.Fprintln(t.out, "  "+line)
		for _, row := range a.Rows {
			fmt.Fprintf(t.out, "    %v\n", map[string]string(row))
		}
		for _, file := range a.Files {
			fmt.Fprintln(t.out, "    "+file)
		}
		if a.Fault != "" {
			fmt.Fprintln(t.out, "    ✗ "+a.Fault)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Values)) {
		fmt.Fprintf(t.out, "  %s.%s = %v\n", s.ID, name, s.Values[name])
	}
}
