package link

import (
	"bytes"
	"cmp"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
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

// stateFile names the one file that is replaced; all others are written once, each
// under a name of its own, and the state says which of them count.
const stateFile = "state"

// state is what is known after a search. Records are numbered through all
// segments; those that left the export keep their number and are in no order.
type state struct {
	Version  string // of the frozen model
	Config   string // hash of the configuration
	Header   []byte
	Segments []segment
	Model    Model
	Common   string // file of the frequencies the model was learnt with
	Order    string // file of the export's order
	Findings string // file of what was found
}

// records is how many were ever numbered.
func (s *state) records() uint32 {
	many := uint32(0)
	for _, one := range s.Segments {
		many += one.Rows
	}
	return many
}

// findings is what was found, and what the next night has to know about it.
type findings struct {
	pairs    []FoundPair // in the order of a search
	records  []couple    // of each pair
	clusters []keptCluster
	crowded  []uint32 // records that are, or were, in a group over its limit; sorted
}

// couple is the numbers of a pair's records.
type couple struct{ a, b uint32 }

// keptCluster is a cluster with what shows it.
type keptCluster struct {
	records  []uint32
	names    []string // sorted
	doubtful bool     // a pair for review holds it together
}

// keptPair is a pair with the numbers of its records.
type keptPair struct {
	couple
	FoundPair
}

// Full searches the whole export, learns a model and freezes it: the nights to
// come use it, and so does Again. What was kept before is dropped.
func (k Kept) Full(ctx context.Context, in Input, c Config) (*Found, error) {
	return k.full(ctx, in, c, nil)
}

// Again searches the whole export under the frozen model: what nights come to,
// without their short cuts.
func (k Kept) Again(ctx context.Context, in Input, c Config) (found *Found, err error) {
	err = guarded(func() error {
		s, err := k.load()
		if err == nil {
			found, err = k.full(ctx, in, c, s)
		}
		return err
	})
	return found, err
}

func (k Kept) full(ctx context.Context, in Input, c Config, frozen *state) (*Found, error) {
	if err := nightly(c); err != nil {
		return nil, err
	}
	seen := newRowReader(in.Data, fullStretch)
	seen.keep = true
	job := Job{Inputs: []Input{{in.Name, seen}}, Config: c, stakes: true}
	var common *Common
	if frozen != nil {
		var err error
		if common, err = k.common(frozen.Common); err != nil {
			return nil, err
		}
		job.Model, job.Common = &frozen.Model, common
	}
	r, err := Run(ctx, job)
	if err != nil {
		return nil, err
	}
	s := &state{Config: sumOf(c), Header: seen.header, Model: r.Model}
	if frozen != nil {
		s.Version = frozen.Version
	} else {
		common = r.table.commons()
		s.Version = "m" + sumOf([]any{c, s.Model, common.Records})[:12]
	}
	indexes := r.table.plan.indexes()
	one, err := k.keepSegment(r.table, 0, seen.rows, func(i int) []entry { return hashed(r.table.hashes(indexes[i])) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	s.Segments = []segment{one}
	found := r.findings(indexes)
	if s.Common, err = k.keepNew(common.pack()); err != nil {
		return nil, err
	}
	whole := order{spans: []span{{0, uint32(r.table.size())}}, stretches: seen.made.all}
	if err := k.save(s, &whole, found); err != nil {
		return nil, err
	}
	return found.found(s, r.table.size()), nil
}

// findings makes what a full search found stand without its table.
func (r *Result) findings(indexes [][]plannedKey) *findings {
	f := &findings{}
	for _, p := range r.Pairs {
		one := r.table.keep(p, nil)
		f.pairs, f.records = append(f.pairs, one.FoundPair), append(f.records, one.couple)
	}
	for _, c := range r.Clusters {
		f.clusters = append(f.clusters, r.table.keepCluster(c, nil))
	}
	slices.SortFunc(f.clusters, byNames)
	f.crowded = r.table.crowded(indexes)
	return f
}

func byNames(a, b keptCluster) int { return slices.Compare(a.names, b.names) }

func (t *table) keepCluster(c Cluster, number []uint32) keptCluster {
	kept := keptCluster{doubtful: c.Zone == Review}
	for _, record := range c.Records {
		kept.names = append(kept.names, t.names.at(record))
		if number != nil {
			record = number[record]
		}
		kept.records = append(kept.records, record)
	}
	slices.Sort(kept.names)
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
	a, b := p.A, p.B
	if t.names.at(a) > t.names.at(b) {
		a, b = b, a
	}
	one := keptPair{couple{a, b}, FoundPair{t.names.at(a), t.names.at(b), p.Decision, p.Weight, t.stake(a), t.stake(b), p.pattern}}
	if number != nil {
		one.a, one.b = number[a], number[b]
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

// newName names a file that is written once: never as one before.
func newName() string { return rand.Text() }

// keepNew writes a file that is written once.
func (k Kept) keepNew(clear []byte) (name string, err error) {
	name = newName()
	return name, k.keep(name, clear)
}

// save writes what changed with every search, replaces the state at once and
// removes files nobody needs. A crash on the way leaves the state as it was.
func (k Kept) save(s *state, order *order, found *findings) (err error) {
	if s.Order, err = k.keepNew(order.pack()); err != nil {
		return err
	}
	if s.Findings, err = k.keepNew(found.pack()); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(s); err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	if err := k.keep(stateFile+beingWritten, text.Bytes()); err != nil {
		return err
	}
	if err := k.Folder.Rename(stateFile+beingWritten, stateFile); err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	return k.tidy(s)
}

func (k Kept) tidy(s *state) error {
	needed := []string{stateFile, s.Common, s.Order, s.Findings}
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
		if !slices.Contains(needed, name) {
			err = errors.Join(err, k.Folder.Remove(name))
		}
	}
	return err
}

// load reads the state, ErrFull when there is none.
func (k Kept) load() (*state, error) {
	text, err := k.whole(stateFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("nothing was kept yet: %w", ErrFull)
	}
	if err != nil {
		return nil, err
	}
	s := &state{}
	if err := gob.NewDecoder(bytes.NewReader(text)).Decode(s); err != nil {
		return nil, fmt.Errorf("kept state: %w", errors.Join(err, ErrDamaged))
	}
	return s, nil
}

func (k Kept) common(name string) (*Common, error) {
	packed, err := k.whole(name)
	if err != nil {
		return nil, err
	}
	return unpackCommon(packed)
}

func (k Kept) findings(name string) (f *findings, rest func() error, err error) {
	packed, err := k.whole(name)
	if err != nil {
		return nil, nil, err
	}
	return unpackFindings(packed)
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

// found shows what was found, in order.
func (f *findings) found(s *state, records int) *Found {
	out := &Found{Version: s.Version, Records: records, Added: records, fields: s.Model.Fields, Pairs: f.pairs, Clusters: make([]FoundCluster, len(f.clusters))}
	for i, c := range f.clusters {
		out.Clusters[i] = FoundCluster{c.names, Automatic}
		if c.doubtful {
			out.Clusters[i].Zone = Review
		}
	}
	return out
}

// before orders pairs as a search does: by zone, the strongest first, then by name.
func (p *FoundPair) before(q *FoundPair) int {
	if d := cmp.Or(cmp.Compare(p.Decision.Zone.rank(), q.Decision.Zone.rank()), cmp.Compare(q.Weight, p.Weight)); d != 0 {
		return d
	}
	return cmp.Or(cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B))
}
