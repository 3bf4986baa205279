package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jingban/jingban/bench"
	"github.com/jingban/jingban/casework"
)

type benchMaterialsCommand struct {
	Cases int    `default:"40" help:"So many cases over all matters; every second has one to three defects."`
	Seed  uint64 `default:"2026" help:"Seed of the generated cases; 1 to 9 were used while the rules were written."`
	NoOCR bool   `name:"no-ocr" help:"Take perfect readings from the drawings: judges the rules alone, in seconds."`
	JSON  bool   `help:"Print JSON."`
}

// Run prints what was measured. The cases are judged by one fixed day, so that
// the same seed is the same cases on every day.
func (c benchMaterialsCommand) Run(ctx context.Context, t console, cfg *Config) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	options := bench.MaterialsOptions{Cases: c.Cases, Seed: c.Seed, Today: time.Date(2026, 3, 6, 9, 0, 0, 0, casework.China)}
	if !c.NoOCR {
		reader, err := newReader(cfg, nil)
		if err != nil {
			return err
		}
		defer reader.Close()
		options.Read = reader.Read
	}
	result, err := bench.Materials(ctx, options)
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(result)
	}
	s := result.Score
	fmt.Fprintf(t.out, "%d cases, %d papers, %d matters, %d kinds of defects, seed %d\n", result.Cases, result.Papers, result.Matters, result.Kinds, result.Seed)
	fmt.Fprintf(t.out, "defects found %d of %d = %.4f, retakes rightly asked %d of %d\n", s.Found, s.Planted, s.FoundShare, s.RetakeAsked, s.RetakePlanted)
	fmt.Fprintf(t.out, "clean cases: wrongly blocked %d, passed without a person %d of %d = %.4f; wrong cases passed %d\n", s.CleanBlocked, s.CleanPassed, s.CleanCases, s.CleanPassShare, s.WrongPassed)
	fmt.Fprintf(t.out, "classified %d of %d = %.4f; rules %.2f CPU ms a case\n", s.Classified, s.Papers, s.ClassifiedOK, result.RulesMS)
	for _, name := range s.Worst() {
		fmt.Fprintf(t.out, "  missed: %s, %d of %d\n", name, s.ByDefect[name][1]-s.ByDefect[name][0], s.ByDefect[name][1])
	}
	for _, miss := range s.Misses {
		fmt.Fprintln(t.out, "  "+miss)
	}
	return nil
}
