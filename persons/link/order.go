package link

import "slices"

// order is an export as it was searched last: which record stood where, and the
// stretches in which the next export is held against it.
type order struct {
	spans     []span
	stretches []stretch
}

// span is records whose numbers follow each other as their rows do.
type span struct{ first, rows uint32 }

// aside marks, in place of a record's number, a row whose number is found later.
const aside = 1 << 31

func (o *order) add(first, rows uint32) {
	if last := len(o.spans) - 1; last >= 0 && o.spans[last].first+o.spans[last].rows == first {
		o.spans[last].rows += rows
		return
	}
	o.spans = append(o.spans, span{first, rows})
}

// resolve puts the numbers of rows in that were set aside.
func (o *order) resolve(numbers []uint32) {
	spans := o.spans
	o.spans = make([]span, 0, len(spans))
	for _, s := range spans {
		if s.first < aside {
			o.add(s.first, s.rows)
			continue
		}
		for i := range s.rows {
			o.add(numbers[s.first-aside+i], 1)
		}
	}
}

// numbers lists the records, row by row.
func (o *order) numbers() []uint32 {
	many := uint32(0)
	for _, s := range o.spans {
		many += s.rows
	}
	list := make([]uint32, 0, many)
	for _, s := range o.spans {
		for i := range s.rows {
			list = append(list, s.first+i)
		}
	}
	return list
}

// pack writes the order.
func (o *order) pack() []byte {
	var p packer
	p.out = slices.Grow(p.out, 8*len(o.spans)+16*len(o.stretches)+64)
	p.count(len(o.spans))
	for _, s := range o.spans {
		p.number32(s.first)
		p.number32(s.rows)
	}
	p.count(len(o.stretches))
	for _, s := range o.stretches {
		p.number64(s.hash)
		p.number32(s.bytes)
		p.number32(s.rows)
	}
	return p.out
}

// unpackOrder reads it back.
func unpackOrder(packed []byte) (order, error) {
	u := unpacker{in: packed}
	var o order
	o.spans = make([]span, u.room(8))
	for i := range o.spans {
		o.spans[i] = span{u.number32(), u.number32()}
	}
	o.stretches = make([]stretch, u.room(16))
	for i := range o.stretches {
		o.stretches[i] = stretch{u.number64(), u.number32(), u.number32()}
	}
	return o, u.err
}
