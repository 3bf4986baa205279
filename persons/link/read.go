package link

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// Input is one CSV file of persons. Name appears in errors.
type Input struct {
	Name string
	Data io.Reader
}

// sniffed is how much of a file decides on its encoding and its separator.
const sniffed = 64 << 10

// rows opens a CSV: UTF-8 with or without a mark, or GB18030; separated by comma,
// semicolon or tab. The header comes back without spaces around its names.
func (in Input) rows() (*csv.Reader, []string, error) {
	data := bufio.NewReaderSize(in.Data, sniffed)
	head, err := data.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, nil, fmt.Errorf("%s: the file is empty; want a CSV with a header", in.Name)
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, nil, fmt.Errorf("%s: no text file; save the table as CSV (UTF-8 or GB18030)", in.Name)
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = data.Discard(3)
	}
	source := io.Reader(data)
	if !validStart(head) {
		source = transform.NewReader(data, simplifiedchinese.GB18030.NewDecoder())
	}
	r := csv.NewReader(source)
	r.Comma, r.ReuseRecord = separator(head), true
	r.TrimLeadingSpace = r.Comma != '\t'
	header, err := r.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: header: %w", in.Name, err)
	}
	names := make([]string, len(header))
	for i, name := range header {
		names[i] = strings.TrimSpace(name)
	}
	return r, names, in.checkHeader(names)
}

func (in Input) checkHeader(names []string) error {
	for i, name := range names {
		if name != "" && columnIndex(names[:i], name) >= 0 {
			return fmt.Errorf("%s: two columns are called %q", in.Name, name)
		}
	}
	if len(names) < 2 {
		return fmt.Errorf("%s: one column only, %q; want columns separated by comma, semicolon or tab", in.Name, strings.Join(names, ""))
	}
	return nil
}

// validStart reports whether text is UTF-8, its last character possibly cut off.
func validStart(text []byte) bool {
	for cut := range min(utf8.UTFMax, len(text)) {
		if utf8.Valid(text[:len(text)-cut]) {
			return true
		}
	}
	return false
}

func separator(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', 0
	for _, r := range ",;\t|" {
		if n := bytes.Count(line, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}

// columnIndex finds a column by its name, whatever its case.
func columnIndex(header []string, name string) int {
	return slices.IndexFunc(header, func(have string) bool { return strings.EqualFold(have, name) })
}

// Header reads the names of a file's columns.
func Header(in Input) ([]string, error) {
	_, names, err := in.rows()
	return names, err
}

// table is all records of one or two files, field by field.
type table struct {
	plan    *plan
	names   column // what the file calls a record
	columns []column
	files   int
	first   uint32               // records of the first file
	parts   map[partKey][]uint64 // while blocks are formed
	often   [][]uint32           // per field, how many records have a record's value; nil where nobody asks
	chance  []float64            // per field, how often two random records agree; 0 where rarity does not count
	stakes  []column             // months and money as they were written; nil unless they are kept
	kept    [][]uint64           // per block the hash of each record, if they are known already
	common  *Common              // frequencies of an earlier search; nil: those of this one
}

func (t *table) size() int { return len(t.names.ends) }

// read takes in one file.
func (t *table) read(in Input, config Config) error {
	before := t.size()
	if err := t.readRows(in, config); err != nil {
		return err
	}
	if t.size() == before {
		return fmt.Errorf("%s: a header and no records", in.Name)
	}
	if t.files++; t.files == 1 {
		t.first = uint32(t.size())
	}
	return nil
}

func (t *table) readRows(in Input, config Config) error {
	r, header, err := in.rows()
	if err != nil {
		return err
	}
	if t.plan == nil {
		t.plan = newPlan(config, header)
		t.columns = make([]column, len(t.plan.fields))
	}
	stakes := t.stakePlaces(config, header)
	places, id, err := t.plan.places(in.Name, header)
	if err != nil {
		return err
	}
	before := t.size()
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return in.explain(err, len(header))
		}
		if err := t.add(row, places, stakes, id, t.size()-before+1); err != nil {
			return fmt.Errorf("%s: %w", in.Name, err)
		}
	}
}

func (t *table) add(row []string, places, stakes []int, id, number int) error {
	name := ""
	if id >= 0 {
		name = strings.TrimSpace(row[id])
	}
	if name == "" {
		name = fmt.Sprint(number)
	}
	if err := t.names.add(name); err != nil {
		return err
	}
	for i, place := range places {
		value := ""
		if place >= 0 {
			value = t.plan.fields[i].how.normal(strings.TrimSpace(row[place]))
		}
		if err := t.columns[i].add(value); err != nil {
			return err
		}
	}
	for i, place := range stakes {
		value := ""
		if place >= 0 {
			value = strings.TrimSpace(row[place])
		}
		if err := t.stakes[i].add(value); err != nil {
			return err
		}
	}
	return nil
}

// stakePlaces finds the columns of months and money, if they are to be kept.
func (t *table) stakePlaces(config Config, header []string) []int {
	if t.stakes == nil {
		return nil
	}
	places := []int{-1, -1}
	for i, names := range []List{config.Months, config.Money} {
		for _, name := range names {
			if places[i] < 0 {
				places[i] = columnIndex(header, name)
			}
		}
	}
	return places
}

// explain says where a row is broken, never what it holds.
func (in Input) explain(err error, columns int) error {
	at, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case !ok:
		return fmt.Errorf("%s: %w", in.Name, err)
	case errors.Is(at.Err, csv.ErrFieldCount):
		return fmt.Errorf("%s:%d: the row has another number of columns than the header (%d)", in.Name, at.Line, columns)
	}
	return fmt.Errorf("%s:%d:%d: %w", in.Name, at.Line, at.Column, at.Err)
}
