package playbooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/types"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/sheets"
)

// A sheet that a system or a person gave is read into rows by sheet.read, and goes
// back with what became of each row by sheet.write: the file as it came, with four
// columns more. The file is an earlier download (its sha256) or a material (its
// file); what is written becomes evidence of the run.

// sheetReadStep gives the rows of a sheet.
type sheetReadStep struct {
	file   *Expr
	titles []string // of the columns it gives
}

func readSheetRead(d *decoder, own field, all map[string]field) body {
	s := &sheetReadStep{file: d.expr(own, aText)}
	if f, ok := d.need(all, own.at, "sheet.read", "columns"); ok {
		s.titles = d.words(f, "columns")
	}
	return s
}

func (s *sheetReadStep) lint(l *linter, _ *Step) { l.check(s.file, l.env) }

func (s *sheetReadStep) gives([]casework.Calculation) map[string]any {
	return map[string]any{"rows": []map[string]string{}, "count": 0}
}

func (s *sheetReadStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	file, err := t.sheet(ctx, s.file, step)
	if err != nil {
		return outcome{}, err
	}
	_, rows, err := sheets.Table(file.Data, s.titles)
	if err != nil {
		return outcome{}, noList(step, err)
	}
	return outcome{Values: map[string]any{"rows": rows, "count": len(rows)}}, nil
}

func (s *sheetReadStep) explain(t *explainer) []ExplainedPart {
	return []ExplainedPart{{PartDoes, t.say("读取清单%s的各行，取这些栏目：", "Reads the rows of the sheet %s, these columns:", t.value(s.file)), s.titles},
		{PartKeeps, t.say("得出各行及其行号；栏目不全或号码被表格软件截断的清单交人处理", "Gives the rows and their lines; a sheet that lacks a column, or whose numbers were cut, goes to a person"), nil}}
}

// sheetWriteStep gives a sheet back with its results.
type sheetWriteStep struct {
	sheetReadStep
	rows    *Expr
	line    *Expr // of row: the line of the sheet
	outcome *Expr // of row
	serial  *Expr // of row; nil is none
	why     *Expr // of row; nil is none
}

func readSheetWrite(d *decoder, own field, all map[string]field) body {
	s := &sheetWriteStep{sheetReadStep: sheetReadStep{file: d.expr(own, aText)}}
	if f, ok := d.need(all, own.at, "sheet.write", "columns"); ok {
		s.titles = d.words(f, "columns")
	}
	needed := func(key string, want sort) *Expr {
		f, ok := d.need(all, own.at, "sheet.write", key)
		if !ok {
			return &Expr{Source: `""`, want: want, at: own.at}
		}
		return d.expr(f, want)
	}
	s.rows, s.line, s.outcome = needed("rows", aList), needed("line", aText), needed("outcome", aText)
	s.serial, s.why = d.optionalExpr(all, "serial", aText), d.optionalExpr(all, "why", aText)
	return s
}

func (s *sheetWriteStep) lint(l *linter, step *Step) {
	s.sheetReadStep.lint(l, step)
	l.check(s.rows, l.env)
	env := maps.Clone(l.env)
	env["row"] = types.Map{types.Extra: types.String}
	for _, e := range []*Expr{s.line, s.outcome, s.serial, s.why} {
		if e != nil {
			l.check(e, env)
		}
	}
}

func (s *sheetWriteStep) gives([]casework.Calculation) map[string]any {
	return map[string]any{"file": "", "count": 0}
}

// run writes the file again after a crash: two drafts in the evidence do no harm.
func (s *sheetWriteStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	file, err := t.sheet(ctx, s.file, step)
	if err != nil {
		return outcome{}, err
	}
	book, _, err := sheets.Table(file.Data, s.titles)
	if err != nil {
		return outcome{}, noList(step, err)
	}
	results, err := s.results(t, step)
	if err != nil {
		return outcome{}, err
	}
	data, format, err := sheets.Write(file.Data, book, sheets.Heads(), results)
	if err != nil {
		return outcome{}, noList(step, err)
	}
	name := strings.TrimSuffix(path.Base(file.Name), path.Ext(file.Name)) + "-结果." + string(format)
	shot := Shot{Kind: casework.Paper, Name: name, MIME: "application/octet-stream", Data: data}
	if err := t.Journal.Keep(ctx, step.ID, t.run.Attempt, []Shot{shot}); err != nil {
		return outcome{}, err
	}
	sum := sha256.Sum256(data)
	return outcome{Values: map[string]any{"file": "sha256:" + hex.EncodeToString(sum[:]), "count": len(results)}}, nil
}

// results evaluates what became of each row. Two rows of one line ask a person.
func (s *sheetWriteStep) results(t *turn, step *Step) (map[int]sheets.Result, error) {
	rows, err := rowsOf(s.rows, t.env)
	if err != nil {
		return nil, err
	}
	at := t.Now().Truncate(time.Second)
	results := map[int]sheets.Result{}
	for _, row := range rows {
		env := withRow(t.env, row)
		texts := map[*Expr]string{}
		for _, e := range []*Expr{s.line, s.outcome, s.serial, s.why} {
			if e == nil {
				continue
			}
			if texts[e], err = e.text(env); err != nil {
				return nil, err
			}
		}
		line, err := strconv.Atoi(texts[s.line])
		if _, twice := results[line]; err != nil || twice {
			return nil, casework.AskPerson("sheet_line", "step %s: a result has no line of its own", step.ID)
		}
		results[line] = sheets.Result{Outcome: texts[s.outcome], Serial: texts[s.serial], Why: texts[s.why], At: at}
	}
	return results, nil
}

func (s *sheetWriteStep) explain(t *explainer) []ExplainedPart {
	return []ExplainedPart{{PartDoes, t.say("把%s的办理结果写回清单%s：原有内容不动，右侧加“结果、业务流水号、失败原因、时间”四栏", "Writes what became of %s back into the sheet %s: what stood there stays, four columns are added at the right", t.value(s.rows), t.value(s.file)), nil},
		{PartKeeps, t.say("带结果的清单存为本次办理的证据，可在执行页下载", "The sheet with its results is evidence of the run and can be downloaded there"), nil}}
}

// sheet gives the file that an expression names.
func (t *turn) sheet(ctx context.Context, of *Expr, step *Step) (File, error) {
	id, err := of.text(t.env)
	if err != nil {
		return File{}, err
	}
	if id == "" {
		return File{}, casework.AskPerson("sheet_missing", "step %s: there is no sheet", step.ID)
	}
	sum, archived := strings.CutPrefix(id, "sha256:")
	if !archived {
		return t.Files(ctx, id)
	}
	if t.Archive == nil {
		return File{}, casework.AskPerson("sheet_missing", "step %s: nothing is archived here", step.ID)
	}
	data, err := t.Archive(ctx, sum)
	return File{Name: "清单", Data: data}, err
}

// noList asks a person about a file that is no list; the message names lines, never
// values.
func noList(step *Step, err error) error {
	refusal, ok := errors.AsType[*sheets.Refusal](err)
	if !ok {
		return err
	}
	return casework.AskPerson(refusal.Code, "step %s: %w (line %d)", step.ID, err, refusal.Line)
}
