package link

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/cespare/xxhash/v2"
)

// rowReader passes an export on and hashes its rows meanwhile, as they are
// written: a row that has not changed is known without being understood.
type rowReader struct {
	from   *bufio.Reader
	header []byte
	row    uint64 // hash of the last row, 0 for an empty line
	keep   bool   // gather them
	rows   []uint64
	made   stretches
	line   []byte // what is still to be passed on
}

// rowBuffer is small enough to stay near the processor while it is hashed.
const rowBuffer = 256 << 10

func newRowReader(from io.Reader, most uint32) *rowReader {
	return &rowReader{from: bufio.NewReaderSize(from, rowBuffer), made: stretches{most: most}}
}

// Read passes on.
func (r *rowReader) Read(p []byte) (int, error) {
	if len(r.line) == 0 {
		line, err := r.next()
		if err != nil {
			return 0, err
		}
		r.line = line
	}
	n := copy(p, r.line)
	r.line = r.line[n:]
	return n, nil
}

// next gives the next row, whose bytes are valid until the one after it. A value
// in quotes may hold a line break. Neither GBK nor GB18030 has the bytes of a
// line break or a quote inside a character.
func (r *rowReader) next() ([]byte, error) {
	line, err := r.from.ReadSlice('\n')
	if err != nil && errors.Is(err, bufio.ErrBufferFull) || openQuote(line) {
		line = bytes.Clone(line)
		for errors.Is(err, bufio.ErrBufferFull) || err == nil && openQuote(line) {
			var more []byte
			more, err = r.from.ReadSlice('\n')
			line = append(line, more...)
		}
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		r.made.end()
		return nil, err
	}
	bare := line
	for len(bare) > 0 && (bare[len(bare)-1] == '\n' || bare[len(bare)-1] == '\r') {
		bare = bare[:len(bare)-1]
	}
	if r.header == nil {
		r.header = bytes.Clone(bare)
		return line, nil
	}
	if r.row = rowHash(bare); r.keep && r.row != 0 {
		r.rows = append(r.rows, r.row)
	}
	r.made.add(line, r.row != 0)
	return line, nil
}

func openQuote(line []byte) bool {
	return bytes.IndexByte(line, '"') >= 0 && bytes.Count(line, []byte{'"'})%2 == 1
}

// rowHash is 0 for the empty row only.
func rowHash(row []byte) uint64 {
	if len(row) == 0 {
		return 0
	}
	return max(xxhash.Sum64(row), 1)
}

// passes goes over a stretch if the bytes that come next are exactly it.
func (r *rowReader) passes(s stretch) bool {
	if s.hash == 0 {
		return false
	}
	bytes, err := r.from.Peek(int(s.bytes))
	if err != nil || max(xxhash.Sum64(bytes), 1) != s.hash {
		return false // the rows themselves say what is there
	}
	_, _ = r.from.Discard(len(bytes))
	r.made.pass(s)
	return true
}

// stretch is rows that follow each other, with their line ends and empty lines:
// where it stands unchanged, none of its rows is looked at.
type stretch struct {
	hash  uint64 // of its bytes; 0 for the last of an export, whose row may go on
	bytes uint32
	rows  uint32
}

// How long stretches are, in rows: longer ones are compared faster, shorter ones
// leave fewer rows to look at when one of them changed.
const (
	leastStretch = 8
	fullStretch  = 16
	mostStretch  = 32 // when one is formed anew between two that stand
)

// longStretch cuts stretches of long rows, in bytes.
const longStretch = rowBuffer / 2

// stretches are those of an export, formed while it is read.
type stretches struct {
	all  []stretch
	open stretch
	sum  xxhash.Digest
	most uint32
}

func (s *stretches) add(line []byte, row bool) {
	if s.open.bytes == 0 {
		s.sum.Reset()
	}
	_, _ = s.sum.Write(line) // never fails
	s.open.bytes += uint32(len(line))
	if row {
		s.open.rows++
	}
	if s.open.rows >= s.most || s.open.bytes >= longStretch {
		s.cut()
	}
}

// cut ends the stretch that is being formed.
func (s *stretches) cut() {
	if s.open.bytes == 0 {
		return
	}
	s.open.hash = max(s.sum.Sum64(), 1)
	s.all = append(s.all, s.open)
	s.open = stretch{}
}

// pass takes over one that stands.
func (s *stretches) pass(one stretch) {
	s.cut()
	s.all = append(s.all, one)
}

// end forms the last one: its last row may be longer the next time.
func (s *stretches) end() {
	s.cut()
	if last := len(s.all) - 1; last >= 0 {
		s.all[last].hash = 0
	}
}
