package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/schollz/progressbar/v3"

	"github.com/jingban/jingban/bench"
)

// benchOCRCommand measures reading.
type benchOCRCommand struct {
	Dir     string `arg:"" optional:"" help:"Folder of pictures with truth.jsonl; without it one is rendered for the run."`
	Pages   int    `help:"At most so many pages of the folder; so many are rendered (default 144)."`
	Seed    uint64 `default:"2" help:"Seed of the rendered pages; 1 was used while reading was improved."`
	Render  string `help:"Only render the pages into this folder." placeholder:"DIR" type:"path"`
	Every   int    `default:"1" help:"Tesseract, by gosseract and by its command line, reads each n-th page; 0 leaves it out."`
	Journal string `help:"File that keeps each page's result, so that an interrupted run goes on." placeholder:"FILE"`
	Workers int    `default:"1" help:"Pages at once."`
	Steady  int    `help:"Then let one child read so many pages, and watch its memory." placeholder:"PAGES"`
	Intake  bool   `help:"Then measure the door checks of large photos and the drawing of PDFs."`
	Scaling int    `help:"Then compare one child with two on so many A4 pages; needs an idle machine." placeholder:"PAGES"`
	Worst   int    `help:"Print so many pages with mistakes." placeholder:"N"`
	Commit  string `help:"Commit to name in the report."`
	JSON    string `help:"Write the report as JSON to this file as well." placeholder:"FILE"`
}

const renderedPages = 144 // every paper in every condition

// Run prints what was measured.
func (c benchOCRCommand) Run(ctx context.Context, t console, cfg *Config) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	rendered := c.Dir == ""
	if c.Render != "" {
		return c.render(t, c.Render)
	}
	if rendered {
		scratch, err := os.MkdirTemp("", "jingban-bench-")
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		defer os.RemoveAll(scratch)
		c.Dir = scratch
		if err := c.render(t, scratch); err != nil {
			return err
		}
	}
	var bars bars
	report, err := bench.OCR(ctx, bench.OCROptions{
		Dir: c.Dir, Pages: c.Pages, Child: besideUs("jingban-ocr"), Models: cfg.models(), Workers: c.Workers, Every: c.Every, Journal: c.Journal,
		Steady: c.Steady, Intake: c.Intake, Scaling: c.Scaling, Begin: func(what string, total int) { bars.begin(t, what, total) }, Done: bars.done,
	})
	bars.end()
	if err != nil {
		return err
	}
	report.Commit = c.Commit
	if rendered {
		report.Seed = c.Seed
	}
	if err := report.Print(t.out, c.Worst); err != nil || c.JSON == "" {
		return err
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err == nil {
		err = os.WriteFile(c.JSON, append(text, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func (c benchOCRCommand) render(t console, dir string) error {
	pages := c.Pages
	if pages == 0 {
		pages = renderedPages
	}
	var bars bars
	bars.begin(t, "rendering", pages)
	defer bars.end()
	return bench.RenderOCR(dir, pages, c.Seed, bars.done)
}

// bars shows one progress bar after the other.
type bars struct {
	mu  sync.Mutex
	now *progressbar.ProgressBar
}

func (b *bars) begin(t console, what string, total int) {
	b.end()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = progress(t, total)
	b.now.Describe(what)
}

// done moves the bar on; a terminal that can't be written to is no reason to stop.
func (b *bars) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.now.Add(1)
}

func (b *bars) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now != nil {
		_ = b.now.Finish()
	}
}
