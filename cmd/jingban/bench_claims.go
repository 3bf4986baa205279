package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jingban/jingban/bench"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/drill"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/store"
)

// benchClaimsCommand measures claims in the whole house: pictures in, read, checked,
// decided by a clerk who answers at once, entered in the fake system.
type benchClaimsCommand struct {
	Claims int    `default:"24" help:"Claims without a defect; one after another, then all at once."`
	Seats  []int  `default:"1,3" help:"Seats for all at once."`
	Seed   uint64 `default:"2" help:"Seed of the fictional claims."`
	Commit string `help:"Commit the figures are of." placeholder:"HASH"`
	JSON   bool   `help:"Print JSON."`
}

// claimTimes is what was measured. Times are those of the robot: from the last
// upload to the outcome, without what waited for the clerk.
type claimTimes struct {
	Commit   string            `json:"commit"`
	Machine  string            `json:"machine"`
	Seed     uint64            `json:"seed"`
	Claims   int               `json:"claims"`
	Pictures int               `json:"pictures"`
	P50      float64           `json:"robot_seconds_p50"`
	P95      float64           `json:"robot_seconds_p95"`
	Slowest  float64           `json:"robot_seconds_slowest"`
	Rates    []bench.ClaimRate `json:"claims_an_hour"`
	Entered  int               `json:"entered"`
	Wrong    int               `json:"lost_or_twice"`
}

// Run prints what was measured. Exit status 1 when a claim was lost or entered twice.
func (c benchClaimsCommand) Run(ctx context.Context, t console, cfg *Config) error {
	times := claimTimes{Commit: c.Commit, Machine: bench.Machine(), Seed: c.Seed, Claims: c.Claims}
	claims, err := fineClaims(c.Seed, c.Claims)
	if err != nil {
		return err
	}
	for _, claim := range claims {
		times.Pictures += len(claim.Files)
	}
	if err := c.oneByOne(ctx, t, cfg, claims, &times); err != nil {
		return err
	}
	for _, seats := range c.Seats {
		if err := c.allAtOnce(ctx, t, cfg, claims, seats, &times); err != nil {
			return err
		}
	}
	if c.JSON {
		err = t.json(times)
	} else {
		_, err = fmt.Fprintf(t.out, "%d claims with %d pictures: robot time p50 %.1f s, p95 %.1f s, slowest %.1f s; an hour: %+v; lost or twice %d\n",
			times.Claims, times.Pictures, times.P50, times.P95, times.Slowest, times.Rates, times.Wrong)
	}
	if err == nil && times.Wrong > 0 {
		return status(1)
	}
	return err
}

// fineClaims draws claims without a defect.
func fineClaims(seed uint64, n int) ([]materials.Claim, error) {
	var fine []materials.Claim
	for ; len(fine) < n; seed += 1000 {
		drawn, err := materials.Claims(seed, time.Now())
		if err != nil {
			return nil, fmt.Errorf("claims: %w", err)
		}
		for _, claim := range drawn {
			if claim.Defect == "" {
				fine = append(fine, claim)
			}
		}
	}
	return fine[:n], nil
}

// oneByOne brings in one claim after another and times each.
func (c benchClaimsCommand) oneByOne(ctx context.Context, t console, cfg *Config, claims []materials.Claim, times *claimTimes) error {
	return c.in(ctx, t, cfg, 1, times, func(ctx context.Context, s *show) error {
		var seconds []float64
		for _, claim := range claims {
			id, err := s.portal.Apply(ctx, claim)
			if err != nil {
				return err
			}
			began := time.Now() // the uploads are over
			if err := s.portal.Submit(ctx, id); err != nil {
				return err
			}
			if err := s.until(ctx, []string{id}); err != nil {
				return err
			}
			took, err := robotTime(ctx, s.house.store, id, began)
			if err != nil {
				return err
			}
			seconds = append(seconds, took.Seconds())
		}
		slices.Sort(seconds)
		times.P50, times.P95, times.Slowest = seconds[len(seconds)/2], seconds[len(seconds)*95/100], seconds[len(seconds)-1]
		return errDone
	})
}

// robotTime is what passed until the case was entered, without what the clerk took.
func robotTime(ctx context.Context, books *store.Store, caseID string, began time.Time) (time.Duration, error) {
	kase, err := books.Case(ctx, caseID)
	if err != nil {
		return 0, err
	}
	reviews, _, err := books.Reviews(ctx, store.ReviewFilter{CaseID: caseID, States: []casework.ReviewState{casework.ReviewDecided}})
	if err != nil {
		return 0, err
	}
	took := kase.UpdatedAt.Sub(began)
	for _, review := range reviews {
		took -= review.Decided.Sub(review.Created)
	}
	return took, nil
}

// allAtOnce brings in all claims and times the whole.
func (c benchClaimsCommand) allAtOnce(ctx context.Context, t console, cfg *Config, claims []materials.Claim, seats int, times *claimTimes) error {
	return c.in(ctx, t, cfg, seats, times, func(ctx context.Context, s *show) error {
		began := time.Now()
		var ids []string
		for _, claim := range claims {
			id, err := s.portal.BringIn(ctx, claim)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		if err := s.until(ctx, ids); err != nil {
			return err
		}
		took := time.Since(began).Seconds()
		times.Rates = append(times.Rates, bench.ClaimRate{Seats: seats, Claims: len(ids), Seconds: took, AnHour: float64(len(ids)) / took * 3600})
		return errDone
	})
}

// in opens a house of its own beside a fake system with so many seats, and counts what
// stands in its books at the end.
func (c benchClaimsCommand) in(ctx context.Context, t console, cfg *Config, seats int, times *claimTimes, play func(context.Context, *show) error) error {
	dir, err := os.MkdirTemp("", "jb") // short: a unix socket lies in it
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	own := *cfg
	own.Data, own.Listen, own.Log, own.FirstStage = filepath.Join(dir, "data"), "127.0.0.1:0", "error", string(casework.StageFull)
	h, err := openHouse(ctx, &own, t.err)
	if err != nil {
		return err
	}
	defer h.Close()
	listener, err := h.listen(ctx)
	if err != nil {
		return err
	}
	legacy, err := benefits.Open(benefits.Config{Dir: dir})
	if err != nil {
		return fmt.Errorf("fake legacy system: %w", err)
	}
	defer legacy.Close()
	legacyListener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("fake legacy system: %w", err)
	}
	s := &show{term: t, house: h, legacy: legacy, base: "http://" + listener.Addr().String()}
	if err := s.furnish(ctx, "http://"+legacyListener.Addr().String()); err != nil {
		return err
	}
	if err := s.seat(ctx, seats); err != nil {
		return err
	}
	err = h.run(ctx, h.work,
		func(ctx context.Context) error { return benefits.Serve(ctx, legacyListener, legacy) },
		func(ctx context.Context) error { return h.serve(ctx, listener) },
		func(ctx context.Context) error {
			if err := s.clerk.SignIn(ctx, "clerk", s.people[0][2]); err != nil {
				return err
			}
			return play(ctx, s)
		})
	if !errors.Is(err, errDone) {
		return err
	}
	entered, err := legacy.Claims(ctx)
	if err != nil {
		return err
	}
	doubles, err := legacy.Doubles(ctx)
	times.Entered += len(entered)
	times.Wrong += doubles + max(c.Claims-len(entered)+doubles, 0)
	return err
}

// seat gives the fake system so many seats.
func (s *show) seat(ctx context.Context, seats int) error {
	system := s.house.library.Systems()["benefits"]
	limits := system.Limits
	limits.Seats = seats
	if err := s.house.store.EnsureTarget(ctx, system.Name, system.Account, limits); err != nil {
		return err
	}
	return s.house.store.SetTarget(ctx, atTerminal(), system.Name, casework.DateOf(time.Now()), limits)
}

// until answers what waits for the clerk until every one of the cases has ended. One
// that an operator would have to look at fails.
func (s *show) until(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeout(ctx, demoWithin)
	defer cancel()
	for open := slices.Clone(ids); len(open) > 0; {
		if err := s.decide(ctx); err != nil {
			return err
		}
		var still []string
		for _, id := range open {
			var c drill.Case
			if err := s.clerk.Get(ctx, "/api/v1/cases/"+id, &c); err != nil {
				return err
			}
			if c.State == casework.CaseFailed || c.State == casework.CaseReturned {
				return fmt.Errorf("claim %s ended as %s: %s", c.Number, c.State, c.Outcome)
			}
			if !ended(c.State) {
				still = append(still, id)
			}
		}
		open = still
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d claims have not ended: %w", len(open), ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}
