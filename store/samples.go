package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// SampleOrder says which cases are drawn: so many of those assessed in a period,
// stratified by matter and verdict. The same seed draws the same ones.
type SampleOrder struct {
	Size         int
	Since, Until time.Time
	Seed         uint64
}

// Sample is a draw for the sample audit.
type Sample struct {
	ID           string
	Seed         uint64
	Since, Until time.Time
	From         int // cases it was drawn from
	By           string
	At           time.Time
	Size         int
	Settled      int
}

// SampleState is how far a drawn case is.
type SampleState string

// The states of a drawn case.
const (
	SampleOpen    SampleState = "open"    // fewer than two have looked
	SampleDiffers SampleState = "differs" // a third has to settle it
	SampleSettled SampleState = "settled"
)

// SampleLabel is what one person says of a drawn case.
type SampleLabel struct {
	Person  string // user's id
	Login   string
	Settles bool
	Verdict casework.Verdict // AUTO_PASS, RETURN_FOR_CORRECTION or PROPOSE_REJECT
	Faults  []string         // rules that are broken
	At      time.Time
}

// SampleCase is one drawn case.
type SampleCase struct {
	SampleID  string
	Place     int // from 1
	CaseID    string
	Stratum   string // "unemployment_claim/AUTO_PASS"
	StratumOf int    // cases of the stratum in the period
	Verdict   casework.Verdict
	Rules     map[string]casework.Severity // what the machine found
	Labels    []SampleLabel
}

// State says how far the case is.
func (c SampleCase) State() SampleState {
	switch {
	case len(c.Labels) < 2:
		return SampleOpen
	case c.agreed() || slices.ContainsFunc(c.Labels, func(l SampleLabel) bool { return l.Settles }):
		return SampleSettled
	}
	return SampleDiffers
}

func (c SampleCase) agreed() bool {
	return c.Labels[0].Verdict == c.Labels[1].Verdict && slices.Equal(c.Labels[0].Faults, c.Labels[1].Faults)
}

// Matter is what the case was brought for.
func (c SampleCase) Matter() string {
	matter, _, _ := strings.Cut(c.Stratum, "/")
	return matter
}

// Truth gives the label that counts; false while there is none.
func (c SampleCase) Truth() (SampleLabel, bool) {
	if c.State() != SampleSettled {
		return SampleLabel{}, false
	}
	for _, l := range c.Labels {
		if l.Settles {
			return l, true
		}
	}
	return c.Labels[0], true
}

// DrawSample draws cases. ErrInvalid when the period has none.
func (s *Store) DrawSample(ctx context.Context, by casework.Actor, o SampleOrder) (Sample, error) {
	id := casework.NewID()
	err := s.change(ctx, "draw a sample", func(t *tx) error {
		strata, total, err := t.strata(ctx, o)
		if err != nil {
			return err
		}
		if total == 0 || o.Size <= 0 {
			return fmt.Errorf("no case was assessed in that period: %w", ErrInvalid)
		}
		if _, err := t.update(ctx, "INSERT INTO samples (id, seed, since, until, drawn_from, drawn_by, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			id, int64(o.Seed), micros(o.Since), micros(o.Until), total, by.Name, micros(t.now)); err != nil {
			return err
		}
		drawn := pick(strata, o)
		for i, c := range drawn {
			if err := t.insertDrawn(ctx, id, i+1, c, len(strata[c.stratum()])); err != nil {
				return err
			}
		}
		return t.audit(ctx, by, "sample.draw", id, map[string]any{"cases": len(drawn), "of": total, "seed": o.Seed})
	})
	if err != nil {
		return Sample{}, err
	}
	return s.Sample(ctx, id)
}

// assessed is a case with its newest assessment in the period.
type assessed struct {
	caseID, matter, verdict string
	round                   int64
}

func (a assessed) stratum() string { return a.matter + "/" + a.verdict }

func (t *tx) strata(ctx context.Context, o SampleOrder) (map[string][]assessed, int, error) {
	all, err := list(ctx, t, func(r row) (a assessed, err error) {
		err = r.Scan(&a.caseID, &a.round, &a.verdict, &a.matter)
		return a, err
	}, `SELECT a.case_id, a.round, a.verdict, c.matter FROM assessments a JOIN cases c ON c.id = a.case_id
		WHERE a.at >= $1 AND a.at < $2 AND a.round = (SELECT MAX(b.round) FROM assessments b WHERE b.case_id = a.case_id)
		ORDER BY a.case_id`, micros(o.Since), micros(o.Until))
	strata := map[string][]assessed{}
	for _, a := range all {
		strata[a.stratum()] = append(strata[a.stratum()], a)
	}
	return strata, len(all), err
}

// pick draws from each stratum and shuffles: the order tells nothing of verdicts.
func pick(strata map[string][]assessed, o SampleOrder) []assessed {
	random, sizes := rand.New(rand.NewPCG(o.Seed, 0x73616d706c65)), map[string]int{}
	for name, cases := range strata {
		sizes[name] = len(cases)
	}
	take := materials.Allocate(sizes, o.Size)
	var drawn []assessed
	for _, name := range slices.Sorted(maps.Keys(take)) {
		for _, i := range random.Perm(len(strata[name]))[:take[name]] {
			drawn = append(drawn, strata[name][i])
		}
	}
	random.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	return drawn
}

func (t *tx) insertDrawn(ctx context.Context, sample string, place int, c assessed, of int) error {
	hits, err := list(ctx, t, func(r row) (h [2]string, err error) { err = r.Scan(&h[0], &h[1]); return h, err },
		"SELECT rule, severity FROM rule_hits WHERE case_id = $1 AND round = $2 ORDER BY seq", c.caseID, c.round)
	if err != nil {
		return err
	}
	rules := map[string]casework.Severity{}
	for _, h := range hits {
		if severity := casework.Severity(h[1]); rules[h[0]] != casework.Block {
			rules[h[0]] = severity
		}
	}
	text, err := jsonText(rules)
	if err != nil {
		return err
	}
	return t.later(ctx, `INSERT INTO sample_cases (sample_id, place, case_id, round, stratum, stratum_of, verdict, rules)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, sample, place, c.caseID, c.round, c.stratum(), of, c.verdict, text)
}

// Samples gives the draws, the newest first.
func (s *Store) Samples(ctx context.Context) ([]Sample, error) {
	ids, err := list(ctx, s.reader, scalar[string], "SELECT id FROM samples ORDER BY at DESC, id LIMIT 50")
	if err != nil {
		return nil, explain("list samples", err)
	}
	var all []Sample
	for _, id := range ids {
		one, err := s.Sample(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// Sample gives one draw, or ErrNotFound.
func (s *Store) Sample(ctx context.Context, id string) (Sample, error) {
	v, err := one(ctx, s.reader, func(r row) (v Sample, err error) {
		var seed, since, until, at int64
		err = r.Scan(&v.ID, &seed, &since, &until, &v.From, &v.By, &at)
		v.Seed, v.Since, v.Until, v.At = uint64(seed), moment(since), moment(until), moment(at)
		return v, err
	}, "SELECT id, seed, since, until, drawn_from, drawn_by, at FROM samples WHERE id = $1", id)
	if err != nil {
		return v, explain("sample", err)
	}
	cases, err := s.SampleCases(ctx, id)
	v.Size = len(cases)
	for _, c := range cases {
		if c.State() == SampleSettled {
			v.Settled++
		}
	}
	return v, err
}

// SampleCases gives the cases of a draw in their order, with all labels.
func (s *Store) SampleCases(ctx context.Context, id string) ([]SampleCase, error) {
	cases, err := sampleCases(ctx, s.reader, id)
	return cases, explain("cases of the sample", err)
}

func sampleCases(ctx context.Context, q querier, id string) ([]SampleCase, error) {
	cases, err := list(ctx, q, func(r row) (c SampleCase, err error) {
		var rules string
		if err = r.Scan(&c.SampleID, &c.Place, &c.CaseID, &c.Stratum, &c.StratumOf, &c.Verdict, &rules); err != nil {
			return c, err
		}
		return c, json.Unmarshal([]byte(rules), &c.Rules)
	}, "SELECT sample_id, place, case_id, stratum, stratum_of, verdict, rules FROM sample_cases WHERE sample_id = $1 ORDER BY place", id)
	if err != nil {
		return nil, err
	}
	type placed struct {
		place int
		SampleLabel
	}
	labels, err := list(ctx, q, func(r row) (l placed, err error) {
		var settles, at int64
		var faults string
		if err = r.Scan(&l.place, &l.Person, &l.Login, &settles, &l.Verdict, &faults, &at); err != nil {
			return l, err
		}
		l.Settles, l.At = settles == 1, moment(at)
		return l, json.Unmarshal([]byte(faults), &l.Faults)
	}, "SELECT place, person, login, settles, verdict, faults, at FROM sample_labels WHERE sample_id = $1 ORDER BY at, person", id)
	for _, l := range labels {
		if i := slices.IndexFunc(cases, func(c SampleCase) bool { return c.Place == l.place }); i >= 0 {
			cases[i].Labels = append(cases[i].Labels, l.SampleLabel)
		}
	}
	return cases, err
}

// LabelSample keeps what a person says of a drawn case. The third one settles
// what two see differently. ErrConflict when the person has spoken of it before,
// has decided the case itself, or nothing is left to say; ErrNotFound when there
// is no such case.
func (s *Store) LabelSample(ctx context.Context, by casework.Actor, sample string, place int, l SampleLabel) error {
	switch l.Verdict {
	case casework.AutoPass, casework.ReturnForCorrection, casework.ProposeReject:
	default:
		return fmt.Errorf("verdict %q: %w", l.Verdict, ErrInvalid)
	}
	slices.Sort(l.Faults)
	l.Faults = slices.Compact(l.Faults)
	return s.change(ctx, "label a drawn case", func(t *tx) error {
		// The update is the lock: two people who speak at once follow each other.
		if err := t.must(ctx, ErrNotFound, "UPDATE sample_cases SET place = place WHERE sample_id = $1 AND place = $2", sample, place); err != nil {
			return err
		}
		cases, err := sampleCases(ctx, t, sample)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(cases, func(c SampleCase) bool { return c.Place == place })
		c := cases[i]
		decided, err := one(ctx, t, scalar[int], "SELECT COUNT(*) FROM reviews WHERE case_id = $1 AND decided_by = $2", c.CaseID, by.Name)
		if err != nil {
			return err
		}
		if decided > 0 || c.LabelledBy(by.ID) || c.State() == SampleSettled {
			return ErrConflict
		}
		settles := 0
		if c.State() == SampleDiffers {
			settles = 1
		}
		faults, err := jsonText(append([]string{}, l.Faults...))
		if err != nil {
			return err
		}
		if _, err = t.update(ctx, `INSERT INTO sample_labels (sample_id, place, person, login, settles, verdict, faults, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, sample, place, by.ID, by.Name, settles, string(l.Verdict), faults, micros(t.now)); err != nil {
			return err
		}
		return t.audit(ctx, by, "sample.label", c.CaseID, map[string]any{"sample": sample, "place": place, "settles": settles == 1})
	})
}

// LabelledBy says that a person has spoken of the case.
func (c SampleCase) LabelledBy(person string) bool {
	return slices.ContainsFunc(c.Labels, func(l SampleLabel) bool { return l.Person == person })
}

// AuditCases turns a draw into what [materials.Audit] counts.
func AuditCases(cases []SampleCase) []materials.AuditCase {
	drawn := map[string]int{}
	for _, c := range cases {
		drawn[c.Stratum]++
	}
	var out []materials.AuditCase
	for _, c := range cases {
		a := materials.AuditCase{Stratum: c.Stratum, Weight: float64(c.StratumOf) / float64(drawn[c.Stratum]), Machine: c.Verdict}
		for _, rule := range slices.Sorted(maps.Keys(c.Rules)) {
			switch c.Rules[rule] {
			case casework.Block:
				a.Blocks = append(a.Blocks, rule)
			case casework.Warn:
				a.Raised = append(a.Raised, rule)
			}
		}
		if truth, ok := c.Truth(); ok {
			a.Settled, a.Truth, a.Faults = true, truth.Verdict, truth.Faults
		}
		out = append(out, a)
	}
	return out
}
