package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// targetOut is a target as the API shows it.
type targetOut struct {
	Name       string            `json:"name"`
	Account    string            `json:"account"`
	Limits     casework.Limits   `json:"limits"`
	Since      casework.Date     `json:"since"`
	State      store.TargetState `json:"state"`
	Reason     string            `json:"reason"`
	Until      time.Time         `json:"until"`
	Failures   int               `json:"failures"`
	Killed     bool              `json:"killed"`
	Why        string            `json:"why"`
	SeatsTaken int               `json:"seats_taken"`
	Waiting    int               `json:"waiting"`
	UsedToday  int               `json:"used_today"`
	CanaryDay  casework.Date     `json:"canary_day"`
	Seats      []seatOut         `json:"seats"`
}

type seatOut struct {
	Number  int       `json:"number"`
	Holder  string    `json:"holder"`
	Worker  string    `json:"worker"`
	TakenAt time.Time `json:"taken_at"`
}

type limitsIn struct {
	From   casework.Date   `json:"from"`
	Limits casework.Limits `json:"limits"`
}

type limitsOut struct {
	From   casework.Date   `json:"from"`
	Limits casework.Limits `json:"limits"`
	By     string          `json:"by"`
	At     time.Time       `json:"at"`
}

type targetWithLimits struct {
	targetOut
	History []limitsOut `json:"history"`
}

type killIn struct {
	Scope  string `json:"scope"` // "all", "target:<name>" or "playbook:<name>"
	Reason string `json:"reason"`
}

type unkillIn struct {
	Scope string `json:"scope"`
}

type killOut struct {
	Scope  string    `json:"scope"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

func showTarget(t store.Target) targetOut {
	out := targetOut{
		Name: t.Name, Account: t.Account, Limits: t.Limits, Since: t.Since, State: t.State, Reason: t.Reason, Until: t.Until, Failures: t.Failures,
		Killed: t.Killed, Why: t.Why, SeatsTaken: t.SeatsTaken, Waiting: t.Waiting, UsedToday: t.UsedToday, CanaryDay: t.CanaryDay, Seats: []seatOut{},
	}
	for _, seat := range t.Seats {
		out.Seats = append(out.Seats, seatOut{seat.Number, seat.Holder, seat.Worker, seat.TakenAt})
	}
	return out
}

func (s *Server) apiTargets(v *visit) (answer, error) {
	all, err := s.cfg.Store.Targets(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("targets: %w", err)
	}
	return listed(all, "", showTarget)
}

func (s *Server) apiTarget(v *visit) (answer, error) {
	out, err := s.targetWithLimits(v.Context(), v.PathValue("name"))
	if err != nil {
		return answer{}, err
	}
	return reply(out)
}

func (s *Server) targetWithLimits(ctx context.Context, name string) (targetWithLimits, error) {
	t, err := s.cfg.Store.Target(ctx, name)
	if err != nil {
		return targetWithLimits{}, fmt.Errorf("target: %w", err)
	}
	dated, err := s.cfg.Store.TargetLimits(ctx, name)
	if err != nil {
		return targetWithLimits{}, fmt.Errorf("limits of target %s: %w", name, err)
	}
	out := targetWithLimits{targetOut: showTarget(t), History: []limitsOut{}}
	for _, d := range dated {
		out.History = append(out.History, limitsOut(d))
	}
	return out, nil
}

// setTarget is behind the form and the API; mistakes are named by field.
func (s *Server) setTarget(v *visit, in limitsIn) error {
	var wrong []string
	if in.From.Before(casework.DateOf(s.cfg.Now())) {
		wrong = append(wrong, "from")
	}
	wrong = append(wrong, limitsMistakes(in.Limits)...)
	if len(wrong) > 0 {
		r := refuse(http.StatusUnprocessableEntity, "input_invalid").with("fields", strings.Join(wrong, ", "))
		r.Fields = wrong
		return r
	}
	if err := s.cfg.Store.SetTarget(v.Context(), v.actor, v.PathValue("name"), in.From, in.Limits); err != nil {
		return fmt.Errorf("limits of target %s: %w", v.PathValue("name"), err)
	}
	return nil
}

func limitsMistakes(l casework.Limits) []string {
	var wrong []string
	mark := func(bad bool, field string) {
		if bad {
			wrong = append(wrong, field)
		}
	}
	mark(l.Seats < 1 || l.Seats > 99, "seats")
	mark(l.PerMinute < 0, "per_minute")
	mark(l.PerDay < 0, "per_day")
	mark(l.LastStart < 0 || l.LastStart > 24*60, "last_start")
	mark(l.Pause < 0 || l.Pause > 24*60*60, "pause")
	for _, text := range l.Hours {
		_, err := casework.ParseHours(text)
		mark(err != nil || text == "", "hours")
	}
	for _, c := range l.Closed {
		mark(c.From.IsZero() || c.To.IsZero() || c.To.Before(c.From), "closed")
	}
	return wrong
}

func (s *Server) apiSetTarget(v *visit) (answer, error) {
	var in limitsIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	if err := s.setTarget(v, in); err != nil {
		return answer{}, err
	}
	return s.apiTarget(v)
}

func (s *Server) resumeTarget(v *visit) (answer, error) {
	var in reasonIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	reason, err := grounds(in.Reason)
	if err != nil {
		return answer{}, err
	}
	name := v.PathValue("name")
	if err := s.cfg.Store.ResumeTarget(v.Context(), v.actor, name, reason); err != nil {
		return answer{}, fmt.Errorf("target %s: %w", name, err)
	}
	out, err := s.targetWithLimits(v.Context(), name)
	if err != nil {
		return answer{}, err
	}
	return s.done(v, "flash.target_resumed", "/targets", out)
}

// kill stops work on a target, with a playbook, or all of it.
func (s *Server) kill(v *visit) (answer, error) {
	var in killIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	reason, err := grounds(in.Reason)
	if err != nil {
		return answer{}, err
	}
	if err := s.knownScope(v.Context(), in.Scope); err != nil {
		return answer{}, err
	}
	if err := s.cfg.Store.Kill(v.Context(), v.actor, in.Scope, reason); err != nil {
		return answer{}, fmt.Errorf("kill switch %s: %w", in.Scope, err)
	}
	return s.done(v, "flash.killed", "/targets", killOut{Scope: in.Scope, By: v.actor.Name, Reason: reason, At: s.cfg.Now().UTC()})
}

// knownScope refuses a switch that would stop nothing: a misspelt name must not
// look like a stop.
func (s *Server) knownScope(ctx context.Context, scope string) error {
	kind, name, _ := strings.Cut(scope, ":")
	switch {
	case scope == "all":
		return nil
	case kind == "target":
		_, err := s.cfg.Store.Target(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return refuse(http.StatusUnprocessableEntity, "scope_unknown").with("scope", scope)
		}
		return err
	case kind == "playbook":
		versions, err := s.cfg.Store.Versions(ctx, name)
		if err != nil {
			return fmt.Errorf("versions: %w", err)
		}
		if _, known := s.cfg.Library.Playbook(name); known || len(versions) > 0 && name != "" {
			return nil
		}
	}
	return refuse(http.StatusUnprocessableEntity, "scope_unknown").with("scope", scope)
}

func (s *Server) unkill(v *visit) (answer, error) {
	var in unkillIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	if err := s.cfg.Store.Unkill(v.Context(), v.actor, in.Scope); err != nil {
		return answer{}, fmt.Errorf("kill switch %s: %w", in.Scope, err)
	}
	return s.done(v, "flash.unkilled", "/targets", unkillIn{Scope: in.Scope})
}

func (s *Server) apiKills(v *visit) (answer, error) {
	all, err := s.cfg.Store.Kills(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("kill switches: %w", err)
	}
	return listed(all, "", func(k store.KillSwitch) killOut { return killOut(k) })
}

// accountOut is a robot account and who answers for it. Its password never
// leaves the vault.
type accountOut struct {
	Name         string        `json:"name"`
	Target       string        `json:"target"`
	Responsible  string        `json:"responsible"`
	Approval     string        `json:"approval"`
	Scope        string        `json:"scope"`
	Expires      casework.Date `json:"expires"`
	PasswordSet  casework.Date `json:"password_set"`
	PasswordDays int           `json:"password_days"`
	PasswordLeft int           `json:"password_left"`
	PendingBy    string        `json:"pending_by"`
}

type accountIn struct {
	Responsible  string        `json:"responsible"`
	Approval     string        `json:"approval"`
	Scope        string        `json:"scope"`
	Expires      casework.Date `json:"expires,omitempty"`
	PasswordSet  casework.Date `json:"password_set,omitempty"`
	PasswordDays int           `json:"password_days,omitempty"` // 0: it does not age
}

type passwordIn struct {
	Password string `json:"password"`
}

func showAccount(a store.Account) accountOut { return accountOut(a) }

func (s *Server) apiAccounts(v *visit) (answer, error) {
	all, err := s.cfg.Store.Accounts(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("accounts: %w", err)
	}
	return listed(all, "", showAccount)
}

// account finds a robot account by its configuration key.
func (s *Server) account(ctx context.Context, name string) (store.Account, error) {
	all, err := s.cfg.Store.Accounts(ctx)
	if err != nil {
		return store.Account{}, fmt.Errorf("accounts: %w", err)
	}
	for _, a := range all {
		if a.Name == name {
			return a, nil
		}
	}
	return store.Account{}, refuse(http.StatusNotFound, "not_found")
}

// accountDone answers a change of an account.
func (s *Server) accountDone(v *visit, flash string) (answer, error) {
	a, err := s.account(v.Context(), v.PathValue("name"))
	if err != nil {
		return answer{}, err
	}
	return s.done(v, flash, "/targets/"+a.Target, showAccount(a))
}

func (s *Server) setAccount(v *visit) (answer, error) {
	var in accountIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	if in.Responsible == "" || in.Approval == "" || in.Scope == "" || in.PasswordDays < 0 {
		return answer{}, refuse(http.StatusUnprocessableEntity, "account_incomplete")
	}
	a, err := s.account(v.Context(), v.PathValue("name"))
	if err != nil {
		return answer{}, err
	}
	a.Responsible, a.Approval, a.Scope = in.Responsible, in.Approval, in.Scope
	a.Expires, a.PasswordSet, a.PasswordDays = in.Expires, in.PasswordSet, in.PasswordDays
	if err := s.cfg.Store.SetAccount(v.Context(), v.actor, a); err != nil {
		return answer{}, fmt.Errorf("account %s: %w", a.Name, err)
	}
	return s.accountDone(v, "flash.account")
}

// proposePassword is the first person's half of an assisted change.
func (s *Server) proposePassword(v *visit) (answer, error) {
	return s.typed(v, "flash.password_proposed", s.cfg.Store.ProposePassword)
}

// confirmPassword is the second person's half: the same, typed again.
func (s *Server) confirmPassword(v *visit) (answer, error) {
	return s.typed(v, "flash.password_set", s.cfg.Store.ConfirmPassword)
}

func (s *Server) typed(v *visit, flash string, change func(context.Context, casework.Actor, string, string) error) (answer, error) {
	var in passwordIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	if in.Password == "" || len(in.Password) > 200 {
		return answer{}, refuse(http.StatusUnprocessableEntity, "password_empty")
	}
	name := v.PathValue("name")
	if _, err := s.account(v.Context(), name); err != nil {
		return answer{}, err
	}
	err := change(v.Context(), v.actor, name, in.Password)
	switch {
	case errors.Is(err, store.ErrConflict):
		return answer{}, refuse(http.StatusConflict, "password_second_person")
	case errors.Is(err, store.ErrInvalid):
		return answer{}, refuse(http.StatusUnprocessableEntity, "passwords_differ")
	case err != nil:
		return answer{}, fmt.Errorf("password of account %s: %w", name, err)
	}
	return s.accountDone(v, flash)
}
