package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jingban/jingban/ledger"
)

// statementCommand says what single files say.
type statementCommand struct {
	Files  []string `arg:"" name:"file" help:"Statements or journals." type:"existingfile"`
	Ledger bool     `help:"The files are journals of our own books, not a bank's."`
	Layout string   `help:"YAML file that names the columns; guessed without." placeholder:"FILE"`
	JSON   bool     `help:"Print JSON: an object for one file, an array for several."`
}

// Run reads each file by itself. The exit status is 0 when all add up, 2 when
// one is unusable.
func (c statementCommand) Run(_ context.Context, t console, _ *Config) error {
	layout, err := readLayout(c.Layout)
	if err != nil {
		return err
	}
	side := ledger.Bank
	if c.Ledger {
		side = ledger.Book
	}
	refused := false
	var statements []*ledger.Statement
	for _, path := range c.Files {
		st, err := readStatement(path, ledger.Options{Side: side, Layout: layout})
		if _, bad := errors.AsType[*ledger.Refusal](err); bad {
			refused = true
		} else if err != nil {
			return err
		}
		statements = append(statements, st)
	}
	if err := c.print(t, statements); err != nil {
		return err
	}
	if refused {
		return status(2)
	}
	return nil
}

func readStatement(path string, options ledger.Options) (*ledger.Statement, error) {
	inputs, closeAll, err := openInputs([]string{path})
	if err != nil {
		return nil, err
	}
	defer closeAll()
	return ledger.Read(inputs[0], options, nil)
}

func readLayout(path string) (ledger.Layout, error) {
	if path == "" {
		return ledger.Layout{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return ledger.Layout{}, fmt.Errorf("layout: %w", err)
	}
	return ledger.ParseLayout(path, text)
}

// openInputs opens files for the ledger, named by their base names.
func openInputs(paths []string) ([]ledger.Input, func(), error) {
	var inputs []ledger.Input
	var files []*os.File
	closeAll := func() {
		for _, f := range files {
			f.Close()
		}
	}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			closeAll()
			return nil, nil, fmt.Errorf("input: %w", err)
		}
		files = append(files, f)
		info, err := f.Stat()
		if err != nil {
			closeAll()
			return nil, nil, fmt.Errorf("input: %w", err)
		}
		inputs = append(inputs, ledger.Input{Name: filepath.Base(path), Size: info.Size(), Data: f})
	}
	return inputs, closeAll, nil
}

func (c statementCommand) print(t console, statements []*ledger.Statement) error {
	for _, st := range statements {
		if st.Problems == nil {
			st.Problems = []ledger.Problem{}
		}
	}
	if c.JSON {
		if len(statements) == 1 {
			return t.json(statements[0])
		}
		return t.json(statements)
	}
	for _, st := range statements {
		fmt.Fprintf(t.out, "%s: %s, %s %d, %s %s, %s %s\n", st.File, st.Format, t.say("笔数", "entries"), st.Entries, t.say("收入", "in"), st.SumIn, t.say("支出", "out"), st.SumOut)
		if st.HasBalance {
			fmt.Fprintf(t.out, "  %s %s, %s %s\n", t.say("期初", "opening"), st.Opening, t.say("期末", "closing"), st.Closing)
		}
		for _, p := range st.Problems {
			fmt.Fprintf(t.out, "  %s\n", p.Text(t.chinese))
		}
		if st.Balanced {
			fmt.Fprintf(t.out, "  %s\n", t.say("核对无误", "it adds up"))
		}
	}
	return nil
}
