package workers

import (
	"context"
	"errors"
	"fmt"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/store"
)

// startRun assesses a submitted case, all of whose materials are read, and gives
// it a run of the playbook named after its matter. Everything the run will use
// is frozen here.
func (c *Crew) startRun(ctx context.Context, caseID string) error {
	kase, err := c.Store.Case(ctx, caseID)
	if errors.Is(err, store.ErrNotFound) || err == nil && kase.State != casework.CaseMaterialsChecking {
		return nil
	}
	if err != nil {
		return fmt.Errorf("case %s: %w", caseID, err)
	}
	files, err := c.filesOf(ctx, kase)
	if err != nil {
		return err
	}
	snapshot, err := c.snapshot(ctx, kase, files)
	if err != nil {
		return err
	}
	run, err := c.newRun(ctx, kase, snapshot)
	if err != nil {
		return err
	}
	_, err = c.Store.StartRun(ctx, c.actor(), run, snapshot)
	if errors.Is(err, store.ErrDuplicate) {
		c.Log.Info("case waits for another run on the same claim", "case", caseID)
		return nil // the sweep asks again once that run is over
	}
	if err != nil {
		return fmt.Errorf("case %s: start run: %w", caseID, err)
	}
	return nil
}

func (c *Crew) filesOf(ctx context.Context, kase casework.Case) ([]materials.File, error) {
	list, err := c.Store.Materials(ctx, kase.ID)
	if err != nil {
		return nil, fmt.Errorf("case %s: materials: %w", kase.ID, err)
	}
	var files []materials.File
	for _, m := range list {
		if m.Replaced {
			continue
		}
		file := materials.File{ID: m.ID, Slot: m.Slot, FileName: m.FileName, Fault: m.Fault, Bytes: m.Bytes}
		if m.State == casework.MaterialRead {
			if file.Readings, err = c.Store.Readings(ctx, m.ID); err != nil {
				return nil, fmt.Errorf("material %s: readings: %w", m.ID, err)
			}
		}
		if file.Elsewhere, err = c.Store.FileElsewhere(ctx, kase, m); err != nil {
			return nil, fmt.Errorf("material %s: %w", m.ID, err)
		}
		if file.Near, err = c.Store.NearElsewhere(ctx, kase, m); err != nil {
			return nil, fmt.Errorf("material %s: %w", m.ID, err)
		}
		files = append(files, file)
	}
	return files, nil
}

// snapshot assesses the case, and once more where another person's case shows a
// number that one paper only has.
func (c *Crew) snapshot(ctx context.Context, kase casework.Case, files []materials.File) (casework.Snapshot, error) {
	received := casework.DateOf(kase.ReceivedAt)
	input := materials.Input{
		Matter: kase.Matter, Region: kase.Region, Applicant: kase.Applicant,
		Month: kase.Month, Received: received, Shared: kase.Shared, Files: files,
	}
	found := c.Catalog.Assess(input)
	elsewhere, err := c.numbersElsewhere(ctx, kase.ID, c.Catalog.Unique(found))
	if err != nil {
		return casework.Snapshot{}, err
	}
	if len(elsewhere) > 0 {
		input.Elsewhere = elsewhere
		found = c.Catalog.Assess(input)
	}
	return casework.Snapshot{
		Number: kase.Number, Matter: kase.Matter, Region: kase.Region,
		Applicant: kase.Applicant, Month: kase.Month, Received: received, Shared: kase.Shared, Assessment: found,
	}, nil
}

// numbersElsewhere keeps a case's numbers as hashes and gives those that somebody
// else's papers bear.
func (c *Crew) numbersElsewhere(ctx context.Context, caseID string, numbers []materials.Numbered) ([]string, error) {
	refs, hashes := map[string]string{}, []string(nil)
	for _, n := range numbers {
		hash := c.Store.Hash("paper number", n.Ref, n.Value)
		refs[hash], hashes = n.Ref, append(hashes, hash)
	}
	found, err := c.Store.KeepNumbers(ctx, caseID, hashes)
	if err != nil {
		return nil, fmt.Errorf("case %s: paper numbers: %w", caseID, err)
	}
	var elsewhere []string
	for _, hash := range found {
		elsewhere = append(elsewhere, refs[hash])
	}
	return elsewhere, nil
}

func (c *Crew) newRun(ctx context.Context, kase casework.Case, snapshot casework.Snapshot) (casework.Run, error) {
	playbook, err := c.pick(ctx, kase.Matter)
	if err != nil {
		return casework.Run{}, fmt.Errorf("case %s: playbook for matter %s: %w", kase.ID, kase.Matter, err)
	}
	key, err := playbook.KeyOf(snapshot)
	if err != nil {
		return casework.Run{}, fmt.Errorf("case %s: key of %s: %w", kase.ID, playbook.Name, err)
	}
	run := casework.Run{
		CaseID: kase.ID, Playbook: playbook.Name, Version: playbook.Version,
		Key: c.Store.Hash("key", playbook.Name, key),
		Due: kase.Due,
	}
	if kase.Applicant.IDNumber != "" { // a row of a sheet may be about no person
		run.Persons = []string{c.Store.Hash("person", kase.Applicant.IDNumber)}
	}
	return run, nil
}

// actor is the robot as the audit trail names it.
func (c *Crew) actor() casework.Actor {
	return casework.Actor{Kind: casework.Robot, ID: c.Name, Name: "jingban", Role: "robot"}
}
