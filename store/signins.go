package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// SignInState is how far a sign-in is that needs a person.
type SignInState string

// The states of a sign-in.
const (
	SignInDue    SignInState = "due"    // somebody is to sign in; runs of the target wait
	SignInWanted SignInState = "wanted" // a person is there, and a worker is to open the page
	SignInOpen   SignInState = "open"   // the page stands open in a worker's browser
	SignInLive   SignInState = "live"   // signed in
)

// signInDue is why a target admits nothing until a person has signed in.
const signInDue = "sign_in_due"

// openAtMost is how long a page may stand open before another person may ask for one.
const openAtMost = 15 * time.Minute

// SignIn is the sign-in of a target that needs a person.
type SignIn struct {
	Target   string
	State    SignInState
	Worker   string // in whose browser the page or the session is
	PersonID string
	Person   string // who signs in, or has signed in
	Code     string // fault code of the last try, "" when it went well
	Since    time.Time
	Expires  time.Time // of a live session
	Waiting  int       // runs of the target that wait
}

// Door is where a worker shows one open sign-in page to the web process.
type Door struct {
	Address     string // host:port, TLS
	Certificate string // SHA-256 of the certificate shown there, hex
	Token       string // for this one page
}

func doorOf(target string) string { return "sign_ins/door/" + target }

// alive says, in SQL, that the worker of sign-in s beats at the moment of the mark.
const alive = "EXISTS (SELECT 1 FROM workers w WHERE w.worker = s.worker AND w.expires_at > $1)"

// EnsureSignIn makes known whether the target's sign-in needs a person.
func (s *Store) EnsureSignIn(ctx context.Context, target string, attended bool) error {
	there, err := list(ctx, s.reader, scalar[int], "SELECT 1 FROM sign_ins WHERE target = $1", target)
	if err != nil || (len(there) > 0) == attended {
		return explain("sign-in of "+target, err)
	}
	query := "INSERT INTO sign_ins (target) VALUES ($1) ON CONFLICT (target) DO NOTHING"
	if !attended {
		query = "DELETE FROM sign_ins WHERE target = $1"
	}
	return s.change(ctx, "sign-in of "+target, func(t *tx) error {
		_, err := t.update(ctx, query, target)
		t.woken = true
		return err
	})
}

// SignIns gives the sign-ins that need a person, by target. What a dead worker had open
// or live is due.
func (s *Store) SignIns(ctx context.Context) ([]SignIn, error) {
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return nil, explain("list sign-ins", err)
	}
	all, err := list(ctx, s.reader, func(r row) (v SignIn, err error) {
		var since, expires int64
		var beats bool
		err = r.Scan(&v.Target, &v.State, &v.Worker, &v.PersonID, &v.Person, &v.Code, &since, &expires, &beats, &v.Waiting)
		v.Since, v.Expires = moment(since), moment(expires)
		lost := (v.State == SignInOpen || v.State == SignInLive) && !beats
		if lost || v.State == SignInLive && !v.Expires.After(now) {
			v.State = SignInDue
		}
		return v, err
	}, `SELECT s.target, s.state, s.worker, s.person_id, s.person, s.code, s.since, s.expires_at, `+alive+`,
		(SELECT COUNT(*) FROM runs r WHERE r.target = s.target AND r.state = 'waiting') FROM sign_ins s ORDER BY s.target`, micros(now))
	return all, explain("list sign-ins", err)
}

// SignIn gives one of them, or ErrNotFound.
func (s *Store) SignIn(ctx context.Context, target string) (SignIn, error) {
	all, err := s.SignIns(ctx)
	if err != nil {
		return SignIn{}, err
	}
	for _, one := range all {
		if one.Target == target {
			return one, nil
		}
	}
	return SignIn{}, fmt.Errorf("sign-in of %s: %w", target, ErrNotFound)
}

// WantSignIn says that a person is there to sign in: a worker opens the page within
// moments. A session that lives is given up. ErrConflict while another person's page
// stands open.
func (s *Store) WantSignIn(ctx context.Context, by casework.Actor, target string) error {
	if by.Kind != casework.Human {
		return fmt.Errorf("sign-in of %s: a person signs in: %w", target, ErrInvalid)
	}
	return s.change(ctx, "sign-in of "+target, func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		err = t.must(ctx, ErrConflict, `UPDATE sign_ins SET state = 'wanted', worker = '', door = '', person_id = $3, person = $4, code = '', since = $1, expires_at = 0
			WHERE target = $2 AND NOT (state = 'open' AND person_id <> $3 AND since > $5
				AND EXISTS (SELECT 1 FROM workers w WHERE w.worker = sign_ins.worker AND w.expires_at > $1))`,
			micros(now), target, by.ID, by.Name, micros(now.Add(-openAtMost)))
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "sign_in.want", target, nil)
	})
}

// TakeSignIn takes a wanted sign-in for a worker, whose page will stand behind the door;
// "" when nobody waits for one.
func (s *Store) TakeSignIn(ctx context.Context, worker string, door Door) (target string, err error) {
	wanted, err := list(ctx, s.reader, scalar[string], "SELECT target FROM sign_ins WHERE state = 'wanted' ORDER BY since LIMIT 1")
	if err != nil || len(wanted) == 0 {
		return "", explain("take a sign-in", err)
	}
	err = s.change(ctx, "take a sign-in", func(t *tx) error {
		sealed, err := s.keys.sealJSON(doorOf(wanted[0]), door)
		if err != nil {
			return err
		}
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		n, err := t.update(ctx, "UPDATE sign_ins SET state = 'open', worker = $1, door = $2, since = $3 WHERE target = $4 AND state = 'wanted'",
			worker, sealed, micros(now), wanted[0])
		if n > 0 {
			target = wanted[0]
		}
		return err
	})
	return target, err
}

// SignInDoor gives the way to the open page of a target, to the person who asked for it;
// ErrNotFound when there is none.
func (s *Store) SignInDoor(ctx context.Context, by casework.Actor, target string) (door Door, err error) {
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return door, explain("door of "+target, err)
	}
	sealed, err := one(ctx, s.reader, scalar[string], "SELECT s.door FROM sign_ins s WHERE s.state = 'open' AND s.target = $2 AND s.person_id = $3 AND "+alive,
		micros(now), target, by.ID)
	if err != nil {
		return door, explain("door of "+target, err)
	}
	return door, s.keys.openJSON(doorOf(target), sealed, &door)
}

// SignedIn says that the person has signed in, in this worker's browser, and that the
// session lasts so long at most.
func (s *Store) SignedIn(ctx context.Context, worker, target string, lasts time.Duration) error {
	return s.change(ctx, "signed in to "+target, func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		person, err := one(ctx, t, func(r row) (a casework.Actor, err error) {
			a.Kind = casework.Human
			return a, r.Scan(&a.ID, &a.Name)
		}, `UPDATE sign_ins SET state = 'live', door = '', code = '', since = $3, expires_at = $4
			WHERE target = $1 AND worker = $2 AND state = 'open' RETURNING person_id, person`, target, worker, micros(now), micros(now.Add(lasts)))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrConflict, err)
		}
		t.woken = true
		if err := t.answerSignIn(ctx, target); err != nil {
			return err
		}
		return t.audit(ctx, person, "sign_in.done", target, map[string]string{"worker": worker})
	})
}

// answerSignIn ends what people were asked.
func (t *tx) answerSignIn(ctx context.Context, target string) error {
	_, err := t.update(ctx, `UPDATE alerts SET cleared_at = $1 WHERE kind = 'target' AND subject = $2 AND cleared_at = 0
		AND code IN ('sign_in_due', 'sign_in_ends', 'sign_in_lost')`, micros(t.now), target)
	return err
}

// LoseSignIn says that a page of this worker was closed unfinished, or that its session
// has ended before its time: then people are asked at once. Nothing happens when the
// sign-in is another worker's.
func (s *Store) LoseSignIn(ctx context.Context, worker, target, code string) error {
	return s.change(ctx, "sign-in of "+target, func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		before, err := list(ctx, t, scalar[string], "SELECT state FROM sign_ins WHERE target = $1 AND worker = $2 AND state IN ('open', 'live')", target, worker)
		if err != nil || len(before) == 0 {
			return err
		}
		_, err = t.update(ctx, "UPDATE sign_ins SET state = 'due', worker = '', door = '', code = $3, since = $4, expires_at = 0 WHERE target = $1 AND worker = $2",
			target, worker, code, micros(now))
		if err != nil || before[0] == string(SignInOpen) {
			return err
		}
		return t.raise(ctx, "target", target, "sign_in_lost", map[string]string{"reason": code})
	})
}

// AskSignIn asks people, once a day from notBefore on, to sign in to an open target, and
// once more when the session ends within so long. asked says that it did.
func (s *Store) AskSignIn(ctx context.Context, target string, notBefore time.Time, before time.Duration) (asked bool, err error) {
	err = s.change(ctx, "ask for the sign-in of "+target, func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		g, err := t.gateOf(ctx, target, now)
		if err != nil {
			return err
		}
		n, code := int64(0), "sign_in_due"
		if g.why == signInDue && !now.Before(notBefore) {
			n, err = t.update(ctx, "UPDATE sign_ins SET asked_day = $2 WHERE target = $1 AND asked_day <> $2", target, casework.DateOf(now).String())
		}
		if n == 0 && err == nil {
			code = "sign_in_ends"
			n, err = t.update(ctx, "UPDATE sign_ins SET asked_for = expires_at WHERE target = $1 AND state = 'live' AND asked_for <> expires_at AND expires_at <= $2",
				target, micros(now.Add(before)))
		}
		if asked = n > 0; err != nil || !asked {
			return err
		}
		return t.raise(ctx, "target", target, code, nil)
	})
	return asked && err == nil, err
}

// gateOf is the gate of one target.
func (t *tx) gateOf(ctx context.Context, target string, now time.Time) (gate, error) {
	gates, err := t.store.gates(ctx, t, now)
	if err != nil {
		return gate{}, err
	}
	for _, g := range gates {
		if g.name == target {
			return g, nil
		}
	}
	return gate{}, ErrNotFound
}
