package link

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// change is what a night's export has that the one before had not, and the other
// way round.
type change struct {
	rows  []uint64 // hashes of the rows that came
	ends  []int    // where each of them ends in text
	text  []byte   // they themselves
	gone  []uint32 // numbers of those that went
	order order    // of the export
	live  int      // rows of the export
}

// Limits of what a night takes on; beyond them a full search is cheaper.
const (
	nearby       = 64 // rows looked ahead for the place where the exports agree again
	mostSegments = 32
	mostChanged  = 4 // a quarter of the rows
)

// compareRows holds the export against the rows that were kept. Exports keep
// their order from night to night, so whole stretches are found at the next place
// by their bytes, and in the others most rows; the rest is looked up by its hash,
// in any order.
func (k Kept) compareRows(s *state, in Input) (*change, error) {
	seen := newRowReader(in.Data, mostStretch)
	if _, err := seen.next(); err != nil {
		return nil, fmt.Errorf("%s: the file is empty; want a CSV with a header", in.Name)
	}
	if !bytes.Equal(seen.header, s.Header) {
		return nil, fmt.Errorf("%s: the header changed: %w", in.Name, ErrFull)
	}
	if len(s.Segments) > mostSegments {
		return nil, fmt.Errorf("%d nights since the last full search: %w", len(s.Segments), ErrFull)
	}
	w := &walk{seen: seen, change: &change{}}
	if err := w.load(k, s); err != nil {
		return nil, err
	}
	if err := w.all(in.Name); err != nil {
		return nil, err
	}
	w.settle()
	c := w.change
	if changed := len(c.rows) + len(c.gone); changed*mostChanged > c.live+1000 {
		return nil, fmt.Errorf("%s: %d of %d rows changed: %w", in.Name, changed, c.live, ErrFull)
	}
	return c, nil
}

// walk goes through two exports side by side.
type walk struct {
	seen   *rowReader // tonight's
	change *change
	old    []stretch // of the night before
	number []uint32  // of its rows, by place
	hashes []uint64  // of all rows, by number
	found  []bool    // by place
	next   int       // place of the row that is expected
	at     int       // old[at] begins at start, which is next or behind it
	start  int
}

func (w *walk) load(k Kept, s *state) error {
	packed, err := k.whole(s.Order)
	if err != nil {
		return err
	}
	old, err := unpackOrder(packed)
	if err != nil {
		return fmt.Errorf("kept order: %w", err)
	}
	w.old, w.number = old.stretches, old.numbers()
	w.found = make([]bool, len(w.number))
	w.change.order.spans = make([]span, 0, len(old.spans)+len(old.spans)/4)
	w.seen.made.all = make([]stretch, 0, len(w.old)+len(w.old)/4)
	w.hashes = make([]uint64, 0, s.records())
	for _, one := range s.Segments {
		if w.hashes, err = k.rowsOf(one, w.hashes); err != nil {
			return err
		}
	}
	return nil
}

// all sorts the rows into those that stand and those that are put aside.
func (w *walk) all(name string) error {
	for {
		if w.passed() {
			continue
		}
		line, err := w.seen.next()
		if errors.Is(err, io.EOF) {
			w.change.order.stretches = w.seen.made.all
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if w.seen.row != 0 {
			w.row(line)
		}
	}
}

// passed goes over the stretch that is expected, if it stands. A stretch that is
// being formed is not left too short: else they would crumble night by night.
func (w *walk) passed() bool {
	for ; w.start < w.next; w.at++ {
		w.start += int(w.old[w.at].rows)
	}
	begun := w.seen.made.open.rows
	if w.start != w.next || w.at == len(w.old) || begun > 0 && begun < leastStretch || !w.seen.passes(w.old[w.at]) {
		return false
	}
	for range w.old[w.at].rows {
		w.stands(w.next)
	}
	w.start = w.next
	w.at++
	return true
}

// stands says that the row at a place is there, and that it is the next one.
func (w *walk) stands(place int) {
	w.found[place] = true
	w.change.order.add(w.number[place], 1)
	w.change.live++
	w.next = place + 1
}

func (w *walk) row(line []byte) {
	at, end := w.next, min(w.next+nearby, len(w.number))
	for at < end && w.hashes[w.number[at]] != w.seen.row {
		at++
	}
	if at < end {
		w.stands(at)
		return
	}
	c := w.change
	c.live++
	c.order.add(aside+uint32(len(c.rows)), 1)
	c.rows = append(c.rows, w.seen.row)
	c.text = append(c.text, line...)
	if line[len(line)-1] != '\n' {
		c.text = append(c.text, '\n')
	}
	c.ends = append(c.ends, len(c.text))
}

// settle finds rows that only moved, and numbers those that came.
func (w *walk) settle() {
	left := map[uint64][]int{}
	for place, found := range w.found {
		if !found {
			h := w.hashes[w.number[place]]
			left[h] = append(left[h], place)
		}
	}
	c := w.change
	rows, text, numbers := c.rows[:0], c.text[:0], make([]uint32, len(c.rows))
	from := 0
	for i, h := range c.rows {
		line := c.text[from:c.ends[i]]
		from = c.ends[i]
		if places := left[h]; len(places) > 0 {
			w.found[places[0]] = true
			numbers[i], left[h] = w.number[places[0]], places[1:]
			continue
		}
		numbers[i] = uint32(len(w.hashes) + len(rows))
		rows, text = append(rows, h), append(text, line...)
	}
	c.rows, c.text, c.ends = rows, text, nil
	c.order.resolve(numbers)
	for place, found := range w.found {
		if !found {
			c.gone = append(c.gone, w.number[place])
		}
	}
}
