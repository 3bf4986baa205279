package ledger

import (
	"github.com/jingban/jingban/casework"
)

// Row is one line as matching needs it: 48 bytes without a pointer, so that a
// million rows are 48 MB and the collector has nothing to look at. Texts are
// hashes; accounts and names keep 32 bits, because they only ever decide
// together with an amount and a day.
type Row struct {
	Fen     casework.Fen
	Ref     uint64 // the reference both sides share, where they share one
	Alt     uint64 // another reference of the same line
	Batch   uint64
	Account uint32
	Name    uint32
	ID      uint32 // position on its side, 0-based
	Day     Day
	facts   facts
}

// chunkRows is how many rows are allocated at a time: no growing slice copies
// itself, so the peak is what is needed.
const chunkRows = 1 << 14

// pile is one side of a run.
type pile struct {
	side   Side
	chunks [][]Row        // nil once the reference pass is done
	fens   []casework.Fen // of all rows, from then on
	count  int
	total  casework.Fen
	spans  []span
	files  []string
	marks  marks
	extra  []rejected
	twice  []uint32 // rows exported twice within their file
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

func (p *pile) add(r Row, file, line int) {
	if p.count&(chunkRows-1) == 0 {
		p.chunks = append(p.chunks, make([]Row, 0, chunkRows))
	}
	r.ID = uint32(p.count)
	last := len(p.chunks) - 1
	p.chunks[last] = append(p.chunks[last], r)
	if n := len(p.spans); n == 0 || int(p.spans[n-1].file) != file || int(p.spans[n-1].line)+p.count-int(p.spans[n-1].row) != line {
		p.spans = append(p.spans, span{uint32(p.count), uint32(line), uint16(file)})
	}
	p.total += r.Fen
	p.count++
}

// row gives a row by its ID.
func (p *pile) row(id uint32) *Row { return &p.chunks[id/chunkRows][id%chunkRows] }

// fen gives the amount of a row, before and after slim.
func (p *pile) fen(id uint32) casework.Fen {
	if p.fens != nil {
		return p.fens[id]
	}
	return p.row(id).Fen
}

// slim keeps the amounts and lets go of the rest: what is not decided yet has
// been gathered, and a million rows are 40 MB less.
func (p *pile) slim() {
	fens := make([]casework.Fen, 0, p.count)
	for i, chunk := range p.chunks {
		for j := range chunk {
			fens = append(fens, chunk[j].Fen)
		}
		p.chunks[i] = nil
	}
	p.fens, p.chunks = fens, nil
}

// each runs over all rows in their order.
func (p *pile) each(do func(*Row)) {
	for _, chunk := range p.chunks {
		for i := range chunk {
			do(&chunk[i])
		}
	}
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
		row := p.row(id)
		p.marks.state[id], p.marks.reason[id] = Rejected, whyOverlap
		row.Ref, row.Batch = 0, 0
	}
}

// marks are the decisions on one side, six bytes a row.
type marks struct {
	state  []State
	reason []reason
	group  []uint32 // 0: none
}

func newMarks(n int) marks {
	return marks{make([]State, n), make([]reason, n), make([]uint32, n)}
}

// hashRow makes the Row of an Entry.
func (k keyer) hashRow(e *Entry, refs [2]Role) Row {
	return Row{
		Fen: e.Fen, Day: e.Day, facts: e.facts,
		Ref: k.key(e.text[refs[0]]), Alt: k.key(e.text[refs[1]]), Batch: k.key(e.text[BatchNo]),
		Account: uint32(k.key(e.text[Account])), Name: uint32(k.key(e.text[Party])),
	}
}
