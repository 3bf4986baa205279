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
//	text      name, fields and stakes of each record, normalised
//	places    where a record begins in text
//	keys      its indexes: the blocks, then the values of fields that may be shared
type segment struct {
	Name    string
	Rows    uint32
	Indexes []index
}

func (s segment) file(part string) string { return s.Name + "." + part }

// parts lists the files of a segment.
func (s segment) parts() []string {
	return []string{s.file("rows"), s.file("text"), s.file("places"), s.file("keys")}
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
// their rows. marks gives the hashes of an index, record by record.
func (k Kept) keepSegment(t *table, first uint32, rows []uint64, marks func(index int) []uint64) (segment, error) {
	s := segment{Name: newName(), Rows: uint32(t.size())}
	if len(rows) != t.size() {
		return s, fmt.Errorf("%d rows were seen, %d records read: a row of the export spans lines in a way that is not CSV", len(rows), t.size())
	}
	if err := k.keepNumbers(s.file("rows"), rows); err != nil {
		return s, err
	}
	if err := k.keepText(s, t); err != nil {
		return s, err
	}
	return s, k.keepIndexes(&s, first, len(t.plan.indexes()), marks)
}

func (k Kept) keepNumbers(name string, numbers []uint64) error {
	w, err := k.create(name)
	if err != nil {
		return err
	}
	var page [pageBytes]byte
	for part := range slices.Chunk(numbers, pageBytes/8) {
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
	text, err := k.create(s.file("text"))
	if err != nil {
		return err
	}
	places := make([]uint64, 0, t.size()+1)
	at := uint64(0)
	var line []byte
	for record := range uint32(t.size()) {
		places = append(places, at)
		line = t.pack(line[:0], record)
		at += uint64(len(line))
		if _, err := text.Write(line); err != nil {
			return errors.Join(err, text.Close())
		}
	}
	if err := text.Close(); err != nil {
		return err
	}
	return k.keepNumbers(s.file("places"), append(places, at))
}

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
	f, err := k.open(s.file("rows"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	before := len(rows)
	err = f.each(func(page []byte) error {
		for ; len(page) >= 8; page = page[8:] {
			rows = append(rows, binary.LittleEndian.Uint64(page))
		}
		return nil
	})
	if err == nil && len(rows)-before != int(s.Rows) {
		err = fmt.Errorf("kept %s: %d rows; want %d: %w", s.Name, len(rows)-before, s.Rows, ErrDamaged)
	}
	return rows, err
}

// records reads records of a segment, given in order, and adds them to a table.
func (k Kept) records(s segment, wanted []uint32, into *table) error {
	if len(wanted) == 0 {
		return nil
	}
	places, err := k.open(s.file("places"))
	if err != nil {
		return err
	}
	defer places.Close()
	text, err := k.open(s.file("text"))
	if err != nil {
		return err
	}
	defer text.Close()
	for _, record := range wanted {
		ends, err := places.view(8*int64(record), 16)
		if err != nil {
			return err
		}
		from, to := binary.LittleEndian.Uint64(ends), binary.LittleEndian.Uint64(ends[8:])
		line, err := text.view(int64(from), int(to-from))
		if err != nil {
			return err
		}
		if err := into.unpack(line); err != nil {
			return err
		}
	}
	return nil
}
