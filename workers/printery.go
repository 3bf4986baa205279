package workers

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/playbooks"
)

// printery makes the papers a playbook asks for, as page and as PDF.
type printery struct{ crew *Crew }

// Make implements playbooks.Papers. A paper that lacks what it must state asks a
// person: nothing half-finished is handed out.
func (p printery) Make(ctx context.Context, name string, snapshot casework.Snapshot, extra map[string]any) ([]playbooks.Shot, error) {
	calendar, err := p.crew.Store.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	view, err := papers.NewView(snapshot, p.crew.Catalog, calendar, casework.DateOf(p.crew.Now()))
	if err != nil {
		return nil, casework.AskPerson("paper_incomplete", "paper %s: %w", name, err)
	}
	view.Agency = p.crew.Agency
	view.Number = number(name, view)
	view.Facts, _ = extra[playbooks.FactsKey].(map[string]string)
	view.Note = view.Facts["note"]
	html, err := papers.Render(name, view)
	if err != nil {
		return nil, casework.AskPerson("paper_incomplete", "paper %s: %w", name, err)
	}
	pdf, err := p.crew.Browser.PDF(ctx, html)
	if err != nil {
		return nil, fmt.Errorf("paper %s: print: %w", name, err)
	}
	return []playbooks.Shot{
		{Kind: casework.Paper, Name: name + ".pdf", MIME: "application/pdf", Data: pdf},
		{Kind: casework.Paper, Name: name + ".html", MIME: "text/html; charset=utf-8", Data: html},
	}, nil
}

// number is the 文号 of a paper: its kind, its year and the case it belongs to.
func number(name string, view papers.View) string {
	return fmt.Sprintf("%s〔%d〕%s号", papers.Mark(name), view.Issued.Year, view.Case)
}
