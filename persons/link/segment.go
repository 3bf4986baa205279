package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
)

// segment is a set of records that was written once and never changes: those of
// the last full search, or those that one night added. Its files:
//
//	rows      hash of each row as the export wrote it, in its order
//	text      name, fields and stakes of each record, normalised
//	places    where a record begins in text
//	key.<i>   upper halves of the hashes of index i, sorted
//	ids.<i>   the record of each of them
//
// The indexes are the blocks, then the values of fields that may be shared.
type segment struct {
	Name  string
	Rows  uint32
	Keys  []uint32   // entries of each index
	First [][]uint32 // per index the first key of each page
}

func (s segment) file(part string) string { return s.Name + "." + part }

// parts lists the files of a segment.
func (s segment) parts() []string {
	names := []string{s.file("rows"), s.file("text"), s.file("places")}
	for i := range s.Keys {
		names = append(names, s.file("key."+strconv.Itoa(i)), s.file("ids."+strconv.Itoa(i)))
	}
	return names
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

// keepSegment writes a table's records with the hashes of their rows.
// marks gives the hashes of an index, record by record.
func (k Kept) keepSegment(name string, t *table, rows []uint64, marks func(index int) []uint64) (segment, error) {
	s := segment{Name: name, Rows: uint32(t.size())}
	if len(rows) != t.size() {
		return s, fmt.Errorf("%d rows were seen, %d records read: a row of the export spans lines in a way that is not CSV", len(rows), t.size())
	}
	if err := k.keepNumbers(s.file("rows"), rows); err != nil {
		return s, err
	}
	if err := k.keepText(s, t); err != nil {
		return s, err
	}
	for i := range t.plan.indexes() {
		first, n, err := k.keepIndex(s, i, marks(i))
		if err != nil {
			return s, err
		}
		s.Keys, s.First = append(s.Keys, n), append(s.First, first)
	}
	return s, nil
}

func (k Kept) keepNumbers(name string, numbers []uint64) error {
	w, err := k.create(name)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if err := w.number64(n); err != nil {
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
func (t *table) unpack(line []byte) error {
	next := func() (string, error) {
		n, size := binary.Uvarint(line)
		if size <= 0 || uint64(len(line)-size) < n {
			return "", errors.New("kept text: cut short")
		}
		value := string(line[size : size+int(n)])
		line = line[size+int(n):]
		return value, nil
	}
	for _, c := range t.all() {
		value, err := next()
		if err != nil {
			return err
		}
		if err := c.add(value); err != nil {
			return err
		}
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

func (k Kept) keepIndex(s segment, i int, hashes []uint64) (first []uint32, n uint32, err error) {
	entries := make([]entry, 0, len(hashes))
	for record, h := range hashes {
		if h != 0 {
			entries = append(entries, entry{uint32(h >> 32), uint32(record)})
		}
	}
	entries = radix(entries)
	keys, err := k.create(s.file("key." + strconv.Itoa(i)))
	if err != nil {
		return nil, 0, err
	}
	ids, err := k.create(s.file("ids." + strconv.Itoa(i)))
	if err != nil {
		return nil, 0, errors.Join(err, keys.Close())
	}
	for i, e := range entries {
		if i%(pageBytes/4) == 0 {
			first = append(first, e.hash)
		}
		if err := errors.Join(keys.number32(e.hash), ids.number32(e.record)); err != nil {
			return nil, 0, errors.Join(err, keys.Close(), ids.Close())
		}
	}
	return first, uint32(len(entries)), errors.Join(keys.Close(), ids.Close())
}

// rowsOf reads the hashes of a segment's rows.
func (k Kept) rowsOf(s segment) ([]uint64, error) {
	f, err := k.open(s.file("rows"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows := make([]uint64, 0, s.Rows)
	err = f.each(func(page []byte) error {
		for ; len(page) >= 8; page = page[8:] {
			rows = append(rows, binary.LittleEndian.Uint64(page))
		}
		return nil
	})
	if err == nil && len(rows) != int(s.Rows) {
		err = fmt.Errorf("kept %s: %d rows; want %d", s.Name, len(rows), s.Rows)
	}
	return rows, err
}

// find calls found with the records of an index that are under one of the
// queries, which are sorted. Only pages that may hold one are opened.
func (k Kept) find(s segment, index int, queries []uint32, found func(record uint32)) error {
	if len(queries) == 0 || s.Keys[index] == 0 {
		return nil
	}
	keys, err := k.open(s.file("key." + strconv.Itoa(index)))
	if err != nil {
		return err
	}
	defer keys.Close()
	ids, err := k.open(s.file("ids." + strconv.Itoa(index)))
	if err != nil {
		return err
	}
	defer ids.Close()
	first, page, four := s.First[index], 0, []byte(nil)
	for _, query := range queries {
		skip, _ := slices.BinarySearch(first[page:], query)
		page = max(page+skip-1, 0) // it may stand at the end of the page before
		places, err := keys.placesOf(query, page, len(first))
		if err != nil {
			return err
		}
		for _, place := range places {
			if four, err = ids.at(4*place, 4, four); err != nil {
				return err
			}
			found(binary.LittleEndian.Uint32(four))
		}
	}
	return nil
}

// placesOf looks a key up from a page on, as long as it goes on there.
func (f *pageFile) placesOf(query uint32, page, pages int) (places []int64, err error) {
	for ; page < pages; page++ {
		if err := f.load(int64(page)); err != nil {
			return nil, err
		}
		n := len(f.clear) / 4
		key := func(i int) uint32 { return binary.LittleEndian.Uint32(f.clear[4*i:]) }
		i := sort.Search(n, func(i int) bool { return key(i) >= query })
		for ; i < n && key(i) == query; i++ {
			places = append(places, int64(page)*pageBytes/4+int64(i))
		}
		if i < n {
			return places, nil
		}
	}
	return places, nil
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
	var two, line []byte
	for _, record := range wanted {
		if two, err = places.at(8*int64(record), 16, two); err != nil {
			return err
		}
		from, to := binary.LittleEndian.Uint64(two), binary.LittleEndian.Uint64(two[8:])
		if line, err = text.at(int64(from), int(to-from), line); err != nil {
			return err
		}
		if err := into.unpack(line); err != nil {
			return err
		}
	}
	return nil
}
