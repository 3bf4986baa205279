package link

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// What is kept of many pairs and clusters is packed, all names in one text: a night
// reads and writes it in a moment.

// packer writes one thing after another.
type packer struct{ out []byte }

func (p *packer) count(n int) { p.out = binary.AppendUvarint(p.out, uint64(n)) }

func (p *packer) number32(n uint32) { p.out = binary.LittleEndian.AppendUint32(p.out, n) }

func (p *packer) number64(n uint64) { p.out = binary.LittleEndian.AppendUint64(p.out, n) }

func (p *packer) bytes(of []byte) {
	p.count(len(of))
	p.out = append(p.out, of...)
}

var errPacked = fmt.Errorf("kept records: cut short: %w", ErrDamaged)

// unpacker reads them back; after an error everything is empty.
type unpacker struct {
	in  []byte
	err error
}

func (u *unpacker) take(n int) []byte {
	if n < 0 || n > len(u.in) {
		u.in, u.err = nil, errPacked
		return make([]byte, 8)
	}
	part := u.in[:n]
	u.in = u.in[n:]
	return part
}

func (u *unpacker) number() uint64 {
	n, size := binary.Uvarint(u.in)
	if size <= 0 {
		u.in, u.err = nil, errPacked
		return 0
	}
	u.in = u.in[size:]
	return n
}

func (u *unpacker) count() int {
	n := u.number()
	if n > math.MaxInt32 {
		u.in, u.err = nil, errPacked
		return 0
	}
	return int(n)
}

// room is a count of things that take at least so many bytes each.
func (u *unpacker) room(bytes int) int {
	n := u.count()
	if n > len(u.in)/bytes {
		u.in, u.err = nil, errPacked
		return 0
	}
	return n
}

func (u *unpacker) number32() uint32 { return binary.LittleEndian.Uint32(u.take(4)) }

func (u *unpacker) number64() uint64 { return binary.LittleEndian.Uint64(u.take(8)) }

func (u *unpacker) text() string { return string(u.take(u.count())) }

// texts gives texts that share one string.
type texts struct {
	all     string
	lengths unpacker
}

func (t *texts) next() string {
	n := t.lengths.count()
	if n > len(t.all) {
		t.lengths.in, t.lengths.err = nil, errPacked
		return ""
	}
	text := t.all[:n]
	t.all = t.all[n:]
	return text
}

// Bytes that a pair and a cluster take at least.
const (
	pairBytes    = 29
	clusterBytes = 1
)

// pack writes what was found: numbers first, then the names of all.
func (f *findings) pack() []byte {
	var p, lengths packer
	var names []byte
	name := func(text string) {
		lengths.count(len(text))
		names = append(names, text...)
	}
	p.out, names = slices.Grow(p.out, len(f.pairs)*64+len(f.clusters)*48+4*len(f.crowded)+1024), slices.Grow(names, len(f.pairs)*24+len(f.clusters)*24)
	p.count(len(f.crowded))
	for _, record := range f.crowded {
		p.number32(record)
	}
	var says []Decision
	p.count(len(f.pairs))
	for i := range f.pairs {
		one := &f.pairs[i]
		said := slices.Index(says, one.Decision)
		if said < 0 {
			said = len(says)
			says = append(says, one.Decision)
		}
		p.pair(one, f.records[i], said)
		name(one.A)
		name(one.B)
	}
	p.says(says)
	p.clusters(f.clusters, name)
	p.bytes(lengths.out)
	p.bytes(names)
	return p.out
}

func (p *packer) pair(one *FoundPair, of couple, said int) {
	p.number32(of.a)
	p.number32(of.b)
	p.number64(uint64(one.pattern))
	p.number64(math.Float64bits(one.Weight))
	p.count(said)
	for _, n := range [4]int64{one.StakeA.Months, one.StakeA.Fen, one.StakeB.Months, one.StakeB.Fen} {
		p.out = binary.AppendUvarint(p.out, uint64(n))
	}
}

func (p *packer) says(says []Decision) {
	p.count(len(says))
	for _, d := range says {
		for _, text := range []string{string(d.Zone), d.Level, d.Rule} {
			p.bytes([]byte(text))
		}
	}
}

// clusters writes how many records each has, then all records.
func (p *packer) clusters(clusters []keptCluster, name func(string)) {
	p.count(len(clusters))
	members := 0
	for i := range clusters {
		doubtful := 0
		if clusters[i].doubtful {
			doubtful = 1
		}
		p.count(len(clusters[i].records)<<1 | doubtful)
		members += len(clusters[i].records)
	}
	p.count(members)
	for i := range clusters {
		for j, record := range clusters[i].records {
			p.number32(record)
			name(clusters[i].names[j])
		}
	}
}

// unpackFindings reads it back, but for pairs and clusters, which are read by rest:
// what holds so many names is best not at hand before it is needed.
func unpackFindings(packed []byte) (f *findings, rest func() error, err error) {
	u := unpacker{in: packed}
	f = &findings{crowded: make([]uint32, u.room(4))}
	for i := range f.crowded {
		f.crowded[i] = u.number32()
	}
	return f, func() error { return f.unpack(u) }, u.err
}

// unpack reads pairs and clusters.
func (f *findings) unpack(u unpacker) error {
	n := u.room(pairBytes)
	some := n + n/16 + 64 // for those that tonight adds
	f.pairs, f.records = make([]FoundPair, n, some), make([]couple, n, some)
	said := make([]uint32, n)
	for i := range f.pairs {
		f.records[i], said[i] = u.pair(&f.pairs[i])
	}
	says := make([]Decision, u.room(3))
	for i := range says {
		says[i] = Decision{Zone(u.text()), u.text(), u.text()}
	}
	f.clusters = u.clusters()
	t := texts{lengths: unpacker{in: u.take(u.count())}}
	t.all = string(u.take(u.count()))
	for i := range f.pairs {
		if int(said[i]) >= len(says) {
			return errPacked
		}
		f.pairs[i].Decision, f.pairs[i].A, f.pairs[i].B = says[said[i]], t.next(), t.next()
	}
	for _, c := range f.clusters {
		for j := range c.names {
			c.names[j] = t.next()
		}
	}
	return cmp.Or(u.err, t.lengths.err)
}

func (u *unpacker) pair(one *FoundPair) (of couple, said uint32) {
	of = couple{u.number32(), u.number32()}
	one.pattern, one.Weight = pattern(u.number64()), math.Float64frombits(u.number64())
	said = uint32(u.count())
	one.StakeA = Stake{int64(u.number()), int64(u.number())}
	one.StakeB = Stake{int64(u.number()), int64(u.number())}
	return of, said
}

// clusters reads them without their names. All share their room.
func (u *unpacker) clusters() []keptCluster {
	clusters, sizes := make([]keptCluster, u.room(clusterBytes)), 0
	size := make([]int, len(clusters))
	for i := range clusters {
		n := u.count()
		clusters[i].doubtful, size[i] = n&1 == 1, n>>1
		sizes += size[i]
	}
	members := u.room(4)
	if members != sizes {
		u.in, u.err = nil, errPacked
		return nil
	}
	records, names := make([]uint32, members), make([]string, members)
	for i := range records {
		records[i] = u.number32()
	}
	for i, n := range size {
		clusters[i].records, clusters[i].names = records[:n:n], names[:n:n]
		records, names = records[n:], names[n:]
	}
	return clusters
}

// pack writes the frequencies.
func (c *Common) pack() []byte {
	var p packer
	p.number64(uint64(c.Records))
	p.count(len(c.Chance))
	for i, chance := range c.Chance {
		p.number64(math.Float64bits(chance))
		p.count(len(c.Values[i]))
		for j, value := range c.Values[i] {
			p.number64(value)
			p.number32(c.Often[i][j])
		}
	}
	return p.out
}

// unpackCommon reads them back.
func unpackCommon(packed []byte) (*Common, error) {
	u := unpacker{in: packed}
	c := &Common{Records: int(u.number64())}
	for range u.room(9) {
		c.Chance = append(c.Chance, math.Float64frombits(u.number64()))
		values, often := make([]uint64, u.room(12)), []uint32(nil)
		for i := range values {
			values[i] = u.number64()
			often = append(often, u.number32())
		}
		c.Values, c.Often = append(c.Values, values), append(c.Often, often)
	}
	return c, u.err
}
