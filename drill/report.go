package drill

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Report is what a drill found out.
type Report struct {
	Commit    string    `json:"commit"`
	Seed      uint64    `json:"seed"`
	Machine   string    `json:"machine"`
	At        time.Time `json:"at"`
	Took      Seconds   `json:"took_s"`
	Database  string    `json:"database"`
	Workers   int       `json:"workers"`
	Unguarded bool      `json:"unguarded,omitempty"`

	Runs     int            `json:"runs"`
	Done     int            `json:"done"`
	Failed   int            `json:"failed"`
	Reviews  int            `json:"in_review"`
	Reasons  map[string]int `json:"reasons,omitempty"` // of failures and reviews
	Received int            `json:"posts_received"`
	Posts    int            `json:"posts_journalled"`

	Lost       int `json:"lost"`
	Twice      int `json:"submitted_twice"`
	Untruthful int `json:"untruthful"`

	Faults         int                       `json:"faults"`
	Random         int                       `json:"random_signals"`
	Between        int                       `json:"between_intent_and_outcome"`
	Histogram      map[string]map[string]int `json:"histogram"` // kind → seam, or "random" → count
	Places         map[string]int            `json:"places"`    // of the random ones, by the journal
	Before         Asked                     `json:"asked_before_commit"`
	After          Asked                     `json:"asked_after_commit"`
	AskedRightly   int                       `json:"asked_rightly"` // the page showed two buttons
	Resume         Quantiles                 `json:"resume_s"`
	ResumeHeldBack Quantiles                 `json:"resume_while_target_held_back_s"`
	Notes          []string                  `json:"notes,omitempty"`
}

// Asked counts struck runs, and those that ended before a person for nothing.
type Asked struct {
	Runs  int `json:"runs"`
	Asked int `json:"asked"`
}

// Seconds is a duration that prints and stores as seconds.
type Seconds float64

// Quantiles of durations in seconds.
type Quantiles struct {
	Count int     `json:"count"`
	P50   Seconds `json:"p50"`
	P95   Seconds `json:"p95"`
	Max   Seconds `json:"max"`
}

// quantiles takes sorted durations.
func quantiles(d []time.Duration) Quantiles {
	if len(d) == 0 {
		return Quantiles{}
	}
	at := func(q float64) Seconds { return Seconds(d[min(int(q*float64(len(d))), len(d)-1)].Seconds()) }
	return Quantiles{Count: len(d), P50: at(0.5), P95: at(0.95), Max: at(1)}
}

func (d *drill) newReport() Report {
	r := Report{Commit: d.cfg.Commit, Seed: d.cfg.Seed, Machine: machine(), At: d.begun.UTC(), Took: Seconds(time.Since(d.begun).Seconds()),
		Database: d.cfg.Database, Workers: len(d.workers), Unguarded: d.cfg.Unguarded,
		Reasons: map[string]int{}, Histogram: map[string]map[string]int{}, Places: map[string]int{}}
	between := []string{"intent", "sent", "verified", "after_intent", "before_sent", "after_sent", "after_reply", "before_outcome"}
	for _, s := range d.strikes {
		r.Faults++
		where := s.Seam
		if where == "" {
			where = "random"
			r.Random++
			r.Places[s.Place]++
		}
		if slices.Contains(between, s.Place) {
			r.Between++
		}
		if r.Histogram[s.Kind] == nil {
			r.Histogram[s.Kind] = map[string]int{}
		}
		r.Histogram[s.Kind][where]++
	}
	return r
}

func (r *Report) note(v verdict, format string, args ...any) {
	kinds := make([]string, 0, len(v.entries))
	for _, e := range v.entries {
		kinds = append(kinds, fmt.Sprintf("%d:%s", e.Attempt, e.Kind))
	}
	r.Notes = append(r.Notes, fmt.Sprintf("run %s: ", v.run.ID)+fmt.Sprintf(format, args...)+" ["+strings.Join(kinds, " ")+"]")
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) {
	out := bufio.NewWriter(w)
	defer out.Flush()
	p := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	guard := ""
	if r.Unguarded {
		guard = " · WITHOUT THE GUARD"
	}
	p("drill on %s · %d workers · seed %d · commit %s%s", r.Database, r.Workers, r.Seed, r.Commit, guard)
	p("machine: %s", r.Machine)
	p("%.0f s · %d runs: %d done, %d failed with reason, %d in review · %d POSTs received", r.Took, r.Runs, r.Done, r.Failed, r.Reviews, r.Received)
	p("lost %d · submitted twice %d · untruthful %d", r.Lost, r.Twice, r.Untruthful)
	p("faults %d (%d random signals, %d between intent and outcome)", r.Faults, r.Random, r.Between)
	r.printHistogram(p)
	p("random ones by place: %s", counts(r.Places))
	p("asked a person for nothing: before the commit %d of %d runs, after it %d of %d; rightly %d", r.Before.Asked, r.Before.Runs, r.After.Asked, r.After.Runs, r.AskedRightly)
	p("reasons: %s", counts(r.Reasons))
	p("worker death → next holder's first line: p50 %.1f s, p95 %.1f s, max %.1f s (%d)", r.Resume.P50, r.Resume.P95, r.Resume.Max, r.Resume.Count)
	if q := r.ResumeHeldBack; q.Count > 0 {
		p("the same while the target took no work: p50 %.1f s, max %.1f s (%d)", q.P50, q.Max, q.Count)
	}
	for _, note := range r.Notes {
		p("! %s", note)
	}
}

// printHistogram is kinds down, seams across.
func (r Report) printHistogram(p func(string, ...any)) {
	across := append(seams(), "random")
	head := fmt.Sprintf("%-18s", "")
	for _, seam := range across {
		head += fmt.Sprintf(" %14s", seam)
	}
	p("%s", head)
	totals := map[string]int{}
	for _, kind := range slices.Sorted(maps.Keys(r.Histogram)) {
		line := fmt.Sprintf("%-18s", kind)
		for _, seam := range across {
			line += fmt.Sprintf(" %14s", dash(r.Histogram[kind][seam]))
			totals[seam] += r.Histogram[kind][seam]
		}
		p("%s", line)
	}
	line := fmt.Sprintf("%-18s", "sum")
	for _, seam := range across {
		line += fmt.Sprintf(" %14s", dash(totals[seam]))
	}
	p("%s", line)
}

func dash(n int) string {
	if n == 0 {
		return "·"
	}
	return fmt.Sprint(n)
}

func counts(of map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, of[name]))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// machine says what the numbers were measured on, without naming it.
func machine() string {
	model := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load := ""
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load " + strings.Join(strings.Fields(string(text))[:2], " ")
	}
	return fmt.Sprintf("%s, %d cores, %s/%s%s, %s", model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, load, runtime.Version())
}
