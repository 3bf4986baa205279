package ledger

import (
	"errors"

	"github.com/jingban/jingban/casework"
)

// line is one line as it is stored for matching: 32 bytes without a pointer, so
// that a million lines are 32 MB and the collector has nothing to look at. Texts
// are hashes; accounts, names and batches keep 32 bits, because they only ever
// decide together with an amount and a day.
type line struct {
	Fen     casework.Fen
	Ref     uint64 // the reference both sides share, where they share one
	Account uint32
	Name    uint32
	Batch   uint32
	Day     Day
	facts   facts
}

// Row is a line that a rule works on, with its position on its side.
type Row struct {
	line
	ID uint32 // 0-based
}

// chunkRows is how many rows are allocated at a time: no growing slice copies
// itself, so the peak is what is needed.
const chunkRows = 1 << 14

// pile is one side of a run.
type pile struct {
	side   Side
	chunks [][]line   // nil once the reference pass is done; of a pile that spills, the last one only
	alts   [][]uint64 // another reference of the same lines; nil where a chunk has none
	fens   [][]casework.Fen
	spill  spill
	use    int // which reference is compared, as pinned.Refs says; of rows that are read back
	count  int
	total  casework.Fen
	first  Day
	last   Day
	sample [2]sample // of both references
	spans  []span
	files  []string
	marks  []mark
	order  []uint32 // rows by parts; the room is used again in each pass
	extra  []rejected
	twice  []uint32     // rows exported twice within their file
	before casework.Fen // what earlier nights left open; in total as well
}

// span says in which file and line rows stand: from its first row on, line after line.
type span struct {
	row  uint32 // ID of the first row
	line uint32
	file uint16
}

// rejected is a line that is no row: an overlap, or unreadable under force.
type rejected struct {
	file   int
	line   int
	fen    casework.Fen
	reason reason
}

func (p *pile) add(r line, alt uint64, file, at int) error {
	if p.count&(chunkRows-1) == 0 {
		if err := p.room(); err != nil {
			return err
		}
	}
	last := len(p.chunks) - 1
	if alt != 0 && p.alts[last] == nil {
		p.alts[last] = make([]uint64, chunkRows)
	}
	if alt != 0 {
		p.alts[last][len(p.chunks[last])] = alt
	}
	p.chunks[last] = append(p.chunks[last], r)
	if n := len(p.spans); n == 0 || int(p.spans[n-1].file) != file || int(p.spans[n-1].line)+p.count-int(p.spans[n-1].row) != at {
		p.spans = append(p.spans, span{uint32(p.count), uint32(at), uint16(file)})
	}
	if r.Day != 0 && (p.first == 0 || r.Day < p.first) {
		p.first = r.Day
	}
	p.last = max(p.last, r.Day)
	p.sample[0].see(r.Ref, r.Fen)
	p.sample[1].see(alt, r.Fen)
	p.total += r.Fen
	p.count++
	return nil
}

// row gives a row by its ID, of a pile in memory.
func (p *pile) row(id uint32) *line { return &p.chunks[id/chunkRows][id%chunkRows] }

// compare makes Ref the reference that both books share.
func (p *pile) compare(use int) {
	p.use = use
	for i, chunk := range p.chunks {
		compare(chunk, p.alts[i], use)
	}
	p.alts = nil
}

// compare makes Ref what use says: 0 as it is, 1 the other reference, below 0 none.
func compare(chunk []line, alts []uint64, use int) {
	if use == 0 {
		return
	}
	for i := range chunk {
		if chunk[i].Ref = 0; use == 1 && alts != nil {
			chunk[i].Ref = alts[i]
		}
	}
}

// each runs over all rows in their order. A row that was exported twice has
// nothing to be found by, one that a person has settled no reference.
func (p *pile) each(do func(id uint32, l *line)) error {
	id, err := p.eachSpilled(do)
	for _, chunk := range p.chunks {
		id = p.give(id, chunk, do)
	}
	return err
}

func (p *pile) eachSpilled(do func(id uint32, l *line)) (id uint32, err error) {
	err = p.spill.eachChunk(func(chunk []line, alts []uint64) {
		compare(chunk, alts, p.use)
		id = p.give(id, chunk, do)
	})
	return id, err
}

// give gives the rows of a chunk, the first of which has this ID.
func (p *pile) give(id uint32, chunk []line, do func(id uint32, l *line)) (next uint32) {
	for i := range chunk {
		l := &chunk[i]
		if p.marks != nil && p.marks[id].state != Undecided {
			if l.Ref = 0; p.marks[id].state == Rejected {
				l.Batch = 0
			}
		}
		do(id, l)
		id++
	}
	return id
}

// slim gives all rows a last time, keeps the amounts and lets go of the rest chunk
// by chunk, so that what is gathered takes the room of what is let go.
func (p *pile) slim(do func(id uint32, l *line)) error {
	id, err := p.eachSpilled(do)
	if p.spill.lines > 0 {
		err = errors.Join(err, p.spill.keepFens())
	}
	for i, chunk := range p.chunks {
		id = p.give(id, chunk, do)
		fens := make([]casework.Fen, len(chunk))
		for j := range chunk {
			fens[j] = chunk[j].Fen
		}
		p.fens, p.chunks[i] = append(p.fens, fens), nil
	}
	p.chunks = nil
	return err
}

// eachFen runs over the amounts of all rows in their order, after slim.
func (p *pile) eachFen(do func(id uint32, fen casework.Fen)) error {
	id := uint32(0)
	give := func(fens []casework.Fen) {
		for _, fen := range fens {
			do(id, fen)
			id++
		}
	}
	err := p.spill.eachFens(give)
	for _, fens := range p.fens {
		give(fens)
	}
	return err
}

// place gives file and line of a row.
func (p *pile) place(id uint32) (file, line int) {
	low, high := 0, len(p.spans)
	for low+1 < high {
		if middle := (low + high) / 2; p.spans[middle].row <= id {
			low = middle
		} else {
			high = middle
		}
	}
	s := p.spans[low]
	return int(s.file), int(s.line) + int(id-s.row)
}

// nth is how many rows before this one stand in the same line.
func (p *pile) nth(id uint32, file, line int) int {
	n := 0
	for ; id > 0; n++ {
		id--
		if f, l := p.place(id); f != file || l != line {
			break
		}
	}
	return n
}

// find gives the rows that stand in lines of a file; lines without a row are left out.
func (p *pile) find(file int, lines []int) []uint32 {
	var ids []uint32
	for _, line := range lines {
		for i, s := range p.spans {
			end := p.count
			if i+1 < len(p.spans) {
				end = int(p.spans[i+1].row)
			}
			if id := int(s.row) + line - int(s.line); int(s.file) == file && line >= int(s.line) && id < end {
				ids = append(ids, uint32(id))
			}
		}
	}
	return ids
}

// leaveOut rejects the rows that were exported twice before any rule sees them.
func (p *pile) leaveOut() {
	for _, id := range p.twice {
		p.marks[id].state, p.marks[id].reason = Rejected, whyOverlap
	}
}

// mark is the decision on one row: six bytes in one place, because rows are
// settled in the order of their references and each place is a miss of the cache.
type mark struct {
	low, high uint16 // halves of the group
	state     State
	reason    reason
}

// group is the group of the row; 0: none.
func (m *mark) group() uint32 { return uint32(m.high)<<16 | uint32(m.low) }

func (m *mark) join(group uint32) { m.low, m.high = uint16(group), uint16(group>>16) }

func (p *pile) settle(rows []*Row, m mark) {
	for _, row := range rows {
		p.marks[row.ID] = m
	}
}

// hash makes the stored line of an Entry, and its other reference.
func (k keyer) hash(e *Entry, refs [2]Role) (l line, alt uint64) {
	return line{
		Fen: e.Fen, Day: e.Day, facts: e.facts, Ref: k.key(e.text[refs[0]]), Batch: uint32(k.key(e.text[BatchNo])),
		Account: uint32(k.key(e.text[Account])), Name: uint32(k.key(e.text[Party])),
	}, k.key(e.text[refs[1]])
}
