package link

import (
	"bytes"
	"cmp"
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Kept is a folder in which a search keeps what it knows of an export, so that
// the next night looks at the rows that changed only. Everything in it is sealed.
// One search at a time.
type Kept struct {
	Folder *os.Root
	Seal   cipher.AEAD
}

// ErrFull says that a night cannot go on from what was kept: there is nothing,
// the configuration or the header changed, or too much did. A full search helps.
var ErrFull = errors.New("a full search is needed")

// stateFile names the one file that is replaced; all others are written once.
const stateFile = "state"

// state is what is known after a search. Records are numbered through all
// segments; those that left the export keep their number.
type state struct {
	Version  string // of the frozen model
	Config   string // hash of the configuration
	Header   []byte
	Segments []segment
	Gone     keptNumbers // sorted
	Model    Model
	Common   Common
	Pairs    keptPairs
	Clusters keptClusters
	Crowded  keptNumbers // records that are, or were, in a group over its limit; sorted
}

// keptCluster is a cluster with what shows it.
type keptCluster struct {
	Records  []uint32
	Names    []string // sorted
	Doubtful bool     // a pair for review holds it together
}

// keptPair is a pair with what shows it without its records.
type keptPair struct {
	a, b         uint32
	pattern      pattern
	weight       float64
	decision     Decision
	nameA, nameB string
	stakeA       Stake
	stakeB       Stake
}

// keptPairs is many pairs, column by column: so they are read in a moment.
type keptPairs struct {
	Records []uint32 // a, b, a, b …
	Pattern []uint64
	Weight  []float64
	Said    []uint16 // into Says
	Says    []Decision
	Names   []string
	Stakes  []int64 // months and fen of a, of b
}

func (p *keptPairs) add(one keptPair) {
	said := slices.Index(p.Says, one.decision)
	if said < 0 {
		said = len(p.Says)
		p.Says = append(p.Says, one.decision)
	}
	p.Records = append(p.Records, one.a, one.b)
	p.Pattern, p.Weight, p.Said = append(p.Pattern, uint64(one.pattern)), append(p.Weight, one.weight), append(p.Said, uint16(said))
	p.Names = append(p.Names, one.nameA, one.nameB)
	p.Stakes = append(p.Stakes, one.stakeA.Months, one.stakeA.Fen, one.stakeB.Months, one.stakeB.Fen)
}

func (p *keptPairs) at(i int) keptPair {
	stake := p.Stakes[4*i:]
	return keptPair{p.Records[2*i], p.Records[2*i+1], pattern(p.Pattern[i]), p.Weight[i], p.Says[p.Said[i]], p.Names[2*i], p.Names[2*i+1],
		Stake{stake[0], stake[1]}, Stake{stake[2], stake[3]}}
}

// grow makes room for so many more.
func (p *keptPairs) grow(n int) {
	p.Records, p.Pattern, p.Weight = slices.Grow(p.Records, 2*n), slices.Grow(p.Pattern, n), slices.Grow(p.Weight, n)
	p.Said, p.Names, p.Stakes = slices.Grow(p.Said, n), slices.Grow(p.Names, 2*n), slices.Grow(p.Stakes, 4*n)
}

func (p *keptPairs) size() int { return len(p.Weight) }

// Full searches the whole export, learns a model and freezes it: the nights to
// come use it, and so does Again. What was kept before is dropped.
func (k Kept) Full(ctx context.Context, in Input, c Config) (*Found, error) {
	return k.full(ctx, in, c, nil)
}

// Again searches the whole export under the frozen model: what nights come to,
// without their short cuts.
func (k Kept) Again(ctx context.Context, in Input, c Config) (*Found, error) {
	s, err := k.load()
	if err != nil {
		return nil, err
	}
	return k.full(ctx, in, c, s)
}

func (k Kept) full(ctx context.Context, in Input, c Config, frozen *state) (*Found, error) {
	if err := nightly(c); err != nil {
		return nil, err
	}
	seen := newRowReader(in.Data)
	seen.keep = true
	job := Job{Inputs: []Input{{in.Name, seen}}, Config: c, stakes: true}
	if frozen != nil {
		job.Model, job.Common = &frozen.Model, &frozen.Common
	}
	r, err := Run(ctx, job)
	if err != nil {
		return nil, err
	}
	s := &state{Config: sumOf(c), Header: seen.header, Model: r.Model}
	if frozen != nil {
		s.Common, s.Version = frozen.Common, frozen.Version
	} else {
		s.Common = *r.table.commons()
		s.Version = "m" + sumOf([]any{c, s.Model, s.Common.Records})[:12]
	}
	indexes := r.table.plan.indexes()
	one, err := k.keepSegment("s"+sumOf(seen.rows)[:16], r.table, seen.rows, func(i int) []uint64 { return r.table.hashes(indexes[i]) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	s.Segments = []segment{one}
	for _, p := range r.Pairs {
		s.Pairs.add(r.table.keep(p, nil))
	}
	for _, c := range r.Clusters {
		s.Clusters = append(s.Clusters, r.table.keepCluster(c, nil))
	}
	slices.SortFunc(s.Clusters, byNames)
	s.Crowded = r.table.crowded(indexes)
	if err := k.save(s); err != nil {
		return nil, err
	}
	return s.found(r.table.size()), nil
}

func byNames(a, b keptCluster) int { return slices.Compare(a.Names, b.Names) }

func (t *table) keepCluster(c Cluster, number []uint32) keptCluster {
	kept := keptCluster{Doubtful: c.Zone == Review}
	for _, record := range c.Records {
		kept.Names = append(kept.Names, t.names.at(record))
		if number != nil {
			record = number[record]
		}
		kept.Records = append(kept.Records, record)
	}
	slices.Sort(kept.Names)
	return kept
}

// crowded lists the records in groups over their limit: if one of them goes, its
// group may be within it again.
func (t *table) crowded(indexes [][]plannedKey) []uint32 {
	var found []uint32
	for i, index := range indexes {
		groups(t.hashes(index), func(group []entry) {
			if t.many(i, index, group) > t.limit(i, index) {
				for _, e := range group {
					found = append(found, e.record)
				}
			}
		})
	}
	t.parts = nil
	slices.Sort(found)
	return slices.Compact(found)
}

// limit is how many an index's group may hold before it says nothing: records of
// a block, sharers of a value.
func (t *table) limit(i int, index []plannedKey) int {
	if i < len(t.plan.blocks) {
		return largestGroup
	}
	return t.plan.fields[index[0].field].field.Shared
}

// many counts a group as its limit does.
func (t *table) many(i int, index []plannedKey, group []entry) int {
	if i < len(t.plan.blocks) || len(group) == 0 {
		return len(group)
	}
	if by := t.sharers(t.plan.fields[index[0].field].field.SharedBy); by != nil {
		return int(by.different(group))
	}
	return len(group)
}

// nightly refuses what nights cannot go on from.
func nightly(c Config) error {
	if c.ID == "" {
		return errors.New("a search by night needs the column that names a record: id")
	}
	if len(c.Blocks) == 0 {
		return errors.New("a search by night needs blocks in its configuration")
	}
	return nil
}

// keep makes a pair that stands without its table.
func (t *table) keep(p Pair, number []uint32) keptPair {
	one := keptPair{p.A, p.B, p.pattern, p.Weight, p.Decision, t.names.at(p.A), t.names.at(p.B), t.stake(p.A), t.stake(p.B)}
	if number != nil {
		one.a, one.b = number[p.A], number[p.B]
	}
	if one.nameA > one.nameB {
		one.a, one.b, one.nameA, one.nameB, one.stakeA, one.stakeB = one.b, one.a, one.nameB, one.nameA, one.stakeB, one.stakeA
	}
	return one
}

// sumOf hashes a value by its JSON.
func sumOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // configurations, models and numbers always have one
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// save replaces the state at once and removes segments nobody needs.
func (k Kept) save(s *state) error {
	w, err := k.create(stateFile + beingWritten)
	if err != nil {
		return err
	}
	err = gob.NewEncoder(w).Encode(s)
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	if err := k.Folder.Rename(stateFile+beingWritten, stateFile); err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	return k.tidy(s)
}

func (k Kept) tidy(s *state) error {
	needed := []string{stateFile}
	for _, one := range s.Segments {
		needed = append(needed, one.parts()...)
	}
	folder, err := k.Folder.Open(".")
	if err != nil {
		return err
	}
	names, err := folder.Readdirnames(-1)
	if err = errors.Join(err, folder.Close()); err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, "s") && !slices.Contains(needed, name) {
			err = errors.Join(err, k.Folder.Remove(name))
		}
	}
	return err
}

// load reads the state, ErrFull when there is none.
func (k Kept) load() (*state, error) {
	f, err := k.open(stateFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("nothing was kept yet: %w", ErrFull)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text bytes.Buffer
	if err := f.each(func(page []byte) error { text.Write(page); return nil }); err != nil {
		return nil, err
	}
	s := &state{}
	if err := gob.NewDecoder(&text).Decode(s); err != nil {
		return nil, fmt.Errorf("kept state: %w", err)
	}
	return s, nil
}

// Found is what a search of the insured comes to: pairs and clusters by name.
type Found struct {
	Version  string // of the model that weighs
	Records  int
	Added    int // rows that were not there the night before; all of them in a full search
	Gone     int // rows that were there
	Pairs    []FoundPair
	Clusters []FoundCluster
	fields   []FieldModel
}

// FoundPair is two records; A is the smaller name.
type FoundPair struct {
	A, B           string
	Decision       Decision
	Weight         float64
	StakeA, StakeB Stake
	pattern        pattern
}

// FoundCluster is the records of one person.
type FoundCluster struct {
	Records []string
	Zone    Zone
}

// Levels gives how each field of a pair compared.
func (f *Found) Levels(p FoundPair) map[string]string {
	levels := map[string]string{}
	for i, field := range f.fields {
		levels[field.Name] = field.Levels[p.pattern.level(i)]
	}
	return levels
}

// found gives what was found, in order.
func (s *state) found(records int) *Found {
	f := &Found{Version: s.Version, Records: records, Added: records, fields: s.Model.Fields, Pairs: make([]FoundPair, 0, s.Pairs.size()),
		Clusters: make([]FoundCluster, 0, len(s.Clusters))}
	for i := range s.Pairs.size() {
		p := s.Pairs.at(i)
		f.Pairs = append(f.Pairs, FoundPair{p.nameA, p.nameB, p.decision, p.weight, p.stakeA, p.stakeB, p.pattern})
	}
	for _, c := range s.Clusters {
		one := FoundCluster{c.Names, Automatic}
		if c.Doubtful {
			one.Zone = Review
		}
		f.Clusters = append(f.Clusters, one)
	}
	return f
}

// before orders pairs as a search does: by zone, the strongest first, then by name.
func (p keptPair) before(q keptPair) int {
	if d := cmp.Or(cmp.Compare(p.decision.Zone.rank(), q.decision.Zone.rank()), cmp.Compare(q.weight, p.weight)); d != 0 {
		return d
	}
	return cmp.Or(cmp.Compare(p.nameA, q.nameA), cmp.Compare(p.nameB, q.nameB))
}
