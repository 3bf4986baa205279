package ledger

import (
	"errors"
	"fmt"
	"io"
	"unsafe"

	"github.com/jingban/jingban/casework"
)

// Scratch is room outside of memory for what does not fit: a file that nobody
// else opens and that whoever gives it takes away.
type Scratch interface {
	io.ReaderAt
	io.WriterAt
}

// spill keeps the rows of one side outside of memory: whole chunks of lines in
// their order, later only their amounts. The zero value holds nothing.
type spill struct {
	make    func() (Scratch, error)
	scratch Scratch
	beyond  int    // rows that may stay in memory
	lines   int    // whole chunks of lines
	alts    []bool // of each chunk, whether it has other references
	fens    int    // whole chunks of amounts
}

// asBytes shows values without pointers as the bytes they are; they are read back
// by the process that wrote them.
func asBytes[T line | Row | casework.Fen | uint64](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(values[0])))
}

const (
	linesBytes = chunkRows * int64(unsafe.Sizeof(line{}))
	chunkBytes = linesBytes + chunkRows*8 // the other references follow the lines
	fensBytes  = chunkRows * int64(unsafe.Sizeof(casework.Fen(0)))
)

// room makes room for the next chunk: in memory while rows may stay there, then
// by writing out what is full.
func (p *pile) room() error {
	s := &p.spill
	if s.make == nil || p.count < s.beyond || p.count == 0 {
		p.chunks, p.alts = append(p.chunks, make([]line, 0, chunkRows)), append(p.alts, nil)
		return nil
	}
	if s.scratch == nil {
		var err error
		if s.scratch, err = s.make(); err != nil {
			return fmt.Errorf("spill rows: %w", err)
		}
	}
	for i, chunk := range p.chunks {
		at := int64(s.lines) * chunkBytes
		_, err1 := s.scratch.WriteAt(asBytes(chunk), at)
		_, err2 := s.scratch.WriteAt(asBytes(p.alts[i]), at+linesBytes)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("spill rows: %w", err)
		}
		s.lines, s.alts = s.lines+1, append(s.alts, p.alts[i] != nil)
	}
	p.chunks, p.alts = [][]line{p.chunks[0][:0]}, [][]uint64{nil}
	return nil
}

func (s *spill) eachChunk(do func(chunk []line, alts []uint64)) error {
	if s.lines == 0 {
		return nil
	}
	chunk, room := make([]line, chunkRows), []uint64(nil)
	for i := range s.lines {
		at := int64(i) * chunkBytes
		if err := readFull(s.scratch, asBytes(chunk), at); err != nil {
			return err
		}
		var alts []uint64
		if s.alts[i] {
			if room == nil {
				room = make([]uint64, chunkRows)
			}
			alts = room
			if err := readFull(s.scratch, asBytes(alts), at+linesBytes); err != nil {
				return err
			}
		}
		do(chunk, alts)
	}
	return nil
}

// keepFens keeps the amounts only. They are written over the lines, which are
// longer and have been read by then.
func (s *spill) keepFens() error {
	fens := make([]casework.Fen, chunkRows)
	var failed error
	err := s.eachChunk(func(chunk []line, _ []uint64) {
		for i := range chunk {
			fens[i] = chunk[i].Fen
		}
		if _, err := s.scratch.WriteAt(asBytes(fens), int64(s.fens)*fensBytes); err != nil {
			failed = fmt.Errorf("spill amounts: %w", err)
		}
		s.fens++
	})
	s.lines = 0
	return errors.Join(err, failed)
}

func (s *spill) eachFens(do func([]casework.Fen)) error {
	if s.fens == 0 {
		return nil
	}
	fens := make([]casework.Fen, chunkRows)
	for i := range s.fens {
		if err := readFull(s.scratch, asBytes(fens), int64(i)*fensBytes); err != nil {
			return err
		}
		do(fens)
	}
	return nil
}

func readFull(from io.ReaderAt, into []byte, at int64) error {
	if n, err := from.ReadAt(into, at); n < len(into) {
		return fmt.Errorf("read spilled rows: %w", err)
	}
	return nil
}

// handRows is how many rows of one part are written out together: six KiB.
const handRows = 128

// dealt are the rows of one side by parts, outside of memory but for the last few
// rows of each part.
type dealt struct {
	scratch Scratch
	size    int64
	full    [][]int64 // of each part, where its full hands lie
	hands   [][]Row
}

// deal puts the rows that have a reference into parts by the top bits of it.
func (p *pile) deal(parts, shift int) (*dealt, error) {
	scratch, err := p.spill.make()
	if err != nil {
		return nil, fmt.Errorf("spill parts: %w", err)
	}
	d := &dealt{scratch: scratch, full: make([][]int64, parts), hands: make([][]Row, parts)}
	rows := make([]Row, parts*handRows)
	for i := range d.hands {
		d.hands[i] = rows[i*handRows : i*handRows : (i+1)*handRows]
	}
	var failed error
	err = p.each(func(id uint32, l *line) {
		if l.Ref == 0 || failed != nil {
			return
		}
		part := l.Ref >> shift
		if len(d.hands[part]) == handRows {
			failed = d.put(part)
		}
		d.hands[part] = append(d.hands[part], Row{*l, id})
	})
	return d, errors.Join(err, failed)
}

// put writes out the full hand of a part.
func (d *dealt) put(part uint64) error {
	n, err := d.scratch.WriteAt(asBytes(d.hands[part]), d.size)
	if err != nil {
		return fmt.Errorf("spill parts: %w", err)
	}
	d.full[part] = append(d.full[part], d.size)
	d.size += int64(n)
	d.hands[part] = d.hands[part][:0]
	return nil
}

// part appends the rows of one part, in their order.
func (d *dealt) part(part int, into []Row) ([]Row, error) {
	for _, at := range d.full[part] {
		n := len(into)
		into = append(into, make([]Row, handRows)...)
		if err := readFull(d.scratch, asBytes(into[n:]), at); err != nil {
			return into, err
		}
	}
	return append(into, d.hands[part]...), nil
}
