package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/sheets"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/web"
)

// sheetCommand runs playbooks over sheets: one row is one run. The service does the
// work; these commands bring sheets to it and fetch them.
type sheetCommand struct {
	Take     sheetTake     `cmd:"" help:"Bring a sheet in: one row is one run of the playbook. The same file begins nothing twice."`
	List     sheetList     `cmd:"" help:"List the sheets and where their rows stand."`
	Show     sheetShow     `cmd:"" help:"Show what became of each row."`
	Stop     sheetStop     `cmd:"" help:"Let no further row begin; what is under way comes to its end."`
	Continue sheetContinue `cmd:"" help:"Go on with the next row."`
	Write    sheetWrite    `cmd:"" help:"Write the file back with the results in four columns; it holds personal data."`
	Template sheetTemplate `cmd:"" help:"Write the empty list of a playbook, with a sheet that says how to fill it in."`
}

// sheetFlow finds the playbook and the words of a list.
func sheetFlow(term console, cfg *Config, name string) (*playbooks.Playbook, web.SheetText, error) {
	lang := "en"
	if term.chinese {
		lang = "zh"
	}
	text, err := web.NewSheetText(lang)
	if err != nil {
		return nil, text, err
	}
	library, err := playbooks.Load(cfg.Playbooks)
	if err != nil {
		return nil, text, fmt.Errorf("playbooks: %w", err)
	}
	pb, ok := library.Playbook(name)
	if !ok {
		return nil, text, told{zh: "没有名为 " + name + " 的流程。", en: "there is no playbook called " + name}
	}
	return pb, text, nil
}

type sheetTake struct {
	Playbook string `arg:"" help:"Name of the playbook."`
	Path     string `arg:"" help:"XLSX, XLS or CSV; or a folder that holds one and the papers of each row in a folder of its own, or folders as export writes them." type:"path"`
	doer
	Out string `help:"Wait until every row is over and write the file back there." placeholder:"FILE" type:"path"`
}

// Run takes the sheet; with --out it waits. Interrupted, the sheet goes on; asked
// again with the same file, it waits for the same sheet.
func (s sheetTake) Run(ctx context.Context, term console, cfg *Config) error {
	pb, text, err := sheetFlow(term, cfg, s.Playbook)
	if err != nil {
		return err
	}
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	by, err := s.actor(ctx, term, h, "sheet.write")
	if err != nil {
		return err
	}
	list, err := openCaseList(s.Path, text.Inputs(pb))
	if err != nil {
		return err
	}
	defer list.Close()
	b, rows, err := text.Read(pb, list.data, defaultRegion, time.Now(), list.finder(ctx, h.store))
	if err := errors.Join(err, list.failed); err != nil {
		return sheetRefused(term, err)
	}
	sheet, err := h.store.TakeSheet(ctx, by, store.Sheet{Playbook: pb.Name, Name: list.name, Format: b.Format}, list.data, rows)
	if errors.Is(err, store.ErrDuplicate) {
		fmt.Fprintln(term.err, term.say("这个文件以前上传过，不会重复办理。", "this file came before; nothing begins twice"))
	} else if err != nil {
		return err
	}
	for _, row := range rows {
		if len(row.Wrongs) > 0 {
			fmt.Fprintln(term.err, text.Wrongs(row.Wrongs))
		}
	}
	fmt.Fprintln(term.out, sheet.ID)
	if s.Out == "" {
		return nil
	}
	if err := awaitSheet(ctx, term, h, sheet.ID); err != nil {
		return err
	}
	return writeSheet(ctx, term, cfg, h, sheet.ID, s.Out)
}

// sheetRefused says why a file is no list.
func sheetRefused(term console, err error) error {
	r, ok := errors.AsType[*sheets.Refusal](err)
	if !ok {
		return err
	}
	zh, _ := web.Sentences("zh", r.Code)
	en, _ := web.Sentences("en", r.Code)
	return told{zh: zh, en: en}
}

// awaitSheet waits until every row is over. A row that needs a person is waited for.
func awaitSheet(ctx context.Context, term console, h *house, id string) error {
	for ticker := time.NewTicker(time.Second); ; {
		v, err := h.store.Sheet(ctx, id)
		if err != nil {
			return err
		}
		switch v.State {
		case store.SheetDone:
			return nil
		case store.SheetStopped:
			return told{zh: "清单已停止；用 jingban sheet continue 继续。", en: "the sheet was stopped; go on with jingban sheet continue"}
		}
		select {
		case <-ctx.Done():
			fmt.Fprintln(term.err, term.say("不再等待；清单继续办理，用同一文件再来取结果。", "waiting no longer; the sheet goes on, ask again with the same file"))
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

type sheetList struct{}

// Run prints one sheet a line.
func (sheetList) Run(ctx context.Context, term console, cfg *Config) error {
	return withBooks(ctx, term, cfg, func(s *store.Store) error {
		all, err := s.Sheets(ctx, 50)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
		for _, v := range all {
			counts, err := s.SheetCounts(ctx, v.ID)
			if err != nil {
				return err
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s", v.ID, v.Playbook, v.State, v.At.In(casework.China).Format(time.DateTime))
			for _, stand := range store.SheetStands() {
				if counts[stand] > 0 {
					fmt.Fprintf(table, "\t%s %d", stand, counts[stand])
				}
			}
			fmt.Fprintln(table)
		}
		return table.Flush()
	})
}

type aSheet struct {
	ID string `arg:"" name:"sheet"`
}

type sheetShow struct{ aSheet }

// Run prints one row a line, with nothing of the cells.
func (s sheetShow) Run(ctx context.Context, term console, cfg *Config) error {
	return withBooks(ctx, term, cfg, func(books *store.Store) error {
		v, err := books.Sheet(ctx, s.ID)
		if err != nil {
			return err
		}
		_, text, err := sheetFlow(term, cfg, v.Playbook)
		if err != nil {
			return err
		}
		rows, err := books.SheetRows(ctx, v.ID, 0, sheets.Most)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
		for _, row := range rows {
			r := text.Result(row)
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", row.Line, row.Number, r.Outcome, r.Serial, r.Why)
		}
		return table.Flush()
	})
}

type sheetStop struct {
	aSheet
	doer
}

// Run stops it.
func (s sheetStop) Run(ctx context.Context, term console, cfg *Config) error {
	return s.move(ctx, term, cfg, s.doer, (*store.Store).StopSheet)
}

type sheetContinue struct {
	aSheet
	doer
}

// Run lets it go on.
func (s sheetContinue) Run(ctx context.Context, term console, cfg *Config) error {
	return s.move(ctx, term, cfg, s.doer, (*store.Store).ContinueSheet)
}

func (s aSheet) move(ctx context.Context, term console, cfg *Config, who doer, move func(*store.Store, context.Context, casework.Actor, string, string) error) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	by, err := who.actor(ctx, term, h, "sheet.write")
	if err != nil {
		return err
	}
	return move(h.store, ctx, by, s.ID, who.Why)
}

type sheetWrite struct {
	aSheet
	doer
	Out string `required:"" help:"Where to write it." placeholder:"FILE" type:"path"`
}

// Run writes the file with what has become of each row up to now.
func (s sheetWrite) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	if _, err := s.actor(ctx, term, h, "reveal"); err != nil {
		return err
	}
	return writeSheet(ctx, term, cfg, h, s.ID, s.Out)
}

func writeSheet(ctx context.Context, term console, cfg *Config, h *house, id, out string) error {
	v, err := h.store.Sheet(ctx, id)
	if err != nil {
		return err
	}
	pb, text, err := sheetFlow(term, cfg, v.Playbook)
	if err != nil {
		return err
	}
	data, err := h.store.File(ctx, v.SHA256)
	if err != nil {
		return err
	}
	rows, err := h.store.SheetRows(ctx, id, 0, sheets.Most)
	if err != nil {
		return err
	}
	written, format, err := text.Write(pb, data, rows)
	if err != nil {
		return err
	}
	if v.Format == sheets.XLS {
		fmt.Fprintln(term.err, term.say("XLS 不能写回，已写成 XLSX（"+string(format)+"），原有格式和公式不保留。", "an XLS cannot be written back: this is an XLSX with texts"))
	}
	return os.WriteFile(out, written, 0o600)
}

type sheetTemplate struct {
	Playbook string `arg:""`
	Out      string `required:"" help:"Where to write it." placeholder:"FILE" type:"path"`
}

// Run writes the template.
func (s sheetTemplate) Run(_ context.Context, term console, cfg *Config) error {
	pb, text, err := sheetFlow(term, cfg, s.Playbook)
	if err != nil {
		return err
	}
	data, err := text.Template(pb)
	if err != nil {
		return err
	}
	return os.WriteFile(s.Out, data, 0o600)
}
