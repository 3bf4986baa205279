package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/playbooks"
)

// checkCommand checks the materials of one case: files, or a folder of them. A
// file case.json beside them says who applies (see claim).
type checkCommand struct {
	Files  []string `arg:"" name:"file" help:"Files or one folder." type:"existingpath"`
	Matter string   `required:"" help:"Like unemployment_claim."`
	Region string   `default:"${region}" help:"Region whose parameters hold."`
	JSON   bool     `help:"Print JSON."`
}

// claim is what case.json may say; whatever is missing is taken from the papers.
type claim struct {
	Applicant casework.Person   `json:"applicant"`
	Month     casework.Month    `json:"month"`
	Received  casework.Date     `json:"received"`
	Shared    map[string]string `json:"shared"`
	Slots     map[string]string `json:"slots"` // file name → material type it was uploaded as
}

// Run prints the findings; the exit status is 0 without, 1 with findings, 2 for
// an error.
func (c checkCommand) Run(ctx context.Context, t console, cfg *Config) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	catalog, err := materials.Load()
	if err != nil {
		return fmt.Errorf("material types: %w", err)
	}
	if err := knownMatter(catalog, c.Matter); err != nil {
		return err
	}
	paths, about, err := c.gather()
	if err != nil {
		return err
	}
	input := materials.Input{Matter: c.Matter, Region: c.Region, Applicant: about.Applicant, Month: about.Month, Received: about.Received, Shared: about.Shared}
	if input.Files, err = readFiles(ctx, t, cfg, paths, about.Slots); err != nil {
		return err
	}
	assessment := catalog.Assess(input)
	if err := c.print(t, assessment); err != nil {
		return err
	}
	if len(assessment.Findings) > 0 {
		return status(1)
	}
	return nil
}

// knownMatter refuses a matter that is not there and names those that are.
func knownMatter(catalog *materials.Catalog, name string) error {
	if _, ok := catalog.Matter(name); ok {
		return nil
	}
	library, err := playbooks.Builtin()
	if err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	var names []string
	for _, p := range library.Playbooks() {
		if _, ok := catalog.Matter(p.Name); ok {
			names = append(names, p.Name)
		}
	}
	return told{zh: "没有事项 " + name + "，可用：" + strings.Join(names, "、"), en: fmt.Sprintf("unknown matter %q: use one of %s", name, strings.Join(names, ", "))}
}

// gather resolves a folder into its files and reads case.json.
func (c checkCommand) gather() ([]string, claim, error) {
	about := claim{Received: casework.DateOf(time.Now())}
	var paths []string
	for _, path := range c.Files {
		info, err := os.Stat(path)
		if err != nil {
			return nil, about, fmt.Errorf("check: %w", err)
		}
		if !info.IsDir() {
			paths = append(paths, path)
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, about, fmt.Errorf("check: %w", err)
		}
		for _, entry := range entries {
			if entry.Type().IsRegular() {
				paths = append(paths, filepath.Join(path, entry.Name()))
			}
		}
	}
	var files []string
	for _, path := range paths {
		if filepath.Base(path) != "case.json" {
			files = append(files, path)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, about, fmt.Errorf("check: %w", err)
		}
		if err := json.Unmarshal(text, &about); err != nil {
			return nil, about, fmt.Errorf("%s: %w", path, err)
		}
	}
	if len(files) == 0 {
		return nil, about, fmt.Errorf("no files to check in %v", c.Files)
	}
	return files, about, nil
}

// readFiles reads every file with as many OCR children as there are cores.
func readFiles(ctx context.Context, t console, cfg *Config, paths []string, slots map[string]string) ([]materials.File, error) {
	reader, err := newReader(cfg, nil)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	bar := progress(t, len(paths))
	files := make([]materials.File, len(paths))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i, path := range paths {
		group.Go(func() error {
			data, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("check: %w", err)
			}
			name := filepath.Base(path)
			files[i] = materials.File{ID: name, Slot: slots[name], FileName: name}
			files[i].Readings, err = reader.Read(ctx, data)
			if fault := casework.AsFault(err); err != nil {
				if fault.Kind != casework.Permanent {
					return fmt.Errorf("%s: %w", name, err)
				}
				files[i].Fault = fault.Code
				fmt.Fprintf(t.err, "%s: %v\n", name, fault.Err)
			}
			return bar.Add(1)
		})
	}
	return files, group.Wait()
}

// progress is a bar on a terminal and nothing elsewhere.
func progress(t console, total int) *progressbar.ProgressBar {
	file, ok := t.err.(*os.File)
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(t.err), progressbar.OptionSetVisibility(ok && term.IsTerminal(int(file.Fd()))),
		progressbar.OptionSetDescription(t.say("识读", "reading")), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}

func (c checkCommand) print(t console, a casework.Assessment) error {
	if c.JSON {
		if a.Findings == nil {
			a.Findings = []casework.Finding{}
		}
		encoder := json.NewEncoder(t.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(struct {
			Verdict  casework.Verdict   `json:"verdict"`
			Findings []casework.Finding `json:"findings"`
		}{a.Verdict, a.Findings})
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
