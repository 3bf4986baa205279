package workers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// insured carries out the persons.search steps of playbooks.
type insured struct{ crew *Crew }

// Search implements playbooks.Persons. Done again after a crash it gives what the
// search came to, or searches once more and finds the same.
func (o insured) Search(ctx context.Context, order playbooks.PersonOrder) (playbooks.PersonAnswer, error) {
	c := o.crew
	if c.Persons == nil {
		return playbooks.PersonAnswer{}, casework.AskPerson("persons_not_here", "no folder of exports is watched here: start with --persons-folder")
	}
	v, err := o.search(ctx, order)
	if err != nil {
		return playbooks.PersonAnswer{}, err
	}
	if v.State == store.PersonsRefused {
		return playbooks.PersonAnswer{}, casework.AskPerson(v.Code, "the export of the insured was not searched")
	}
	return playbooks.PersonAnswer{Search: v.ID, Way: v.Way, Records: v.Records, Added: v.Added, Gone: v.Gone, Pairs: v.Pairs, Opened: v.Opened, Closed: v.Closed}, nil
}

// search goes on with the search that the step began before, if a crash came
// between.
func (o insured) search(ctx context.Context, order playbooks.PersonOrder) (v store.PersonSearch, err error) {
	c := o.crew
	v, err = c.Store.PersonSearchOf(ctx, order.RunID, order.Step)
	if errors.Is(err, store.ErrNotFound) {
		v, err = o.begin(ctx, order)
	}
	if err != nil || v.State != store.PersonsOrdered {
		return v, err
	}
	if order.Source == "download" {
		err = o.downloaded(ctx, &v, order)
	} else {
		err = o.dropped(ctx, &v, order)
	}
	if err != nil {
		return v, fmt.Errorf("search of persons %s: %w", v.ID, err)
	}
	return v, nil
}

func (o insured) begin(ctx context.Context, order playbooks.PersonOrder) (store.PersonSearch, error) {
	c, name := o.crew, "sha256-"+shortSum(order.Export)
	if order.Source != "download" {
		come, err := c.exports(order.Export)
		if err != nil {
			return store.PersonSearch{}, err
		}
		if len(come) == 0 {
			return store.PersonSearch{}, casework.AskPerson("export_missing", "no export of the insured has come that is called like %q", order.Export)
		}
		name = come[len(come)-1]
	}
	return c.Store.BeginPersonSearch(ctx, personRobot(), name, order.RunID, order.Step)
}

// shortSum is enough of a download's hash to know it by.
func shortSum(export string) string {
	sum := strings.TrimPrefix(export, "sha256:")
	return sum[:min(16, len(sum))]
}

// dropped searches an export of the folder. Older ones of its kind say nothing any
// more and are put aside with it.
func (o insured) dropped(ctx context.Context, v *store.PersonSearch, order playbooks.PersonOrder) error {
	c := o.crew
	come, err := c.exports(order.Export)
	if err != nil {
		return err
	}
	if err := c.searchDropped(ctx, v); err != nil {
		return err
	}
	newest := slices.Index(come, v.Name)
	for _, older := range come[:max(newest, 0)] {
		if err := c.putAside(older, "done"); err != nil {
			return err
		}
	}
	return nil
}

// downloaded searches what an earlier step downloaded; the evidence has its bytes.
func (o insured) downloaded(ctx context.Context, v *store.PersonSearch, order playbooks.PersonOrder) error {
	c := o.crew
	data, err := c.Store.File(ctx, strings.TrimPrefix(order.Export, "sha256:"))
	if errors.Is(err, store.ErrNotFound) {
		v.State, v.Code = store.PersonsRefused, "export_missing"
		return c.endSearch(ctx, *v)
	}
	if err != nil {
		return fmt.Errorf("downloaded export: %w", err)
	}
	if err := c.searchExport(ctx, v, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }); err != nil {
		return err
	}
	return c.endSearch(ctx, *v)
}

// awaitedExports lists what the exports are called that playbooks of schedules
// take from the folder.
func (c *Crew) awaitedExports(ctx context.Context) ([]string, error) {
	all, err := c.Store.Schedules(ctx)
	if err != nil {
		return nil, fmt.Errorf("schedules: %w", err)
	}
	var patterns []string
	for _, s := range all {
		if s.Paused {
			continue
		}
		pb, err := c.pick(ctx, s.Playbook)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if pb.TakesExports() {
			patterns = append(patterns, s.Subject)
		}
	}
	return patterns, nil
}
