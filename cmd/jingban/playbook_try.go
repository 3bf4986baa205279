package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// tryCommand runs a playbook file against a web system, with values from the
// command line: for authors, and for systems nobody has driven before.
type tryCommand struct {
	File   string `arg:"" help:"The playbook, a YAML file."`
	System string `required:"" help:"The system file that says how to sign in and what its pages look like." placeholder:"FILE"`
	URL    string `name:"url" help:"Where the system is; without it the system file's base, if that is an address."`

	LoginEnv    string `help:"Environment variable that holds the account." placeholder:"VAR"`
	PasswordEnv string `help:"Environment variable that holds the password." placeholder:"VAR"`

	Input  map[string]string `mapsep:"none" help:"A value: case.name=…, docs.id_card_front.name=…, shared.x=… (or x=…), verdict=… ." placeholder:"NAME=VALUE"`
	Upload map[string]string `mapsep:"none" help:"A file to attach: docs.<type>=FILE is what docs.<type>.file gives, x=FILE what shared.x gives." placeholder:"NAME=FILE"`
	Answer map[string]string `mapsep:"none" help:"What an ask step is answered. Without it the form is tried with the first choice, and --commit stops at the question." placeholder:"STEP=CHOICE"`

	Commit   bool          `help:"Press the commit button and verify. Only for test systems: the journal is kept in memory, so within one try the button is pressed at most once, but NOTHING guards against a second try making a second record."`
	Headed   bool          `help:"Show the browser's window (needs a display)."`
	Slow     time.Duration `help:"Wait so long before each act." placeholder:"1s"`
	Step     bool          `help:"Say each act and wait for Enter before it; q stops."`
	Pictures string        `help:"Put the pictures and pages into this folder; they hold personal data." placeholder:"DIR" type:"path"`
	JSON     bool          `name:"json" help:"Print the report as JSON."`
}

// Help is the long text of --help.
func (tryCommand) Help() string {
	return "Without --commit the form is filled and read back, and left before the commit. " +
		"Exit status: 0 done, 1 stopped or a person would be asked, 2 the files, the values or the address are of no use."
}

// Run tries the playbook and prints step by step what became of it.
func (c tryCommand) Run(ctx context.Context, term console, cfg *Config) error {
	pb, system, err := c.read(term)
	if err != nil {
		return err
	}
	answers, err := c.answers(pb)
	if err != nil {
		return err
	}
	snapshot, files, err := c.snapshot(time.Now())
	if err != nil {
		return err
	}
	access, err := c.access(ctx, system)
	if err != nil {
		return err
	}
	browsing := newBrowsing(cfg, nil, cfg.logger(term.err), time.Now)
	browsing.headed = c.Headed
	read, err := newReader(cfg, nil)
	if err != nil {
		return err
	}
	defer read.Close()
	browsing.sight = read.Sight
	defer browsing.Close()
	if _, err := browsing.alive(ctx); err != nil {
		return err
	}
	t := &try{report: tryReport{Playbook: pb.Name, Version: pb.Version, System: system.Name}, access: access, browsing: browsing,
		pace:    playbookRun{Slow: c.Slow, Step: c.Step}.pacer(term),
		journal: &tryJournal{effects: map[string]casework.Effect{}}}
	runner := &playbooks.Runner{Journal: t.journal, Pages: t, Papers: t, Systems: map[string]playbooks.System{system.Name: system},
		EffectID: func(system, action, key string) string { return fmt.Sprintf("%q %q %q", system, action, key) },
		Files:    func(_ context.Context, id string) (playbooks.File, error) { return fileOf(files, id) },
		Now:      time.Now, Told: t.told}
	run := casework.Run{ID: casework.NewID(), Playbook: pb.Name, Version: pb.Version, Attempt: 1, Created: time.Now()}
	var shots []casework.Shot
	if c.Commit {
		err = t.commit(ctx, runner, run, pb, snapshot, answers)
		shots = t.journal.shots
	} else {
		shots, err = t.rehearse(ctx, runner, run, pb, snapshot, answers)
	}
	if kept := (playbookRun{Pictures: c.Pictures}).keep(shots); kept != nil {
		return kept
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return t.close(term, err, c.JSON)
}

func fileOf(files map[string]playbooks.File, id string) (playbooks.File, error) {
	file, ok := files[id]
	if !ok {
		return file, casework.AskPerson("value_missing", "there is no --upload called %s", id)
	}
	return file, nil
}

// try is one playbook at work. It hands out the pages and takes down what they
// are asked and what they answer.
type try struct {
	report   tryReport
	acts     []tryAct // since the last finished step
	access   playbooks.Access
	browsing *browsing
	pace     pacer
	journal  *tryJournal
}

// Page signs in on the system's first seat.
func (t *try) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	page, err := t.browsing.Seat(ctx, system, t.access, 1)
	if err != nil {
		t.acts = append(t.acts, tryAct{Verb: "sign_in", Where: system.Name, Fault: err.Error()})
		return nil, err
	}
	return &triedPage{page, t}, nil
}

// Make leaves a paper out: it belongs to a case, and here is none.
func (t *try) Make(_ context.Context, name string, _ casework.Snapshot, _ map[string]any) ([]playbooks.Shot, error) {
	t.acts = append(t.acts, tryAct{Verb: "paper_left_out", Where: name})
	return nil, nil
}

// told closes a step.
func (t *try) told(step playbooks.Step, values map[string]any) {
	for _, s := range t.report.Steps {
		if s.ID == step.ID {
			return // restored after an answer
		}
	}
	s := tryStep{ID: step.ID, Kind: step.Kind, Title: step.Title.Zh, Outcome: "done", Values: values, Acts: t.acts}
	if values == nil {
		s.Outcome = "skipped"
	}
	t.report.Steps, t.acts = append(t.report.Steps, s), nil
}

// rehearse goes up to the first commit.
func (t *try) rehearse(ctx context.Context, r *playbooks.Runner, run casework.Run, pb *playbooks.Playbook, snapshot casework.Snapshot, answers map[string]casework.Decision) ([]casework.Shot, error) {
	report, shots, err := r.Dry(ctx, run, pb, snapshot, answers)
	t.report.Form, t.report.Verify, t.report.End = &report, report.Answer, report.End
	t.report.State = "stopped"
	if err == nil {
		t.stand(pb, report.Step, "before_commit")
		if report.Agrees() {
			t.report.State = "done"
		}
	}
	return shots, err
}

// commit lets the runner go to the end. A planned question is answered as the
// command line says; no other one is.
func (t *try) commit(ctx context.Context, r *playbooks.Runner, run casework.Run, pb *playbooks.Playbook, snapshot casework.Snapshot, answers map[string]casework.Decision) error {
	decisions := map[string]casework.Decision{}
	t.report.State = "stopped"
	for {
		result, err := r.Run(ctx, run, pb, snapshot, decisions)
		if err != nil {
			return errors.Join(err, t.journal.summary(&t.report))
		}
		answer, answered := answers[result.Step]
		review := result.Review
		if _, asked := decisions[result.Step]; review != nil && review.Reason == "" && answered && !asked {
			answer.ReviewID, answer.By = review.ID, casework.Actor{ID: "try", Name: "try"}
			decisions[result.Step] = answer
			continue
		}
		t.report.State, t.report.End, t.report.Kept = string(result.State), result.End, result.Kept
		if result.State != casework.RunDone {
			t.stand(pb, result.Step, string(result.State))
		}
		if review != nil {
			t.report.Fault = review.Reason
			for _, choice := range review.Choices {
				t.report.Choices = append(t.report.Choices, choice.Name)
			}
		}
		return t.journal.summary(&t.report)
	}
}

// stand adds the step that the try ended in.
func (t *try) stand(pb *playbooks.Playbook, id, outcome string) {
	if step, ok := pb.Step(id); ok {
		t.told(step, map[string]any{})
		t.report.Steps[len(t.report.Steps)-1].Outcome = outcome
	}
}

// summary takes from the journal what verify said, whether the click left, and
// why a person would be asked.
func (j *tryJournal) summary(r *tryReport) error {
	for _, e := range j.entries {
		var line struct {
			Answer string `json:"answer"`
			Error  string `json:"error"`
			Cause  string `json:"cause"`
		}
		switch e.Kind {
		case casework.Sent:
			r.Sent++
			continue
		case casework.Verified, casework.Parked:
		default:
			continue
		}
		if err := json.Unmarshal(e.Data, &line); err != nil {
			return fmt.Errorf("journal line %d: %w", e.Seq, err)
		}
		if e.Kind == casework.Verified {
			r.Verify = line.Answer + line.Error
		} else {
			r.Cause = line.Cause
		}
	}
	return nil
}
