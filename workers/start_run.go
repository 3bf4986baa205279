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
	files, err := c.filesOf(ctx, caseID)
	if err != nil {
		return err
	}
	snapshot := c.snapshot(kase, files)
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

func (c *Crew) filesOf(ctx context.Context, caseID string) ([]materials.File, error) {
	list, err := c.Store.Materials(ctx, caseID)
	if err != nil {
		return nil, fmt.Errorf("case %s: materials: %w", caseID, err)
	}
	var files []materials.File
	for _, m := range list {
		file := materials.File{ID: m.ID, Slot: m.Slot, FileName: m.FileName, Fault: m.Fault}
		if m.State == casework.MaterialRead {
			if file.Readings, err = c.Store.Readings(ctx, m.ID); err != nil {
				return nil, fmt.Errorf("material %s: readings: %w", m.ID, err)
			}
		}
		files = append(files, file)
	}
	return files, nil
}

func (c *Crew) snapshot(kase casework.Case, files []materials.File) casework.Snapshot {
	received := casework.DateOf(kase.ReceivedAt)
	return casework.Snapshot{
		Number: kase.Number, Matter: kase.Matter, Region: kase.Region,
		Applicant: kase.Applicant, Month: kase.Month, Received: received, Shared: kase.Shared,
		Assessment: c.Catalog.Assess(materials.Input{
			Matter: kase.Matter, Region: kase.Region, Applicant: kase.Applicant,
			Month: kase.Month, Received: received, Shared: kase.Shared, Files: files,
		}),
	}
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
	return casework.Run{
		CaseID: kase.ID, Playbook: playbook.Name, Version: playbook.Version,
		Key:     c.Store.Hash("key", playbook.Name, key),
		Persons: []string{c.Store.Hash("person", kase.Applicant.IDNumber)},
		Due:     kase.Due,
	}, nil
}

// actor is the robot as the audit trail names it.
func (c *Crew) actor() casework.Actor {
	return casework.Actor{Kind: casework.Robot, ID: c.Name, Name: "jingban", Role: "robot"}
}
