// Command jingban is the digital employee: it serves the pages, works the
// queues, and checks files on the command line. Each subcommand turns flags into
// one call; house.go puts the rooms together.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the whole command line.
type commands struct {
	Config `embed:"" group:"Settings of the house, the same for every command:"`

	Serve     serveCommand     `cmd:"" help:"Serve the pages and work the queues in one process (the default way to run)."`
	Work      workCommand      `cmd:"" help:"Work the queues only; needs --database, --redis and --files."`
	Web       webCommand       `cmd:"" help:"Serve the pages only; needs --database, --redis and --files."`
	Demo      demoCommand      `cmd:"" help:"Handle 12 fictional unemployment claims end to end against a fake legacy system."`
	Check     checkCommand     `cmd:"" help:"Check the materials of one case without server or database."`
	Material  materialCommand  `cmd:"" help:"Try and list types of materials."`
	Read      readCommand      `cmd:"" help:"Read pictures, PDF and OFD; print what is on them."`
	Playbook  playbookCommand  `cmd:"" help:"Lint, save, release and stage playbooks."`
	Run       runCommand       `cmd:"" help:"See runs and act on them: pause, resume, retry, skip, cancel, dry run."`
	Sheet     sheetCommand     `cmd:"" help:"Run a playbook over an XLSX, XLS or CSV: one row is one run, and the file comes back with the results."`
	Reconcile reconcileCommand `cmd:"" help:"Compare bank statements with the finance journal, without server or database."`
	Statement statementCommand `cmd:"" help:"Say what bank statements say, and whether they add up."`
	Link      linkCommand      `cmd:"" help:"Find the records of one person in a CSV, or across two, and say why."`
	Examples  examplesCommand  `cmd:"" help:"Compute worked examples with the parameters in force and show every difference."`
	Legacy    legacyCommand    `cmd:"" help:"Serve the fake legacy systems on loopback, to look at and to try playbooks on."`
	Survey    surveyCommand    `cmd:"" help:"Look at a web system, read-only, and say whether it can be driven and what that needs."`
	Sample    sampleCommand    `cmd:"" help:"Sample audit: draw own cases, let two people judge them blind, report wrong and missed findings."`
	Schedule  scheduleCommand  `cmd:"" help:"Start playbooks by the clock: list, preview, add, pause and resume schedules."`
	Calendar  calendarCommand  `cmd:"" help:"Show and import the working-day calendar."`
	Doctor    doctorCommand    `cmd:"" help:"Check every real part and say what to install."`
	Settings  settingsCommand  `cmd:"" name:"config" help:"Show the configuration."`
	Secret    secretCommand    `cmd:"" help:"Put addresses and accounts of legacy systems into the vault."`
	User      userCommand      `cmd:"" help:"Add people."`
	Audit     auditCommand     `cmd:"" help:"Prove that the audit trail is whole."`
	Export    exportCommand    `cmd:"" help:"Write the fictional demo claims as folders, to try check on."`
	Bench     benchCommand     `cmd:"" help:"Measure the product, and the obvious other ways beside it."`
	Drill     drillCommand     `cmd:"" help:"Kill, freeze and cut while real processes work, and count what was lost or doubled."`
}

// console is where a command speaks.
type console struct {
	in       io.Reader
	out, err io.Writer
	chinese  bool
}

// say picks the language of the person at the terminal.
func (c console) say(zh, en string) string {
	if c.chinese {
		return zh
	}
	return en
}

// json prints a report for programs.
func (c console) json(report any) error {
	encoder := json.NewEncoder(c.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(report)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// status is an error that is only an exit status; what there was to say has been said.
type status int

// Error names the status.
func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// run is main with its surroundings as arguments. It returns the exit status:
// 0 fine, 1 findings, 2 an error, which it has printed; check has more.
func run(ctx context.Context, args, env []string, in io.Reader, out, errOut io.Writer) int {
	term := console{in: in, out: out, err: errOut, chinese: wantsChinese(env)}
	if err := checkEnvironment(env); err != nil {
		return explain(err, term)
	}
	var cli commands
	exit := -1
	parser, err := kong.New(&cli, kong.Name("jingban"),
		kong.Description("Jingban (经办): a digital employee for social-insurance agencies."),
		kong.Writers(out, errOut), kong.Exit(func(code int) { exit = code }),
		kong.Vars{"region": defaultRegion}, kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(term))
	if err != nil {
		fmt.Fprintln(errOut, "jingban:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err == nil {
		err = parsed.Run(&cli.Config)
	}
	return explain(err, term)
}

// explain prints an error once and gives the exit status. To Chinese terminals
// it says first what to do; the English text stays, for the log and for search.
func explain(err error, term console) int {
	if err == nil || errors.Is(err, context.Canceled) {
		return 0
	}
	if s, ok := errors.AsType[status](err); ok {
		return int(s)
	}
	if zh := inChinese(err); term.chinese && zh != "" {
		fmt.Fprintf(term.err, "jingban: %s\n  （%v）\n", zh, err)
		return 2
	}
	fmt.Fprintln(term.err, "jingban:", err)
	return 2
}
