package link

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
)

// The indexes of a segment stand one after another in two files. Each is sorted by
// the upper half of the hashes and has three parts:
//
//	places  of the first entry of each bucket, and the end; a bucket is the first
//	        Bits bits of a hash
//	tags    16 bits an entry: those that follow the bucket's
//	ids     the number of its record, in the other file
//
// Bucket and tag take half the room that whole hashes would, which halves what a
// night has to open. One question in two thousand finds a record with another
// value; who compares whole hashes leaves it out again.
type index struct {
	Entries uint32
	Bits    uint8
	From    int64 // of the places
	IDs     int64
}

// inBucket is about how many entries share a bucket.
const inBucket = 16

func indexOf(entries int, from, ids int64) index {
	many := min(max(bits.Len(uint(entries))-bits.Len(uint(inBucket)), 0), 16)
	return index{uint32(entries), uint8(many), from, ids}
}

func (x index) bucket(hash uint32) uint32 { return uint32(uint64(hash) >> (32 - x.Bits)) }

func (x index) tag(hash uint32) uint16 { return uint16(hash << x.Bits >> 16) }

// known is the part of a hash that bucket and tag hold.
func (x index) known(bucket uint32, tag uint16) uint32 {
	return uint32(uint64(bucket)<<(32-x.Bits)) | uint32(tag)<<16>>x.Bits
}

func (x index) tags() int64 { return x.From + 4*(1<<x.Bits+1) }

// hashed lists what has a hash, sorted by its upper half.
func hashed(hashes []uint64) []entry {
	entries := make([]entry, 0, len(hashes))
	for record, h := range hashes {
		if h != 0 {
			entries = append(entries, entry{uint32(h >> 32), uint32(record)})
		}
	}
	return radix(entries)
}

// keepIndexes writes the indexes of a segment whose records are numbered from
// first on.
func (k Kept) keepIndexes(s *segment, first uint32, many int, sorted func(index int) []entry) error {
	keys, err := k.create(s.file(keysPart))
	if err != nil {
		return err
	}
	ids, err := k.create(s.file(idsPart))
	if err != nil {
		return errors.Join(err, keys.Close())
	}
	for i := range many {
		entries := sorted(i)
		x := indexOf(len(entries), keys.size, ids.size)
		s.Indexes = append(s.Indexes, x)
		_, err = keys.Write(x.pack(entries))
		_, more := ids.Write(packIDs(entries, first))
		if err = errors.Join(err, more); err != nil {
			break
		}
	}
	return errors.Join(err, keys.Close(), ids.Close())
}

// pack gives places and tags.
func (x index) pack(entries []entry) []byte {
	out := make([]byte, 0, 4*(1<<x.Bits+1)+2*(len(entries)+1))
	for bucket, at := uint32(0), 0; bucket < 1<<x.Bits; bucket++ {
		out = binary.LittleEndian.AppendUint32(out, uint32(at))
		for at < len(entries) && x.bucket(entries[at].hash) == bucket {
			at++
		}
	}
	out = binary.LittleEndian.AppendUint32(out, x.Entries)
	for _, e := range entries {
		out = binary.LittleEndian.AppendUint16(out, x.tag(e.hash))
	}
	return append(out, make([]byte, 2*(x.Entries%2))...)
}

func packIDs(entries []entry, first uint32) []byte {
	out := make([]byte, 0, 4*len(entries))
	for _, e := range entries {
		out = binary.LittleEndian.AppendUint32(out, first+e.record)
	}
	return out
}

// searcher reads the indexes of a segment: the three parts side by side.
type searcher struct{ places, tags, ids *pageFile }

func (k Kept) searcher(s segment) (*searcher, error) {
	keys, err := k.open(s.file(keysPart))
	if err != nil {
		return nil, err
	}
	ids, err := k.open(s.file(idsPart))
	if err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	return &searcher{keys, keys.beside(), ids}, nil
}

func (f *searcher) Close() error { return errors.Join(f.places.Close(), f.ids.Close()) }

// find calls found with the records of an index that are under one of the
// queries, which are sorted; and with a few others.
func (f *searcher) find(x index, queries []uint32, found func(record uint32)) error {
	switch {
	case len(queries) == 0 || x.Entries == 0:
		return nil
	case int(x.Entries) < scannedBy*len(queries):
		return f.scan(x, queries, found)
	}
	for _, query := range queries {
		if err := f.probe(x, query, found); err != nil {
			return err
		}
	}
	return nil
}

// scannedBy is how many entries a query is worth: an index of fewer is gone
// through from its first entry to its last.
const scannedBy = 4

// probe looks one value up.
func (f *searcher) probe(x index, query uint32, found func(record uint32)) error {
	ends, err := f.places.view(x.From+4*int64(x.bucket(query)), 8)
	if err != nil {
		return err
	}
	from, to := binary.LittleEndian.Uint32(ends), binary.LittleEndian.Uint32(ends[4:])
	if from == to {
		return nil
	}
	if from > to || to > x.Entries {
		return errPacked
	}
	tags, err := f.tags.view(x.tags()+2*int64(from), 2*int(to-from))
	if err != nil {
		return err
	}
	wanted := x.tag(query)
	for i := range to - from {
		if binary.LittleEndian.Uint16(tags[2*i:]) != wanted {
			continue
		}
		if err := f.give(x, from+i, found); err != nil {
			return err
		}
	}
	return nil
}

func (f *searcher) give(x index, place uint32, found func(record uint32)) error {
	id, err := f.ids.view(x.IDs+4*int64(place), 4)
	if err == nil {
		found(binary.LittleEndian.Uint32(id))
	}
	return err
}

// scan goes through all entries and asks a map of bits whether one may be wanted.
func (f *searcher) scan(x index, queries []uint32, found func(record uint32)) error {
	var wanted [1 << 14]uint64 // a bit for each beginning of 20 bits
	for _, query := range queries {
		wanted[query>>18] |= 1 << (query >> 12 & 63)
	}
	unknown := ^x.known(1<<x.Bits-1, 1<<16-1)
	for bucket := range uint32(1) << x.Bits {
		ends, err := f.places.view(x.From+4*int64(bucket), 8)
		if err != nil {
			return err
		}
		from, to := binary.LittleEndian.Uint32(ends), binary.LittleEndian.Uint32(ends[4:])
		if from > to || to > x.Entries {
			return errPacked
		}
		tags, err := f.tags.view(x.tags()+2*int64(from), 2*int(to-from))
		if err != nil {
			return err
		}
		for i := range to - from {
			known := x.known(bucket, binary.LittleEndian.Uint16(tags[2*i:]))
			if x.Bits >= 4 && wanted[known>>18]>>(known>>12&63)&1 == 0 {
				continue
			}
			if at, _ := slices.BinarySearch(queries, known); at == len(queries) || queries[at] > known|unknown {
				continue
			}
			if err := f.give(x, from+i, found); err != nil {
				return err
			}
		}
	}
	return nil
}
