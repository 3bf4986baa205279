package sheets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// dialect is how a text table is written.
type dialect struct {
	code      encoding.Encoding // nil is UTF-8
	delimiter rune
	quotes    bool // every field of the heading is quoted
}

// record is one line with the bytes it stands in.
type record struct {
	line       int
	start, end int // in the decoded text, line end included
	fields     []string
}

// textTable is a text table taken apart so that it can be put together again.
type textTable struct {
	dialect
	text    string
	records []record
}

func readCSV(data []byte) ([]table, error) {
	t, err := parseCSV(data)
	if err != nil {
		return nil, err
	}
	out := table{}
	for _, r := range t.records {
		row := Row{Line: r.line}
		for _, field := range r.fields {
			field = bare(field)
			row.Cells = append(row.Cells, Cell{Text: field, Raw: field})
		}
		out.rows = append(out.rows, row)
	}
	return []table{out}, nil
}

// bare takes away what keeps spreadsheets from turning digits into numbers:
// ="0012" and a leading or trailing tab.
func bare(field string) string {
	field = strings.Trim(field, "\t")
	if inner, ok := strings.CutPrefix(field, `="`); ok && strings.HasSuffix(inner, `"`) {
		return strings.TrimSuffix(inner, `"`)
	}
	return field
}

// parseCSV decodes a text table. What cannot be encoded back byte for byte is
// refused: the file would not go back as it came.
func parseCSV(data []byte) (*textTable, error) {
	t := &textTable{}
	var err error
	if t.code, t.text, err = decode(data); err != nil {
		return nil, err
	}
	t.delimiter = delimiterOf(t.text)
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(t.text, "\ufeff")))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = t.delimiter, -1, true
	bom := len(t.text) - len(strings.TrimPrefix(t.text, "\ufeff"))
	at := bom
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, &Refusal{Code: "sheet_unreadable", Line: bad.Line}
		}
		line, _ := reader.FieldPos(0)
		end := bom + int(reader.InputOffset())
		t.records = append(t.records, record{line: line, start: at, end: end, fields: fields})
		at = end
	}
	if len(t.records) == 0 {
		return nil, &Refusal{Code: "sheet_heading"}
	}
	return t, nil
}

// decode finds the encoding in which the bytes make sense and come back.
func decode(data []byte) (encoding.Encoding, string, error) {
	var code encoding.Encoding
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		code = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		code = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case bytes.IndexByte(data, 0) >= 0:
		return nil, "", &Refusal{Code: "sheet_unreadable"}
	case utf8.Valid(data):
		return nil, string(data), nil
	default:
		code = simplifiedchinese.GB18030
	}
	text, err := code.NewDecoder().Bytes(data)
	if err != nil {
		return nil, "", &Refusal{Code: "sheet_unreadable"}
	}
	if back, err := code.NewEncoder().Bytes(text); err != nil || !bytes.Equal(back, data) {
		return nil, "", &Refusal{Code: "sheet_unreadable"}
	}
	return code, string(text), nil
}

// delimiterOf takes the delimiter that cuts the first lines most often.
func delimiterOf(text string) rune {
	head := strings.Join(strings.SplitN(text, "\n", titleRows+1)[:min(titleRows, strings.Count(text, "\n")+1)], "\n")
	best, most := ',', 0
	for _, d := range ",\t;|" {
		if n := strings.Count(head, string(d)); n > most {
			best, most = d, n
		}
	}
	return best
}

// writeCSV adds four fields to each record and leaves every other byte as it is.
// A record shorter than the heading is filled up, so that the fields stand below
// their titles.
func writeCSV(data []byte, b *Book, heads [4]string, results map[int]Result) ([]byte, error) {
	t, err := parseCSV(data)
	if err != nil {
		return nil, err
	}
	first, rows := firstFree(b, heads), map[int]bool{}
	for _, row := range b.Rows {
		rows[row.Line] = true
	}
	var out strings.Builder
	out.WriteString(t.text[:t.records[0].start])
	for _, r := range t.records {
		raw := t.text[r.start:r.end]
		body := strings.TrimRight(raw, "\r\n")
		switch {
		case r.line == b.HeadLine:
			t.quotes = strings.Count(body, `"`) >= 2*len(r.fields)
			body = t.extended(body, r.fields, first, heads)
		case rows[r.line]:
			body = t.extended(body, r.fields, first, results[r.line].texts())
		}
		out.WriteString(body + raw[len(strings.TrimRight(raw, "\r\n")):])
	}
	out.WriteString(t.text[t.records[len(t.records)-1].end:])
	if t.code == nil {
		return []byte(out.String()), nil
	}
	return encoding.ReplaceUnsupported(t.code.NewEncoder()).Bytes([]byte(out.String()))
}

// extended is a record with four fields more. Where an earlier result stands, it
// is written anew.
func (t *textTable) extended(body string, fields []string, first int, texts [4]string) string {
	if len(fields) > first {
		var kept []string
		for _, field := range fields[:first] {
			kept = append(kept, t.field(field))
		}
		body = strings.Join(kept, string(t.delimiter))
	}
	body += strings.Repeat(string(t.delimiter), max(first-len(fields), 0))
	for _, text := range texts {
		body += string(t.delimiter) + t.field(text)
	}
	return body
}

// field quotes where the file does, or where it must.
func (t *textTable) field(text string) string {
	if t.quotes || strings.ContainsAny(text, string(t.delimiter)+"\"\r\n") {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}
