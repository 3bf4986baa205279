package bench

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/playbooks"
)

// Make renders and prints a paper as workers do.
func (s *mergeSite) Make(ctx context.Context, name string, snapshot casework.Snapshot, extra map[string]any) ([]playbooks.Shot, error) {
	view, err := papers.NewView(snapshot, s.catalog, weekdays(), casework.DateOf(s.now()))
	if err != nil {
		return nil, err
	}
	view.Agency = papers.Agency{Name: "海州市社会保险经办中心（示例）", Review: "海州市人民政府（示例）", Court: "海州市示例区人民法院"}
	view.Number = papers.Mark(name) + "〔" + fmt.Sprint(view.Issued.Year) + "〕" + snapshot.Number + "号"
	view.Facts, _ = extra[playbooks.FactsKey].(map[string]string)
	html, err := papers.Render(name, view)
	if err != nil {
		return nil, err
	}
	pdf, err := s.browser.PDF(ctx, html)
	return []playbooks.Shot{{Kind: casework.Paper, Name: name + ".html", MIME: "text/html; charset=utf-8", Data: html},
		{Kind: casework.Paper, Name: name + ".pdf", MIME: "application/pdf", Data: pdf}}, err
}

// snapshot is the case as a clerk would have opened it.
func (c *mergeCase) snapshot() casework.Snapshot {
	p := c.a.person
	return casework.Snapshot{Number: c.id(), Matter: "record_merge", Region: "379900", Received: casework.Date{Year: 2026, Month: 3, Day: 2},
		Applicant: casework.Person{Name: p.Name, IDNumber: p.IDNumber}, Shared: c.shared()}
}

// countPapers wants the confirmation of every merge, and the refund form to the
// fen where money goes back.
func (s *mergeSite) countPapers(r *MergeReport, c *mergeCase, want expectation) string {
	made := map[string]string{}
	for _, shot := range s.book.Shots("record_merge-" + c.id()) {
		if shot.Kind != casework.Paper {
			continue
		}
		switch { // a calculation is kept too, and is handed out to nobody
		case strings.HasSuffix(shot.Name, ".pdf") && bytes.HasPrefix(shot.Data, []byte("%PDF-")):
			r.Papers[shot.Name]++
		case strings.HasSuffix(shot.Name, ".html"):
			made[shot.Name] = string(shot.Data)
		}
	}
	refund := c.a.person.Balance + c.b.person.Balance - want.balance
	confirmation, form := made["merge_confirmation.html"], made["refund_form.html"]
	switch {
	case want.end != "merged" && len(made) > 0:
		return "a paper was made although nothing was merged"
	case want.end != "merged":
		return ""
	case !strings.Contains(confirmation, casework.Fen(want.balance).String()) || !strings.Contains(confirmation, want.sub):
		return "the confirmation does not state the balance afterwards"
	case refund == 0 && form != "":
		return "a refund form was made although nothing goes back"
	case refund > 0 && !strings.Contains(form, "<td>"+casework.Fen(refund).String()+"</td>"):
		return "the refund form does not state the refund"
	}
	return ""
}
