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
	rows []uint64 // hashes of the rows that came
	ends []int    // where each of them ends in text
	text []byte   // they themselves
	gone []uint32 // numbers of those that went
	live int      // rows of the export
}

// Limits of what a night takes on; beyond them a full search is cheaper.
const (
	nearby       = 64 // rows looked ahead for the place where the exports agree again
	mostSegments = 32
	mostChanged  = 4 // a quarter of the rows
)

// compareRows holds the export against the rows that were kept. Exports keep
// their order from night to night, so most rows are found at the next place; the
// rest is looked up by its hash, in any order.
func (k Kept) compareRows(s *state, in Input) (*change, error) {
	seen := newRowReader(in.Data)
	if _, err := seen.next(); err != nil {
		return nil, fmt.Errorf("%s: the file is empty; want a CSV with a header", in.Name)
	}
	if !bytes.Equal(seen.header, s.Header) {
		return nil, fmt.Errorf("%s: the header changed: %w", in.Name, ErrFull)
	}
	if len(s.Segments) > mostSegments {
		return nil, fmt.Errorf("%d nights since the last full search: %w", len(s.Segments), ErrFull)
	}
	old, err := k.liveRows(s)
	if err != nil {
		return nil, err
	}
	c := &change{}
	if err := c.walk(seen, old, in.Name); err != nil {
		return nil, err
	}
	c.settle(old)
	if changed := len(c.rows) + len(c.gone); changed*mostChanged > c.live+1000 {
		return nil, fmt.Errorf("%s: %d of %d rows changed: %w", in.Name, changed, c.live, ErrFull)
	}
	return c, nil
}

// liveRows is the rows that were there the night before.
type liveRows struct {
	hash   []uint64
	number []uint32 // nil: as they stand
	found  []bool
}

func (l *liveRows) numberOf(i int) uint32 {
	if l.number == nil {
		return uint32(i)
	}
	return l.number[i]
}

func (k Kept) liveRows(s *state) (*liveRows, error) {
	live := &liveRows{}
	for i, one := range s.Segments {
		rows, err := k.rowsOf(one)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			live.hash = rows // nearly all of them
			continue
		}
		live.hash = append(live.hash, rows...)
	}
	if len(s.Gone) > 0 {
		live.leaveOut(s.Gone)
	}
	live.found = make([]bool, len(live.hash))
	return live, nil
}

func (l *liveRows) leaveOut(gone []uint32) {
	kept := l.hash[:0]
	l.number = make([]uint32, 0, len(l.hash))
	for i, h := range l.hash {
		if len(gone) > 0 && gone[0] == uint32(i) {
			gone = gone[1:]
			continue
		}
		kept, l.number = append(kept, h), append(l.number, uint32(i))
	}
	l.hash = kept
}

// walk goes through both side by side and puts aside what stands elsewhere.
func (c *change) walk(seen *rowReader, old *liveRows, name string) error {
	rows, next := old.hash, 0
	for {
		line, err := seen.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("%s: %w", name, err)
		}
		if seen.row == 0 {
			continue
		}
		c.live++
		at, end := next, min(next+nearby, len(rows))
		for at < end && rows[at] != seen.row {
			at++
		}
		if at < end {
			old.found[at] = true
			next = at + 1
			continue
		}
		c.rows = append(c.rows, seen.row)
		c.text = append(c.text, line...)
		if line[len(line)-1] != '\n' {
			c.text = append(c.text, '\n')
		}
		c.ends = append(c.ends, len(c.text))
	}
}

// settle finds rows that only moved.
func (c *change) settle(old *liveRows) {
	aside := map[uint64][]int{}
	for i, found := range old.found {
		if !found {
			aside[old.hash[i]] = append(aside[old.hash[i]], i)
		}
	}
	came := change{live: c.live}
	from := 0
	for i, h := range c.rows {
		line := c.text[from:c.ends[i]]
		from = c.ends[i]
		if places := aside[h]; len(places) > 0 {
			old.found[places[0]] = true
			aside[h] = places[1:]
			continue
		}
		came.rows, came.text = append(came.rows, h), append(came.text, line...)
	}
	*c = came
	for i, found := range old.found {
		if !found {
			c.gone = append(c.gone, old.numberOf(i))
		}
	}
}
