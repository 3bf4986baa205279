package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/store"
)

// fundCell is one day of the strip of an account.
type fundCell struct{ Tone, Text, Href string }

type fundCard struct {
	Name, Title, Number string
	Strip               []fundCell
	Newest              Pill
	Open                int
	Href                string
}

type fundView struct {
	Page
	Accounts []fundCard
}

// stripDays is how many days the strip of an account shows.
const stripDays = 31

func (s *Server) fundPage(v *visit) (answer, error) {
	accounts, err := s.cfg.Store.FundAccounts(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("fund accounts: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "nav.fund"), "fund")
	view := fundView{Page: p}
	today := casework.DateOf(s.cfg.Now())
	for _, a := range accounts {
		days, err := s.cfg.Store.FundCalendar(v.Context(), a, today.AddDays(-stripDays), today.AddDays(-1))
		if err != nil {
			return answer{}, fmt.Errorf("fund calendar: %w", err)
		}
		items, _, err := s.cfg.Store.FundItems(v.Context(), a.ID, "", 500)
		if err != nil {
			return answer{}, fmt.Errorf("fund items: %w", err)
		}
		card := fundCard{Name: a.Name, Title: a.Title, Number: casework.MaskAccount(a.Number), Href: "/fund/" + a.Name}
		for _, i := range items {
			if i.Question.Waits() {
				card.Open++
			}
		}
		for _, d := range days {
			card.Strip = append(card.Strip, s.fundCell(p, a, d))
			if d.Result != nil {
				card.Newest = fundPill(p, d.Result.State)
			}
		}
		view.Accounts = append(view.Accounts, card)
	}
	return page("fund", view)
}

func fundPill(p Page, state store.FundState) Pill {
	return Pill{Tone: fundTone(state), Text: p.Word("state.fund", string(state))}
}

func fundTone(state store.FundState) string {
	return map[store.FundState]string{store.FundBalanced: "ok", store.FundDifferences: "warn", store.FundRefused: "bad", store.FundOrdered: "info"}[state]
}

func (s *Server) fundCell(p Page, a store.FundAccount, d store.FundDay) fundCell {
	c := fundCell{Tone: "mute", Text: d.Day.String()}
	switch {
	case d.Result != nil:
		c.Tone, c.Text, c.Href = fundTone(d.Result.State), c.Text+" "+p.Word("state.fund", string(d.Result.State)), "/fund/"+a.Name+"/days/"+d.Day.String()
	case d.Missing(s.cfg.Now()):
		c.Tone, c.Text, c.Href = "bad", c.Text+" "+p.T("fund.missing"), "/fund/"+a.Name
	}
	return c
}

// fundRow is one row of an open item, masked.
type fundRow struct{ Side, Day, Fen, Party, Summary, Ref string }

type fundItemRow struct {
	Key, State, Reason, Fen, Net, Tone string
	Age                                int
	Rows                               []fundRow
	Ruling                             Pill
	Choices                            []Option
	History                            []moment
	Undo                               bool
}

type fundFileRow struct {
	ID, Kind, Name, Days, Entries, Closing, At string
	State                                      Pill
	Problems                                   []string
	Removable                                  bool
}

type fundAccountView struct {
	Page
	Name, Title, Unit, BankOf, Number string
	Month                             monthGrid
	Items                             []fundItemRow
	Next                              string
	Repays                            []fundRepayRow
	Files                             []fundFileRow
	Kinds                             []Option
	Until                             string
	Limit                             string
}

func (s *Server) fundAccountPage(v *visit) (answer, error) {
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	p := s.page(v, a.Title, "fund")
	view := fundAccountView{Page: p, Name: a.Name, Title: a.Title, Unit: a.Unit, BankOf: a.BankOf, Number: casework.MaskAccount(a.Number),
		Until: casework.DateOf(s.cfg.Now()).AddDays(-1).String(), Limit: sizeText(s.cfg.MaxUpload)}
	if view.Month, err = s.fundMonth(v, p, a); err != nil {
		return answer{}, err
	}
	items, next, err := s.cfg.Store.FundItems(v.Context(), a.ID, v.URL.Query().Get("after"), 50)
	if err != nil {
		return answer{}, fmt.Errorf("fund items: %w", err)
	}
	for _, i := range items {
		view.Items = append(view.Items, fundItem(p, i))
	}
	if next != "" {
		view.Next = "/fund/" + a.Name + "?after=" + next
	}
	repays, err := s.cfg.Store.FundRepays(v.Context(), a.ID)
	if err != nil {
		return answer{}, fmt.Errorf("failed payments: %w", err)
	}
	for _, r := range repays[:min(len(repays), 40)] {
		view.Repays = append(view.Repays, fundRepay(p, a.Name, r))
	}
	files, err := s.cfg.Store.FundFiles(v.Context(), a.ID)
	if err != nil {
		return answer{}, fmt.Errorf("fund files: %w", err)
	}
	slices.Reverse(files)
	for _, f := range files[:min(len(files), 40)] {
		row := fundFile(p, f)
		if f.State == store.FundFileKept && f.Before(a.Begins) {
			row.State = Pill{Tone: "mute", Text: p.T("fund.file.closed")}
		}
		view.Files = append(view.Files, row)
	}
	for _, k := range store.FundKinds() {
		view.Kinds = append(view.Kinds, Option{Value: string(k), Text: p.Word("fundkind", string(k))})
	}
	return page("fundaccount", view)
}

// fundMonth is the month's calendar with what each day's comparison found.
func (s *Server) fundMonth(v *visit, p Page, a store.FundAccount) (monthGrid, error) {
	grid, err := s.month(v, p, "/fund/"+a.Name, nil)
	if err != nil {
		return grid, err
	}
	first := s.monthAsked(v)
	days, err := s.cfg.Store.FundCalendar(v.Context(), a, first, first.AddDays(len(grid.Days)-1))
	if err != nil {
		return grid, fmt.Errorf("fund calendar: %w", err)
	}
	for i, d := range days {
		switch {
		case d.Result != nil:
			text := p.Word("state.fund", string(d.Result.State))
			if n := d.Result.Numbers.Questions; n > 0 {
				text += fmt.Sprintf(" %d", n)
			}
			grid.Days[i].Ticks = []dayTick{{Text: text, Href: "/fund/" + a.Name + "/days/" + d.Day.String(), Tone: fundTone(d.Result.State)}}
		case d.Missing(s.cfg.Now()):
			grid.Days[i].Ticks = []dayTick{{Text: p.T("fund.missing"), Href: "#files", Tone: "bad"}}
		case d.Arrived:
			grid.Days[i].Ticks = []dayTick{{Text: p.T("fund.arrived"), Href: "#files", Tone: "info"}}
		}
	}
	return grid, nil
}

// fundItem shows an open item with its names and accounts masked.
func fundItem(p Page, i store.FundItem) fundItemRow {
	q := i.Question
	out := fundItemRow{Key: i.Key, State: q.State.Title(p.Lang != "en"), Reason: p.pick(q.Zh, q.En), Fen: yuan(q.Fen), Net: yuan(q.Net), Age: q.Age, Tone: ageTone(q.Age)}
	for _, r := range q.Rows[:min(len(q.Rows), 12)] {
		d := r.Detail
		out.Rows = append(out.Rows, fundRow{Side: sideWord(p, r.Side), Day: d.Day.String(), Fen: yuan(r.Fen),
			Party: casework.MaskName(d.Party), Summary: maskDigits(d.Summary), Ref: strings.TrimSpace(d.Serial + " " + d.Voucher)})
	}
	if q.Ruling != ledger.Unruled {
		out.Ruling, out.Undo = Pill{Tone: "ok", Text: p.Word("ruling", string(q.Ruling))}, true
	} else {
		for _, r := range q.Rulable() {
			out.Choices = append(out.Choices, Option{Value: string(r), Text: p.Word("ruling", string(r))})
		}
	}
	for _, r := range i.Rulings {
		word := "undone"
		if r.Ruling != ledger.Unruled {
			word = string(r.Ruling)
		}
		out.History = append(out.History, moment{At: r.At, Text: p.Word("ruling", word) + " " + r.Note, Who: r.By})
	}
	return out
}

func fundFile(p Page, f store.FundFile) fundFileRow {
	out := fundFileRow{ID: f.ID, Kind: p.Word("fundkind", string(f.Kind)), Name: maskDigits(f.Name), Entries: fmt.Sprint(f.Entries), At: p.Time(f.At), State: Pill{Tone: "ok", Text: p.Word("state.fundfile", string(f.State))}}
	if out.Days = "—"; !f.First.IsZero() {
		out.Days = f.First.String() + " – " + f.Last.String()
	}
	if f.HasBalance {
		out.Closing = yuan(f.Closing)
	}
	if f.State == store.FundFileRefused {
		out.State.Tone = "bad"
		for _, problem := range f.Problems[:min(len(f.Problems), 5)] {
			out.Problems = append(out.Problems, maskDigits(problem.Text(p.Lang != "en")))
		}
	}
	return out
}

// yuan writes an amount as people read it: 1,241,830.00.
func yuan(f casework.Fen) string {
	text := f.String()
	sign := ""
	if rest, minus := strings.CutPrefix(text, "-"); minus {
		text, sign = rest, "-"
	}
	for at := len(text) - len(".00") - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}
