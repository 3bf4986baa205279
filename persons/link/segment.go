package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// segment is a set of records that was written once and never changes: those of
// the last full search, or those that one night added. Its files:
//
//	rows      hash of each row as the export wrote it
//	text      name, fields and stakes of each record, normalised, after their length
//	places    where every sixteenth record begins in text
//	keys, ids its indexes: the blocks, then the values of fields that may be shared
type segment struct {
	Name    string
	Rows    uint32
	Indexes []index
}

// The files of a segment, by the end of their names.
const (
	rowsPart   = ".rows"
	textPart   = ".text"
	placesPart = ".places"
	keysPart   = ".keys"
	idsPart    = ".ids"
)

func (s segment) file(part string) string { return s.Name + part }

// parts lists the files of a segment.
func (s segment) parts() []string {
	return []string{s.file(rowsPart), s.file(textPart), s.file(placesPart), s.file(keysPart), s.file(idsPart)}
}

// indexes is what records are looked up by.
func (p *plan) indexes() [][]plannedKey {
	all := slices.Clone(p.blocks)
	for i, f := range p.fields {
		if f.field.Shared > 0 {
			all = append(all, []plannedKey{{i, "", hash}})
		}
	}
	return all
}

// keepSegment writes a table's records, numbered from first on, with the hashes of
// their rows. sorted gives the entries of an index.
func (k Kept) keepSegment(t *table, first uint32, rows []uint64, sorted func(index int) []entry) (segment, error) {
	s := segment{Name: newName(), Rows: uint32(t.size())}
	if len(rows) != t.size() {
		return s, fmt.Errorf("%d rows were seen, %d records read: a row of the export spans lines in a way that is not CSV", len(rows), t.size())
	}
	if err := k.keepNumbers(s.file(rowsPart), rows); err != nil {
		return s, err
	}
	if err := k.keepText(s, t); err != nil {
		return s, err
	}
	return s, k.keepIndexes(&s, first, len(t.plan.indexes()), sorted)
}

func (k Kept) keepNumbers(name string, numbers []uint64) error {
	w, err := k.create(name)
	if err != nil {
		return err
	}
	var page [largePage]byte
	for part := range slices.Chunk(numbers, largePage/8) {
		for i, n := range part {
			binary.LittleEndian.PutUint64(page[8*i:], n)
		}
		if _, err := w.Write(page[:8*len(part)]); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	return w.Close()
}

func (k Kept) keepText(s segment, t *table) error {
	text, err := k.create(s.file(textPart))
	if err != nil {
		return err
	}
	var places []uint64
	var line []byte
	for record := range uint32(t.size()) {
		if record%placed == 0 {
			places = append(places, uint64(text.size))
		}
		line = t.pack(append(line[:0], 0, 0, 0, 0), record)
		binary.LittleEndian.PutUint32(line, uint32(len(line)-4))
		if _, err := text.Write(line); err != nil {
			return errors.Join(err, text.Close())
		}
	}
	if err := text.Close(); err != nil {
		return err
	}
	return k.keepNumbers(s.file(placesPart), places)
}

// placed is how many records share a place: the others are found by going over
// those before them.
const placed = 16

// pack writes a record: each value after its length.
func (t *table) pack(line []byte, record uint32) []byte {
	one := func(value string) {
		line = binary.AppendUvarint(line, uint64(len(value)))
		line = append(line, value...)
	}
	one(t.names.at(record))
	for i := range t.columns {
		one(t.columns[i].at(record))
	}
	for i := range t.stakes {
		one(t.stakes[i].at(record))
	}
	return line
}

// unpack adds a packed record.
func (t *table) unpack(packed []byte) error {
	line := string(packed)
	for _, c := range t.all() {
		n, size := binary.Uvarint(packed)
		if size <= 0 || uint64(len(packed)-size) < n {
			return errPacked
		}
		end := size + int(n)
		if err := c.add(line[size:end]); err != nil {
			return err
		}
		line, packed = line[end:], packed[end:]
	}
	return nil
}

// all lists the columns in the order in which they are packed.
func (t *table) all() []*column {
	list := []*column{&t.names}
	for i := range t.columns {
		list = append(list, &t.columns[i])
	}
	for i := range t.stakes {
		list = append(list, &t.stakes[i])
	}
	return list
}

// rowsOf adds the hashes of a segment's rows to those of the ones before.
func (k Kept) rowsOf(s segment, rows []uint64) ([]uint64, error) {
	f, err := k.open(s.file(rowsPart))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	before := len(rows)
	for page := range f.pages() {
		if err := f.load(page); err != nil {
			return nil, err
		}
		for at := f.clear; len(at) >= 8; at = at[8:] {
			rows = append(rows, binary.LittleEndian.Uint64(at))
		}
	}
	if len(rows)-before != int(s.Rows) {
		return nil, fmt.Errorf("kept %s: %d rows; want %d: %w", s.Name, len(rows)-before, s.Rows, ErrDamaged)
	}
	return rows, nil
}

// records reads records of a segment, given in order, and adds them to a table.
func (k Kept) records(s segment, wanted []uint32, into *table) error {
	if len(wanted) == 0 {
		return nil
	}
	places, err := k.open(s.file(placesPart))
	if err != nil {
		return err
	}
	defer places.Close()
	text, err := k.open(s.file(textPart))
	if err != nil {
		return err
	}
	defer text.Close()
	for _, record := range wanted {
		line, err := recordAt(places, text, record)
		if err != nil {
			return err
		}
		if err := into.unpack(line); err != nil {
			return err
		}
	}
	return nil
}

func recordAt(places, text *pageFile, record uint32) ([]byte, error) {
	start, err := places.view(8*int64(record/placed), 8)
	if err != nil {
		return nil, err
	}
	at := int64(binary.LittleEndian.Uint64(start))
	for left := record % placed; ; left-- {
		size, err := text.view(at, 4)
		if err != nil {
			return nil, err
		}
		n := int(binary.LittleEndian.Uint32(size))
		at += 4
		if left == 0 {
			return text.view(at, n)
		}
		at += int64(n)
	}
}
