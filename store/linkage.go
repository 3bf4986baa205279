package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
)

// PersonSearch is one search of an export of the insured for persons with
// several numbers.
type PersonSearch struct {
	ID      string
	Name    string // of the file in the folder; digits masked where it is shown
	Source  string // "folder" or "playbook"
	RunID   string // of the run whose step searches; "" for the folder
	Step    string // of that run
	State   PersonSearchState
	Code    string // why it was refused
	Model   string // version of the weights
	Way     string // "night" looked at changed rows only, "full" at all
	Records int
	Added   int // rows that came since the search before
	Gone    int // rows that went
	Pairs   int // automatic and for review
	Opened  int // pairs that were not there before
	Closed  int // pairs that are gone
	At      time.Time
	Done    time.Time
}

// PersonSearchState is how far a search is.
type PersonSearchState string

// The states of a search.
const (
	PersonsOrdered  PersonSearchState = "ordered"
	PersonsSearched PersonSearchState = "searched"
	PersonsRefused  PersonSearchState = "refused"
)

const personSearchColumns = "id, name, source, run_id, step, state, code, model, way, records, added, gone, pairs, opened, closed, at, done_at"

func scanPersonSearch(r row) (v PersonSearch, err error) {
	var at, done int64
	err = r.Scan(&v.ID, &v.Name, &v.Source, &v.RunID, &v.Step, &v.State, &v.Code, &v.Model, &v.Way, &v.Records, &v.Added, &v.Gone, &v.Pairs, &v.Opened, &v.Closed, &at, &done)
	v.At, v.Done = moment(at), moment(done)
	return v, err
}

// PersonKey gives the key under which kept searches are sealed.
func (s *Store) PersonKey() (cipher.AEAD, error) {
	key, err := s.keys.derive("persons")
	if err != nil {
		return nil, fmt.Errorf("key of searches: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key of searches: %w", err)
	}
	return cipher.NewGCM(block)
}

// OrderPersonSearch asks a worker to search a file that lies in the folder.
// ErrDuplicate while a search of that file is ordered already.
func (s *Store) OrderPersonSearch(ctx context.Context, by casework.Actor, name, source string) (PersonSearch, error) {
	v := PersonSearch{ID: casework.NewID(), Name: name, Source: source, State: PersonsOrdered}
	err := s.change(ctx, "order a search of persons", func(t *tx) error {
		v.At = t.now
		waiting, err := one(ctx, t, scalar[int], "SELECT COUNT(*) FROM person_searches WHERE name = $1 AND state = 'ordered' AND run_id = ''", name)
		if err != nil {
			return err
		}
		if waiting > 0 {
			return ErrDuplicate
		}
		if err := t.addPersonSearch(ctx, by, v); err != nil {
			return err
		}
		return t.hint(ctx, taskSearchPersons, v.ID)
	})
	return v, err
}

// BeginPersonSearch notes that a run's step searches an export; nobody else is
// asked to.
func (s *Store) BeginPersonSearch(ctx context.Context, by casework.Actor, name, runID, step string) (PersonSearch, error) {
	v := PersonSearch{ID: casework.NewID(), Name: name, Source: "playbook", RunID: runID, Step: step, State: PersonsOrdered}
	err := s.change(ctx, "begin a search of persons", func(t *tx) error {
		v.At = t.now
		return t.addPersonSearch(ctx, by, v)
	})
	return v, err
}

// PersonSearchOf gives the search that a run's step has begun or ended, or
// ErrNotFound; one that was refused does not count.
func (s *Store) PersonSearchOf(ctx context.Context, runID, step string) (PersonSearch, error) {
	v, err := one(ctx, s.reader, scanPersonSearch, "SELECT "+personSearchColumns+" FROM person_searches WHERE run_id = $1 AND step = $2 AND state <> 'refused' ORDER BY id DESC LIMIT 1", runID, step)
	return v, explain("search of persons", err)
}

func (t *tx) addPersonSearch(ctx context.Context, by casework.Actor, v PersonSearch) error {
	_, err := t.update(ctx, `INSERT INTO person_searches (id, name, source, run_id, step, state, code, model, way, records, added, gone, pairs, opened, closed, hinted_at, at, done_at)
		VALUES ($1, $2, $3, $4, $5, 'ordered', '', '', '', 0, 0, 0, 0, 0, 0, $6, $6, 0)`, v.ID, v.Name, v.Source, v.RunID, v.Step, micros(t.now))
	if err != nil {
		return err
	}
	return t.audit(ctx, by, "persons.search", v.ID, map[string]string{"source": v.Source})
}

// PersonSearch gives one, or ErrNotFound.
func (s *Store) PersonSearch(ctx context.Context, id string) (PersonSearch, error) {
	v, err := one(ctx, s.reader, scanPersonSearch, "SELECT "+personSearchColumns+" FROM person_searches WHERE id = $1", id)
	return v, explain("search of persons", err)
}

// PersonSearches gives the newest searches.
func (s *Store) PersonSearches(ctx context.Context, limit int) ([]PersonSearch, error) {
	all, err := list(ctx, s.reader, scanPersonSearch, "SELECT "+personSearchColumns+" FROM person_searches ORDER BY id DESC LIMIT $1", limit)
	return all, explain("list searches of persons", err)
}

// EndPersonSearch writes what became of a search. ErrConflict when it was ended
// before.
func (s *Store) EndPersonSearch(ctx context.Context, v PersonSearch) error {
	return s.change(ctx, "end a search of persons", func(t *tx) error {
		err := t.must(ctx, ErrConflict, `UPDATE person_searches SET state = $1, code = $2, model = $3, way = $4, records = $5, added = $6, gone = $7,
			pairs = $8, opened = $9, closed = $10, done_at = $11 WHERE id = $12 AND state = 'ordered'`,
			string(v.State), v.Code, v.Model, v.Way, v.Records, v.Added, v.Gone, v.Pairs, v.Opened, v.Closed, micros(t.now), v.ID)
		if err != nil {
			return err
		}
		if err := t.clear(ctx, "persons", "search", v.Code); err != nil || v.State != PersonsRefused {
			return err
		}
		return t.raise(ctx, "persons", "search", v.Code, map[string]string{"code": v.Code})
	})
}

// PersonPair is two numbers that may be one person's.
type PersonPair struct {
	Key    string // keyed hash of both numbers
	Shown  PairShown
	Print  string // of zone, rule and weights: a pair that reads the same is not written again
	Zone   string // "automatic" or "review"
	Level  string // L1 to L5
	Rule   string
	Months int64        // at stake: those of the lesser record
	Fen    casework.Fen // likewise
	Doubt  int64        // 1/10000
	Value  int64        // what sorts the queue
	State  PairState
	CaseID string // of the merge, once somebody said it is one person
	Since  time.Time
	Gone   bool // the last search no longer finds it
}

// PairShown is what a person sees of a pair; sealed.
type PairShown struct {
	A, B   string // 个人编号
	Fields []PairField
	Prior  float64 // weight before any field; with rarity and the fields' it adds up
	Rarity float64
	Weight float64
	Chance float64
}

// PairField is what one field says: both values as they were compared.
type PairField struct {
	Field, A, B, Level string
	Weight             float64
}

// PairState is what people said of a pair.
type PairState string

// The states of a pair. Every veto is a person's; it holds until taken back.
const (
	PairOpen   PairState = "open"
	PairSame   PairState = "same"   // one person: a merge case is open
	PairTwo    PairState = "two"    // two persons, in all nights to come
	PairUnsure PairState = "unsure" // looked at and put back behind the others
)

func pairShownOf(key string) string { return "person_pairs/shown/" + key }

// PairKey is the key of two numbers, in either order.
func (s *Store) PairKey(a, b string) string {
	return s.keys.hash("person pair", min(a, b), max(a, b))
}

const pairColumns = "key, shown, print, zone, level, rule, months, fen, doubt, value, state, case_id, first_at, gone_at"

func (s *Store) scanPair(r row) (p PersonPair, err error) {
	var shown string
	var first, gone int64
	if err = r.Scan(&p.Key, &shown, &p.Print, &p.Zone, &p.Level, &p.Rule, &p.Months, &p.Fen, &p.Doubt, &p.Value, &p.State, &p.CaseID, &first, &gone); err != nil {
		return p, err
	}
	p.Since, p.Gone = moment(first), gone != 0
	return p, s.keys.openJSON(pairShownOf(p.Key), shown, &p.Shown)
}

// PairPrints gives the prints of all pairs that the last search found, by key.
func (s *Store) PairPrints(ctx context.Context) (map[string]string, error) {
	prints := map[string]string{}
	_, err := list(ctx, s.reader, func(r row) (struct{}, error) {
		var key, print string
		err := r.Scan(&key, &print)
		prints[key] = print
		return struct{}{}, err
	}, "SELECT key, print FROM person_pairs WHERE gone_at = 0")
	return prints, explain("list pairs", err)
}

// pairsAtOnce bounds the transaction that writes pairs.
const pairsAtOnce = 500

// KeepPairs writes pairs that are new or read otherwise than before. What people
// said of one stays: a veto holds in every night.
func (s *Store) KeepPairs(ctx context.Context, pairs []PersonPair) error {
	for some := range slices.Chunk(pairs, pairsAtOnce) {
		err := s.change(ctx, "keep pairs of persons", func(t *tx) error {
			for _, p := range some {
				if err := t.keepPair(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) keepPair(ctx context.Context, p PersonPair) error {
	shown, err := t.store.keys.sealJSON(pairShownOf(p.Key), p.Shown)
	if err != nil {
		return err
	}
	return t.later(ctx, `INSERT INTO person_pairs (key, shown, print, zone, level, rule, months, fen, doubt, value, state, case_id, first_at, gone_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', '', $11, 0)
		ON CONFLICT (key) DO UPDATE SET shown = excluded.shown, print = excluded.print, zone = excluded.zone, level = excluded.level, rule = excluded.rule,
		months = excluded.months, fen = excluded.fen, doubt = excluded.doubt, value = excluded.value, gone_at = 0`,
		p.Key, shown, p.Print, p.Zone, p.Level, p.Rule, p.Months, int64(p.Fen), p.Doubt, p.Value, micros(t.now))
}

// DropPairs marks pairs that the search no longer finds.
func (s *Store) DropPairs(ctx context.Context, keys []string) error {
	for some := range slices.Chunk(keys, pairsAtOnce) {
		err := s.change(ctx, "drop pairs of persons", func(t *tx) error {
			for _, key := range some {
				if err := t.later(ctx, "UPDATE person_pairs SET gone_at = $1 WHERE key = $2 AND gone_at = 0", micros(t.now), key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// PersonPairs gives the queue of a state: what is worth most and least sure first.
func (s *Store) PersonPairs(ctx context.Context, state PairState, after string, limit int) (pairs []PersonPair, next string, err error) {
	if limit <= 0 {
		limit = 50
	}
	query, values := "SELECT "+pairColumns+" FROM person_pairs WHERE gone_at = 0 AND state = $1", []any{string(state)}
	if after != "" {
		at, err := one(ctx, s.reader, scalar[int64], "SELECT value FROM person_pairs WHERE key = $1", after)
		if err != nil {
			return nil, "", explain("list pairs", err)
		}
		query, values = query+" AND (value < $2 OR value = $2 AND key > $3)", append(values, at, after)
	}
	pairs, err = list(ctx, s.reader, s.scanPair, fmt.Sprintf("%s ORDER BY value DESC, key LIMIT %d", query, limit+1), values...)
	if len(pairs) > limit {
		pairs = pairs[:limit]
		next = pairs[limit-1].Key
	}
	return pairs, next, explain("list pairs", err)
}

// PairCounts counts the pairs of each state.
func (s *Store) PairCounts(ctx context.Context) (map[PairState]int, error) {
	counts := map[PairState]int{}
	_, err := list(ctx, s.reader, func(r row) (struct{}, error) {
		var state PairState
		var n int
		err := r.Scan(&state, &n)
		counts[state] = n
		return struct{}{}, err
	}, "SELECT state, COUNT(*) FROM person_pairs WHERE gone_at = 0 GROUP BY state")
	return counts, explain("count pairs", err)
}

// PersonPair gives one, or ErrNotFound.
func (s *Store) PersonPair(ctx context.Context, key string) (PersonPair, error) {
	p, err := one(ctx, s.reader, s.scanPair, "SELECT "+pairColumns+" FROM person_pairs WHERE key = $1", key)
	return p, explain("pair", err)
}

// PairRuling is what a person said of a pair; PairOpen takes the one before back.
type PairRuling struct {
	Ruling PairState
	Note   string
	By     string
	At     time.Time
}

func pairNoteOf(id string) string { return "person_rulings/note/" + id }

// RulePair writes what a person says of a pair; caseID is the merge's where it is
// one person. ErrConflict when somebody said something else meanwhile; a pair
// whose merge case is open is answered there.
func (s *Store) RulePair(ctx context.Context, by casework.Actor, key string, was, ruling PairState, note, caseID string) error {
	return s.change(ctx, "answer a pair", func(t *tx) error {
		if was == ruling || was == PairSame {
			return ErrConflict
		}
		err := t.must(ctx, ErrConflict, "UPDATE person_pairs SET state = $1, case_id = $2 WHERE key = $3 AND state = $4", string(ruling), caseID, key, string(was))
		if err != nil {
			return err
		}
		id := casework.NewID()
		_, err = t.update(ctx, "INSERT INTO person_rulings (id, pair_key, ruling, note, actor, name, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			id, key, string(ruling), s.keys.sealText(pairNoteOf(id), note), by.ID, by.Name, micros(t.now))
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "persons.rule", key, map[string]string{"ruling": string(ruling), "case": caseID})
	})
}

// PairRulings gives what was said of a pair, the oldest first.
func (s *Store) PairRulings(ctx context.Context, key string) ([]PairRuling, error) {
	all, err := list(ctx, s.reader, func(r row) (v PairRuling, err error) {
		var id, note string
		var at int64
		if err = r.Scan(&id, &v.Ruling, &note, &v.By, &at); err != nil {
			return v, err
		}
		v.At = moment(at)
		v.Note, err = s.keys.openText(pairNoteOf(id), note)
		return v, err
	}, "SELECT id, ruling, note, name, at FROM person_rulings WHERE pair_key = $1 ORDER BY id", key)
	return all, explain("list rulings", err)
}

// ReopenPair puts a pair back whose merge case ended without a merge.
func (s *Store) ReopenPair(ctx context.Context, caseID string, to PairState) error {
	return s.change(ctx, "reopen a pair", func(t *tx) error {
		err := t.must(ctx, ErrNotFound, "UPDATE person_pairs SET state = $1 WHERE case_id = $2 AND state = 'same'", string(to), caseID)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	})
}
