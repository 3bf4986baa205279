package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// materialCommand helps those who write types of materials.
type materialCommand struct {
	Try  materialTryCommand  `cmd:"" help:"Show what a type finds on pictures of its paper; nothing is installed."`
	List materialListCommand `cmd:"" help:"List the types and the matters that ask for them."`
}

type materialTryCommand struct {
	Type   string   `arg:"" help:"The type as YAML." type:"existingfile"`
	Files  []string `arg:"" name:"file" help:"Pictures, PDF or OFD of the paper." type:"existingpath"`
	Region string   `default:"${region}" help:"Region whose parameters hold."`
	JSON   bool     `help:"Print JSON, one object a file."`
}

// triedFile is what a type made of one file.
type triedFile struct {
	File       string                    `json:"file"`
	TakenFor   string                    `json:"taken_for"` // "" when no type fits
	Confidence float64                   `json:"confidence"`
	Fields     map[string]casework.Field `json:"fields"`
	Findings   []casework.Finding        `json:"findings"`
}

// Run shows, file by file, which type it was taken for, every field with its
// value and confidence, and the findings of the type alone. The exit status is 1
// when a file was taken for something else.
func (c materialTryCommand) Run(ctx context.Context, t console, cfg *Config) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	catalog, kind, err := withType(c.Type)
	if err != nil {
		return err
	}
	t.saySecondBest(cfg)
	reader, err := newReader(cfg, nil)
	if err != nil {
		return err
	}
	defer reader.Close()
	files, err := readFiles(ctx, t, reader, c.Files, nil)
	if err != nil {
		return err
	}
	other := false
	for _, file := range files {
		tried := tryType(catalog, file, c.Region)
		other = other || tried.TakenFor != kind
		if err := c.print(t, catalog, kind, tried); err != nil {
			return err
		}
	}
	if other {
		return status(1)
	}
	return nil
}

// withType loads our types and one more, and gives its name.
func withType(path string) (*materials.Catalog, string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("material type: %w", err)
	}
	catalog, kind, err := materials.LoadTrying(path, text)
	if err != nil {
		return nil, "", fmt.Errorf("material type: %w", err)
	}
	return catalog, kind, nil
}

// tryType reads one file without a slot and without a matter that asks for
// anything.
func tryType(catalog *materials.Catalog, file materials.File, region string) triedFile {
	tried := triedFile{File: file.FileName}
	tried.TakenFor, tried.Confidence = catalog.Classify(file.Readings)
	a := catalog.Assess(materials.Input{Matter: "document_check", Region: region, Received: casework.DateOf(time.Now()), Files: []materials.File{file}})
	tried.Fields, tried.Findings = a.Documents[tried.TakenFor].Fields, a.Findings
	return tried
}

func (c materialTryCommand) print(t console, catalog *materials.Catalog, kind string, tried triedFile) error {
	if c.JSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(tried)
	}
	title := t.say("没有认出", "not recognised")
	if tried.TakenFor != "" {
		name := catalog.Title(tried.TakenFor)
		title = t.say(name.Zh, name.En)
	}
	fmt.Fprintf(t.out, "%s: %s (%s) %.2f\n", tried.File, title, tried.TakenFor, tried.Confidence)
	table := tabwriter.NewWriter(t.out, 0, 8, 2, ' ', 0)
	if tried.TakenFor == kind {
		for _, rule := range catalog.Fields(kind) {
			f := tried.Fields[rule.Name]
			fmt.Fprintf(table, "  %s\t%s\t%s\t%.2f\n", rule.Name, t.say(rule.Title.Zh, rule.Title.En), f.Value, f.Confidence)
		}
	}
	for _, f := range tried.Findings {
		fmt.Fprintf(table, "  %s\t%s\t%s\t\n", f.Severity, f.Rule, t.say(f.Zh, f.En))
	}
	return table.Flush()
}

type materialListCommand struct{}

// Run prints every matter with what it asks for, and every type no matter asks for.
func (c materialListCommand) Run(t console, _ *Config) error {
	catalog, err := loadCatalog("")
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(t.out, 0, 8, 2, ' ', 0)
	for _, name := range catalog.Matters() {
		m, _ := catalog.Matter(name)
		fmt.Fprintf(table, "%s\t%s\t%s\n", name, t.say(m.Title.Zh, m.Title.En), m.Basis)
		for _, r := range m.Materials {
			title := catalog.Title(r.Type)
			fmt.Fprintf(table, "  %s\t%s\t%s\n", r.Type, t.say(title.Zh, title.En), r.Basis)
		}
	}
	return table.Flush()
}
