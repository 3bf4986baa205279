package ledger

import (
	"math/bits"
)

// index finds the rows of both sides that share a key. It is one open-addressing
// table with a chain of rows for each slot, and is used again and again.
type index struct {
	slots []slot
	next  [2][]int32
}

type slot struct {
	key  uint64
	head [2]int32 // 1-based position of the newest row of each side; 0 none
	many bool     // more than one on some side
}

// keyed is a key of a row; 0 leaves the row out.
type keyed func(*Row) uint64

// mix spreads keys that are made of plain numbers.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1b54a32d192ed03)
	if h := hi ^ lo; h != 0 {
		return h
	}
	return 1
}

func (x *index) reset(bank, book int) {
	size := 1 << bits.Len(uint(bank+book))
	if size < 16 {
		size = 16
	}
	size *= 2
	if cap(x.slots) < size {
		x.slots = make([]slot, size)
	}
	x.slots = x.slots[:size]
	clear(x.slots)
	for side, n := range [2]int{bank, book} {
		if cap(x.next[side]) < n {
			x.next[side] = make([]int32, n)
		}
		x.next[side] = x.next[side][:n]
	}
}

func (x *index) insert(side int, i int, key uint64) {
	mask := uint64(len(x.slots) - 1)
	for at := key * 0x9e3779b97f4a7c15 >> 20; ; at++ {
		s := &x.slots[at&mask]
		if s.key == 0 {
			s.key = key
		}
		if s.key == key {
			s.many = s.many || s.head[side] != 0
			x.next[side][i] = s.head[side]
			s.head[side] = int32(i + 1)
			return
		}
	}
}

// clusters calls each with the rows that share a key, bank rows and book rows in
// the order of their side. Rows without a key, and keys of one side only unless
// lonely is set, are left out. The order of the calls means nothing.
func (x *index) clusters(bank, book []Row, key keyed, lonely bool, each func(bank, book []*Row)) {
	x.reset(len(bank), len(book))
	for side, rows := range [2][]Row{bank, book} {
		for i := range rows {
			if k := key(&rows[i]); k != 0 {
				x.insert(side, i, k)
			}
		}
	}
	var left, right []*Row
	for i := range x.slots {
		s := &x.slots[i]
		if s.key == 0 || !lonely && (s.head[0] == 0 || s.head[1] == 0) {
			continue
		}
		left = x.chain(left[:0], bank, 0, s)
		right = x.chain(right[:0], book, 1, s)
		each(left, right)
	}
}

// chain lists the rows of a slot in the order of their side.
func (x *index) chain(into []*Row, rows []Row, side int, s *slot) []*Row {
	for i := s.head[side]; i != 0; i = x.next[side][i-1] {
		into = append(into, &rows[i-1])
	}
	for a, b := 0, len(into)-1; a < b; a, b = a+1, b-1 {
		into[a], into[b] = into[b], into[a]
	}
	return into
}
