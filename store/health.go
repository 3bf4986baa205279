package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// How the health of a target is judged.
const (
	pauseAfter  = 3                // transient faults in a row
	pauseMost   = 30 * time.Minute // an agency's maintenance is seldom longer
	canaryAgain = time.Minute      // until a look that nobody reported is asked for again
)

// TargetFailed counts a transient fault of the target itself. At the third in a
// row it pauses; then one run, or the canary, probes, and each probe that fails
// doubles the pause. Runs that were under way when the pause began meet the same
// outage: their faults count for nothing.
func (s *Store) TargetFailed(ctx context.Context, target, code string) error {
	return s.change(ctx, "target "+target, func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		failures, err := one(ctx, t, scalar[int], `UPDATE targets SET failures = failures + 1
			WHERE name = $1 AND NOT (state = 'paused' AND until > $2) RETURNING failures`, target, micros(now))
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil || failures < pauseAfter {
			return err
		}
		limits, err := t.limitsOf(ctx, target, now)
		if err != nil {
			return err
		}
		first := limits.FirstPause()
		pause := min(first<<min(failures-pauseAfter, 10), max(first, pauseMost))
		_, err = t.update(ctx, `UPDATE targets SET state = 'paused', reason = $1, until = $2, canary_day = '' WHERE name = $3 AND state <> 'stopped'`,
			code, micros(now.Add(pause)), target)
		if err != nil {
			return err
		}
		return t.raise(ctx, "target", target, "target_paused", map[string]string{"reason": code})
	})
}

// limitsOf gives the limits in force.
func (t *tx) limitsOf(ctx context.Context, target string, now time.Time) (limits casework.Limits, err error) {
	data, err := one(ctx, t, scalar[string], `SELECT data FROM target_limits WHERE target = $1 AND from_day <= $2
		ORDER BY from_day DESC LIMIT 1`, target, casework.DateOf(now).String())
	if err != nil {
		return limits, err
	}
	return limits, json.Unmarshal([]byte(data), &limits)
}

// TargetWorked says that the target answered as it should: it is open again and
// its faults are forgotten. A stopped target stays so: a person must look.
func (s *Store) TargetWorked(ctx context.Context, target string) error {
	const ailing = " WHERE name = $1 AND (failures > 0 OR state = 'paused') AND state <> 'stopped'"
	there, err := list(ctx, s.reader, scalar[int], "SELECT 1 FROM targets"+ailing, target)
	if err != nil || len(there) == 0 {
		return explain("target "+target, err)
	}
	return s.change(ctx, "target "+target, func(t *tx) error {
		_, err := t.update(ctx, "UPDATE targets SET failures = 0, state = 'open', reason = '', until = 0"+ailing, target)
		if err != nil {
			return err
		}
		t.woken = true
		return t.clear(ctx, "target", target, "")
	})
}

// StopTarget lets nothing more through until a person has looked: its account was
// refused, somebody else signed in with it, or a look found it changed. A refused
// sign-in is never repeated by itself.
func (s *Store) StopTarget(ctx context.Context, target, code string) error {
	return s.change(ctx, "stop target "+target, func(t *tx) error {
		if err := t.must(ctx, ErrNotFound, "UPDATE targets SET state = 'stopped', reason = $1, canary_day = '' WHERE name = $2", code, target); err != nil {
			return err
		}
		return t.raise(ctx, "target", target, code, nil)
	})
}

// ResumeTarget lets a paused or stopped target be probed, after a person has
// looked. ErrConflict when it is open.
func (s *Store) ResumeTarget(ctx context.Context, by casework.Actor, target, note string) error {
	if err := wantReason("resume the target", note); err != nil {
		return err
	}
	return s.change(ctx, "resume target "+target, func(t *tx) error {
		if err := t.must(ctx, ErrConflict, "UPDATE targets SET state = 'paused', until = 0 WHERE name = $1 AND state <> 'open'", target); err != nil {
			return err
		}
		if err := t.clear(ctx, "target", target, ""); err != nil {
			return err
		}
		t.woken = true
		return t.audit(ctx, by, "target.resume", target, map[string]string{"note": note})
	})
}

// hintCanary asks a worker to look at the target before its first run.
func (t *tx) hintCanary(ctx context.Context, target string, now time.Time) error {
	if _, err := t.update(ctx, "UPDATE targets SET canary_at = $1 WHERE name = $2", micros(now), target); err != nil {
		return err
	}
	return t.hint(ctx, taskTryTarget, target)
}

// CanaryPassed lets the runs of the day through.
func (s *Store) CanaryPassed(ctx context.Context, target string) error {
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return explain("target "+target, err)
	}
	err = s.change(ctx, "target "+target, func(t *tx) error {
		t.woken = true
		return t.must(ctx, ErrNotFound, "UPDATE targets SET canary_day = $1 WHERE name = $2", casework.DateOf(now).String(), target)
	})
	if err != nil {
		return err
	}
	return s.TargetWorked(ctx, target)
}

// KillSwitch stops work until it is taken away.
type KillSwitch struct {
	Scope  string // all, target:<name> or playbook:<name>
	By     string
	Reason string
	At     time.Time
}

func killReason(scope string) string { return "kills/reason/" + scope }

// Kill stops work within a scope: nothing is admitted, and what runs stops at the
// next beat, before its next click. What was sent is verified later. Killed
// twice, it stays killed.
func (s *Store) Kill(ctx context.Context, by casework.Actor, scope, reason string) error {
	if err := wantReason("kill", reason); err != nil {
		return err
	}
	kind, name, _ := strings.Cut(scope, ":")
	if scope != "all" && (kind != "target" && kind != "playbook" || name == "") {
		return fmt.Errorf("kill %q: want all, target:<name> or playbook:<name>: %w", scope, ErrInvalid)
	}
	return s.change(ctx, "kill "+scope, func(t *tx) error {
		n, err := t.update(ctx, "INSERT INTO kills (scope, actor, reason, at) VALUES ($1, $2, $3, $4) ON CONFLICT (scope) DO NOTHING",
			scope, by.Name, t.store.keys.sealText(killReason(scope), reason), micros(t.now))
		if err != nil || n == 0 {
			return err
		}
		if err := t.unadmit(ctx); err != nil {
			return err
		}
		return t.audit(ctx, by, "kill", scope, map[string]string{"reason": reason})
	})
}

// killed is the condition that a switch stands against run r.
const killed = "EXISTS (SELECT 1 FROM kills k WHERE k.scope = 'all' OR k.scope = 'playbook:' || r.playbook OR k.scope = 'target:' || r.target)"

// unadmit takes back the admission of runs that are killed before they began.
func (t *tx) unadmit(ctx context.Context) error {
	ids, err := list(ctx, t, scalar[string], "SELECT id FROM runs r WHERE r.state = 'waiting' AND r.admitted = 1 AND "+killed)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := t.update(ctx, "UPDATE runs SET admitted = 0 WHERE id = $1 AND state = 'waiting'", id); err != nil {
			return err
		}
		if err := t.giveBack(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// Unkill takes a switch away. ErrNotFound when it does not stand.
func (s *Store) Unkill(ctx context.Context, by casework.Actor, scope string) error {
	return s.change(ctx, "unkill "+scope, func(t *tx) error {
		if err := t.must(ctx, ErrNotFound, "DELETE FROM kills WHERE scope = $1", scope); err != nil {
			return err
		}
		t.woken = true
		return t.audit(ctx, by, "unkill", scope, nil)
	})
}

// Kills gives the switches that stand.
func (s *Store) Kills(ctx context.Context) ([]KillSwitch, error) {
	all, err := list(ctx, s.reader, func(r row) (k KillSwitch, err error) {
		var at int64
		var reason string
		if err = r.Scan(&k.Scope, &k.By, &reason, &at); err != nil {
			return k, err
		}
		k.At = moment(at)
		k.Reason, err = s.keys.openText(killReason(k.Scope), reason)
		return k, err
	}, "SELECT scope, actor, reason, at FROM kills ORDER BY scope")
	return all, explain("list kill switches", err)
}

// Order tells a worker to stop a run it holds.
type Order struct {
	RunID string
	Code  string // "cancelled" or "target_killed"
}

// Orders gives what a worker must stop now.
func (s *Store) Orders(ctx context.Context, worker string) ([]Order, error) {
	all, err := list(ctx, s.reader, func(r row) (o Order, err error) { return o, r.Scan(&o.RunID, &o.Code) },
		`SELECT id, CASE WHEN cancel_at > 0 THEN 'cancelled' ELSE 'target_killed' END FROM runs r
		WHERE r.state = 'running' AND r.holder = $1 AND (r.cancel_at > 0 OR `+killed+")", worker)
	return all, explain("orders", err)
}
