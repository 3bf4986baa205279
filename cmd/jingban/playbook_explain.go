package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/web"
)

type explainCommand struct {
	What string `arg:"" name:"playbook" help:"Name of a playbook, or a YAML file."`
	Lang string `default:"zh" enum:"zh,en" help:"Language of the explanation: zh or en."`
}

// Run prints the explanation.
func (e explainCommand) Run(_ context.Context, term console, cfg *Config) error {
	catalog, err := materials.Load()
	if err != nil {
		return fmt.Errorf("material types: %w", err)
	}
	library, err := playbooks.Load(cfg.Playbooks)
	if err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	pb, err := playbookOrFile(library, e.What)
	if err != nil {
		return err
	}
	term.chinese = e.Lang == "zh"
	names := e.names(catalog)
	if names.Calculations, err = calculations(); err != nil {
		return err
	}
	term.explanation(pb.Explain(e.Lang, library.Systems(), names))
	return nil
}

// playbookOrFile finds a playbook by name, else reads the file.
func playbookOrFile(library playbooks.Library, what string) (*playbooks.Playbook, error) {
	if pb, ok := library.Playbook(what); ok {
		return pb, nil
	}
	text, err := os.ReadFile(what)
	if err != nil {
		return nil, told{zh: "没有名为 " + what + " 的流程，也没有这个文件。", en: "there is no playbook and no file called " + what, err: err}
	}
	pb, problems := playbooks.Parse(what, text)
	if problems.Broken() {
		return nil, fmt.Errorf("playbook: %w", problems)
	}
	return pb, nil
}

// names tells what material types, fields and values are called.
func (e explainCommand) names(catalog *materials.Catalog) playbooks.Names {
	pick := func(title materials.Title) string {
		if e.Lang == "en" {
			return title.En
		}
		return title.Zh
	}
	return playbooks.Names{
		Document: func(kind string) string { return pick(catalog.Title(kind)) },
		Field: func(kind, name string) string {
			fields := catalog.Fields(kind)
			if i := slices.IndexFunc(fields, func(f materials.FieldRule) bool { return f.Name == name }); i >= 0 {
				return pick(fields[i].Title)
			}
			return ""
		},
		Word: func(family, value string) string {
			if title, ok := papers.Title(value); family == "paper" && ok {
				return pick(materials.Title{Zh: title.Zh, En: title.En})
			}
			if family == "matter" {
				return pick(catalog.Title(value))
			}
			return web.Word(e.Lang, family, value)
		},
	}
}

// explanation prints it as indented text.
func (t console) explanation(x playbooks.Explanation) {
	fmt.Fprintln(t.out, x.Title)
	for _, line := range x.Summary {
		fmt.Fprintln(t.out, "  "+line)
	}
	marks := map[string]string{playbooks.PartDoes: "·", playbooks.PartAsks: "?", playbooks.PartChange: "!", playbooks.PartProof: "✓", playbooks.PartKeeps: "·"}
	for i, step := range x.Steps {
		fmt.Fprintf(t.out, "\n%d. %s\n", i+1, step.Title)
		if step.When != "" {
			fmt.Fprintln(t.out, "   "+step.When)
		}
		for _, part := range step.Parts {
			fmt.Fprintf(t.out, "   %s %s\n", marks[part.Kind], part.Text)
			for _, more := range part.More {
				fmt.Fprintf(t.out, "     – %s\n", more)
			}
		}
		if step.Ends != "" {
			fmt.Fprintln(t.out, "   ■ "+step.Ends)
		}
	}
}
