package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// What the merge playbooks are called, how their steps are, and how they end: the
// lineage of numbers is kept from their journals.
const (
	mergeFlow   = "record_merge"
	unmergeFlow = "record_merge_undo"
)

// noteLineage keeps what a merge, or taking one back, has done to the numbers,
// before the run settles. A turn that comes here again after a crash changes
// nothing.
func (c *Crew) noteLineage(ctx context.Context, run casework.Run, result casework.Result) error {
	if result.State != casework.RunDone {
		return nil
	}
	switch run.Playbook {
	case mergeFlow:
		return c.noteMerge(ctx, run, result.End)
	case unmergeFlow:
		if result.End == "undone" {
			return c.noteUndo(ctx, run)
		}
	}
	return nil
}

func (c *Crew) noteMerge(ctx context.Context, run casework.Run, end string) error {
	switch end {
	case "merged":
	case "rejected":
		return c.Store.ReopenPair(ctx, run.CaseID, store.PairTwo)
	default:
		return c.Store.ReopenPair(ctx, run.CaseID, store.PairUnsure)
	}
	told, err := c.told(ctx, run.ID)
	if err != nil {
		return err
	}
	m := store.PersonMerge{RunID: run.ID, Main: told.text("proposal", "main"), Sub: told.text("proposal", "sub"), Serial: told.text("merge", "流水")}
	if m.Main == "" || m.Sub == "" {
		return casework.AskPerson("person_unclear", "run %s merged, and its journal does not say what", run.ID)
	}
	if m.Before, err = c.archive(ctx, told, "number_a", "number_b"); err != nil {
		return err
	}
	if m.After, err = c.archive(ctx, told, "main_after", "sub_after"); err != nil {
		return err
	}
	return c.Store.NoteMerge(ctx, c.actor(), m)
}

func (c *Crew) noteUndo(ctx context.Context, run casework.Run) error {
	told, err := c.told(ctx, run.ID)
	if err != nil {
		return err
	}
	snapshot, err := c.Store.Snapshot(ctx, run.ID)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	restored, err := c.archive(ctx, told, "main_after", "sub_after")
	if err != nil {
		return err
	}
	err = c.Store.NoteUndo(ctx, c.actor(), snapshot.Shared["sub"], run.ID, restored)
	if errors.Is(err, store.ErrNotFound) {
		return nil // a merge that was made before there was a lineage
	}
	return err
}

// toldValues is what the steps of a run gave, by step.
type toldValues map[string]map[string]json.RawMessage

func (c *Crew) told(ctx context.Context, runID string) (toldValues, error) {
	entries, err := c.Store.Entries(ctx, runID)
	if err != nil {
		return nil, err
	}
	told := toldValues{}
	for _, e := range entries {
		var out struct {
			Values map[string]json.RawMessage `json:"values"`
		}
		if e.Kind != casework.Happened || e.Item != "" || json.Unmarshal(e.Data, &out) != nil {
			continue
		}
		told[e.Step] = out.Values
	}
	return told, nil
}

func (v toldValues) text(step, name string) string {
	var text string
	_ = json.Unmarshal(v[step][name], &text) // what is no text says nothing
	return text
}

// archive keeps what two steps read of two numbers as one file, in an order that
// depends on the numbers only: the same state always has the same hash.
func (c *Crew) archive(ctx context.Context, told toldValues, steps ...string) (string, error) {
	numbers := map[string]map[string]any{}
	for _, step := range steps {
		held := map[string]any{}
		for name, value := range told[step] {
			var rows any
			if err := json.Unmarshal(value, &rows); err != nil {
				return "", fmt.Errorf("step %s: %w", step, err)
			}
			held[name] = rows
		}
		var basic []map[string]string
		if err := json.Unmarshal(told[step]["basic"], &basic); err != nil || len(basic) != 1 {
			return "", casework.AskPerson("person_unclear", "step %s did not read one number", step)
		}
		numbers[basic[0]["编号"]] = held
	}
	text, err := json.Marshal(numbers)
	if err != nil {
		return "", fmt.Errorf("archive: %w", err)
	}
	return c.Store.PutFile(ctx, text)
}
