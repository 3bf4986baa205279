package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/papers"
)

// print gives the table, or JSON for programs.
func (c checkCommand) print(t console, name string, a casework.Assessment) error {
	if c.JSON {
		return t.json(a.Checked(name))
	}
	table := tabwriter.NewWriter(t.out, 0, 8, 2, ' ', 0)
	for _, f := range a.Findings {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.Severity, f.Rule, f.Material, t.say(f.Zh, f.En))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.out, "%s: %s, %d %s\n", t.say("结论", "verdict"), a.Verdict, len(a.Findings), t.say("项问题", "findings"))
	return err
}

// annotateFindings writes every page a finding speaks of, with what was read and
// where the finding points.
func annotateFindings(ctx context.Context, pool *ocr.Pool, dir string, paths []string, files []materials.File, findings []casework.Finding) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("annotate: %w", err)
	}
	for i, file := range files {
		for _, reading := range file.Readings {
			reading, spoken := pointed(reading, file.ID, findings)
			if !spoken {
				continue
			}
			data, err := os.ReadFile(paths[i])
			if err != nil {
				return fmt.Errorf("annotate: %w", err)
			}
			picture, _, _, err := pool.Picture(ctx, data, reading.Page, 0)
			if err != nil {
				return fmt.Errorf("annotate %s page %d: %w", file.FileName, reading.Page, err)
			}
			name := file.FileName + ".png" // id.jpg and id.pdf are two
			out := pageName(filepath.Join(dir, name), reading.Page)
			if err := writeFile(out, func(w io.Writer) error { return ocr.Annotate(w, ocr.Leaf{JPEG: picture, Reading: reading}) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// pointed adds the places of a page's findings to its reading.
func pointed(r casework.Reading, file string, findings []casework.Finding) (casework.Reading, bool) {
	spoken := false
	r.Quality = slices.Clone(r.Quality)
	for _, f := range findings {
		if f.FileID != file || max(f.Page, 1) != r.Page {
			continue
		}
		spoken = true
		r.Quality = append(r.Quality, casework.Quality{Code: f.Rule, Box: f.Box})
	}
	return r, spoken
}

// writeNotice writes the one complete notice of what has to be corrected.
func (c checkCommand) writeNotice(ctx context.Context, t console, cfg *Config, catalog *materials.Catalog, about claim, a casework.Assessment) error {
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	snapshot := casework.Snapshot{
		Number: about.Case, Matter: c.Matter, Region: c.Region, Applicant: named(about.Applicant, a), Received: about.Received, Shared: about.Shared, Assessment: a,
	}
	view, err := papers.NewView(snapshot, catalog, calendar, casework.DateOf(time.Now()))
	if err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	if view.Agency, err = cfg.office(); err != nil {
		return err
	}
	t.saySample(cfg)
	view.Number = "补〔" + fmt.Sprint(view.Issued.Year) + "〕" + about.Case + "号"
	html, err := papers.Render("correction_notice", view)
	if err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	if !strings.EqualFold(filepath.Ext(c.Notice), ".pdf") {
		return writeFile(c.Notice, func(w io.Writer) error { _, err := w.Write(html); return err })
	}
	chromium := newBrowsing(cfg, nil, cfg.logger(t.err), time.Now)
	defer chromium.Close()
	pdf, err := chromium.PDF(ctx, html)
	if err != nil {
		return fmt.Errorf("notice: print: %w", err)
	}
	return writeFile(c.Notice, func(w io.Writer) error { _, err := w.Write(pdf); return err })
}

// named takes the name from the identity card where nobody stated it.
func named(p casework.Person, a casework.Assessment) casework.Person {
	if p.Name == "" {
		p.Name = a.Documents["id_card_front"].Fields["name"].Value
	}
	if p.Name == "" {
		p.Name = "申请人"
	}
	return p
}
