package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/store"
)

// fundAccountIn makes or changes a fund account.
type fundAccountIn struct {
	Name    string        `json:"name"`
	Title   string        `json:"title"`
	Unit    string        `json:"unit"`
	BankOf  string        `json:"bank_of"`
	Number  string        `json:"number"`
	Cashier string        `json:"cashier"` // login of the 出纳, who signs nothing
	Begins  casework.Date `json:"begins"`
	DueBy   string        `json:"due_by"` // HH:MM of the next working day; "" is 09:30
}

type fundAccountOut struct {
	Name    string        `json:"name"`
	Title   string        `json:"title"`
	Unit    string        `json:"unit"`
	BankOf  string        `json:"bank_of"`
	Number  string        `json:"number"` // masked
	Cashier string        `json:"cashier"`
	Begins  casework.Date `json:"begins"`
	DueBy   string        `json:"due_by"`
}

func showFundAccount(a store.FundAccount) fundAccountOut {
	return fundAccountOut{Name: a.Name, Title: a.Title, Unit: a.Unit, BankOf: a.BankOf, Number: casework.MaskAccount(a.Number), Cashier: a.Cashier, Begins: a.Begins, DueBy: a.DueBy}
}

func (s *Server) apiFundAccounts(v *visit) (answer, error) {
	accounts, err := s.cfg.Store.FundAccounts(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("fund accounts: %w", err)
	}
	return listed(accounts, "", showFundAccount)
}

func (s *Server) setFundAccount(v *visit) (answer, error) {
	in := fundAccountIn{DueBy: "09:30"}
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	a, err := s.cfg.Store.SetFundAccount(v.Context(), v.actor, store.FundAccount{Name: in.Name, Title: in.Title, Unit: in.Unit, BankOf: in.BankOf,
		Number: in.Number, Cashier: in.Cashier, Begins: in.Begins, DueBy: in.DueBy})
	if errors.Is(err, store.ErrInvalid) {
		return answer{}, refuse(http.StatusUnprocessableEntity, "fund_account")
	}
	if err != nil {
		return answer{}, fmt.Errorf("fund account: %w", err)
	}
	return s.done(v, "flash.fund_account", "/fund/"+a.Name, showFundAccount(a))
}

func (s *Server) fundAccount(v *visit) (store.FundAccount, error) {
	a, err := s.cfg.Store.FundAccount(v.Context(), v.PathValue("account"))
	if err != nil {
		return a, fmt.Errorf("fund account: %w", err)
	}
	return a, nil
}

// fundUploadIn describes the parts of the multipart body of an upload.
type fundUploadIn struct {
	Slot string `json:"slot"` // bank, book, batch, business, fiscal or treasury
	File []byte `json:"file"`
}

type fundFileOut struct {
	ID       string              `json:"id"`
	Kind     store.FundKind      `json:"kind"`
	SHA256   string              `json:"sha256"`
	Name     string              `json:"name"` // long digit runs are masked
	Bytes    int64               `json:"bytes"`
	First    casework.Date       `json:"first_day"`
	Last     casework.Date       `json:"last_day"`
	Entries  int                 `json:"entries"`
	Opening  casework.Fen        `json:"opening_fen"`
	Closing  casework.Fen        `json:"closing_fen"`
	State    store.FundFileState `json:"state"`
	Problems []fundProblemOut    `json:"problems"`
	Source   string              `json:"source"`
	At       time.Time           `json:"at"`
}

// fundProblemOut is a problem of a file; what was found stays in the file.
type fundProblemOut struct {
	Line int    `json:"line"`
	Code string `json:"code"`
	Want string `json:"expected"`
	Hint string `json:"hint"`
}

func showFundFile(f store.FundFile) fundFileOut {
	out := fundFileOut{ID: f.ID, Kind: f.Kind, SHA256: f.SHA256, Name: maskDigits(f.Name), Bytes: f.Bytes, First: f.First, Last: f.Last, Entries: f.Entries,
		Opening: f.Opening, Closing: f.Closing, State: f.State, Problems: []fundProblemOut{}, Source: f.Source, At: f.At}
	for _, p := range f.Problems {
		out.Problems = append(out.Problems, fundProblemOut{p.Line, p.Code, p.Want, p.Hint})
	}
	return out
}

// fundUpload takes files in, each as the kind of its slot, and has the account
// compared up to the last day they cover.
func (s *Server) fundUpload(v *visit) (answer, error) {
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	if len(v.files) == 0 {
		return answer{}, refuse(http.StatusUnprocessableEntity, "file_missing")
	}
	taken := []store.FundFile{}
	var last casework.Date
	for _, part := range v.files {
		if !slices.Contains(store.FundKinds(), store.FundKind(part.Slot)) {
			return answer{}, refuse(http.StatusUnprocessableEntity, "slot_unknown")
		}
		f, err := s.cfg.Store.TakeFundFile(v.Context(), v.actor, store.FundFile{AccountID: a.ID, Kind: store.FundKind(part.Slot), Name: fileName(part.Name), Source: "upload"}, part.Data)
		if err != nil && !errors.Is(err, store.ErrDuplicate) {
			return answer{}, fmt.Errorf("fund file: %w", err)
		}
		if taken = append(taken, f); f.State == store.FundFileKept && last.Before(f.Last) {
			last = f.Last
		}
	}
	if !last.IsZero() {
		if _, err := s.cfg.Store.OrderFundResult(v.Context(), v.actor, a.ID, last, ""); err != nil {
			return answer{}, fmt.Errorf("reconciliation: %w", err)
		}
	}
	if v.api {
		return listed(taken, "", showFundFile)
	}
	if slices.ContainsFunc(taken, func(f store.FundFile) bool { return f.State == store.FundFileRefused }) {
		s.flash(v, "bad", "flash.fund_file_refused")
	} else {
		s.flash(v, "ok", "flash.fund_file")
	}
	return redirect("/fund/" + a.Name)
}

func (s *Server) apiFundFiles(v *visit) (answer, error) {
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	files, err := s.cfg.Store.FundFiles(v.Context(), a.ID)
	if err != nil {
		return answer{}, fmt.Errorf("fund files: %w", err)
	}
	return listed(files, "", showFundFile)
}

func (s *Server) withdrawFundFile(v *visit) (answer, error) {
	var in reasonIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	reason, err := grounds(in.Reason)
	if err != nil {
		return answer{}, err
	}
	if err := s.cfg.Store.WithdrawFundFile(v.Context(), v.actor, v.PathValue("file"), reason); err != nil {
		return answer{}, fmt.Errorf("fund file: %w", err)
	}
	return s.done(v, "flash.fund_withdrawn", "/fund/"+v.PathValue("account"), acknowledgedOut{ID: v.PathValue("file")})
}

// fundDayIn asks for a comparison.
type fundDayIn struct {
	Day casework.Date `json:"day"`
}

type fundResultOut struct {
	ID      string            `json:"id"`
	Day     casework.Date     `json:"day"`
	State   store.FundState   `json:"state"`
	Code    string            `json:"code"`
	Numbers store.FundNumbers `json:"numbers"`
	Papers  []string          `json:"papers"`
	RunID   string            `json:"run"`
	Done    time.Time         `json:"done_at"`
}

func showFundResult(r store.FundResult) fundResultOut {
	out := fundResultOut{ID: r.ID, Day: r.Day, State: r.State, Code: r.Code, Numbers: r.Numbers, Papers: []string{}, RunID: r.RunID, Done: r.Done}
	for name := range r.Papers {
		out.Papers = append(out.Papers, name)
	}
	slices.Sort(out.Papers)
	return out
}

func (s *Server) orderFund(v *visit) (answer, error) {
	var in fundDayIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	if in.Day.IsZero() || in.Day.Before(a.Begins) {
		return answer{}, refuse(http.StatusUnprocessableEntity, "fund_day")
	}
	r, err := s.cfg.Store.OrderFundResult(v.Context(), v.actor, a.ID, in.Day, "")
	if err != nil {
		return answer{}, fmt.Errorf("reconciliation: %w", err)
	}
	return s.done(v, "flash.fund_ordered", "/fund/"+a.Name, showFundResult(r))
}

func (s *Server) apiFundDays(v *visit) (answer, error) {
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	first := s.monthAsked(v)
	days, err := s.cfg.Store.FundDays(v.Context(), a.ID, first, first.AddDays(32-first.AddDays(31).Day-1))
	if err != nil {
		return answer{}, fmt.Errorf("reconciliations: %w", err)
	}
	return listed(days, "", showFundResult)
}

type fundItemOut struct {
	Key     string        `json:"key"`
	State   ledger.State  `json:"state"`
	Reason  string        `json:"reason"`
	Fen     casework.Fen  `json:"fen"`
	Net     casework.Fen  `json:"net_fen"`
	Weight  int64         `json:"weight"`
	Age     int           `json:"age_days"`
	Ruling  ledger.Ruling `json:"ruling"`
	Offered []string      `json:"rulings"`
	Rows    int           `json:"rows"`
	Since   time.Time     `json:"since"`
}

func showFundItem(i store.FundItem) fundItemOut {
	q := i.Question
	out := fundItemOut{Key: i.Key, State: q.State, Reason: q.Reason, Fen: q.Fen, Net: q.Net, Weight: int64(q.Weight()), Age: q.Age, Ruling: q.Ruling, Offered: []string{}, Rows: len(q.Rows), Since: i.Since}
	for _, r := range q.Rulable() {
		out.Offered = append(out.Offered, string(r))
	}
	return out
}

func (s *Server) apiFundItems(v *visit) (answer, error) {
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	items, next, err := s.cfg.Store.FundItems(v.Context(), a.ID, v.URL.Query().Get("after"), v.limit())
	if err != nil {
		return answer{}, fmt.Errorf("fund items: %w", err)
	}
	return listed(items, next, showFundItem)
}

// rulingIn is what a person says of an open item; "undo" takes the last answer back.
type rulingIn struct {
	Ruling string `json:"ruling"`
	Note   string `json:"note"`
}

func (s *Server) ruleFund(v *visit) (answer, error) {
	var in rulingIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	a, err := s.fundAccount(v)
	if err != nil {
		return answer{}, err
	}
	ruling := ledger.Ruling(in.Ruling)
	if in.Ruling == "undo" {
		ruling = ledger.Unruled
	} else if in.Ruling == "" {
		return answer{}, refuse(http.StatusUnprocessableEntity, "fund_ruling")
	}
	err = s.cfg.Store.RuleFundItem(v.Context(), v.actor, a.ID, v.PathValue("key"), ruling, strings.TrimSpace(in.Note))
	switch {
	case errors.Is(err, store.ErrInvalid):
		return answer{}, refuse(http.StatusUnprocessableEntity, "fund_ruling")
	case errors.Is(err, store.ErrConflict):
		return answer{}, refuse(http.StatusConflict, "fund_cleared")
	case err != nil:
		return answer{}, fmt.Errorf("fund item: %w", err)
	}
	return s.done(v, "flash.fund_ruled", "/fund/"+a.Name, acknowledgedOut{ID: v.PathValue("key")})
}

// fundResultOf gives the newest result of the day in the address.
func (s *Server) fundResultOf(v *visit) (store.FundAccount, store.FundResult, error) {
	a, err := s.fundAccount(v)
	if err != nil {
		return a, store.FundResult{}, err
	}
	day, err := casework.ParseDate(v.PathValue("day"))
	if err != nil {
		return a, store.FundResult{}, refuse(http.StatusNotFound, "not_found")
	}
	days, err := s.cfg.Store.FundDays(v.Context(), a.ID, day, day)
	if err != nil {
		return a, store.FundResult{}, fmt.Errorf("reconciliation: %w", err)
	}
	if len(days) == 0 {
		return a, store.FundResult{}, refuse(http.StatusNotFound, "not_found")
	}
	return a, days[0], nil
}

type fundSignedOut struct {
	Step store.FundStep `json:"step"`
}

func (s *Server) signFund(v *visit) (answer, error) {
	a, r, err := s.fundResultOf(v)
	if err != nil {
		return answer{}, err
	}
	step, err := s.cfg.Store.SignFundResult(v.Context(), v.actor, r.ID)
	if errors.Is(err, store.ErrConflict) {
		return answer{}, refuse(http.StatusConflict, "fund_sign")
	}
	if err != nil {
		return answer{}, fmt.Errorf("reconciliation: %w", err)
	}
	return s.done(v, "flash.fund_signed", "/fund/"+a.Name+"/days/"+r.Day.String(), fundSignedOut{step})
}

// fundPaper downloads one paper of a day. It holds names and accounts in full, so
// it needs the permission to reveal and each look is audited.
func (s *Server) fundPaper(v *visit) (answer, error) {
	_, r, err := s.fundResultOf(v)
	if err != nil {
		return answer{}, err
	}
	name := v.PathValue("name")
	sum, ok := r.Papers[name]
	if !ok {
		return answer{}, refuse(http.StatusNotFound, "not_found")
	}
	data, err := s.cfg.Store.File(v.Context(), sum)
	if err != nil {
		return answer{}, fmt.Errorf("paper of reconciliation %s: %w", r.ID, err)
	}
	if err := s.noteLook(v, sum, r.ID); err != nil {
		return answer{}, err
	}
	return answer{Status: http.StatusOK, File: data, MIME: "application/octet-stream", Download: r.Day.String() + "_" + name}, nil
}
