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
	line   []byte // what is still to be passed on
}

func newRowReader(from io.Reader) *rowReader {
	return &rowReader{from: bufio.NewReaderSize(from, 1<<20)}
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
