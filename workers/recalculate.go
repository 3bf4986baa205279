package workers

import (
	"context"
	"errors"
	"fmt"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// recalculationMatter is the playbook that puts a recalculation before a person.
const recalculationMatter = "benefit_recalculation"

// recalculate opens a case for each award that a released set changes for months
// gone by or to come. Done again after a crash, or because an award came in late, it
// opens only what is missing.
func (c *Crew) recalculate(ctx context.Context, setID string) error {
	set, err := c.Store.ParamSet(ctx, setID)
	if errors.Is(err, store.ErrNotFound) || err == nil && (set.State != store.ParamReleased || !set.Recalculated.IsZero()) || c.Params == nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("parameter set %s: %w", setID, err)
	}
	before, err := c.Params.rules(ctx, set.Edition-1)
	if err != nil {
		return err
	}
	after, err := c.Params.rules(ctx, set.Edition)
	if err != nil {
		return err
	}
	r := recalculation{crew: c, set: set, before: benefits.NewPayer(before), after: benefits.NewPayer(after)}
	filter := store.AwardFilter{Region: set.Region, Since: casework.MonthOf(set.From), Edition: set.Edition, Limit: 200}
	for more := true; more; more = filter.After != "" {
		awards, next, err := c.Store.Awards(ctx, filter)
		if err != nil {
			return err
		}
		for _, a := range awards {
			if err := r.open(ctx, a); err != nil {
				return fmt.Errorf("recalculate run %s: %w", a.RunID, err)
			}
		}
		filter.After = next
	}
	return c.Store.EndRecalculations(ctx, c.actor(), set, r.opened)
}

// recalculation is a set at work on the awards.
type recalculation struct {
	crew          *Crew
	set           store.ParamSet
	before, after *benefits.Payer
	opened        int
}

// open opens the case of one award, if its amounts change.
func (r *recalculation) open(ctx context.Context, a store.Award) error {
	out := store.Recalculated{RunID: a.RunID}
	var kase casework.Case
	found, err := benefits.Recalculate(r.before, r.after, a.Award, casework.MonthOf(r.set.From), r.set.Document)
	switch {
	case err != nil: // a person sees it on the page of the set
		r.crew.Log.Warn("an award cannot be recalculated", "set", r.set.ID, "run", a.RunID, "error", err)
	case len(found.Changes) == 0:
		return nil
	default:
		until := casework.MonthOf(casework.DateOf(r.crew.Now()))
		out.Monthly = found.Monthly()
		out.Owed, out.Overpaid = found.Owed(until)
		if kase, err = r.proposal(ctx, a, found, until); err != nil {
			return err
		}
	}
	fresh, err := r.crew.Store.OpenRecalculation(ctx, r.crew.actor(), r.set.ID, out, kase)
	if fresh {
		r.opened++
	}
	return err
}

// proposal is the case that a person decides.
func (r *recalculation) proposal(ctx context.Context, a store.Award, found benefits.Recalculation, until casework.Month) (casework.Case, error) {
	kase, err := r.crew.Store.Case(ctx, a.CaseID)
	if err != nil {
		return kase, fmt.Errorf("case %s: %w", a.CaseID, err)
	}
	now := r.crew.Now()
	return casework.Case{Matter: recalculationMatter, Region: a.Region, Applicant: kase.Applicant, Month: casework.MonthOf(r.set.From), ReceivedAt: now,
		Shared: map[string]string{"set": r.set.ID, "award": a.RunID, "award_number": a.Number, "document": r.set.Document, "plan": found.Plan(), "until": until.String()}}, nil
}
