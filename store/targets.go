package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/jingban/jingban/casework"
)

// TargetState is the health of a foreign system.
type TargetState string

// The states of a target. Probing is paused with its time over: one run, or the
// canary, may try whether it works again.
const (
	TargetOpen    TargetState = "open"
	TargetPaused  TargetState = "paused"
	TargetProbing TargetState = "probing"
	TargetStopped TargetState = "stopped" // a person must look
)

// Target is a foreign system: its owner's terms, its health and its use.
type Target struct {
	Name       string
	Account    string          // configuration key of the robot account
	Limits     casework.Limits // in force today
	Since      casework.Date   // first day of these limits; zero: as shipped
	State      TargetState
	Reason     string // fault code
	Until      time.Time
	Failures   int // transient faults in a row
	Killed     bool
	Why        string // why it admits nothing now, "" when it does
	SeatsTaken int
	Waiting    int // runs
	UsedToday  int // runs that used the account today
	CanaryDay  casework.Date
	Seats      []Seat
}

// DatedLimits are limits in force from a day on.
type DatedLimits struct {
	From   casework.Date // zero: as shipped
	Limits casework.Limits
	By     string
	At     time.Time
}

// asShipped is the first day of the limits of a system file.
const asShipped = "0001-01-01"

// canaryDue is why a target admits nothing before somebody has looked.
const canaryDue = "canary_due"

// EnsureTarget makes the target known, with the limits of its system file. What
// people have set since stays in force.
func (s *Store) EnsureTarget(ctx context.Context, name, account string, limits casework.Limits) error {
	data, err := jsonText(limits)
	if err != nil {
		return err
	}
	there, err := list(ctx, s.reader, scalar[int], `SELECT 1 FROM targets t JOIN target_limits l ON l.target = t.name
		WHERE t.name = $1 AND t.account = $2 AND l.from_day = $3 AND l.data = $4`, name, account, asShipped, data)
	if err != nil || len(there) > 0 {
		return explain("target "+name, err)
	}
	return s.change(ctx, "target "+name, func(t *tx) error {
		_, err := t.update(ctx, `INSERT INTO targets (name, account) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET account = excluded.account`, name, account)
		if err != nil {
			return err
		}
		if err := t.ensureAccount(ctx, account, name); err != nil {
			return err
		}
		return t.setLimits(ctx, name, asShipped, limits, "")
	})
}

func (t *tx) setLimits(ctx context.Context, name, from string, limits casework.Limits, by string) error {
	data, err := jsonText(limits)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO target_limits (target, from_day, data, actor, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (target, from_day) DO UPDATE SET data = excluded.data, actor = excluded.actor, at = excluded.at`,
		name, from, data, by, micros(t.now))
	if err != nil {
		return err
	}
	for number := 1; number <= limits.SeatCount(); number++ {
		_, err := t.update(ctx, "INSERT INTO seats (target, number) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, number)
		if err != nil {
			return err
		}
	}
	t.woken = true
	return nil
}

// SetTarget puts limits in force from a day on, today or later. The past stays
// as it was. ErrInvalid says what is wrong with them.
func (s *Store) SetTarget(ctx context.Context, by casework.Actor, name string, from casework.Date, limits casework.Limits) error {
	if err := limits.Check(); err != nil {
		return fmt.Errorf("limits of %s: %w: %w", name, err, ErrInvalid)
	}
	if from.Before(casework.DateOf(s.cfg.Now())) {
		return fmt.Errorf("limits of %s: they can begin today at the earliest: %w", name, ErrInvalid)
	}
	return s.change(ctx, "limits of "+name, func(t *tx) error {
		if err := t.must(ctx, ErrNotFound, "UPDATE targets SET name = name WHERE name = $1", name); err != nil {
			return err
		}
		if err := t.setLimits(ctx, name, from.String(), limits, by.Name); err != nil {
			return err
		}
		return t.audit(ctx, by, "target.set", name, map[string]any{"from": from.String(), "limits": limits})
	})
}

// TargetLimits gives all limits of a target, the newest first.
func (s *Store) TargetLimits(ctx context.Context, name string) ([]DatedLimits, error) {
	all, err := list(ctx, s.reader, func(r row) (d DatedLimits, err error) {
		var from, data string
		var at int64
		if err = r.Scan(&from, &data, &d.By, &at); err != nil {
			return d, err
		}
		d.At = moment(at)
		if d.From, err = shippedDay(from); err != nil {
			return d, err
		}
		return d, json.Unmarshal([]byte(data), &d.Limits)
	}, "SELECT from_day, data, actor, at FROM target_limits WHERE target = $1 ORDER BY from_day DESC", name)
	return all, explain("limits of "+name, err)
}

func shippedDay(text string) (casework.Date, error) {
	if text == asShipped || text == "" {
		return casework.Date{}, nil
	}
	return casework.ParseDate(text)
}

// gate says what a target lets through at a moment.
type gate struct {
	Target
	name, account string
	why           string
	free          int // seats that may be taken now
	left          int // runs left of the account's quota
	canaryAt      time.Time
}

// open is the gate of runs that need no target.
func open(room int) *gate { return &gate{free: room, left: math.MaxInt32} }

// gates judges every target.
func (s *Store) gates(ctx context.Context, q querier, now time.Time) ([]gate, error) {
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	today := casework.DateOf(now)
	return list(ctx, q, func(r row) (gate, error) { return scanGate(r, now, calendar) },
		`SELECT t.name, t.account, t.state, t.reason, t.failures, t.until, t.canary_day, t.canary_at,
		(SELECT COUNT(*) FROM seats s WHERE s.target = t.name AND s.holder <> ''),
		(SELECT COUNT(*) FROM account_days d WHERE d.account = t.account AND d.day = $1),
		COALESCE(l.data, '{}'), COALESCE(l.from_day, ''),
		COALESCE((SELECT a.expires FROM accounts a WHERE a.name = t.account), '9999-12-31'),
		(SELECT COUNT(*) FROM kills k WHERE k.scope = 'all' OR k.scope = 'target:' || t.name),
		(SELECT COUNT(*) FROM sign_ins i WHERE i.target = t.name AND NOT (i.state = 'live' AND i.expires_at > $2
			AND EXISTS (SELECT 1 FROM workers w WHERE w.worker = i.worker AND w.expires_at > $2)))
		FROM targets t LEFT JOIN target_limits l ON l.target = t.name
			AND l.from_day = (SELECT MAX(n.from_day) FROM target_limits n WHERE n.target = t.name AND n.from_day <= $1)
		ORDER BY t.name`, today.String(), micros(now))
}

func scanGate(r row, now time.Time, calendar casework.Calendar) (g gate, err error) {
	var until, canaryAt int64
	var canaryDay, data, since, expires string
	var kills, unsigned int
	err = r.Scan(&g.Name, &g.Account, &g.State, &g.Reason, &g.Failures, &until, &canaryDay, &canaryAt,
		&g.SeatsTaken, &g.UsedToday, &data, &since, &expires, &kills, &unsigned)
	if err != nil {
		return g, err
	}
	if err = json.Unmarshal([]byte(data), &g.Limits); err != nil {
		return g, err
	}
	if g.Since, err = shippedDay(since); err != nil {
		return g, err
	}
	if g.CanaryDay, err = shippedDay(canaryDay); err != nil {
		return g, err
	}
	g.name, g.account, g.Until, g.canaryAt, g.Killed = g.Name, g.Account, moment(until), moment(canaryAt), kills > 0
	if g.State == TargetPaused && !now.Before(g.Until) {
		g.State = TargetProbing
	}
	g.judge(now, expires, unsigned > 0, calendar)
	return g, nil
}

// judge finds why the gate is shut, and otherwise what it lets through.
func (g *gate) judge(now time.Time, expires string, unsigned bool, calendar casework.Calendar) {
	today := casework.DateOf(now)
	shut := g.Limits.Shut(now, calendar)
	switch {
	case g.Killed:
		g.why = "killed"
	case g.State == TargetStopped:
		g.why = "stopped"
	case g.State == TargetPaused:
		g.why = "paused"
	case expires < today.String():
		g.why = "account_expired"
	case shut != "":
		g.why = shut
	case unsigned:
		g.why = signInDue
	case g.Limits.Canary && g.CanaryDay != today:
		g.why = canaryDue
	}
	g.left = math.MaxInt32
	if g.Limits.PerDay > 0 {
		g.left = g.Limits.PerDay - g.UsedToday
	}
	g.free = g.Limits.SeatCount() - g.SeatsTaken
	if g.State == TargetProbing {
		g.free = min(g.free, 1-g.SeatsTaken)
	}
	if g.Why = g.why; g.Why == "" && g.left <= 0 {
		g.Why = "quota_used" // runs already counted today may still come back
	}
}

// affords says whether the quota of the target's account has room for the run;
// ErrHeld when it has not. A run that comes back on the same day counts once.
func (t *tx) affords(ctx context.Context, runID string, g *gate, now time.Time) error {
	if g.left > 0 {
		return nil
	}
	return t.must(ctx, ErrHeld, "UPDATE account_days SET day = day WHERE account = $1 AND day = $2 AND run_id = $3",
		g.account, casework.DateOf(now).String(), runID)
}

// reserve keeps a share of the account's quota for a picked run, at each target
// that the account serves. One that has used its share today before needs none:
// the next admission gives it free again.
func (g *gate) reserve(all map[string]*gate) {
	for _, other := range all {
		if other.account == g.account {
			other.left--
		}
	}
}

// spend notes that a run uses the account today; one that comes back counts once.
func (t *tx) spend(ctx context.Context, runID string, g *gate, now time.Time) error {
	return t.later(ctx, "INSERT INTO account_days (account, day, run_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
		g.account, casework.DateOf(now).String(), runID)
}

// Targets gives every target.
func (s *Store) Targets(ctx context.Context) ([]Target, error) {
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return nil, explain("list targets", err)
	}
	gates, err := s.gates(ctx, s.reader, now)
	if err != nil {
		return nil, explain("list targets", err)
	}
	targets := make([]Target, len(gates))
	for i, g := range gates {
		targets[i] = g.Target
		targets[i].Waiting, err = one(ctx, s.reader, scalar[int], "SELECT COUNT(*) FROM runs WHERE target = $1 AND state = 'waiting'", g.name)
		if err != nil {
			return nil, explain("list targets", err)
		}
		if targets[i].Seats, err = s.seatsOf(ctx, g.name); err != nil {
			return nil, explain("list targets", err)
		}
	}
	return targets, nil
}

// Target gives one target, or ErrNotFound.
func (s *Store) Target(ctx context.Context, name string) (Target, error) {
	all, err := s.Targets(ctx)
	if err != nil {
		return Target{}, err
	}
	for _, target := range all {
		if target.Name == name {
			return target, nil
		}
	}
	return Target{}, fmt.Errorf("target %s: %w", name, ErrNotFound)
}
