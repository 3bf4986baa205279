package main

import (
	"context"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/web"
)

// checker judges for the pages what somebody would bring.
type checker struct {
	reader  *reader
	catalog *materials.Catalog
}

// Knows implements web.Checker.
func (c checker) Knows(matter string) bool {
	_, ok := c.catalog.Matter(matter)
	return ok
}

// Check implements web.Checker.
func (c checker) Check(ctx context.Context, kase casework.Case, uploads []web.Upload) (casework.Assessment, error) {
	files := make([]materials.File, len(uploads))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(2) // the readers are there for the cases, too
	for i, u := range uploads {
		files[i] = materials.File{ID: strconv.Itoa(i), Slot: u.Slot, FileName: u.Name, Bytes: int64(len(u.Data))}
		group.Go(func() error {
			_, err := c.reader.into(within, &files[i], u.Data)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return casework.Assessment{}, err
	}
	return c.catalog.Assess(materials.Input{
		Matter: kase.Matter, Region: kase.Region, Applicant: kase.Applicant, Month: kase.Month,
		Received: casework.DateOf(kase.ReceivedAt), Shared: kase.Shared, Files: files,
	}), nil
}
