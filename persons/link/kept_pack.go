package link

import (
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

func (p *packer) text(text string) {
	p.count(len(text))
	p.out = append(p.out, text...)
}

var errPacked = fmt.Errorf("kept records: cut short: %w", ErrDamaged)

// unpacker reads them back; after an error everything is empty.
type unpacker struct {
	in  []byte
	all string // the same, for texts that share it
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

func (u *unpacker) count() int {
	n, size := binary.Uvarint(u.in)
	if size <= 0 || n > math.MaxInt32 {
		u.in, u.err = nil, errPacked
		return 0
	}
	u.in = u.in[size:]
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

func (u *unpacker) text() string {
	n := u.count()
	from := len(u.all) - len(u.in)
	u.take(n)
	if u.err != nil {
		return ""
	}
	return u.all[from : from+n]
}

// Bytes that a pair and a cluster take at least.
const (
	pairBytes    = 60
	clusterBytes = 3
)

// pack writes what was found.
func (f *findings) pack() []byte {
	var p packer
	p.out = slices.Grow(p.out, len(f.pairs)*(pairBytes+24)+len(f.clusters)*40+4*len(f.crowded)+1024)
	var says []Decision
	p.count(len(f.pairs))
	for i := range f.pairs {
		one := &f.pairs[i]
		said := slices.Index(says, one.Decision)
		if said < 0 {
			said = len(says)
			says = append(says, one.Decision)
		}
		p.pair(one, said)
	}
	p.count(len(says))
	for _, d := range says {
		p.text(string(d.Zone))
		p.text(d.Level)
		p.text(d.Rule)
	}
	p.count(len(f.clusters))
	for i := range f.clusters {
		p.cluster(&f.clusters[i])
	}
	p.count(len(f.crowded))
	for _, record := range f.crowded {
		p.number32(record)
	}
	return p.out
}

func (p *packer) pair(one *keptPair, said int) {
	p.number32(one.a)
	p.number32(one.b)
	p.number64(uint64(one.pattern))
	p.number64(math.Float64bits(one.Weight))
	p.number32(uint32(said))
	for _, stake := range []Stake{one.StakeA, one.StakeB} {
		p.number64(uint64(stake.Months))
		p.number64(uint64(stake.Fen))
	}
	p.text(one.A)
	p.text(one.B)
}

func (p *packer) cluster(c *keptCluster) {
	doubtful := 0
	if c.doubtful {
		doubtful = 1
	}
	p.count(len(c.records)<<1 | doubtful)
	for i, record := range c.records {
		p.number32(record)
		p.text(c.names[i])
	}
}

// unpackFindings reads it back.
func unpackFindings(packed []byte) (*findings, error) {
	u := unpacker{in: packed, all: string(packed)}
	f := &findings{pairs: make([]keptPair, u.room(pairBytes))}
	said := make([]uint32, len(f.pairs))
	for i := range f.pairs {
		said[i] = u.pair(&f.pairs[i])
	}
	says := make([]Decision, u.room(3))
	for i := range says {
		says[i] = Decision{Zone(u.text()), u.text(), u.text()}
	}
	for i, which := range said {
		if int(which) >= len(says) {
			return nil, errPacked
		}
		f.pairs[i].Decision = says[which]
	}
	f.clusters = make([]keptCluster, u.room(clusterBytes))
	for i := range f.clusters {
		u.cluster(&f.clusters[i])
	}
	f.crowded = make([]uint32, u.room(4))
	for i := range f.crowded {
		f.crowded[i] = u.number32()
	}
	return f, u.err
}

func (u *unpacker) pair(one *keptPair) (said uint32) {
	one.a, one.b = u.number32(), u.number32()
	one.pattern, one.Weight = pattern(u.number64()), math.Float64frombits(u.number64())
	said = u.number32()
	one.StakeA = Stake{int64(u.number64()), int64(u.number64())}
	one.StakeB = Stake{int64(u.number64()), int64(u.number64())}
	one.A, one.B = u.text(), u.text()
	return said
}

func (u *unpacker) cluster(c *keptCluster) {
	size := u.count()
	c.doubtful = size&1 == 1
	if size>>1 > len(u.in)/5 {
		u.in, u.err = nil, errPacked
		return
	}
	c.records, c.names = make([]uint32, size>>1), make([]string, size>>1)
	for i := range c.records {
		c.records[i], c.names[i] = u.number32(), u.text()
	}
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
