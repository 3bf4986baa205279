package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jingban/jingban/playbooks"
)

// playbookCommand works on playbooks.
type playbookCommand struct {
	Lint lintCommand `cmd:"" help:"Check playbook files; exit status 1 when one has an error."`
	List listCommand `cmd:"" help:"List the playbooks there are."`

	Explain explainCommand `cmd:"" help:"Say in plain words what each step does, in which system, what cannot be taken back and what a person is asked."`

	Run playbookRun `cmd:"" help:"Try a playbook on the live pages with the values of a run, up to its first commit and not further; watch it do so."`

	Canary canaryCommand `cmd:"" help:"Walk the pages of a system that are only looked at, and say what has changed since they were approved; the workers do so before the day's first run."`

	Record recordCommand `cmd:"" help:"Open a window, watch a person work in a system, and write a draft of a playbook: what was pressed and which fields were filled, never the values."`

	Try tryCommand `cmd:"" help:"Run a playbook file straight against a web system, without server, database or case. For authors and test systems."`

	Save     saveCommand     `cmd:"" help:"Lint a playbook file and keep it as a draft."`
	Versions versionsCommand `cmd:"" help:"List versions with stage, runs of today and author."`
	Show     textCommand     `cmd:"" help:"Print a version, or what it changes."`
	Release  releaseCommand  `cmd:"" help:"Release a draft into its shadow stage; needs a second person and a good dry run."`
	Promote  promoteCommand  `cmd:"" help:"Trust a version one stage further; never by its author."`
	Demote   demoteCommand   `cmd:"" help:"Put a version back one stage, at once."`
	Retire   retireCommand   `cmd:"" help:"Give a version no new runs; those under way keep it."`
	Quota    quotaCommand    `cmd:"" help:"Say how many runs a day a version below full takes."`
}

type lintCommand struct {
	Files []string `arg:"" name:"file"`
}

// Run prints every problem with its place.
func (l lintCommand) Run(_ context.Context, term console, cfg *Config) error {
	schema, err := loadSchema()
	if err != nil {
		return err
	}
	library, err := playbooks.Load(cfg.Playbooks)
	if err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	wrong := false
	for _, file := range l.Files {
		source, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("playbook: %w", err)
		}
		problems := playbooks.Lint(file, source, schema, library.Systems())
		for _, p := range problems {
			fmt.Fprintln(term.out, p)
			wrong = wrong || p.Severity == playbooks.Error
		}
		if len(problems) == 0 {
			fmt.Fprintf(term.out, "%s: %s\n", file, term.say("没有问题", "no problems"))
		}
	}
	if wrong {
		return status(1)
	}
	return nil
}

type listCommand struct{}

// Run prints one playbook a line.
func (listCommand) Run(_ context.Context, term console, cfg *Config) error {
	library, err := playbooks.Load(cfg.Playbooks)
	if err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	for _, p := range library.Playbooks() {
		fmt.Fprintf(term.out, "%-24s %s  %s\n", p.Name, p.Version[:19], term.say(p.Title.Zh, p.Title.En))
	}
	return nil
}
