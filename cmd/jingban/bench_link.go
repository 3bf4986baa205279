package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/jingban/jingban/bench"
)

type benchLinkCommand struct {
	Persons int    `default:"1000000" help:"Records of the generated population."`
	Seed    uint64 `default:"2" help:"Seed of the population; 1 was used while the rules were written."`
	Growth  bool   `help:"Search a tenth and five times as many records as well."`
	English bool   `help:"Search generated sets of English persons as well."`
	Night   bool   `default:"true" negatable:"" help:"Search by night as well: one row in a hundred is new."`
	JSON    bool   `help:"Print JSON."`
}

// Run prints what was measured.
func (c benchLinkCommand) Run(ctx context.Context, t console, _ *Config) error {
	dir, err := os.MkdirTemp("", "jingban-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	debug.SetGCPercent(tightHeap)
	r, err := bench.Link(ctx, bench.LinkOptions{Persons: c.Persons, Seed: c.Seed, Growth: c.Growth, English: c.English, Night: c.Night, Dir: dir})
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(r)
	}
	m, s := r.Main, r.Main.Score
	fmt.Fprintf(t.out, "%d records, %d true pairs, %d candidates: %.2f CPU s, %.2f s, peak %.0f MiB\n",
		m.Records, s.TruePairs, m.Candidates, m.Search.CPUSeconds, m.Search.Seconds, m.Search.PeakMiB)
	if n := r.Incremental; n != nil {
		fmt.Fprintf(t.out, "incremental: %d rows came, %d went: %.3f CPU s by night, %.3f in full = %.4f of it, same result %t, %.0f MiB kept\n",
			n.Added, n.Gone, n.Night.CPUSeconds, n.Full.CPUSeconds, n.CPUShare, n.Same, n.KeptMiB)
	}
	for _, e := range r.English {
		fmt.Fprintf(t.out, "English, %s: F1 %.4f (precision %.4f, recall %.4f), automatic alone F1 %.4f\n", e.Name, e.F1, e.Precision, e.Recall, e.AutomaticF)
	}
	_, err = fmt.Fprintf(t.out, "false automatic %d, recall %.4f, automatic recall %.4f, review load %.3f pairs per true pair; growth over linear %.2f\n",
		s.FalseAutomatic, s.Recall, s.AutomaticRecall, s.ReviewLoad, r.Growth)
	return err
}
