package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// maxLine bounds one line; a longer one is no statement.
const maxLine = 1 << 20

// lines cuts a stream into lines without their ends. It counts physical lines.
type lines struct {
	data       io.ReaderAt
	size, off  int64
	buf        []byte
	start, end int
	line       int
	odd        bool // a quote or a NUL stands in the buffer
}

func newLines(in Input) *lines {
	return &lines{data: in.Data, size: in.Size, buf: make([]byte, 256<<10)}
}

// next gives the next line; it is valid until the next call.
func (l *lines) next() ([]byte, error) {
	for {
		if i := bytes.IndexByte(l.buf[l.start:l.end], '\n'); i >= 0 {
			text := l.buf[l.start : l.start+i]
			l.start += i + 1
			l.line++
			return chomp(text), nil
		}
		if l.off >= l.size {
			if l.start == l.end {
				return nil, io.EOF
			}
			text := l.buf[l.start:l.end]
			l.start = l.end
			l.line++
			return chomp(text), nil
		}
		if err := l.fill(); err != nil {
			return nil, err
		}
	}
}

func (l *lines) fill() error {
	copy(l.buf, l.buf[l.start:l.end])
	l.start, l.end = 0, l.end-l.start
	if l.end == len(l.buf) {
		if len(l.buf) >= maxLine {
			return &lineError{l.line + 1, "too_long", ""}
		}
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	want := min(int64(len(l.buf)-l.end), l.size-l.off)
	n, err := l.data.ReadAt(l.buf[l.end:l.end+int(want)], l.off)
	l.off += int64(n)
	l.end += n
	if n > 0 || err == nil {
		l.odd = bytes.IndexByte(l.buf[:l.end], '"') >= 0 || bytes.IndexByte(l.buf[:l.end], 0) >= 0
		return nil
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func chomp(text []byte) []byte {
	if n := len(text); n > 0 && text[n-1] == '\r' {
		return text[:n-1]
	}
	return text
}

// csvSheet cuts lines into cells at a delimiter, with quotes.
type csvSheet struct {
	lines     *lines
	delimiter byte
	wide      bool // the delimiter may be the second byte of a GB18030 character
	ends      []int
	first     bool
	wanted    func(line int) bool // nil for all
}

func (c *csvSheet) next(row *cells) (int, error) {
	text, err := c.lines.next()
	if err != nil {
		return 0, err
	}
	line := c.lines.line
	*row = cells{}
	if !c.first {
		text, c.first = bytes.TrimPrefix(text, []byte("\ufeff")), true
	}
	if len(text) == 0 {
		return line, nil
	}
	if c.wanted != nil && !c.wanted(line) && bytes.IndexByte(text, '"') < 0 {
		return line, nil
	}
	if c.lines.odd && bytes.IndexByte(text, 0) >= 0 {
		return line, &lineError{line, "control", "\\0"}
	}
	if c.lines.odd && bytes.IndexByte(text, '"') >= 0 {
		row.apart, err = c.quoted(text, line)
		return line, err
	}
	if c.wide {
		c.ends = splitWide(c.ends[:0], text, c.delimiter)
	} else {
		c.ends = splitPlain(c.ends[:0], text, c.delimiter)
	}
	row.text, row.ends = text, c.ends
	return line, nil
}

// splitPlain notes where the cells of a line without quotes end. Delimiters are
// found sixty-four bytes at a time: cells are short, and to search for the end of
// each costs more than all the rest of the line.
func splitPlain(ends []int, text []byte, delimiter byte) []int {
	for at := 0; at < len(text); at += 64 {
		for found := places(text[at:min(at+64, len(text))], delimiter); found != 0; found &= found - 1 {
			ends = append(ends, at+bits.TrailingZeros64(found))
		}
	}
	return append(ends, len(text))
}

// places gives a bit for each of at most sixty-four bytes that is c, the lowest first.
//
//go:noinline // inlined, it lacks registers and takes twice as long
func places(text []byte, c byte) (found uint64) {
	const ones, low = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	want, shift := ones*uint64(c), 0
	for ; len(text) >= 8; text = text[8:] {
		x := binary.LittleEndian.Uint64(text) ^ want
		top := ^(x&low + low | x | low) // the top bit of each byte that is 0 now
		found |= top >> 7 * 0x0102040810204080 >> 56 << (shift & 63)
		shift += 8
	}
	for _, other := range text {
		if other == c {
			found |= 1 << (shift & 63)
		}
		shift++
	}
	return found
}

// splitWide does the same for a line whose delimiter may be half of a character.
func splitWide(ends []int, text []byte, delimiter byte) []int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == delimiter:
			ends = append(ends, i)
		case text[i] >= 0x81:
			i++
		}
	}
	return append(ends, len(text))
}

// quoted cuts a line with quotes and joins lines where a quoted field holds a
// line end. A quote inside an unquoted field (="123") is a plain character.
func (c *csvSheet) quoted(text []byte, line int) ([][]byte, error) {
	text = bytes.Clone(text)
	var cells [][]byte
	for i := 0; ; {
		if i >= len(text) || text[i] != '"' {
			end := len(text)
			if at := bytes.IndexByte(text[i:], c.delimiter); at >= 0 {
				end = i + at
			}
			cells = append(cells, text[i:end])
			if i = end + 1; end == len(text) {
				return cells, nil
			}
			continue
		}
		var field []byte
		for i++; ; i++ {
			if i >= len(text) {
				more, err := c.lines.next()
				if err != nil || c.lines.line-line > 50 {
					return nil, &lineError{line, "quote", `"…`}
				}
				field = append(field, ' ')
				text, i = bytes.Clone(more), -1
				continue
			}
			if text[i] != '"' {
				field = append(field, text[i])
				continue
			}
			if i+1 < len(text) && text[i+1] == '"' {
				field = append(field, '"')
				i++
				continue
			}
			break
		}
		cells = append(cells, field)
		if i++; i >= len(text) {
			return cells, nil
		}
		if text[i] == '\t' && c.delimiter != '\t' && i+1 < len(text) { // "123"<TAB>, keeps digits in spreadsheets
			i++
		}
		if text[i] != c.delimiter {
			if len(bytes.TrimSpace(text[i:])) == 0 {
				return cells, nil
			}
			return nil, &lineError{line, "quote", string(text[i:min(len(text), i+8)])}
		}
		i++
	}
}

// readCSV reads delimited text in UTF-8, UTF-16 or GB18030.
func readCSV(in Input, t *table) error {
	head := make([]byte, min(in.Size, 64<<10))
	if _, err := in.Data.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if isUTF16(head) {
		var err error
		if in, head, err = fromUTF16(in); err != nil {
			t.scale.add(0, 0, "", "encoding", "UTF-16")
			return nil
		}
	}
	t.decode.utf8 = bytes.HasPrefix(head, []byte("\ufeff")) || !ascii(head) && validHead(head)
	s := &csvSheet{lines: newLines(in), delimiter: delimiterOf(head, t.layout.Delimiter)}
	s.wide = !t.decode.utf8 && s.delimiter > '@'
	return t.read(s)
}

func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff})
}

// validHead says that the head is UTF-8, apart from a character that its end cuts
// and a few damaged bytes. GB18030 text is full of sequences UTF-8 has not.
func validHead(head []byte) bool {
	good, bad := 0, 0
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case r >= utf8.RuneSelf:
			good++
		}
		head = head[n:]
	}
	return bad <= 1+good/10 && good >= bad
}

func fromUTF16(in Input) (Input, []byte, error) {
	if in.Size > 256<<20 {
		return in, nil, errors.New("UTF-16 text beyond 256 MiB")
	}
	text, err := io.ReadAll(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(io.NewSectionReader(in.Data, 0, in.Size)))
	if err != nil {
		return in, nil, err
	}
	in.Data, in.Size = bytes.NewReader(text), int64(len(text))
	return in, text[:min(len(text), 64<<10)], nil
}

// delimiterOf takes the delimiter that most of the first lines agree on.
func delimiterOf(head []byte, given string) byte {
	if given != "" {
		return pick(given == `\t`, '\t', given[0])
	}
	best, most := byte(','), 0
	for _, d := range []byte(",\t|;^") {
		counts := map[int]int{}
		for i, line := range bytes.Split(head, []byte("\n")) {
			if n := bytes.Count(line, []byte{d}); n > 0 && i < 60 {
				counts[n] += n
			}
		}
		for _, weight := range counts {
			if weight > most {
				best, most = d, weight
			}
		}
	}
	return best
}

// looksLikeText says that the head holds no binary bytes. A NUL inside a table is
// a damaged table, which is refused with its line.
func looksLikeText(head []byte) bool {
	if at := bytes.IndexByte(head, 0); at >= 0 && !bytes.ContainsAny(head[:at], ",\t|;") {
		return false
	}
	return !slices.ContainsFunc(head, func(c byte) bool {
		return c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1a && c != 0
	})
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
