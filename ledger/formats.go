package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Options says how a file is read.
type Options struct {
	Side   Side
	Layout Layout // zero: guessed from the headings
	Force  bool   // go on with a file that would be refused
	Wanted func(line int) bool
}

// format is one kind of file: how it is recognised by its first bytes, and read.
type format struct {
	name string
	is   func(head []byte) bool
	read func(Input, *table) error
}

// formats lists every kind of file; the first that recognises the bytes reads
// them. The ending of the name is never asked: an .xls is often HTML or text.
func formats() []format {
	return []format{
		{"xlsx", func(h []byte) bool { return bytes.HasPrefix(h, []byte("PK\x03\x04")) }, readXLSX},
		{"xls", func(h []byte) bool {
			return bytes.HasPrefix(h, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) || isBareBIFF(h)
		}, readXLS},
		{"camt053", isCamt, readCamt},
		{"html", isHTML, readHTML},
		{"mt940", isMT940, readMT940},
		{"csv", func(h []byte) bool { return looksLikeText(h) || isUTF16(h) }, readCSV},
	}
}

// Read runs through one file. It calls visit for each entry and returns what the
// file says of itself. A file that can't be trusted gives a *Refusal together
// with the Statement; entries may have been visited by then and must be dropped.
// With Force there is no Refusal for what can still be read.
func Read(in Input, options Options, visit func(*Entry) error) (*Statement, error) {
	t := newTable(in, options)
	t.visit = visit
	return t.run(in)
}

func newTable(in Input, options Options) *table {
	return &table{side: options.Side, layout: options.Layout, force: options.Force, wanted: options.Wanted, listen: newListener(), hearNote: newListener(), scale: newScale(in.Name, "")}
}

func (t *table) run(in Input) (*Statement, error) {
	head := make([]byte, min(in.Size, 4096))
	if _, err := in.Data.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", in.Name, err)
	}
	if len(bytes.TrimSpace(head)) == 0 {
		t.scale.add(0, 0, "", "empty", "")
		return t.said(), t.scale.refusal()
	}
	chosen := format{read: func(_ Input, t *table) error { t.scale.add(0, 0, "", "unknown_format", magic(head)); return nil }}
	for _, f := range formats() {
		if f.is(head) {
			chosen = f
			break
		}
	}
	t.scale.statement.Format = chosen.name
	if err := chosen.read(in, t); err != nil {
		if bad, ok := errors.AsType[*lineError](err); ok {
			t.scale.add(bad.line, 0, "", bad.code, bad.text)
		} else {
			return nil, fmt.Errorf("read %s: %w", in.Name, err)
		}
	}
	if t.wanted != nil {
		return t.said(), nil
	}
	t.scale.close()
	if t.scale.fatal() && !t.force {
		return t.said(), t.scale.refusal()
	}
	return t.said(), nil
}

// said is a copy, so that the statement does not keep its reader alive.
func (t *table) said() *Statement {
	st := t.scale.statement
	return &st
}

func magic(head []byte) string { return fmt.Sprintf("%x", head[:min(len(head), 8)]) }

// sniff is the beginning of a file as lower-case text without a BOM and spaces.
func sniff(head []byte) string {
	return strings.ToLower(strings.TrimSpace(string(bytes.TrimPrefix(head, []byte("\ufeff")))))
}
