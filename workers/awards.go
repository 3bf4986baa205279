package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// What the calculations are called whose results are kept as awards, and how runs
// end that grant or stop one.
const (
	claimCalculation = "unemployment.claim"
	stopCalculation  = "unemployment.stop"
	granted          = "submitted"
	stopped          = "stopped"
)

// noteAwards keeps what a run has granted or stopped, before it settles: changed
// parameters find there which benefits are running. A turn that comes here again
// after a crash changes nothing.
func (c *Crew) noteAwards(ctx context.Context, run casework.Run, result casework.Result) error {
	if result.State != casework.RunDone || result.End != granted && result.End != stopped {
		return nil
	}
	playbook, err := c.shelf.playbook(ctx, run.Version)
	if err != nil {
		return err
	}
	claims, stops := playbook.Computing(claimCalculation), playbook.Computing(stopCalculation)
	if len(claims)+len(stops) == 0 {
		return nil
	}
	told, err := c.told(ctx, run.ID)
	if err != nil {
		return err
	}
	if result.End == granted && len(claims) > 0 {
		return c.noteAward(ctx, run, told[claims[len(claims)-1]])
	}
	if result.End == stopped && len(stops) > 0 {
		return c.noteStop(ctx, run, told[stops[len(stops)-1]])
	}
	return nil
}

// claimGave is what a claim's calculation gave.
type claimGave struct {
	Paid      int          `json:"paid"`
	CarryOver int          `json:"carry_over"`
	Months    int          `json:"months"`
	Monthly   casework.Fen `json:"monthly"`
	Total     casework.Fen `json:"total"`
	First     string       `json:"first"`
}

// errNoAward says that a journal tells of nothing that was granted.
var errNoAward = errors.New("no award")

// awardOf reads what a run has granted; errNoAward where its step was passed over.
// Person and Edition are left open.
func awardOf(run casework.Run, snapshot casework.Snapshot, values map[string]json.RawMessage) (store.Award, error) {
	var v claimGave
	if err := into(values, &v); err != nil {
		return store.Award{}, fmt.Errorf("journal of run %s: %w", run.ID, err)
	}
	first, err := benefits.ParseMonth(v.First)
	if err != nil || v.Months == 0 {
		return store.Award{}, errNoAward
	}
	return store.Award{
		Award: benefits.Award{Region: snapshot.Region, Received: snapshot.Received, Paid: v.Paid, CarryOver: v.CarryOver, First: first},
		RunID: run.ID, CaseID: run.CaseID, Last: first.Add(v.Months - 1), Monthly: v.Monthly, Total: v.Total}, nil
}

func (c *Crew) noteAward(ctx context.Context, run casework.Run, values map[string]json.RawMessage) error {
	snapshot, err := c.Store.Snapshot(ctx, run.ID)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	award, err := awardOf(run, snapshot, values)
	if errors.Is(err, errNoAward) {
		return nil
	}
	if err != nil {
		return err
	}
	if award.Edition, err = c.Store.RunEdition(ctx, run.ID); err != nil {
		return err
	}
	award.Person = c.personOf(snapshot)
	return c.Store.NoteAward(ctx, c.actor(), award)
}

// personOf is the keyed hash by which awards of one person are found, "" for nobody.
func (c *Crew) personOf(snapshot casework.Snapshot) string {
	if snapshot.Applicant.IDNumber == "" {
		return ""
	}
	return c.Store.Hash("person", snapshot.Applicant.IDNumber)
}

func (c *Crew) noteStop(ctx context.Context, run casework.Run, values map[string]json.RawMessage) error {
	var v struct {
		Undue string `json:"undue"`
	}
	if err := into(values, &v); err != nil {
		return fmt.Errorf("journal of run %s: %w", run.ID, err)
	}
	undue, err := benefits.ParseMonth(v.Undue)
	if err != nil {
		return nil // the step was passed over
	}
	snapshot, err := c.Store.Snapshot(ctx, run.ID)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return c.Store.StopAwards(ctx, c.actor(), c.personOf(snapshot), run.ID, undue)
}

// into reads the values of a step as one struct.
func into(values map[string]json.RawMessage, v any) error {
	text, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}
