package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/store"
)

// fundCarriedRow is a row that the open books took over, masked.
type fundCarriedRow struct {
	fundRow
	Age  int
	Tone string
}

// fundReady is a day whose books could be closed, or what it still wants.
type fundReady struct {
	Day, Want string
	State     Pill
	Signed    []string
	Href      string
	Close     bool
}

type fundClosedRow struct {
	Period, By, Bank, Book, Net, Href string
	At                                time.Time
	Carried                           int
	Signed                            []string
}

type fundBooksView struct {
	Page
	Name, Title, Begins string
	Known               bool
	Bank, Book          string // with which the open books began
	Carried             []fundCarriedRow
	CarriedNet          string
	Ready               []fundReady
	Closed              []fundClosedRow
}

// fundBooksPage shows the open books, what they took over, the days they could be
// closed with, and the closed periods.
func (s *Server) fundBooksPage(v *visit) (answer, error) {
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	p := s.page(v, a.Title, "fund")
	view := fundBooksView{Page: p, Name: a.Name, Title: a.Title, Begins: a.Begins.String(), Known: a.Opens.Known, Bank: yuan(a.Opens.Bank), Book: yuan(a.Opens.Book)}
	today := casework.DateOf(s.cfg.Now())
	var net casework.Fen
	for _, c := range a.Carried {
		row := fundCarriedRow{Age: c.Age(ledger.DayOf(today)), fundRow: fundRow{Side: sideWord(p, c.Side), Day: c.On, Fen: yuan(c.Fen), Party: casework.MaskName(c.Party),
			Summary: maskDigits(c.Summary), Ref: strings.TrimSpace(c.Serial + " " + c.Voucher)}}
		row.Tone = ageTone(row.Age)
		view.Carried = append(view.Carried, row)
		if net += c.Fen; c.Side == ledger.Book {
			net -= 2 * c.Fen
		}
	}
	view.CarriedNet = yuan(net)
	if view.Ready, err = s.fundReady(v, p, a); err != nil {
		return answer{}, err
	}
	closed, err := s.cfg.Store.FundClosings(v.Context(), a.ID)
	if err != nil {
		return answer{}, fmt.Errorf("closed books: %w", err)
	}
	for _, c := range closed {
		row := fundClosedRow{Period: c.First.String() + " – " + c.Last.String(), By: c.By, At: c.At, Bank: yuan(c.Bank), Book: yuan(c.Book), Net: yuan(c.Net), Carried: c.Carried,
			Href: "/fund/" + a.Name + "/days/" + c.Last.String()}
		if row.Signed, err = s.fundSigned(v, p, c.Result); err != nil {
			return answer{}, err
		}
		view.Closed = append(view.Closed, row)
	}
	return page("fundbooks", view)
}

// endOfDays is after every day that was compared.
func endOfDays() casework.Date { return casework.Date{Year: 9999, Month: time.December, Day: 31} }

// maxReady is how many compared days the page offers to close with: month ends and
// the latest days.
const maxReady = 8

// fundReady lists the month ends that were compared, and the latest day.
func (s *Server) fundReady(v *visit, p Page, a store.FundAccount) ([]fundReady, error) {
	days, err := s.cfg.Store.FundDays(v.Context(), a.ID, a.Begins, endOfDays())
	if err != nil {
		return nil, fmt.Errorf("reconciliations: %w", err)
	}
	var out []fundReady
	for i := len(days) - 1; i >= 0 && len(out) < maxReady; i-- {
		r := days[i]
		done := r.State == store.FundBalanced || r.State == store.FundDifferences
		if !done || i < len(days)-1 && r.Day.AddDays(1).Month == r.Day.Month {
			continue
		}
		one := fundReady{Day: r.Day.String(), State: fundPill(p, r.State), Href: "/fund/" + a.Name + "/days/" + r.Day.String()}
		if one.Signed, err = s.fundSigned(v, p, r.ID); err != nil {
			return nil, err
		}
		if one.Close = len(one.Signed) == len(store.FundSteps()); !one.Close {
			one.Want = p.T("fund.close.want", p.Word("fundstep", string(store.FundSteps()[len(one.Signed)])))
		}
		out = append(out, one)
	}
	return out, nil
}

// fundSigned says who signed which step of a result.
func (s *Server) fundSigned(v *visit, p Page, resultID string) ([]string, error) {
	signed, err := s.cfg.Store.FundSignatures(v.Context(), resultID)
	if err != nil {
		return nil, fmt.Errorf("signatures: %w", err)
	}
	var out []string
	for _, one := range signed {
		out = append(out, p.Word("fundstep", string(one.Step))+" "+one.Name)
	}
	return out, nil
}

func sideWord(p Page, side ledger.Side) string {
	return p.Word("fundkind", map[ledger.Side]string{ledger.Bank: "bank", ledger.Book: "book", ledger.Batch: "batch"}[side])
}

// ageTone warns of what has been open for long.
func ageTone(days int) string {
	switch {
	case days > ledger.EscalateAfter:
		return "bad"
	case days > ledger.WarnAfter:
		return "warn"
	}
	return "info"
}

type fundClosingOut struct {
	First   casework.Date `json:"first_day"`
	Last    casework.Date `json:"last_day"`
	Result  string        `json:"result"`
	Bank    casework.Fen  `json:"bank_fen"`
	Book    casework.Fen  `json:"book_fen"`
	Carried int           `json:"carried_rows"`
	Net     casework.Fen  `json:"carried_net_fen"`
	By      string        `json:"closed_by"`
	At      time.Time     `json:"closed_at"`
}

func showFundClosing(c store.FundClosing) fundClosingOut {
	return fundClosingOut{First: c.First, Last: c.Last, Result: c.Result, Bank: c.Bank, Book: c.Book, Carried: c.Carried, Net: c.Net, By: c.By, At: c.At}
}

func (s *Server) apiFundBooks(v *visit) (answer, error) {
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	closed, err := s.cfg.Store.FundClosings(v.Context(), a.ID)
	if err != nil {
		return answer{}, fmt.Errorf("closed books: %w", err)
	}
	return listed(closed, "", showFundClosing)
}

// closeFund closes the books with the day's result. What was compared of later
// days is compared again, because it begins elsewhere now.
func (s *Server) closeFund(v *visit) (answer, error) {
	a, r, err := s.fundResultOf(v)
	if err != nil {
		return answer{}, err
	}
	c, err := s.cfg.Store.CloseFundBooks(v.Context(), v.actor, r.ID)
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return answer{}, refuse(http.StatusConflict, "fund_close")
	}
	if err != nil {
		return answer{}, fmt.Errorf("fund account: %w", err)
	}
	later, err := s.cfg.Store.FundDays(v.Context(), a.ID, r.Day.AddDays(1), endOfDays())
	if err != nil {
		return answer{}, fmt.Errorf("reconciliations: %w", err)
	}
	if len(later) > 0 {
		if _, err := s.cfg.Store.OrderFundResult(v.Context(), v.actor, a.ID, later[len(later)-1].Day, ""); err != nil {
			return answer{}, fmt.Errorf("reconciliation: %w", err)
		}
	}
	return s.done(v, "flash.fund_closed", "/fund/"+a.Name+"/books", showFundClosing(c))
}

// fundRepayRow is a failed payment at the business side, masked.
type fundRepayRow struct {
	Key, Batch, Item, Name, Fen, Day, Why, Note, By string
	Account                                         string
	State                                           Pill
	Waiting                                         bool
	Inbox                                           bool // shown in the inbox, and there again after the answer
	At, Done                                        time.Time
}

type fundRepayOut struct {
	Key   string       `json:"key"`
	Batch string       `json:"batch"`
	Item  string       `json:"item"`
	Name  string       `json:"name"` // masked
	Fen   casework.Fen `json:"fen"`
	Day   string       `json:"day"`
	State string       `json:"state"`
	By    string       `json:"closed_by"`
	At    time.Time    `json:"at"`
}

func showFundRepay(r store.FundRepay) fundRepayOut {
	return fundRepayOut{Key: r.Key, Batch: r.Detail.Batch, Item: r.Detail.Item, Name: casework.MaskName(r.Detail.Name), Fen: r.Detail.Fen, Day: r.Detail.Day, State: r.State, By: r.By, At: r.At}
}

func fundRepay(p Page, account string, r store.FundRepay) fundRepayRow {
	tone := map[string]string{store.RepayWaiting: "warn", store.RepayPaid: "ok", store.RepayDropped: "mute"}[r.State]
	return fundRepayRow{Account: account, Key: r.Key, Batch: r.Detail.Batch, Item: r.Detail.Item, Name: casework.MaskName(r.Detail.Name), Fen: yuan(r.Detail.Fen), Day: r.Detail.Day, Why: maskDigits(r.Detail.Why),
		Note: r.Note, By: r.By, State: Pill{Tone: tone, Text: p.Word("state.repay", r.State)}, Waiting: r.State == store.RepayWaiting, At: r.At, Done: r.Done}
}

// waitingRepays are the failed payments of all accounts that the business side has
// to make again, as the inbox shows them. Each is found once, however often its
// return file is read, and closed by one answer.
func (s *Server) waitingRepays(v *visit, p Page) ([]fundRepayRow, error) {
	waiting, err := s.cfg.Store.WaitingRepays(v.Context())
	if err != nil {
		return nil, fmt.Errorf("failed payments: %w", err)
	}
	rows := make([]fundRepayRow, len(waiting))
	for i, r := range waiting {
		rows[i] = fundRepay(p, r.Account, r)
		rows[i].Inbox = true
	}
	return rows, nil
}

func (s *Server) apiFundRepays(v *visit) (answer, error) {
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	all, err := s.cfg.Store.FundRepays(v.Context(), a.ID)
	if err != nil {
		return answer{}, fmt.Errorf("failed payments: %w", err)
	}
	return listed(all, "", showFundRepay)
}

// repayIn says what became of a failed payment: paid (again) or dropped.
type repayIn struct {
	State string `json:"state"`
	Note  string `json:"note"`
}

func (s *Server) closeFundRepay(v *visit) (answer, error) {
	var in repayIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	err = s.cfg.Store.CloseFundRepay(v.Context(), v.actor, a.ID, v.PathValue("key"), in.State, strings.TrimSpace(in.Note))
	switch {
	case errors.Is(err, store.ErrInvalid):
		return answer{}, refuse(http.StatusUnprocessableEntity, "fund_repay")
	case errors.Is(err, store.ErrConflict):
		return answer{}, refuse(http.StatusConflict, "fund_repay")
	case err != nil:
		return answer{}, fmt.Errorf("failed payment: %w", err)
	}
	back := "/fund/" + a.Name + "#repays"
	if v.URL.Query().Get("then") == "inbox" {
		back = "/inbox"
	}
	return s.done(v, "flash.fund_repay", back, acknowledgedOut{ID: v.PathValue("key")})
}
