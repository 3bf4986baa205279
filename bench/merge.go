package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/old"
	legacy "github.com/jingban/jingban/fixtures/legacy/persons"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/persons"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// MergeOptions says how many merges are driven through the fake persons system.
type MergeOptions struct {
	Merges   int
	Seed     uint64
	Chromium string
	Dir      string // an empty folder that another user may enter
	Begin    func(what string, total int)
	Done     func()
}

// MergeReport is what became of them, judged by an oracle over the books.
type MergeReport struct {
	Commit   string         `json:"commit,omitempty"`
	Seed     uint64         `json:"seed"`
	Merges   int            `json:"merges"`
	Branches map[string]int `json:"branches"`
	Faults   map[string]int `json:"faults"`
	Ends     map[string]int `json:"ends"`
	Right    int            `json:"right"` // outcome and books as the oracle says
	Wrong    int            `json:"wrong"`
	Twice    int            `json:"twice"` // pairs with two live merges
	Undone   int            `json:"undone"`
	Exact    int            `json:"undone_exactly"`     // books byte for byte as before
	Papers   map[string]int `json:"papers"`             // PDF by kind
	Asked    int            `json:"operator_was_asked"` // beyond the clerk's planned question
	Posts    int            `json:"posts"`
	Mistakes []string       `json:"mistakes,omitempty"`
	Stopped  bool           `json:"stopped,omitempty"` // before the last merge; the figures are of those that ended
	Run      Measure        `json:"run"`
}

// Merge drives generated pairs of every branch through the playbook, each under
// one of the faults, and undoes what was merged.
func Merge(ctx context.Context, o MergeOptions) (*MergeReport, error) {
	r := &MergeReport{Seed: o.Seed, Merges: o.Merges, Branches: map[string]int{}, Faults: map[string]int{}, Ends: map[string]int{}, Papers: map[string]int{}}
	s, err := newMergeSite(ctx, o)
	if err != nil {
		return nil, err
	}
	defer s.close()
	rnd := rand.New(rand.NewPCG(o.Seed, 0x6d65726765))
	if o.Begin != nil {
		o.Begin("merges", o.Merges)
	}
	r.Run, err = measure(func() error {
		for i := range o.Merges {
			c := newMergeCase(rnd, i)
			if err := s.play(ctx, r, c); err != nil && ctx.Err() != nil {
				r.Stopped = true
				return nil
			} else if err != nil {
				return fmt.Errorf("merge %d (%s, %s): %w", i, c.branch, c.fault, err)
			}
			if o.Done != nil {
				o.Done()
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.Posts, err = s.fake.Posts(context.WithoutCancel(ctx), legacy.SavePath)
	return r, err
}

// mergeSite is the fake system, the browser and the playbooks.
type mergeSite struct {
	fake    *legacy.System
	browser *browser.Browser
	library playbooks.Library
	systems map[string]playbooks.System
	catalog *materials.Catalog
	access  playbooks.Access
	book    *pagetest.Book
	offset  time.Duration // of the fake's clock
	closers []func()
}

func newMergeSite(ctx context.Context, o MergeOptions) (*mergeSite, error) {
	s := &mergeSite{book: pagetest.NewBook()}
	var err error
	if s.library, err = playbooks.Builtin(); err != nil {
		return nil, err
	}
	s.systems = s.library.Systems()
	if s.catalog, err = materials.Load(); err != nil {
		return nil, err
	}
	books, err := os.MkdirTemp(o.Dir, "books")
	if err != nil {
		return nil, err
	}
	if s.fake, err = legacy.Open(old.Config{Dir: books, Now: s.now}); err != nil {
		return nil, err
	}
	var stop func()
	if s.access, stop, err = serve(ctx, s.fake.System); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, stop)
	if s.browser, err = (BrowserOptions{Chromium: o.Chromium, Dir: o.Dir}).start(ctx, "merge"); err != nil {
		s.close()
		return nil, err
	}
	s.closers = append(s.closers, func() { _ = s.browser.Close() })
	return s, nil
}

func (s *mergeSite) now() time.Time { return time.Now().Add(s.offset) }

func (s *mergeSite) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}

// Page signs in on the only seat.
func (s *mergeSite) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	return s.browser.Seat(ctx, system, s.access, 1)
}

// crashed is the panic of a worker that dies at a seam.
type crashed struct{ seam string }

// turn takes a run once; died says that it came to its crash.
func (s *mergeSite) turn(ctx context.Context, run string, pb *playbooks.Playbook, snapshot casework.Snapshot, answers map[string]casework.Decision, seam func(string)) (result playbooks.Result, died bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			if _, ours := p.(crashed); !ours {
				panic(p)
			}
			died = true
		}
	}()
	runner := &playbooks.Runner{Journal: s.book.Hold(run), Pages: s, Papers: s, Systems: s.systems, Now: s.now, Calculations: persons.Calculations(), Seam: seam,
		Calendar: func(context.Context) (casework.Calendar, error) { return weekdays(), nil },
		EffectID: func(system, action, key string) string {
			sum := sha256.Sum256([]byte(system + "|" + action + "|" + key))
			return hex.EncodeToString(sum[:])
		}}
	result, err = runner.Run(ctx, casework.Run{ID: run, Playbook: pb.Name, Version: pb.Version, Attempt: s.book.Attempt(run)}, pb, snapshot, answers)
	return result, false, err
}

// weekdays is a calendar without feasts, so that the bench runs in every year.
func weekdays() casework.Calendar {
	year := time.Now().Year()
	return casework.Calendar{Years: map[int]bool{year - 1: true, year: true, year + 1: true}}
}

// play takes one case to its end, judges it and undoes it if it was merged.
func (s *mergeSite) play(ctx context.Context, r *MergeReport, c *mergeCase) error {
	for _, one := range []mergeSide{c.a, c.b} {
		if err := s.fake.Add(ctx, one.person, one.rows); err != nil {
			return err
		}
	}
	if c.misreckon {
		s.fake.Misreckon(c.a.person.No, c.b.person.No)
	}
	r.Branches[c.branch]++
	r.Faults[c.fault]++
	want := c.expected()
	before, err := s.fake.Dump(ctx, c.a.person.No, c.b.person.No)
	if err != nil {
		return err
	}
	end, asked, err := s.drive(ctx, c, "record_merge", c.snapshot(), c.clerk)
	if err != nil {
		return err
	}
	r.Ends[end]++
	r.Asked += asked
	if wrong := s.countPapers(r, c, want); wrong != "" {
		r.Wrong++
		r.Mistakes = append(r.Mistakes, fmt.Sprintf("%s, %s: %s", c.branch, c.fault, wrong))
		return nil
	}
	wrong, err := s.judge(ctx, c, want, end, before)
	if err != nil {
		return err
	}
	if live, err := s.live(ctx, c); err != nil || live > 1 {
		r.Twice++
	}
	if wrong == "" && want.end == "merged" {
		wrong, err = s.takeBack(ctx, r, c, want, before)
	}
	if wrong != "" {
		r.Wrong++
		r.Mistakes = append(r.Mistakes, fmt.Sprintf("%s, %s: %s", c.branch, c.fault, wrong))
		return err
	}
	r.Right++
	return err
}

// live counts the merges of a pair that stand.
func (s *mergeSite) live(ctx context.Context, c *mergeCase) (int, error) {
	all, err := s.fake.Merges(ctx)
	n := 0
	for _, m := range all {
		if (m.Sub == c.a.person.No || m.Sub == c.b.person.No) && m.Status != "已回退" {
			n++
		}
	}
	return n, err
}

// judge holds the books against the oracle.
func (s *mergeSite) judge(ctx context.Context, c *mergeCase, want expectation, end, before string) (string, error) {
	if end != want.end {
		return fmt.Sprintf("ended %q; want %q", end, want.end), nil
	}
	after, err := s.fake.Dump(ctx, c.a.person.No, c.b.person.No)
	if err != nil {
		return "", err
	}
	live, err := s.live(ctx, c)
	if err != nil {
		return "", err
	}
	if want.end != "merged" {
		if after != before || live != 0 {
			return "the books changed although nothing was to be merged", nil
		}
		return "", nil
	}
	if live != 1 {
		return fmt.Sprintf("%d live merges", live), nil
	}
	return s.compareBooks(ctx, want)
}

func (s *mergeSite) compareBooks(ctx context.Context, want expectation) (string, error) {
	main, _, err := s.fake.Person(ctx, want.main)
	if err != nil {
		return "", err
	}
	sub, _, err := s.fake.Person(ctx, want.sub)
	if err != nil {
		return "", err
	}
	rows, err := s.fake.Months(ctx, want.main)
	if err != nil {
		return "", err
	}
	left, err := s.fake.Months(ctx, want.sub)
	if err != nil {
		return "", err
	}
	switch {
	case sub.Into != want.main:
		return fmt.Sprintf("folded into %q; want %s", sub.Into, want.main), nil
	case main.Balance != want.balance || sub.Balance != 0:
		return fmt.Sprintf("balance %d; want %d", main.Balance, want.balance), nil
	case len(paidMonths(left)) != 0:
		return "the folded number still has paid months", nil
	}
	got := paidMonths(rows)
	for key, row := range want.kept {
		if got[key] != row {
			return fmt.Sprintf("%s %s is row %d; want %d", key.insurance, key.month, got[key], row), nil
		}
	}
	if len(got) != len(want.kept) {
		return fmt.Sprintf("%d paid months; want %d", len(got), len(want.kept)), nil
	}
	return "", nil
}

// takeBack undoes a merge and wants the books as they were, byte for byte.
func (s *mergeSite) takeBack(ctx context.Context, r *MergeReport, c *mergeCase, want expectation, before string) (string, error) {
	all, err := s.fake.Merges(ctx)
	if err != nil {
		return "", err
	}
	shared := map[string]string{"main": want.main, "sub": want.sub}
	for _, m := range all {
		if m.Sub == want.sub && m.Status == "已复核" {
			shared["serial"] = m.Serial
		}
	}
	r.Undone++
	end, asked, err := s.drive(ctx, c, "record_merge_undo", casework.Snapshot{Number: c.id() + "u", Shared: shared}, "undo")
	r.Asked += asked
	if err != nil || end != "undone" {
		return "the undo ended " + end, err
	}
	after, err := s.fake.Dump(ctx, c.a.person.No, c.b.person.No)
	if err != nil || after != before {
		return "the undo did not restore the books", err
	}
	r.Exact++
	return "", nil
}
