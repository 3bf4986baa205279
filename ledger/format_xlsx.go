package ledger

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// maxPart bounds the unpacked size of one part of a workbook: a small file may
// unpack to any size.
const maxPart = 4 << 30

// xlsxSheet scans the XML of one worksheet. A scanner of its own reads a row in
// about a twentieth of the time of a general XML reader.
type xlsxSheet struct {
	in      *tagScanner
	shared  [][]byte
	cells   [][]byte
	row     int
	ended   bool
	scratch []byte
}

// readXLSX reads the first worksheet that has a heading row.
func readXLSX(in Input, t *table) error {
	t.decode.utf8, t.ragged = true, true
	archive, err := zip.NewReader(in.Data, in.Size)
	if err != nil {
		return &lineError{0, "record", "zip"}
	}
	parts := map[string]*zip.File{}
	var sheets []string
	for _, f := range archive.File {
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
		parts[strings.ToLower(name)] = f
	}
	if sheets, err = sheetOrder(parts); err != nil {
		return err
	}
	shared, err := sharedStrings(parts["xl/sharedstrings.xml"])
	if err != nil {
		return &lineError{0, "record", "sharedStrings"}
	}
	for i, name := range sheets {
		kept := t.scale.problems
		if err := t.readWorksheet(parts[name], shared); err != nil {
			return err
		}
		if t.bound.width > 0 || i == len(sheets)-1 {
			return nil
		}
		t.scale.problems = kept // a cover sheet without a table
	}
	return &lineError{0, "empty", ""}
}

func (t *table) readWorksheet(part *zip.File, shared [][]byte) error {
	stream, err := part.Open()
	if err != nil {
		return &lineError{0, "record", part.Name}
	}
	defer stream.Close()
	err = t.read(&xlsxSheet{in: newTagScanner(io.LimitReader(stream, maxPart)), shared: shared})
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, zip.ErrChecksum) || err != nil && strings.Contains(err.Error(), "flate") {
		return &lineError{0, "record", part.Name}
	}
	return err
}

// sheetOrder lists the worksheets in the order of the workbook.
func sheetOrder(parts map[string]*zip.File) ([]string, error) {
	book, err := partText(parts["xl/workbook.xml"])
	if err != nil {
		return nil, &lineError{0, "record", "workbook.xml"}
	}
	relations, err := partText(parts["xl/_rels/workbook.xml.rels"])
	if err != nil {
		return nil, &lineError{0, "record", "workbook.xml.rels"}
	}
	targets := map[string]string{}
	for _, tag := range regexp.MustCompile(`<(?:\w+:)?Relationship\b[^>]*>`).FindAll(relations, -1) {
		target := attribute(tag, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("xl", target)
		}
		targets[attribute(tag, "Id")] = strings.ToLower(strings.TrimPrefix(target, "/"))
	}
	var names []string
	for _, tag := range regexp.MustCompile(`<(?:\w+:)?sheet\b[^>]*>`).FindAll(book, -1) {
		if name := targets[attribute(tag, "r:id")]; parts[name] != nil && attribute(tag, "state") == "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, &lineError{0, "record", "workbook.xml"}
	}
	return names, nil
}

func attribute(tag []byte, name string) string {
	m := regexp.MustCompile(`\s` + regexp.QuoteMeta(name) + `\s*=\s*(?:"([^"]*)"|'([^']*)')`).FindSubmatch(tag)
	if m == nil {
		return ""
	}
	return html.UnescapeString(string(m[1]) + string(m[2]))
}

func partText(part *zip.File) ([]byte, error) {
	if part == nil {
		return nil, errors.New("missing")
	}
	stream, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	return io.ReadAll(io.LimitReader(stream, 16<<20))
}

// sharedStrings reads the table of texts; all texts share few large slices.
func sharedStrings(part *zip.File) ([][]byte, error) {
	if part == nil {
		return nil, nil
	}
	stream, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	in := newTagScanner(io.LimitReader(stream, maxPart))
	var texts [][]byte
	arena := make([]byte, 0, 1<<16)
	start, phonetic := 0, false
	for {
		tag, err := in.tag()
		if errors.Is(err, io.EOF) {
			return texts, nil
		}
		if err != nil {
			return nil, err
		}
		switch name := tag.name; {
		case string(name) == "si" && !tag.closing:
			if cap(arena)-len(arena) < 4096 {
				arena = make([]byte, 0, 1<<16)
			}
			start = len(arena)
			if tag.empty {
				texts = append(texts, nil)
			}
		case string(name) == "si":
			texts = append(texts, arena[start:len(arena):len(arena)])
		case string(name) == "rPh":
			phonetic = !tag.closing
		case string(name) == "t" && !tag.closing && !tag.empty && !phonetic:
			text, err := in.text()
			if err != nil {
				return nil, err
			}
			arena = appendText(arena, text)
		}
	}
}

// appendText undoes the five entities and character references.
func appendText(into, text []byte) []byte {
	if bytes.IndexByte(text, '&') < 0 {
		return append(into, text...)
	}
	return append(into, html.UnescapeString(string(text))...)
}

func (x *xlsxSheet) next(row *cells) (int, error) {
	if x.ended {
		return 0, io.EOF
	}
	for {
		tag, err := x.in.tag()
		if errors.Is(err, io.EOF) {
			return 0, io.ErrUnexpectedEOF // no </sheetData>: the file is cut off
		}
		if err != nil {
			return 0, err
		}
		switch {
		case string(tag.name) == "sheetData" && (tag.closing || tag.empty):
			x.ended = true
			return 0, io.EOF
		case string(tag.name) == "row" && !tag.closing:
			if x.row++; len(tag.attribute("r")) > 0 {
				x.row = number(tag.attribute("r"))
			}
			if tag.empty {
				continue
			}
			err := x.readRow()
			*row = cells{apart: x.cells}
			return x.row, err
		}
	}
}

func (x *xlsxSheet) readRow() error {
	x.cells, x.scratch = x.cells[:0], x.scratch[:0]
	column := -1
	for {
		tag, err := x.in.tag()
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		if string(tag.name) == "row" && tag.closing {
			return nil
		}
		if string(tag.name) != "c" || tag.closing {
			continue
		}
		column++
		if at := columnOf(tag.attribute("r")); at >= 0 {
			column = at
		}
		if column > 16384 {
			return &lineError{x.row, "record", "column"}
		}
		for len(x.cells) <= column {
			x.cells = append(x.cells, nil)
		}
		if tag.empty {
			continue
		}
		kind := byte('n')
		if k := tag.attribute("t"); len(k) > 0 {
			kind = k[0]
			if string(k) == "str" || string(k) == "inlineStr" {
				kind = 't'
			}
		}
		if x.cells[column], err = x.cell(kind); err != nil {
			return err
		}
	}
}

// cell reads up to </c>.
func (x *xlsxSheet) cell(kind byte) ([]byte, error) {
	start := len(x.scratch)
	for {
		tag, err := x.in.tag()
		if err != nil {
			return nil, io.ErrUnexpectedEOF
		}
		switch {
		case string(tag.name) == "c" && tag.closing:
			return x.value(kind, x.scratch[start:len(x.scratch):len(x.scratch)])
		case (string(tag.name) == "v" || string(tag.name) == "t") && !tag.closing && !tag.empty:
			text, err := x.in.text()
			if err != nil {
				return nil, io.ErrUnexpectedEOF
			}
			x.scratch = appendText(x.scratch, text)
		}
	}
}

func (x *xlsxSheet) value(kind byte, raw []byte) ([]byte, error) {
	switch kind {
	case 's':
		i := number(raw)
		if i < 0 || i >= len(x.shared) || len(raw) == 0 {
			return nil, &lineError{x.row, "record", "shared string " + string(raw)}
		}
		return x.shared[i], nil
	case 'e':
		return nil, &lineError{x.row, "record", string(raw)}
	case 'n':
		return plainNumber(raw), nil
	}
	return raw, nil
}

// plainNumber writes a spreadsheet's binary number as its author saw it: without
// an exponent and the noise beyond fifteen digits. A number of more digits has
// lost some and keeps its exponent, so that it is refused as an account.
func plainNumber(raw []byte) []byte {
	short := len(raw) <= 12
	for _, c := range raw {
		short = short && c != 'E' && c != 'e'
	}
	if short {
		return raw
	}
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return raw
	}
	if math.Abs(v) >= 1e15 {
		return strconv.AppendFloat(nil, v, 'E', -1, 64)
	}
	text := strconv.AppendFloat(nil, v, 'f', -1, 64)
	if i := bytes.IndexByte(text, '.'); i >= 0 && len(text)-i > 8 {
		text = strconv.AppendFloat(nil, v, 'f', 6, 64)
		text = bytes.TrimRight(bytes.TrimRight(text, "0"), ".")
	}
	return text
}

// columnOf turns the letters of a cell reference into a 0-based column.
func columnOf(reference []byte) int {
	n := 0
	for _, c := range reference {
		if c < 'A' || c > 'Z' {
			break
		}
		if n = n*26 + int(c-'A') + 1; n > 20000 {
			break
		}
	}
	return n - 1
}

// tagScanner gives the tags of an XML stream one by one, and the text after one.
type tagScanner struct {
	in         io.Reader
	buf        []byte
	start, end int
	eof        bool
}

// tag is one tag; its slices are valid until the next call.
type tag struct {
	name, rest     []byte
	closing, empty bool
}

func newTagScanner(in io.Reader) *tagScanner { return &tagScanner{in: in, buf: make([]byte, 64<<10)} }

// find looks for a byte from the current place on and reads more until it is there.
func (s *tagScanner) find(c byte) (int, error) {
	from := 0
	for {
		if i := bytes.IndexByte(s.buf[s.start+from:s.end], c); i >= 0 {
			return s.start + from + i, nil
		}
		from = s.end - s.start
		if s.eof {
			return 0, io.EOF
		}
		copy(s.buf, s.buf[s.start:s.end])
		s.start, s.end = 0, from
		if s.end == len(s.buf) {
			if len(s.buf) > 8<<20 {
				return 0, fmt.Errorf("xml: tag or text beyond 8 MiB: %w", io.ErrUnexpectedEOF)
			}
			s.buf = append(s.buf, make([]byte, len(s.buf))...)
		}
		n, err := s.in.Read(s.buf[s.end:])
		s.end += n
		if errors.Is(err, io.EOF) {
			s.eof = true
		} else if err != nil {
			return 0, err
		}
	}
}

func (s *tagScanner) tag() (tag, error) {
	at, err := s.find('<')
	if err != nil {
		return tag{}, err
	}
	s.start = at
	end, err := s.find('>')
	if err != nil {
		return tag{}, io.ErrUnexpectedEOF
	}
	body := s.buf[s.start+1 : end]
	s.start = end + 1
	var t tag
	if len(body) > 0 && body[0] == '/' {
		t.closing, body = true, body[1:]
	}
	if n := len(body); n > 0 && body[n-1] == '/' {
		t.empty, body = true, body[:n-1]
	}
	n := 0
	for n < len(body) && body[n] > ' ' {
		n++
	}
	t.name, t.rest = body[:n], body[n:]
	if i := bytes.IndexByte(t.name, ':'); i >= 0 {
		t.name = t.name[i+1:]
	}
	return t, nil
}

// text gives what stands before the next tag.
func (s *tagScanner) text() ([]byte, error) {
	at, err := s.find('<')
	if err != nil {
		return nil, err
	}
	text := s.buf[s.start:at]
	s.start = at
	return text, nil
}

func (t tag) attribute(name string) []byte {
	rest := t.rest
	for {
		i := bytes.IndexByte(rest, '=')
		if i < 0 || i+1 >= len(rest) {
			return nil
		}
		key := bytes.TrimSpace(rest[:i])
		quote := rest[i+1]
		j := bytes.IndexByte(rest[i+2:], quote)
		if j < 0 {
			return nil
		}
		if string(key) == name {
			return rest[i+2 : i+2+j]
		}
		rest = rest[i+3+j:]
	}
}
