package link

import "slices"

// largestGroup bounds a group of records that agree in a block: more of them are
// an office's telephone or a placeholder, and would cost their square.
const largestGroup = 1000

// partKey names a part of a field whose hashes are kept.
type partKey struct {
	field int
	part  string
}

// part gives the hashes of a part of a field, record by record from one on; 0 where
// it is missing. They are computed once and mixed into every block that needs them.
func (t *table) part(of plannedKey, first int) []uint64 {
	at := partKey{of.field, of.part}
	if kept := t.parts[at]; kept != nil {
		return kept
	}
	found := make([]uint64, t.size()-first)
	for i := range found {
		if value := t.columns[of.field].at(uint32(first + i)); value != "" {
			found[i] = of.key(value)
		}
	}
	if t.parts == nil {
		t.parts = map[partKey][]uint64{}
	}
	t.parts[at] = found
	return found
}

// hashes computes what a block compares, record by record; 0 where a part is missing.
func (t *table) hashes(block []plannedKey) []uint64 { return t.hashesFrom(block, 0) }

// hashesFrom computes it from a record on. Parts are kept for the same record only.
func (t *table) hashesFrom(block []plannedKey, first int) []uint64 {
	mixed := slices.Clone(t.part(block[0], first))
	for _, part := range block[1:] {
		for i, h := range t.part(part, first) {
			if h == 0 || mixed[i] == 0 {
				mixed[i] = 0
				continue
			}
			mixed[i] = mix(mixed[i], h)
		}
	}
	return mixed
}

// mix makes one hash of two; never 0.
func mix(a, b uint64) uint64 {
	m := (a ^ b<<1) * 0x9E3779B97F4A7C15
	return max(m^m>>32, 1)
}

// blockHashes gives the hashes of a block, to be changed at will.
func (t *table) blockHashes(i int) []uint64 {
	if t.kept != nil {
		return slices.Clone(t.kept[i])
	}
	return t.hashes(t.plan.blocks[i])
}

// candidates calls visit once for every pair that agrees in a block: under the
// first block in which it does. It returns how many groups were too large.
func (t *table) candidates(visit func(a, b uint32)) (tooLarge int) {
	var earlier [][]uint64
	for i := range t.plan.blocks {
		hashes := t.blockHashes(i)
		groups(hashes, func(group []entry) {
			if len(group) > largestGroup {
				tooLarge++
				for _, e := range group {
					hashes[e.record] = 0
				}
				return
			}
			t.pairs(group, earlier, visit)
		})
		earlier = append(earlier, hashes)
	}
	t.parts = nil
	return tooLarge
}

// pairs visits the pairs of one group: across the files when there are two.
func (t *table) pairs(group []entry, earlier [][]uint64, visit func(a, b uint32)) {
	for i, left := range group {
		if t.files == 2 && left.record >= t.first {
			return // a group is in the order of records
		}
		rest := group[i+1:]
		if t.files == 2 {
			from, _ := slices.BinarySearchFunc(rest, t.first, func(e entry, first uint32) int { return int(e.record) - int(first) })
			rest = rest[from:]
		}
		for _, right := range rest {
			if !seen(earlier, left.record, right.record) {
				visit(left.record, right.record)
			}
		}
	}
}

func seen(earlier [][]uint64, a, b uint32) bool {
	for _, hashes := range earlier {
		if hashes[a] != 0 && hashes[a] == hashes[b] {
			return true
		}
	}
	return false
}

// chooseBlocks finds blocks where the configuration names none. A part of a
// field that few enough records share stands alone; those that too many share
// stand in twos. The most telling come first.
func (t *table) chooseBlocks() {
	type priced struct {
		block []plannedKey
		pairs float64
	}
	budget := max(8*float64(t.size()), 150_000)
	var single, weak []priced
	for i, f := range t.plan.fields {
		for _, piece := range f.pieces(i) {
			block := []plannedKey{piece}
			switch pairs := t.price(block); {
			case pairs == 0:
			case pairs <= budget:
				single = append(single, priced{block, pairs})
			default:
				weak = append(weak, priced{block, pairs})
			}
		}
	}
	for i, a := range weak {
		for _, b := range weak[i+1:] {
			if a.block[0].field == b.block[0].field || a.pairs*b.pairs > budget*float64(t.size())*float64(t.size()) {
				continue
			}
			block := []plannedKey{a.block[0], b.block[0]}
			if pairs := t.price(block); pairs > 0 && pairs <= budget {
				single = append(single, priced{block, pairs})
			}
		}
	}
	slices.SortStableFunc(single, func(a, b priced) int { return int(a.pairs - b.pairs) })
	used := make([]int, len(t.plan.fields))
	for _, p := range single {
		if len(t.plan.blocks) < mostBlocks && !slices.ContainsFunc(p.block, func(k plannedKey) bool { return used[k.field] >= mostUses }) {
			t.plan.blocks = append(t.plan.blocks, p.block)
			for _, k := range p.block {
				used[k.field]++
			}
		}
	}
}

// mostUses spreads the blocks over the fields: two records that differ in one
// field must still meet in another.
const mostUses = 4

// mostBlocks bounds what is chosen; a record costs 8 bytes a block.
const mostBlocks = 16

// pieces lists what a field can be blocked by, its value first.
func (f plannedField) pieces(field int) []plannedKey {
	pieces := []plannedKey{{field, "", hash}}
	for _, name := range []string{"sound", "start", "head", "tail", "monthday"} {
		if k := f.how.keys[name]; k != nil {
			pieces = append(pieces, plannedKey{field, name, k})
		}
	}
	return pieces
}

// price counts the pairs a block would give.
func (t *table) price(block []plannedKey) float64 {
	pairs := 0.0
	groups(t.hashes(block), func(group []entry) { pairs += float64(len(group)) * float64(len(group)-1) / 2 })
	return pairs
}
