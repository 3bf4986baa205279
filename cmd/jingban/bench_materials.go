package main

import (
	"context"
	"time"

	"github.com/jingban/jingban/bench"
	"github.com/jingban/jingban/casework"
)

type benchMaterialsCommand struct {
	Cases   int    `default:"400" help:"So many cases over all matters; every second has one to three defects."`
	Seed    uint64 `default:"2026" help:"Seed of the generated cases; 1 to 9 were used while the rules were written."`
	NoOCR   bool   `name:"no-ocr" help:"Take perfect readings from the drawings: judges the rules alone, in seconds."`
	Journal string `help:"File that keeps what was read of each case: an interrupted run goes on, and changed rules are judged without reading again." placeholder:"FILE"`
	Commit  string `help:"Commit that the report names; without it the program's own." placeholder:"HASH"`
	JSON    bool   `help:"Print JSON."`
}

// Run prints what was measured. The cases are judged by one fixed day, so that
// the same seed is the same cases on every day.
func (c benchMaterialsCommand) Run(ctx context.Context, t console, cfg *Config) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	var bars bars
	options := bench.MaterialsOptions{
		Cases: c.Cases, Seed: c.Seed, Today: time.Date(2026, 3, 6, 9, 0, 0, 0, casework.China), Journal: c.Journal,
		Begin: func(what string, total int) { bars.begin(t, what, total) }, Done: bars.done,
	}
	if !c.NoOCR {
		t.saySecondBest(cfg)
		reader, err := newReader(cfg, nil)
		if err != nil {
			return err
		}
		defer reader.Close()
		options.Read = reader.Read
	}
	result, err := bench.Materials(ctx, options)
	bars.end()
	if err != nil {
		return err
	}
	result.Commit, result.Date, result.Machine = c.Commit, casework.DateOf(time.Now()).String(), bench.Machine()
	if c.Commit == "" {
		result.Commit = version()
	}
	if c.JSON {
		return t.json(result)
	}
	return result.Print(t.out)
}
