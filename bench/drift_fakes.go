package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/drift"
	"github.com/jingban/jingban/playbooks"
)

// DriftFakes says what became of the built-in playbooks' changes on the fake systems while
// the pages of one of them had changed. The fake's own books are the judge.
type DriftFakes struct {
	Mutations   int                            `json:"mutations"`
	Answers     int                            `json:"with_a_right_answer"` // no visible twin, no name that nobody knows
	Done        int                            `json:"done"`                // in the books once, with the values meant, and proven by verify
	Stopped     int                            `json:"stopped"`             // before the commit: a person is asked, the books are as before
	Unproven    int                            `json:"unproven"`            // right in the books, and a person was asked to look
	Wrong       int                            `json:"wrong"`               // anything else in the books
	DoneShare   float64                        `json:"done_share"`
	Systems     map[string]DriftFakeCounts     `json:"systems"`
	Kinds       map[drift.Kind]DriftFakeCounts `json:"kinds"`
	Stops       []DriftStop                    `json:"stops"`                 // each that did not end as done
	Interrupted bool                           `json:"interrupted,omitempty"` // before its last mutation; the figures are of those that ended
}

// DriftFakeCounts are the outcomes of one system or kind.
type DriftFakeCounts struct {
	Done     int `json:"done"`
	Stopped  int `json:"stopped"`
	Unproven int `json:"unproven"`
	Wrong    int `json:"wrong"`
}

// DriftStop is one mutation whose run did not end as done.
type DriftStop struct {
	Mutation int          `json:"mutation"`
	Flow     string       `json:"flow"`
	Kinds    []drift.Kind `json:"kinds"`
	Outcome  string       `json:"outcome"`
	Step     string       `json:"step"`
	Code     string       `json:"code"`
}

// driftEnd is how a run came to its end before its first wait: asked names what a person
// was asked, "" for nothing.
type driftEnd struct{ step, asked string }

// driftFlow is one change of a playbook on a fake system.
type driftFlow struct {
	name, system string
	entry        string            // path of the page that enters it
	aliases      map[string]string // what its pages may call things
	unknown      map[string]string // what nobody knows

	// play drives one case and counts what the books hold of it: rows, and those that are
	// right.
	play func(ctx context.Context, r *rand.Rand, n int, change func()) (end driftEnd, rows, right int, err error)
}

// driftFakes lets the flows work on changed pages, each system in turn.
func (o BrowserOptions) driftFakes(ctx context.Context, b *browser.Browser) (*DriftFakes, error) {
	report := &DriftFakes{Mutations: o.size(208), Systems: map[string]DriftFakeCounts{}, Kinds: map[drift.Kind]DriftFakeCounts{}}
	office, err := newDriftOffice(o.Dir, b)
	if err != nil {
		return report, fmt.Errorf("drift suite: %w", err)
	}
	defer office.close()
	flows := office.flows()
	r := rand.New(rand.NewPCG(o.Seed, 0x6472696674))
	o.Begin("drift of legacy systems", report.Mutations)
	for n := range report.Mutations {
		flow := flows[n%len(flows)]
		change := driftChange(r, n, flow)
		end, rows, right, err := flow.play(ctx, r, n, func() { office.layers[flow.system].Set(change) })
		office.layers[flow.system].Set(drift.Change{})
		if err != nil && ctx.Err() != nil {
			report.Mutations, report.Interrupted = n, true
			break
		}
		if err != nil {
			return report, fmt.Errorf("mutation %d (%s, %v): %w", n, flow.name, change.Kinds, err)
		}
		report.count(n, flow, change, end, rows, right)
		o.Done()
	}
	report.DoneShare = float64(report.Done) / float64(max(report.Mutations, 1))
	return report, nil
}

// driftChange draws one to three kinds that leave a right answer, and in four of a
// hundred one that leaves none.
func driftChange(r *rand.Rand, n int, flow driftFlow) drift.Change {
	all := drift.Kinds()
	usual := all[:len(all)-2]
	kinds := []drift.Kind{usual[(n/4)%len(usual)]}
	for range r.IntN(3) {
		kinds = append(kinds, usual[r.IntN(len(usual))])
	}
	if n%25 == 24 {
		kinds = append(kinds, all[len(all)-2+(n/25)%2])
	}
	slices.Sort(kinds)
	return drift.Change{Seed: r.Uint64(), Kinds: slices.Compact(kinds), Aliases: flow.aliases, Unknown: flow.unknown, Entry: flow.entry}
}

func (d *DriftFakes) count(n int, flow driftFlow, change drift.Change, end driftEnd, rows, right int) {
	outcome := "wrong"
	switch {
	case rows == 0 && end.asked != "":
		outcome = "stopped"
	case rows == 1 && right == 1 && end.asked == "":
		outcome = "done"
	case rows == 1 && right == 1:
		outcome = "unproven"
	}
	if !slices.Contains(change.Kinds, drift.Twin) && !slices.Contains(change.Kinds, drift.Unknown) {
		d.Answers++
	}
	total := DriftFakeCounts{d.Done, d.Stopped, d.Unproven, d.Wrong}.plus(outcome)
	d.Done, d.Stopped, d.Unproven, d.Wrong = total.Done, total.Stopped, total.Unproven, total.Wrong
	d.Systems[flow.system] = d.Systems[flow.system].plus(outcome)
	for _, kind := range change.Kinds {
		d.Kinds[kind] = d.Kinds[kind].plus(outcome)
	}
	if outcome != "done" {
		d.Stops = append(d.Stops, DriftStop{n, flow.name, change.Kinds, outcome, end.step, end.asked})
	}
}

func (c DriftFakeCounts) plus(outcome string) DriftFakeCounts {
	switch outcome {
	case "done":
		c.Done++
	case "stopped":
		c.Stopped++
	case "unproven":
		c.Unproven++
	default:
		c.Wrong++
	}
	return c
}

// driftRun turns a run until it ends, waits for others, or asks what nobody planned. A
// passing fault is tried once more. goOn may let a wait end.
func driftRun(ctx context.Context, turn func(map[string]casework.Decision) (playbooks.Result, error), choices map[string]string, goOn func(context.Context) (bool, error)) (driftEnd, error) {
	answers := map[string]casework.Decision{}
	failed := 0
	for range mostTurns {
		result, err := turn(answers)
		code := casework.AsFault(err).Code
		switch {
		case ctx.Err() != nil:
			return driftEnd{}, ctx.Err()
		case err != nil && code == casework.Waiting:
			if on, err := goOn(ctx); err != nil || !on {
				return driftEnd{}, err
			}
		case err != nil && failed > 0:
			return driftEnd{asked: code}, nil
		case err != nil:
			failed++
		case result.State != casework.RunParked:
			return driftEnd{}, nil
		case result.Review.Reason != "":
			return driftEnd{result.Step, result.Review.Reason}, nil
		case choices[result.Step] == "":
			return driftEnd{result.Step, "planned"}, nil
		default:
			answers[result.Review.ID] = answer(result.Review, choices[result.Step])
		}
	}
	return driftEnd{}, errors.New("it goes round in circles")
}
