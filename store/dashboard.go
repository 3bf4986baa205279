package store

import (
	"context"
	"time"

	"github.com/jingban/jingban/casework"
)

// Numbers is everything on the managers' page. Today is the calendar day in
// China. Plain counts over indexes: at an agency's size no counter table is
// worth its write.
type Numbers struct {
	CasesByState  map[casework.CaseState]int
	RunsByState   map[casework.RunState]int
	Queue         map[string]int // work not begun, by task: read_material, start_run, work_run
	OldestWaiting time.Duration  // of that work
	Today         struct{ Received, Read, Passed, Returned, Submitted, Failed int }
	WaitingPerson map[string]int // open reviews by role
	Late          int            // due before today: the list is CaseFilter{DueBy: yesterday}
	DueSoon       int            // due today or on the next three days
	Hourly        []HourCount    // the last 24 hours, the oldest first
	Doubt         int            // effects sent without outcome
}

// HourCount counts one hour.
type HourCount struct {
	Hour                          time.Time
	Received, Returned, Submitted int
}

// Numbers counts the dashboard.
func (s *Store) Numbers(ctx context.Context) (n Numbers, err error) {
	now := s.cfg.Now().UTC()
	c := counter{ctx: ctx, q: s.reader}
	n.CasesByState = counts[casework.CaseState](&c, "SELECT state, COUNT(*) FROM cases WHERE id <> '' GROUP BY state")
	n.RunsByState = counts[casework.RunState](&c, "SELECT state, COUNT(*) FROM runs GROUP BY state")
	n.WaitingPerson = counts[string](&c, "SELECT role, COUNT(*) FROM reviews WHERE state = 'open' GROUP BY role")
	n.Doubt = c.count("SELECT COUNT(*) FROM effects WHERE state = 'sent'")
	c.queue(&n, now)
	c.today(&n, now)
	c.hours(&n, now)
	return n, explain("count the dashboard", c.err)
}

// counter runs one count after the other and keeps the first error.
type counter struct {
	ctx context.Context // of the one call of Numbers that the counter lives in
	q   querier
	err error
}

type pair[K comparable] struct {
	key K
	n   int
}

func counts[K comparable](c *counter, query string, values ...any) map[K]int {
	if c.err != nil {
		return nil
	}
	pairs, err := list(c.ctx, c.q, func(r row) (p pair[K], err error) { return p, r.Scan(&p.key, &p.n) }, query, values...)
	c.err = err
	byKey := make(map[K]int, len(pairs))
	for _, p := range pairs {
		byKey[p.key] = p.n
	}
	return byKey
}

func (c *counter) count(query string, values ...any) (n int) {
	if c.err == nil {
		n, c.err = one(c.ctx, c.q, scalar[int], query, values...)
	}
	return n
}

// The work that nobody has begun, by task.
const (
	toRead  = " FROM materials WHERE state = 'received'"
	toStart = ` FROM cases WHERE state = 'materials_checking'
		AND NOT EXISTS (SELECT 1 FROM materials m WHERE m.case_id = cases.id AND m.state = 'received')`
	toWork = " FROM runs WHERE state = 'waiting' AND next_at <= $1"
)

func (c *counter) queue(n *Numbers, now time.Time) {
	n.Queue = map[string]int{
		taskReadMaterial: c.count("SELECT COUNT(*)" + toRead),
		taskStartRun:     c.count("SELECT COUNT(*)" + toStart),
		taskWorkRun:      c.count("SELECT COUNT(*)"+toWork, micros(now)),
	}
	for _, oldest := range []int{
		c.count("SELECT COALESCE(MIN(uploaded_at), 0)" + toRead),
		c.count("SELECT COALESCE(MIN(updated_at), 0)" + toStart),
		c.count("SELECT COALESCE(MIN(next_at), 0)"+toWork, micros(now)),
	} {
		if oldest > 0 {
			n.OldestWaiting = max(n.OldestWaiting, now.Sub(moment(int64(oldest))))
		}
	}
}

func (c *counter) today(n *Numbers, now time.Time) {
	day := casework.DateOf(now)
	from := micros(day.Time())
	n.Today.Received = c.count("SELECT COUNT(*) FROM cases WHERE received_at >= $1", from)
	n.Today.Read = c.count("SELECT COUNT(*) FROM materials WHERE read_at >= $1 AND state = 'read'", from)
	n.Today.Passed = c.count("SELECT COUNT(*) FROM assessments WHERE at >= $1 AND verdict = $2", from, string(casework.AutoPass))
	ends := counts[string](c, "SELECT ended, COUNT(*) FROM runs WHERE ended_at >= $1 AND state = 'done' GROUP BY ended", from)
	n.Today.Returned, n.Today.Submitted = ends["returned"], ends["submitted"]
	n.Today.Failed = c.count("SELECT COUNT(*) FROM runs WHERE ended_at >= $1 AND state = 'failed'", from)
	n.Late = c.count("SELECT COUNT(*) FROM cases WHERE due < $1 AND standing = 0 AND state IN "+ours, day.String())
	n.DueSoon = c.count("SELECT COUNT(*) FROM cases WHERE due >= $1 AND due <= $2 AND standing = 0 AND state IN "+ours,
		day.String(), day.AddDays(3).String())
}

func (c *counter) hours(n *Numbers, now time.Time) {
	const hour = int64(time.Hour / time.Microsecond)
	first := now.Truncate(time.Hour).Add(-23 * time.Hour)
	from := micros(first)
	received := counts[int64](c, `SELECT (received_at - $1) / $2, COUNT(*) FROM cases
		WHERE received_at >= $1 GROUP BY 1`, from, hour)
	ended := func(end string) map[int64]int {
		return counts[int64](c, `SELECT (ended_at - $1) / $2, COUNT(*) FROM runs
			WHERE ended_at >= $1 AND state = 'done' AND ended = $3 GROUP BY 1`, from, hour, end)
	}
	returned, submitted := ended("returned"), ended("submitted")
	for i := range int64(24) {
		n.Hourly = append(n.Hourly, HourCount{Hour: first.Add(time.Duration(i) * time.Hour),
			Received: received[i], Returned: returned[i], Submitted: submitted[i]})
	}
}
