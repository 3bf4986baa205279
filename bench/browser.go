package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/playbooks"
)

// BrowserOptions say what of the browser is measured.
type BrowserOptions struct {
	Seed       uint64
	Scale      float64       // of the full size; 1 is 60 forms a driver, 200 for each throughput, 1,000 for memory, 240 mutations
	Chromium   string        // path; "" looks it up
	Playwright string        // folder with node_modules/playwright-core; "" leaves it out
	Dir        string        // an empty folder for profiles, which another user may enter
	Parts      []string      // of BrowserParts; none is all
	Commit     string        // what was measured, for the report
	Sight      browser.Sight // reads pictures; nil leaves out what needs it
	Begin      func(what string, total int)
	Done       func()
}

// BrowserParts are what can be measured apart: forms beside a bare script and
// Playwright, forms a minute in several contexts, the browser's memory over many
// runs, changed pages, and texts that stand in pixels.
func BrowserParts() []string { return []string{"forms", "throughput", "memory", "drift", "sight"} }

// BrowserReport is what was measured. Times are milliseconds. A driver's CPU is
// that of the browser and of its own process, the benchmark's server included.
type BrowserReport struct {
	Commit     string          `json:"commit,omitempty"`
	Seed       uint64          `json:"seed"`
	Scale      float64         `json:"scale"`
	Load       string          `json:"load_average"`
	Drivers    []DriverFigures `json:"drivers,omitempty"`        // interleaved, a form each in turn
	TimesBare  float64         `json:"times_bare,omitempty"`     // wall, at the median
	CPUBare    float64         `json:"times_bare_cpu,omitempty"` // CPU, at the mean
	Throughput []Throughput    `json:"throughput,omitempty"`
	Memory     *MemoryFigures  `json:"memory,omitempty"`
	Drift      *DriftReport    `json:"drift,omitempty"`
	Sight      *SightReport    `json:"sight,omitempty"`
	Skipped    []string        `json:"skipped,omitempty"`
}

// DriverFigures are one driver's, over a form of ten fields in a warm tab: filled,
// sent, and the receipt read back; opening the page is measured apart.
type DriverFigures struct {
	Driver   string  `json:"driver"`
	Forms    int     `json:"forms"`
	WallP50  float64 `json:"wall_ms_p50"`
	WallP95  float64 `json:"wall_ms_p95"`
	OpenP50  float64 `json:"open_ms_p50"`
	CPU      float64 `json:"cpu_ms_mean"` // opening included
	Verified int     `json:"verified"`    // receipts whose values the books hold
}

// Throughput is how many forms a minute so many contexts fill.
type Throughput struct {
	Contexts       int     `json:"contexts"`
	Forms          int     `json:"forms"`
	FormsPerMinute float64 `json:"forms_per_minute"`
	CPUPerForm     float64 `json:"cpu_ms_per_form"`
}

// MemoryFigures are the browser's whole tree over many runs.
type MemoryFigures struct {
	Contexts  int     `json:"contexts"`
	Runs      int     `json:"runs"`
	StartMiB  float64 `json:"start_mib"` // after the first twentieth of the runs
	PeakMiB   float64 `json:"peak_mib"`
	EndMiB    float64 `json:"end_mib"`
	Zombies   int     `json:"zombies"`
	Processes int     `json:"processes"`
}

// formDriver fills the form of the benchmark.
type formDriver interface {
	name() string
	open(ctx context.Context) error
	fill(ctx context.Context, values map[string]string) (receipt string, err error)
	close() error
}

// Browser measures our way of driving a form beside a bare script and, where it is
// there, Playwright.
func Browser(ctx context.Context, o BrowserOptions) (BrowserReport, error) {
	report := BrowserReport{Commit: o.Commit, Seed: o.Seed, Scale: o.Scale, Load: load()}
	if o.Begin == nil {
		o.Begin, o.Done = func(string, int) {}, func() {}
	}
	site := newFormSite()
	server := httptest.NewServer(site)
	defer server.Close()
	b, err := o.start(ctx, "ours")
	if err != nil {
		return report, err
	}
	defer b.Close() //nolint:errcheck // nothing of it is kept
	parts := map[string]func() error{
		"forms": func() error { return o.compare(ctx, &report, b, site, server.URL) },
		"throughput": func() error {
			for _, contexts := range []int{2, 3, 4} {
				t, err := o.throughput(ctx, b, site, server.URL, contexts)
				if err != nil {
					return err
				}
				report.Throughput = append(report.Throughput, t)
			}
			return nil
		},
		"memory": func() (err error) { report.Memory, err = o.memory(ctx, b, site, server.URL); return err },
		"drift":  func() (err error) { report.Drift, err = o.drift(ctx, b); return err },
		"sight": func() (err error) {
			if o.Sight == nil {
				report.Skipped = append(report.Skipped, "sight: nobody reads pictures")
				return nil
			}
			report.Sight, err = o.sight(ctx)
			return err
		},
	}
	for _, part := range BrowserParts() {
		if len(o.Parts) > 0 && !slices.Contains(o.Parts, part) {
			continue
		}
		if err := parts[part](); err != nil {
			return report, fmt.Errorf("%s: %w", part, err)
		}
	}
	return report, nil
}

func (o BrowserOptions) size(full int) int { return max(3, int(float64(full)*o.Scale+0.5)) }

// start starts a Chromium of ours with a profile of its own.
func (o BrowserOptions) start(ctx context.Context, name string) (*browser.Browser, error) {
	config, err := o.config(name)
	if err != nil {
		return nil, err
	}
	return browser.Start(ctx, config)
}

func (o BrowserOptions) config(name string) (browser.Config, error) {
	dir, err := os.MkdirTemp(o.Dir, name)
	if err != nil {
		return browser.Config{}, fmt.Errorf("browser benchmark: %w", err)
	}
	user, ok := browser.Unprivileged()
	return browser.Config{Chromium: o.Chromium, Profile: dir, User: user, NoSandbox: !ok}, nil
}

// compare lets every driver fill a form in turn, so that the machine's moods hit
// all alike.
func (o BrowserOptions) compare(ctx context.Context, report *BrowserReport, b *browser.Browser, site *formSite, url string) error {
	drivers, err := o.drivers(ctx, report, b, url)
	defer func() {
		for _, d := range drivers {
			_ = d.close() // measured already
		}
	}()
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(o.Seed, 6))
	forms := o.size(60)
	o.Begin("forms", (forms+2)*len(drivers))
	figures := make([]samples, len(drivers))
	for i := range forms + 2 {
		values := formValues(r)
		for n, d := range drivers {
			s := &figures[n]
			if i == 2 { // the first two only warm up
				*s = samples{}
			}
			if err := s.one(ctx, d, site, values); err != nil {
				return fmt.Errorf("%s: %w", d.name(), err)
			}
			o.Done()
		}
	}
	for n, d := range drivers {
		report.Drivers = append(report.Drivers, figures[n].figures(d.name()))
	}
	if bare := report.Drivers[1].WallP50; bare > 0 {
		report.TimesBare = report.Drivers[0].WallP50 / bare
	}
	if bare := report.Drivers[1].CPU; bare > 0 {
		report.CPUBare = report.Drivers[0].CPU / bare
	}
	return nil
}

// drivers are ours, the bare script and, where it is there, Playwright.
func (o BrowserOptions) drivers(ctx context.Context, report *BrowserReport, b *browser.Browser, url string) ([]formDriver, error) {
	ours, err := newOurForm(ctx, b, url, 1)
	if err != nil {
		return nil, err
	}
	list := []formDriver{ours}
	bare, err := newBareForm(ctx, o, url)
	if err != nil {
		return list, err
	}
	list = append(list, bare)
	if o.Playwright == "" {
		report.Skipped = append(report.Skipped, "playwright: no folder with node_modules/playwright-core was named")
		return list, nil
	}
	pw, err := newPlaywrightForm(ctx, o, url)
	if err != nil {
		return list, err
	}
	return append(list, pw), nil
}

// samples are one driver's measurements.
type samples struct {
	wall, open []float64
	cpu        float64
	verified   int
}

func (s *samples) one(ctx context.Context, d formDriver, site *formSite, values map[string]string) error {
	before := cpuOfAll()
	began := time.Now()
	if err := d.open(ctx); err != nil {
		return err
	}
	opened := time.Now()
	receipt, err := d.fill(ctx, values)
	if err != nil {
		return err
	}
	done := time.Now()
	s.cpu += cpuOfAll() - before
	s.open = append(s.open, millis(opened.Sub(began)))
	s.wall = append(s.wall, millis(done.Sub(opened)))
	if err := site.holds(receipt, values); err != nil {
		return err
	}
	s.verified++
	return nil
}

func (s *samples) figures(name string) DriverFigures {
	slices.Sort(s.wall)
	slices.Sort(s.open)
	at := func(list []float64, q float64) float64 { return list[min(len(list)-1, int(q*float64(len(list))))] }
	return DriverFigures{Driver: name, Forms: len(s.wall), WallP50: at(s.wall, 0.5), WallP95: at(s.wall, 0.95), OpenP50: at(s.open, 0.5),
		CPU: s.cpu / float64(len(s.wall)), Verified: s.verified}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// cpuOfAll is the CPU time of this process and everything below it.
func cpuOfAll() float64 {
	var use syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use) // can't fail for ourselves
	own := float64(use.Utime.Nano()+use.Stime.Nano()) / 1e6
	tree, err := treeBelow(os.Getpid(), false)
	if err != nil {
		return own
	}
	return own + tree.cpuMillis
}

// throughput lets several contexts work at once.
func (o BrowserOptions) throughput(ctx context.Context, b *browser.Browser, site *formSite, url string, contexts int) (Throughput, error) {
	forms := o.size(200)
	o.Begin(fmt.Sprintf("%d contexts", contexts), forms)
	before, began := cpuOfAll(), time.Now()
	if err := o.many(ctx, b, site, url, contexts, forms, nil); err != nil {
		return Throughput{}, err
	}
	took := time.Since(began)
	return Throughput{Contexts: contexts, Forms: forms, FormsPerMinute: float64(forms) / took.Minutes(), CPUPerForm: (cpuOfAll() - before) / float64(forms)}, nil
}

// many fills forms in several contexts; each is told after every form.
func (o BrowserOptions) many(ctx context.Context, b *browser.Browser, site *formSite, url string, contexts, forms int, each func(done int)) error {
	var next, done atomic.Int64
	var group sync.WaitGroup
	errs := make([]error, contexts)
	for n := range contexts {
		group.Go(func() {
			errs[n] = func() error {
				d, err := newOurForm(ctx, b, url, 10+n)
				if err != nil {
					return err
				}
				defer d.close() //nolint:errcheck // the seat stays
				r := rand.New(rand.NewPCG(o.Seed, uint64(100+n)))
				for next.Add(1) <= int64(forms) {
					s := samples{}
					if err := s.one(ctx, d, site, formValues(r)); err != nil {
						return err
					}
					o.Done()
					if each != nil {
						each(int(done.Add(1)))
					}
				}
				return nil
			}()
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// memory watches the browser's tree over many runs of four contexts.
func (o BrowserOptions) memory(ctx context.Context, b *browser.Browser, site *formSite, url string) (*MemoryFigures, error) {
	m := &MemoryFigures{Contexts: 4, Runs: o.size(1000)}
	o.Begin("memory", m.Runs)
	var mu sync.Mutex
	look := func() processTree {
		t, err := treeBelow(os.Getpid(), true)
		if err != nil {
			return processTree{}
		}
		return t
	}
	step := max(1, m.Runs/20)
	err := o.many(ctx, b, site, url, m.Contexts, m.Runs, func(done int) {
		if done%step != 0 {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		t := look()
		if m.StartMiB == 0 {
			m.StartMiB = t.pssMiB
		}
		m.PeakMiB = max(m.PeakMiB, t.pssMiB)
	})
	t := look()
	m.EndMiB, m.Zombies, m.Processes = t.pssMiB, t.zombies, t.processes
	return m, err
}

// formSystem is the benchmark's system as a file would describe it: open to
// everybody.
func formSystem(name string) playbooks.System {
	return playbooks.System{Name: name, SignIn: playbooks.SignIn{Open: "/", Done: "业务系统"}}
}
