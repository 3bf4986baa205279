package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/store"
)

// verdict is what became of one run, by the journal and by the legacy books.
type verdict struct {
	run      casework.Run
	entries  []casework.Entry
	open     *casework.Review // the question it waits with
	rows     []benefits.Claim // of its person, in the legacy books
	receipt  string           // of the case
	complain []string
}

// judge holds every decided run against the legacy system's books and log.
func (d *drill) judge(ctx context.Context) (Report, error) {
	r := d.newReport()
	books, posts, err := d.evidence(ctx)
	if err != nil {
		return r, err
	}
	for _, c := range d.claims {
		v, err := d.verdict(ctx, c, books[c.person.IDNumber])
		if err != nil {
			return r, err
		}
		if v.open != nil && v.open.Role == "clerk" {
			continue // the drill ended before the clerk came to it
		}
		d.count(&r, v, posts)
	}
	d.countStrays(&r, posts)
	d.countResumes(ctx, &r)
	return r, nil
}

// evidence gives the books by person, and every POST that was received by its
// body, which is unique because of the form's random boundary.
func (d *drill) evidence(ctx context.Context) (map[string][]benefits.Claim, map[string]int, error) {
	claims, err := d.legacy.Claims(ctx)
	if err != nil {
		return nil, nil, err
	}
	books := map[string][]benefits.Claim{}
	for _, c := range claims {
		books[c.IDNumber] = append(books[c.IDNumber], c)
	}
	requests, err := d.legacy.Requests(ctx)
	if err != nil {
		return nil, nil, err
	}
	posts := map[string]int{}
	for _, request := range requests {
		if request.Method == "POST" && request.Path == benefits.SavePath {
			posts[request.BodyHash]++
		}
	}
	return books, posts, nil
}

func (d *drill) verdict(ctx context.Context, c claim, rows []benefits.Claim) (v verdict, err error) {
	v.rows = rows
	if v.run, err = d.store.Run(ctx, c.runID); err != nil {
		return v, err
	}
	if v.entries, err = d.store.Entries(ctx, c.runID); err != nil {
		return v, err
	}
	kase, err := d.store.Case(ctx, c.caseID)
	if err != nil {
		return v, err
	}
	v.receipt = kase.Receipt
	reviews, _, err := d.store.Reviews(ctx, store.ReviewFilter{CaseID: c.caseID, States: []casework.ReviewState{casework.ReviewOpen}})
	if len(reviews) > 0 {
		v.open = &reviews[0]
	}
	return v, err
}

// count adds one run to the report.
func (d *drill) count(r *Report, v verdict, posts map[string]int) {
	r.Runs++
	sent := v.sentBodies()
	received := 0
	for _, body := range sent {
		received += posts[body]
	}
	r.Posts += received
	switch {
	case v.run.State == casework.RunDone:
		r.Done++
	case v.run.State == casework.RunFailed && v.run.End != "":
		r.Failed++
		r.Reasons[v.run.End]++
	case v.run.State == casework.RunParked && v.open != nil:
		r.Reviews++
		r.Reasons[v.open.Reason]++
	case d.cfg.Unguarded: // it ends with the first double
	default:
		r.Lost++
		r.note(v, "neither ended nor before a person: %s", v.run.State)
	}
	if n := len(v.rows); n > 1 {
		r.Twice += n - 1
		r.note(v, "%d rows in the legacy books", n)
	}
	for _, body := range slices.Compact(slices.Sorted(slices.Values(sent))) {
		if posts[body] > 1 {
			r.Twice += posts[body] - 1
			r.note(v, "one request was received %d times", posts[body])
		}
	}
	if lie := v.lie(received); lie != "" && !d.cfg.Unguarded { // without the guard the journal knows nothing
		r.Untruthful++
		r.note(v, "%s", lie)
	}
	d.countAsked(r, v)
}

// sentBodies gives the hashes of the requests the journal says have left.
func (v verdict) sentBodies() []string {
	var bodies []string
	for _, e := range v.entries {
		var data struct {
			Body string `json:"body"`
		}
		if e.Kind == casework.Sent && json.Unmarshal(e.Data, &data) == nil && data.Body != "" {
			bodies = append(bodies, data.Body)
		}
	}
	return bodies
}

// lie says what the journal tells that the books do not, or the other way round.
func (v verdict) lie(received int) string {
	number, happened := v.kept()
	sent := slices.ContainsFunc(v.entries, func(e casework.Entry) bool { return e.Kind == casework.Sent })
	clicks, voids := 0, v.voids()
	for _, e := range v.entries {
		if e.Kind == casework.Sent {
			clicks++
		}
	}
	submitted := v.run.State == casework.RunDone && v.run.End == "submitted"
	switch {
	case happened && len(v.rows) == 0:
		return "an outcome without a row in the books"
	case happened && number != v.rows[0].Number:
		return fmt.Sprintf("the journal kept %q, the books gave %q", number, v.rows[0].Number)
	case submitted && !happened:
		return "submitted without an outcome in the journal"
	case submitted && v.receipt != number:
		return fmt.Sprintf("the case has receipt %q, the journal kept %q", v.receipt, number)
	case len(v.rows) > 0 && !sent:
		return "a row in the books, and the journal says nothing was sent"
	case v.run.State == casework.RunDone && !submitted:
		return fmt.Sprintf("done with %q", v.run.End)
	case clicks > voids+1 || received > clicks:
		return fmt.Sprintf("sent %d times (received %d), voided %d times", clicks, received, voids)
	}
	return ""
}

// kept is the number the effect's outcome kept.
func (v verdict) kept() (number string, happened bool) {
	for _, e := range v.entries {
		if e.Kind != casework.Happened || e.Step != "submit" {
			continue
		}
		var data struct {
			Kept map[string]string `json:"kept"`
		}
		happened = true
		if json.Unmarshal(e.Data, &data) == nil {
			number = data.Kept["受理编号"]
		}
	}
	return number, happened
}

func (v verdict) voids() int {
	n := 0
	for _, e := range v.entries {
		var data struct {
			Void bool `json:"void"`
		}
		if e.Kind == casework.Verified && json.Unmarshal(e.Data, &data) == nil && data.Void {
			n++
		}
	}
	return n
}

// countAsked counts the runs that were struck and those of them that ended
// before a person, who was not needed: every strike of the drill heals. Only a
// button that is there twice is a person's to look at.
func (d *drill) countAsked(r *Report, v verdict) {
	first, struck := d.firstStrike(v.run.ID)
	if !struck {
		return
	}
	asked := v.run.State == casework.RunParked || v.run.State == casework.RunFailed
	if asked && v.open != nil && v.open.Reason == "element_ambiguous" {
		r.AskedRightly++
		asked = false
	}
	side := &r.Before
	if v.sentBefore(d.lastStrike(v.run.ID), first) {
		side = &r.After
	}
	side.Runs++
	if asked {
		side.Asked++
	}
}

// sentBefore says that a strike came after the click: the run counts as struck
// after the commit then, whatever hit it before.
func (v verdict) sentBefore(moments ...time.Time) bool {
	for _, e := range v.entries {
		for _, at := range moments {
			if e.Kind == casework.Sent && !e.At.After(at) {
				return true
			}
		}
	}
	return false
}

func (d *drill) firstStrike(run string) (time.Time, bool) {
	for _, s := range d.strikes {
		if slices.Contains(s.Runs, run) {
			return s.At, true
		}
	}
	return time.Time{}, false
}

func (d *drill) lastStrike(run string) (at time.Time) {
	for _, s := range d.strikes {
		if slices.Contains(s.Runs, run) {
			at = s.At
		}
	}
	return at
}

// countStrays finds received POSTs that no journal knows.
func (d *drill) countStrays(r *Report, posts map[string]int) {
	total := 0
	for _, n := range posts {
		total += n
	}
	r.Received = total
	if stray := total - r.Posts; stray > 0 && !d.cfg.Unguarded {
		r.Untruthful += stray
		r.Notes = append(r.Notes, fmt.Sprintf("%d POSTs were received that no journal knows", stray))
	}
}

// countResumes measures from each death to the first line of the next holder.
func (d *drill) countResumes(ctx context.Context, r *Report) {
	var took, heldBack []time.Duration
	for i, dead := range d.deaths {
		if dead.attempt == 0 || d.diedAgain(i) {
			continue
		}
		entries, err := d.store.Entries(ctx, dead.run)
		if err != nil {
			continue
		}
		at := slices.IndexFunc(entries, func(e casework.Entry) bool { return e.Attempt > dead.attempt })
		switch {
		case at < 0: // it had nothing left to write
		case d.targetHeldBack(dead.at, entries[at].At):
			heldBack = append(heldBack, entries[at].At.Sub(dead.at))
		default:
			took = append(took, entries[at].At.Sub(dead.at))
		}
	}
	slices.Sort(took)
	slices.Sort(heldBack)
	r.Resume, r.ResumeHeldBack = quantiles(took), quantiles(heldBack)
}

// targetHeldBack says that the product itself held work back in between.
func (d *drill) targetHeldBack(from, to time.Time) bool {
	return slices.ContainsFunc(d.heldBack, func(at time.Time) bool { return at.After(from) && at.Before(to) })
}

// diedAgain says that the next holder died before it wrote a line; only the last
// death of such a chain is measured.
func (d *drill) diedAgain(i int) bool {
	for _, later := range d.deaths[i+1:] {
		if later.run == d.deaths[i].run {
			return later.at.Sub(d.deaths[i].at) < 20*time.Second
		}
	}
	return false
}
