package link

import (
	"errors"
	"math"
	"slices"
	"strings"
)

// column holds one normalised text per record, end to end.
type column struct {
	text strings.Builder
	ends []uint32
}

func (c *column) add(value string) error {
	if c.text.Len()+len(value) > math.MaxUint32 {
		return errors.New("a column of more than 4 GiB: cut the file into parts")
	}
	c.text.WriteString(value)
	c.ends = append(c.ends, uint32(c.text.Len()))
	return nil
}

// at gives the text of a record; it is part of the column and costs nothing.
func (c *column) at(record uint32) string {
	from := uint32(0)
	if record > 0 {
		from = c.ends[record-1]
	}
	return c.text.String()[from:c.ends[record]]
}

// entry is a record under a hash while groups are formed.
type entry struct{ hash, record uint32 }

// groups sorts records by hash and calls visit with those of equal hash; hash 0
// is left out. Records inside a group keep their order. It works in linear time.
func groups(hashes []uint64, visit func(group []entry)) {
	entries := hashed(hashes)
	for start := 0; start < len(entries); {
		end := start + 1
		for end < len(entries) && entries[end].hash == entries[start].hash {
			end++
		}
		if end-start > 1 {
			split(entries[start:end], hashes, visit)
		}
		start = end
	}
}

// split takes those apart whose hashes agree in their upper half only.
func split(group []entry, hashes []uint64, visit func([]entry)) {
	alike := true
	for _, e := range group[1:] {
		alike = alike && hashes[e.record] == hashes[group[0].record]
	}
	if alike {
		visit(group)
		return
	}
	slices.SortStableFunc(group, func(a, b entry) int {
		switch x, y := hashes[a.record], hashes[b.record]; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	for start := 0; start < len(group); {
		end := start + 1
		for end < len(group) && hashes[group[end].record] == hashes[group[start].record] {
			end++
		}
		if end-start > 1 {
			visit(group[start:end])
		}
		start = end
	}
}

// radix sorts by hash, eleven bits at a time, stable.
func radix(entries []entry) []entry {
	const bits, passes = 11, 3
	other := make([]entry, len(entries))
	for pass := range passes {
		var count [1 << bits]int
		shift := pass * bits
		for _, e := range entries {
			count[e.hash>>shift&(1<<bits-1)]++
		}
		next := 0
		for i, n := range count {
			count[i] = next
			next += n
		}
		for _, e := range entries {
			digit := e.hash >> shift & (1<<bits - 1)
			other[count[digit]] = e
			count[digit]++
		}
		entries, other = other, entries
	}
	return entries
}

// frequencies counts for each record how many have its value; a missing one has
// 0. With a second column it counts how many different values of that have it.
func (c *column) frequencies(by *column) []uint32 {
	hashes := make([]uint64, len(c.ends))
	found := make([]uint32, len(c.ends))
	for i := range hashes {
		if hashes[i] = hash(c.at(uint32(i))); hashes[i] != 0 {
			found[i] = 1
		}
	}
	groups(hashes, func(group []entry) {
		n := uint32(len(group))
		if by != nil {
			n = by.different(group)
		}
		for _, e := range group {
			found[e.record] = n
		}
	})
	return found
}

// different counts the different values in a group. Up to manyNames are told apart.
func (c *column) different(group []entry) uint32 {
	const manyNames = 32
	var known [manyNames]string
	n := 0
	for _, e := range group {
		value := c.at(e.record)
		if !slices.Contains(known[:n], value) {
			if n == manyNames {
				break
			}
			known[n] = value
			n++
		}
	}
	return uint32(n)
}
