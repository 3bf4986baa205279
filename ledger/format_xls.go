package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"

	"github.com/richardlehane/mscfb"
)

// The records of a BIFF workbook that carry what we need.
const (
	biffBOF      = 0x0809
	biffEOF      = 0x000a
	biffSheet    = 0x0085
	biffSST      = 0x00fc
	biffContinue = 0x003c
	biffLabelSST = 0x00fd
	biffLabel    = 0x0204
	biffRString  = 0x00d6
	biffNumber   = 0x0203
	biffRK       = 0x027e
	biffMulRK    = 0x00bd
	biffFormula  = 0x0006
	biffString   = 0x0207
	biffFilePass = 0x002f
)

func isBareBIFF(head []byte) bool {
	return len(head) > 8 && head[0] == 0x09 && head[1] == 0x08 && head[5] == 0x06 || len(head) > 8 && head[0] == 0x09 && head[1] == 0x08 && head[5] == 0x05
}

// biffRows holds the cells of one worksheet.
type biffRows struct {
	rows map[int]map[int][]byte
	keys []int
	i    int
}

func (b *biffRows) next(into *cells) (int, error) {
	if b.i >= len(b.keys) {
		return 0, io.EOF
	}
	row := b.keys[b.i]
	b.i++
	last := -1
	for column := range b.rows[row] {
		last = max(last, column)
	}
	list := make([][]byte, last+1)
	for column, text := range b.rows[row] {
		list[column] = text
	}
	*into = cells{apart: list}
	return row + 1, nil
}

// workbook is a BIFF stream being read.
type workbook struct {
	data   []byte
	shared [][]byte
	sheets []*biffRows
	biff5  bool
	decode decoder
}

// readXLS reads BIFF8 and BIFF5, inside a compound file or bare.
func readXLS(in Input, t *table) error {
	t.decode.utf8, t.ragged = true, true
	if in.Size > 512<<20 {
		return &lineError{0, "record", "> 512 MiB"}
	}
	data, err := workbookStream(in)
	if err != nil {
		return err
	}
	w := &workbook{data: data}
	if err := w.read(); err != nil {
		return err
	}
	for i, sheet := range w.sheets {
		kept := t.scale.problems
		if err := t.read(sheet); err != nil {
			return err
		}
		if t.bound.width > 0 || i == len(w.sheets)-1 {
			return nil
		}
		t.scale.problems = kept
	}
	return &lineError{0, "empty", ""}
}

// workbookStream unpacks the compound file. The unpacker may panic on damaged
// files, which is then a damaged file and nothing more.
func workbookStream(in Input) (data []byte, err error) {
	defer func() {
		if recover() != nil {
			data, err = nil, &lineError{0, "record", "compound file"}
		}
	}()
	head := make([]byte, 16)
	if _, err := in.Data.ReadAt(head, 0); err != nil {
		return nil, &lineError{0, "record", "compound file"}
	}
	if isBareBIFF(head) {
		return io.ReadAll(io.NewSectionReader(in.Data, 0, in.Size))
	}
	doc, err := mscfb.New(in.Data)
	if err != nil {
		return nil, &lineError{0, "record", "compound file"}
	}
	for {
		file, err := doc.Next()
		if err != nil {
			return nil, &lineError{0, "record", "no Workbook stream"}
		}
		if file.Name == "Workbook" || file.Name == "Book" {
			data := make([]byte, min(file.Size, in.Size))
			if _, err := io.ReadFull(file, data); err != nil {
				return nil, &lineError{0, "record", "Workbook stream"}
			}
			return data, nil
		}
	}
}

// read walks through the records.
func (w *workbook) read() error {
	var sheet *biffRows
	var pending place // of the formula whose text follows
	closed := false
	for at := 0; at+4 <= len(w.data); {
		kind := int(binary.LittleEndian.Uint16(w.data[at:]))
		size := int(binary.LittleEndian.Uint16(w.data[at+2:]))
		if at+4+size > len(w.data) {
			return &lineError{0, "record", "record at byte " + itoa(at)}
		}
		body := w.data[at+4 : at+4+size]
		at += 4 + size
		switch kind {
		case biffFilePass:
			return &lineError{0, "record", "password"}
		case biffBOF:
			if len(body) < 4 {
				return &lineError{0, "record", "BOF"}
			}
			w.biff5 = body[1] == 5
			closed = false
			if sheet = nil; binary.LittleEndian.Uint16(body[2:]) == 0x10 {
				sheet = &biffRows{rows: map[int]map[int][]byte{}}
				w.sheets = append(w.sheets, sheet)
			}
		case biffEOF:
			closed = true
		case biffSST:
			pieces := [][]byte{body}
			for at+4 <= len(w.data) && binary.LittleEndian.Uint16(w.data[at:]) == biffContinue {
				n := int(binary.LittleEndian.Uint16(w.data[at+2:]))
				if at+4+n > len(w.data) {
					return &lineError{0, "record", "CONTINUE"}
				}
				pieces = append(pieces, w.data[at+4:at+4+n])
				at += 4 + n
			}
			if err := w.readShared(pieces); err != nil {
				return err
			}
		default:
			if sheet == nil {
				continue
			}
			if err := w.cell(sheet, kind, body, &pending); err != nil {
				return err
			}
		}
	}
	if !closed {
		return &lineError{0, "record", "EOF"}
	}
	for _, s := range w.sheets {
		for row := range s.rows {
			s.keys = append(s.keys, row)
		}
		slices.Sort(s.keys)
	}
	return nil
}

func (w *workbook) cell(sheet *biffRows, kind int, body []byte, pending *place) error {
	if kind == biffString {
		text, err := w.text(body)
		if cells := sheet.rows[pending.row]; err == nil && cells != nil {
			cells[pending.column] = text
		}
		return err
	}
	if len(body) < 6 {
		return nil
	}
	row, column := int(binary.LittleEndian.Uint16(body)), int(binary.LittleEndian.Uint16(body[2:]))
	put := func(column int, text []byte) {
		if sheet.rows[row] == nil {
			sheet.rows[row] = map[int][]byte{}
		}
		sheet.rows[row][column] = text
	}
	damaged := &lineError{row + 1, "record", "record " + strconv.FormatInt(int64(kind), 16)}
	switch kind {
	case biffLabelSST:
		if len(body) < 10 || int(binary.LittleEndian.Uint32(body[6:])) >= len(w.shared) {
			return damaged
		}
		put(column, w.shared[binary.LittleEndian.Uint32(body[6:])])
	case biffLabel, biffRString:
		text, err := w.text(body[6:])
		if err != nil {
			return damaged
		}
		put(column, text)
	case biffNumber:
		if len(body) < 14 {
			return damaged
		}
		put(column, numberText(math.Float64frombits(binary.LittleEndian.Uint64(body[6:]))))
	case biffRK:
		if len(body) < 10 {
			return damaged
		}
		put(column, numberText(rk(binary.LittleEndian.Uint32(body[6:]))))
	case biffMulRK:
		for i := 4; i+6 <= len(body)-2; i += 6 {
			put(column, numberText(rk(binary.LittleEndian.Uint32(body[i+2:]))))
			column++
		}
	case biffFormula:
		if len(body) < 14 {
			return damaged
		}
		if body[12] != 0xff || body[13] != 0xff {
			put(column, numberText(math.Float64frombits(binary.LittleEndian.Uint64(body[6:]))))
		} else if body[6] == 0 {
			*pending = place{row, column}
			put(column, nil)
		}
	}
	return nil
}

// place is a cell of a sheet.
type place struct{ row, column int }

func numberText(v float64) []byte { return plainNumber(strconv.AppendFloat(nil, v, 'g', -1, 64)) }

// rk unpacks the short form of numbers: 30 bits, maybe times 100.
func rk(raw uint32) float64 {
	var v float64
	if raw&2 != 0 {
		v = float64(int32(raw) >> 2)
	} else {
		v = math.Float64frombits(uint64(raw&^3) << 32)
	}
	if raw&1 != 0 {
		v /= 100
	}
	return v
}

// text reads a string with a two-byte length: BIFF8 with a flag byte, BIFF5 in
// the code page of the country.
func (w *workbook) text(body []byte) ([]byte, error) {
	bad := errors.New("short string")
	if len(body) < 2 {
		return nil, bad
	}
	n := int(binary.LittleEndian.Uint16(body))
	if w.biff5 {
		if len(body) < 2+n {
			return nil, bad
		}
		text, ok := w.decode.text(body[2 : 2+n])
		if !ok {
			return nil, bad
		}
		return bytes.Clone(text), nil
	}
	if len(body) < 3 {
		return nil, bad
	}
	wide := body[2]&1 != 0
	if need := 3 + n*pick(wide, 2, 1); len(body) < need {
		return nil, bad
	}
	return biffText(body[3:], n, wide), nil
}

func biffText(body []byte, n int, wide bool) []byte {
	units := make([]uint16, n)
	for i := range units {
		if wide {
			units[i] = binary.LittleEndian.Uint16(body[2*i:])
		} else {
			units[i] = uint16(body[i])
		}
	}
	return []byte(string(utf16.Decode(units)))
}

// pieceReader reads over the borders of continued records. Where a border cuts a
// string's characters the next piece begins with a new flag byte.
type pieceReader struct {
	pieces [][]byte
	at     int
}

func (p *pieceReader) take(n int) ([]byte, bool) {
	var taken []byte
	for n > 0 {
		if len(p.pieces) == 0 {
			return nil, false
		}
		have := p.pieces[0][p.at:]
		if len(have) == 0 {
			p.pieces, p.at = p.pieces[1:], 0
			continue
		}
		k := min(n, len(have))
		taken = append(taken, have[:k]...)
		p.at += k
		n -= k
	}
	return taken, true
}

func (p *pieceReader) characters(n int, wide bool) ([]byte, bool) {
	var text []uint16
	for n > 0 {
		for len(p.pieces) > 0 && p.at >= len(p.pieces[0]) {
			if p.pieces, p.at = p.pieces[1:], 0; len(p.pieces) > 0 && len(p.pieces[0]) > 0 {
				wide, p.at = p.pieces[0][0]&1 != 0, 1
			}
		}
		raw, ok := p.take(pick(wide, 2, 1))
		if !ok {
			return nil, false
		}
		unit := uint16(raw[0])
		if wide {
			unit |= uint16(raw[1]) << 8
		}
		text = append(text, unit)
		n--
	}
	return []byte(string(utf16.Decode(text))), true
}

func (w *workbook) readShared(pieces [][]byte) error {
	p := &pieceReader{pieces: pieces}
	damaged := &lineError{0, "record", "SST"}
	head, ok := p.take(8)
	if !ok {
		return damaged
	}
	for range binary.LittleEndian.Uint32(head[4:]) {
		intro, ok := p.take(3)
		if !ok {
			return damaged
		}
		n, flags := int(binary.LittleEndian.Uint16(intro)), intro[2]
		runs, extended := 0, 0
		if flags&8 != 0 {
			raw, ok := p.take(2)
			if !ok {
				return damaged
			}
			runs = int(binary.LittleEndian.Uint16(raw))
		}
		if flags&4 != 0 {
			raw, ok := p.take(4)
			if !ok {
				return damaged
			}
			extended = int(binary.LittleEndian.Uint32(raw))
		}
		text, ok := p.characters(n, flags&1 != 0)
		if !ok || extended < 0 {
			return damaged
		}
		if _, ok := p.take(4*runs + min(extended, 1<<24)); !ok {
			return damaged
		}
		w.shared = append(w.shared, text)
	}
	return nil
}
