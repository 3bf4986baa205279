package drill

import (
	"math/rand/v2"
	"slices"
)

// Kinds of strikes. A signal is real and goes to a process of the product.
const (
	workerKilled   = "worker_killed"
	workerFrozen   = "worker_frozen"
	chromiumKilled = "chromium_killed"
	redisKilled    = "redis_killed"
	postgresKilled = "postgres_killed"

	databaseLocked = "database_locked" // SQLite: by another connection
	redisFlushed   = "redis_flushed"
	leaseDeleted   = "lease_deleted" // asynq's own lease of one task
	clockOff       = "clock_off"     // one worker of several

	legacyCut     = "legacy_cut"
	legacySlow    = "legacy_slow"
	legacy500     = "legacy_500"
	signedOut     = "signed_out"
	replyLost     = "reply_lost"
	keptClosed    = "kept_alive_closed"
	recordLate    = "record_late"
	buttonDoubled = "button_doubled"
)

// signals are the kinds that are real signals.
func signals() []string {
	return []string{workerKilled, workerFrozen, chromiumKilled, redisKilled, postgresKilled}
}

// seams are the places where a worker can be stopped, in the order in which a
// run passes them.
func seams() []string {
	return []string{"claimed", "before_intent", "after_intent", "before_sent", "after_sent", "after_reply",
		"before_outcome", "after_outcome", "before_settle"}
}

// plan is what is still to be struck.
type plan struct {
	random []string            // kinds, in order
	aimed  map[string][]string // by seam
}

// newPlan draws the strikes: a little more than half at random (none when the
// guard is off, whose absence must be noticed for certain), the others
// spread evenly over the seams. With few strikes the seams after the click come
// first, where a mistake costs most.
func newPlan(cfg Config, rnd *rand.Rand) *plan {
	p := &plan{aimed: map[string][]string{}}
	random := (cfg.Faults*52 + 99) / 100
	if cfg.Unguarded {
		random = 0 // every kill falls where only the guard would save the claim
	}
	for range random {
		p.random = append(p.random, draw(rnd, randomWeights(cfg)))
	}
	order := []string{"after_reply", "after_sent", "after_intent", "before_sent", "before_outcome", "after_outcome",
		"before_settle", "before_intent", "claimed"}
	for i := range cfg.Faults - random {
		seam := order[i%len(order)]
		round := i / len(order)
		p.aimed[seam] = append(p.aimed[seam], aimedKind(cfg, seam, round, rnd))
	}
	return p
}

// aimedKind begins every seam with the two kinds that matter most, then draws. The
// doubled button fits one seam only and would hardly ever be drawn.
func aimedKind(cfg Config, seam string, round int, rnd *rand.Rand) string {
	switch {
	case round == 0 || cfg.Unguarded:
		return workerKilled
	case round == 1:
		return workerFrozen
	case round == 2 && seam == "claimed":
		return buttonDoubled
	}
	return draw(rnd, aimedWeights(cfg.Database, seam))
}

func randomWeights(cfg Config) map[string]int {
	if cfg.Unguarded {
		return map[string]int{workerKilled: 1}
	}
	weights := map[string]int{workerKilled: 50, workerFrozen: 15, chromiumKilled: 20, redisKilled: 8}
	if cfg.Database == "postgres" {
		weights[postgresKilled] = 7
	}
	return weights
}

// aimedWeights says which kinds make sense at a seam: the legacy system's own
// faults must come before the click they are to hit.
func aimedWeights(database, seam string) map[string]int {
	weights := map[string]int{workerKilled: 30, workerFrozen: 12, chromiumKilled: 10, redisKilled: 3, redisFlushed: 4, leaseDeleted: 4, legacyCut: 6}
	if database == "postgres" {
		weights[postgresKilled], weights[clockOff] = 6, 8
	} else {
		weights[databaseLocked] = 6
	}
	switch seam {
	case "claimed":
		weights[buttonDoubled], weights[legacySlow], weights[legacy500] = 4, 4, 4
	case "before_intent", "after_intent", "before_sent":
		for _, kind := range []string{legacySlow, legacy500, signedOut, replyLost, keptClosed, recordLate} {
			weights[kind] = 6
		}
	case "after_sent", "after_reply":
		weights[legacySlow], weights[legacy500] = 5, 5
	}
	return weights
}

// draw takes one by weight; the order of the kinds is fixed, so that the seed
// decides alone.
func draw(rnd *rand.Rand, weights map[string]int) string {
	kinds := make([]string, 0, len(weights))
	total := 0
	for kind, weight := range weights {
		kinds, total = append(kinds, kind), total+weight
	}
	slices.Sort(kinds)
	at := rnd.IntN(total)
	for _, kind := range kinds {
		if at -= weights[kind]; at < 0 {
			return kind
		}
	}
	return kinds[0]
}

func (p *plan) empty() bool {
	for _, kinds := range p.aimed {
		if len(kinds) > 0 {
			return false
		}
	}
	return len(p.random) == 0
}

// next takes the next strike that is aimed at a seam.
func (p *plan) next(seam string) (kind string, ok bool) {
	if len(p.aimed[seam]) == 0 {
		return "", false
	}
	kind = p.aimed[seam][0]
	p.aimed[seam] = p.aimed[seam][1:]
	return kind, true
}
