package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/casework"
	legacy "github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/fixtures/legacy/exchange"
	"github.com/jingban/jingban/fixtures/legacy/old"
	"github.com/jingban/jingban/fixtures/legacy/pension"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// TransferOptions says how many transfers and unemployment claims are driven
// through the fake systems.
type TransferOptions struct {
	Transfers, Claims int
	First             int // which branches come first: a long run can be made in parts
	Faults            int // so many of them on a bad day, in turn; the others on a good one
	Timed             int // claims for each figure of the throughput, on good days
	Seed              uint64
	Chromium          string
	Dir               string // an empty folder that another user may enter
	Begin             func(what string, total int)
	Done              func()
}

// TransferReport is what became of them, judged by an oracle over the books.
type TransferReport struct {
	Seed      uint64         `json:"seed"`
	Commit    string         `json:"commit,omitempty"`
	Cores     int            `json:"cores"`
	Transfers Outcomes       `json:"transfers"`
	Claims    Outcomes       `json:"claims"`
	Faults    map[string]int `json:"faults"`
	Lost      int            `json:"lost"`  // writes that should stand in the books and don't
	Twice     int            `json:"twice"` // writes that stand there twice
	Asked     int            `json:"operator_was_asked"`
	Rates     []ClaimRate    `json:"claims_an_hour,omitempty"`
	Mistakes  []string       `json:"mistakes,omitempty"`
	Stopped   bool           `json:"stopped,omitempty"` // before its last case; the figures are of those that ended
	Run       Measure        `json:"run"`
}

// Outcomes counts cases by branch and end, and the robot's time for those that met
// no fault: from the run's first step to its outcome, without reading materials and
// without what other desks take.
type Outcomes struct {
	Cases    int            `json:"cases"`
	Right    int            `json:"right"`
	Wrong    int            `json:"wrong"`
	Branches map[string]int `json:"branches"`
	Ends     map[string]int `json:"ends"`
	P50      float64        `json:"robot_seconds_p50"`
	P95      float64        `json:"robot_seconds_p95"`

	seconds []float64
}

// ClaimRate is how many claims an hour some seats do, each on a good day.
type ClaimRate struct {
	Seats   int     `json:"seats"`
	Claims  int     `json:"claims"`
	Seconds float64 `json:"seconds"`
	AnHour  float64 `json:"an_hour"`
}

// Transfers drives generated transfers and claims of every branch through the
// playbooks, some of them on a bad day, and holds the books against the oracle.
func Transfers(ctx context.Context, o TransferOptions) (*TransferReport, error) {
	r := &TransferReport{Seed: o.Seed, Cores: runtime.NumCPU(), Faults: map[string]int{}}
	s, err := newTransferSite(ctx, o)
	if err != nil {
		return nil, err
	}
	defer s.close()
	cases := s.cases(rand.New(rand.NewPCG(o.Seed, 0x7472616e73666572)), o)
	if o.Begin != nil {
		o.Begin("cases", len(cases))
	}
	r.Transfers, r.Claims = newOutcomes(), newOutcomes()
	r.Run, err = measure(func() error {
		for _, c := range cases {
			if err := s.play(ctx, r, c); err != nil && ctx.Err() != nil {
				r.Stopped = true
				return nil
			} else if err != nil {
				return fmt.Errorf("case %s (%s, %s): %w", c.number, c.branch, c.fault, err)
			}
			if o.Done != nil {
				o.Done()
			}
		}
		return s.timed(ctx, r, o)
	})
	r.Transfers.quantiles()
	r.Claims.quantiles()
	return r, err
}

func newOutcomes() Outcomes { return Outcomes{Branches: map[string]int{}, Ends: map[string]int{}} }

func (o *Outcomes) quantiles() {
	slices.Sort(o.seconds)
	if n := len(o.seconds); n > 0 {
		o.P50, o.P95 = o.seconds[n/2], o.seconds[min(n-1, n*95/100)]
	}
}

// transferSite is the three fake systems, the browser and the playbooks.
type transferSite struct {
	pension  *pension.System
	exchange *exchange.System
	benefits *legacy.System
	browser  *browser.Browser
	library  playbooks.Library
	catalog  *materials.Catalog
	offers   []casework.Calculation
	access   map[string]playbooks.Access
	aliases  map[string]map[string][]string // further names by system, as people approve them
	mu       sync.Mutex
	offset   time.Duration // of the fakes' clocks
	closers  []func()
}

func newTransferSite(ctx context.Context, o TransferOptions) (s *transferSite, err error) {
	s = &transferSite{access: map[string]playbooks.Access{}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.library, err = playbooks.Builtin(); err != nil {
		return s, err
	}
	if s.catalog, err = materials.Load(); err != nil {
		return s, err
	}
	rules, err := benefits.Load(s.catalog.Params())
	if err != nil {
		return s, err
	}
	s.offers = append(benefits.Calculations(rules), materials.Calculations(s.catalog.Params())...)
	if err := s.openBooks(o.Dir); err != nil {
		return s, err
	}
	for name, one := range map[string]*old.System{"pension": s.pension.System, "exchange": s.exchange.System, "benefits": s.benefits.System} {
		access, stop, err := serve(ctx, one)
		if err != nil {
			return s, err
		}
		s.access[name], s.closers = access, append(s.closers, stop)
	}
	if s.browser, err = (BrowserOptions{Chromium: o.Chromium, Dir: o.Dir}).start(ctx, "transfer"); err == nil {
		s.closers = append(s.closers, func() { _ = s.browser.Close() })
	}
	return s, err
}

// openBooks opens the fake systems on books of their own.
func (s *transferSite) openBooks(dir string) error {
	books, err := os.MkdirTemp(dir, "books")
	if err != nil {
		return err
	}
	cfg := old.Config{Dir: books, Now: s.now}
	var err1, err2, err3 error
	s.pension, err1 = pension.Open(cfg)
	s.exchange, err2 = exchange.Open(cfg, true)
	s.benefits, err3 = legacy.Open(cfg)
	return errors.Join(err1, err2, err3)
}

// serve lets a fake system answer on loopback until it is stopped, which closes it.
func serve(ctx context.Context, system *old.System) (playbooks.Access, func(), error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return playbooks.Access{}, nil, errors.Join(err, system.Close())
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- old.Serve(serving, listener, system) }()
	access := playbooks.Access{URL: "http://" + listener.Addr().String(), Account: old.DefaultAccount, Password: old.DefaultPassword}
	return access, func() { stop(); <-served; _ = system.Close() }, nil
}

func (s *transferSite) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.offset)
}

func (s *transferSite) close() {
	for _, c := range slices.Backward(s.closers) {
		c()
	}
}

// desk is one seat at every system: what a worker has.
type desk struct {
	*transferSite
	number int
}

// Page signs in on the desk's seat.
func (d desk) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	return d.browser.Seat(ctx, system, d.access[system.Name], d.number)
}

// systems are those of the library with the further names.
func (s *transferSite) systems() map[string]playbooks.System {
	all := s.library.Systems()
	for name, more := range s.aliases {
		all[name] = all[name].Also(more)
	}
	return all
}

// Make renders and prints a paper as the workers do.
func (d desk) Make(ctx context.Context, name string, snapshot casework.Snapshot, extra map[string]any) ([]playbooks.Shot, error) {
	view, err := papers.NewView(snapshot, d.catalog, casework.Calendar{}, snapshot.Received)
	if err != nil {
		return nil, err
	}
	view.Agency = papers.Agency{Name: exchange.Own, Address: "海州市示例路1号", Phone: "0539-0000000", Hours: "工作日", Review: "海州市人民政府", Court: "海州市示例区人民法院"}
	view.Number = papers.Mark(name) + "〔2026〕1号"
	view.Facts, _ = extra[playbooks.FactsKey].(map[string]string)
	html, err := papers.Render(name, view)
	if err != nil {
		return nil, casework.AskPerson("paper_incomplete", "paper %s: %w", name, err)
	}
	pdf, err := d.browser.PDF(ctx, html)
	return []playbooks.Shot{{Kind: casework.Paper, Name: name + ".pdf", MIME: "application/pdf", Data: pdf}}, err
}

// turn takes a run once; died says that it came to its crash.
func (d desk) turn(ctx context.Context, c *transferCase, answers map[string]casework.Decision) (result playbooks.Result, died bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			if _, ours := p.(crashed); !ours {
				panic(p)
			}
			died = true
		}
	}()
	pb, ok := d.library.Playbook(c.playbook)
	if !ok {
		return result, false, fmt.Errorf("there is no playbook %s", c.playbook)
	}
	runner := &playbooks.Runner{Journal: c.book.Hold(c.number), Pages: d, Papers: d, Systems: d.systems(), Now: time.Now, Calculations: d.offers, Seam: c.seam,
		Calendar: func(context.Context) (casework.Calendar, error) {
			year := time.Now().Year()
			return casework.NewCalendar(casework.CalendarYear{Year: year}, casework.CalendarYear{Year: year + 1})
		},
		EffectID: func(system, action, key string) string {
			sum := sha256.Sum256([]byte(system + "|" + action + "|" + key))
			return hex.EncodeToString(sum[:])
		}}
	result, err = runner.Run(ctx, casework.Run{ID: c.number, Playbook: pb.Name, Version: pb.Version, Attempt: c.book.Attempt(c.number), Created: time.Now()}, pb, c.snapshot, answers)
	return result, false, err
}

// play takes one case to its end and judges it.
func (s *transferSite) play(ctx context.Context, r *TransferReport, c *transferCase) error {
	if err := c.plant(ctx, s, c); err != nil {
		return fmt.Errorf("plant: %w", err)
	}
	of := &r.Transfers
	if c.playbook == "unemployment_award" {
		of = &r.Claims
	}
	c.book = pagetest.NewBook()
	end, err := desk{s, 1}.drive(ctx, c)
	if err != nil {
		return err
	}
	c.book = nil // what it kept is not looked at again
	of.Cases++
	of.Branches[c.branch]++
	r.Faults[c.fault]++
	of.Ends[end]++
	r.Asked += c.asked
	if c.fault == "none" {
		of.seconds = append(of.seconds, c.busy.Seconds())
	}
	wrong, err := c.judge(ctx, s, c)
	if err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	if end != c.end {
		wrong.why = append(wrong.why, fmt.Sprintf("ended %q; want %q", end, c.end))
	}
	r.Lost += wrong.lost
	r.Twice += wrong.twice
	if len(wrong.why) > 0 {
		of.Wrong++
		r.Mistakes = append(r.Mistakes, fmt.Sprintf("%s, %s, %s: %v", c.number, c.branch, c.fault, wrong.why))
		return nil
	}
	of.Right++
	return nil
}

// timed does plain claims with one seat and with three.
func (s *transferSite) timed(ctx context.Context, r *TransferReport, o TransferOptions) error {
	for _, seats := range []int{1, 3} {
		if o.Timed == 0 {
			continue
		}
		work := make(chan *transferCase, o.Timed)
		for i := range o.Timed {
			c := s.plainClaim(1_000_000*seats + i)
			if err := c.plant(ctx, s, c); err != nil {
				return err
			}
			c.book = pagetest.NewBook()
			work <- c
		}
		close(work)
		started := time.Now()
		errs := make([]error, seats)
		var all sync.WaitGroup
		for n := range seats {
			all.Go(func() {
				for c := range work {
					if end, err := (desk{s, n + 1}).drive(ctx, c); err != nil || end != c.end {
						errs[n] = errors.Join(err, fmt.Errorf("a plain claim ended %q", end))
						return
					}
				}
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		seconds := time.Since(started).Seconds()
		r.Rates = append(r.Rates, ClaimRate{Seats: seats, Claims: o.Timed, Seconds: seconds, AnHour: float64(o.Timed) * 3600 / seconds})
	}
	return nil
}
