package link

import (
	"encoding/binary"
	"errors"
	"math"
)

// What is kept of many pairs and clusters is packed column by column, all names in
// one text: a night reads and writes it in a moment, and most of it is unchanged.

// packer writes columns one after another, each with its length.
type packer struct{ out []byte }

func (p *packer) count(n int) { p.out = binary.AppendUvarint(p.out, uint64(n)) }

func (p *packer) numbers32(list []uint32) {
	p.count(len(list))
	for _, n := range list {
		p.out = binary.LittleEndian.AppendUint32(p.out, n)
	}
}

func (p *packer) numbers64(list []uint64) {
	p.count(len(list))
	for _, n := range list {
		p.out = binary.LittleEndian.AppendUint64(p.out, n)
	}
}

func (p *packer) texts(list []string) {
	p.count(len(list))
	size := 0
	for _, text := range list {
		p.out = binary.AppendUvarint(p.out, uint64(len(text)))
		size += len(text)
	}
	p.count(size)
	for _, text := range list {
		p.out = append(p.out, text...)
	}
}

var errPacked = errors.New("kept pairs: cut short")

// unpacker reads them back; after an error everything is empty.
type unpacker struct {
	in  []byte
	err error
}

func (u *unpacker) count() int {
	n, size := binary.Uvarint(u.in)
	if size <= 0 || n > math.MaxInt32 {
		u.fail()
		return 0
	}
	u.in = u.in[size:]
	return int(n)
}

func (u *unpacker) fail() { u.in, u.err = nil, errPacked }

func (u *unpacker) bytes(n int) []byte {
	if n < 0 || n > len(u.in) {
		u.fail()
		return nil
	}
	part := u.in[:n]
	u.in = u.in[n:]
	return part
}

func (u *unpacker) numbers32() []uint32 {
	part := u.bytes(4 * u.count())
	list := make([]uint32, len(part)/4)
	for i := range list {
		list[i] = binary.LittleEndian.Uint32(part[4*i:])
	}
	return list
}

func (u *unpacker) numbers64() []uint64 {
	part := u.bytes(8 * u.count())
	list := make([]uint64, len(part)/8)
	for i := range list {
		list[i] = binary.LittleEndian.Uint64(part[8*i:])
	}
	return list
}

// texts share one string.
func (u *unpacker) texts() []string {
	n := u.count()
	if n > len(u.in) {
		u.fail()
		return nil
	}
	lengths := make([]int, n)
	for i := range lengths {
		lengths[i] = u.count()
	}
	all := string(u.bytes(u.count()))
	list := make([]string, n)
	for i, length := range lengths {
		if length > len(all) {
			u.fail()
			return nil
		}
		list[i], all = all[:length], all[length:]
	}
	return list
}

// keptNumbers is many record numbers.
type keptNumbers []uint32

// GobEncode packs the numbers.
func (k keptNumbers) GobEncode() ([]byte, error) {
	var p packer
	p.numbers32(k)
	return p.out, nil
}

// GobDecode unpacks them.
func (k *keptNumbers) GobDecode(data []byte) error {
	u := unpacker{in: data}
	*k = u.numbers32()
	return u.err
}

// GobEncode packs the pairs.
func (p keptPairs) GobEncode() ([]byte, error) {
	var out packer
	out.numbers32(p.Records)
	out.numbers64(p.Pattern)
	weights, stakes, said := make([]uint64, len(p.Weight)), make([]uint64, len(p.Stakes)), make([]uint32, len(p.Said))
	for i, w := range p.Weight {
		weights[i] = math.Float64bits(w)
	}
	for i, s := range p.Stakes {
		stakes[i] = uint64(s)
	}
	for i, s := range p.Said {
		said[i] = uint32(s)
	}
	out.numbers64(weights)
	out.numbers64(stakes)
	out.numbers32(said)
	out.texts(p.Names)
	var says []string
	for _, d := range p.Says {
		says = append(says, string(d.Zone), d.Level, d.Rule)
	}
	out.texts(says)
	return out.out, nil
}

// GobDecode unpacks them.
func (p *keptPairs) GobDecode(data []byte) error {
	u := unpacker{in: data}
	*p = keptPairs{Records: u.numbers32(), Pattern: u.numbers64()}
	for _, bits := range u.numbers64() {
		p.Weight = append(p.Weight, math.Float64frombits(bits))
	}
	for _, s := range u.numbers64() {
		p.Stakes = append(p.Stakes, int64(s))
	}
	for _, s := range u.numbers32() {
		p.Said = append(p.Said, uint16(s))
	}
	p.Names = u.texts()
	says := u.texts()
	for ; len(says) >= 3; says = says[3:] {
		p.Says = append(p.Says, Decision{Zone: Zone(says[0]), Level: says[1], Rule: says[2]})
	}
	n := len(p.Weight)
	if u.err == nil && (len(p.Records) != 2*n || len(p.Pattern) != n || len(p.Stakes) != 4*n || len(p.Said) != n || len(p.Names) != 2*n) {
		return errPacked
	}
	return u.err
}

// keptClusters is many clusters.
type keptClusters []keptCluster

// GobEncode packs the clusters.
func (k keptClusters) GobEncode() ([]byte, error) {
	var sizes, records []uint32
	var names []string
	for _, c := range k {
		size := uint32(len(c.Records)) << 1
		if c.Doubtful {
			size |= 1
		}
		sizes, records, names = append(sizes, size), append(records, c.Records...), append(names, c.Names...)
	}
	var p packer
	p.numbers32(sizes)
	p.numbers32(records)
	p.texts(names)
	return p.out, nil
}

// GobDecode unpacks them.
func (k *keptClusters) GobDecode(data []byte) error {
	u := unpacker{in: data}
	sizes, records, names := u.numbers32(), u.numbers32(), u.texts()
	*k = make(keptClusters, 0, len(sizes))
	for _, size := range sizes {
		n := int(size >> 1)
		if n > len(records) || n > len(names) {
			return errPacked
		}
		*k = append(*k, keptCluster{Records: records[:n:n], Names: names[:n:n], Doubtful: size&1 == 1})
		records, names = records[n:], names[n:]
	}
	return u.err
}
