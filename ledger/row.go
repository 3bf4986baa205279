package ledger

import (
	"github.com/jingban/jingban/casework"
)

// line is one line as it is stored for matching: 40 bytes without a pointer, so
// that a million lines are 40 MB and the collector has nothing to look at. Texts
// are hashes; accounts, names and batches keep 32 bits, because they only ever
// decide together with an amount and a day.
type line struct {
	Fen     casework.Fen
	Ref     uint64 // the reference both sides share, where they share one
	Alt     uint64 // another reference of the same line
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
	chunks [][]line         // nil once the reference pass is done
	fens   [][]casework.Fen // of all rows, from then on
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

func (p *pile) add(r line, file, at int) {
	if p.count&(chunkRows-1) == 0 {
		p.chunks = append(p.chunks, make([]line, 0, chunkRows))
	}
	last := len(p.chunks) - 1
	p.chunks[last] = append(p.chunks[last], r)
	if n := len(p.spans); n == 0 || int(p.spans[n-1].file) != file || int(p.spans[n-1].line)+p.count-int(p.spans[n-1].row) != at {
		p.spans = append(p.spans, span{uint32(p.count), uint32(at), uint16(file)})
	}
	p.total += r.Fen
	p.count++
}

// row gives a row by its ID.
func (p *pile) row(id uint32) *line { return &p.chunks[id/chunkRows][id%chunkRows] }

// fen gives the amount of a row, before and after slim.
func (p *pile) fen(id uint32) casework.Fen {
	if p.fens != nil {
		return p.fens[id/chunkRows][id%chunkRows]
	}
	return p.row(id).Fen
}

// slim keeps the amounts and lets go of the rest: what is not decided yet has
// been gathered, and a million rows are 40 MB less.
func (p *pile) slim() {
	fens := make([][]casework.Fen, len(p.chunks))
	for i, chunk := range p.chunks {
		fens[i] = make([]casework.Fen, len(chunk))
		for j := range chunk {
			fens[i][j] = chunk[j].Fen
		}
		p.chunks[i] = nil
	}
	p.fens, p.chunks = fens, nil
}

// each runs over all rows in their order.
func (p *pile) each(do func(id uint32, l *line)) {
	for n, chunk := range p.chunks {
		for i := range chunk {
			do(uint32(n*chunkRows+i), &chunk[i])
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

// hash makes the stored line of an Entry.
func (k keyer) hash(e *Entry, refs [2]Role) line {
	return line{
		Fen: e.Fen, Day: e.Day, facts: e.facts,
		Ref: k.key(e.text[refs[0]]), Alt: k.key(e.text[refs[1]]), Batch: uint32(k.key(e.text[BatchNo])),
		Account: uint32(k.key(e.text[Account])), Name: uint32(k.key(e.text[Party])),
	}
}
