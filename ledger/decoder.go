package ledger

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// decoder turns the bytes of one field into UTF-8. GB18030 is decoded by field,
// and only where a byte lies beyond ASCII: decoding whole files costs more than
// everything else together. Characters are remembered, not texts: a statement has
// few characters and as many names as payees.
type decoder struct {
	utf8  bool // known to be UTF-8
	gb    *encoding.Decoder
	chars []uint32 // of each two-byte character its UTF-8, lowest byte first; 0 not met yet
	room  []byte   // the texts of one row
}

func ascii(text []byte) bool {
	const high = 0x8080808080808080
	switch n := len(text); {
	case n >= 8:
		last := binary.LittleEndian.Uint64(text[n-8:])
		for ; len(text) > 8; text = text[8:] {
			last |= binary.LittleEndian.Uint64(text)
		}
		return last&high == 0
	case n >= 4:
		return (binary.LittleEndian.Uint32(text)|binary.LittleEndian.Uint32(text[n-4:]))&(high>>32) == 0
	}
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// validWide is utf8.Valid with a short way for common Chinese characters: after
// E4 to E9 any two continuation bytes are valid.
func validWide(text []byte) bool {
	i := 0
	for i+2 < len(text) && text[i]-0xe4 <= 5 && text[i+1]&0xc0 == 0x80 && text[i+2]&0xc0 == 0x80 {
		i += 3
	}
	return i == len(text) || utf8.Valid(text[i:])
}

// text decodes a field; false for bytes that are neither. The result may be kept
// as long as the field.
func (d *decoder) text(cell []byte) ([]byte, bool) {
	if ascii(cell) {
		return cell, true
	}
	before := len(d.room)
	text, ok := d.wide(cell)
	if !d.utf8 {
		text, d.room = bytes.Clone(text), d.room[:before]
	}
	return text, ok
}

// wide decodes a field that holds a byte beyond ASCII. The result is valid until
// room is emptied.
func (d *decoder) wide(cell []byte) ([]byte, bool) {
	if d.utf8 {
		return cell, validWide(cell)
	}
	if d.chars == nil {
		d.gb, d.chars = simplifiedchinese.GB18030.NewDecoder(), make([]uint32, 126<<8)
	}
	from := len(d.room)
	for i := 0; i < len(cell); {
		c := cell[i]
		if c < utf8.RuneSelf {
			d.room = append(d.room, c)
			i++
			continue
		}
		if i+1 < len(cell) && c-0x81 < 126 {
			if u := d.chars[int(c-0x81)<<8|int(cell[i+1])]; u != 0 {
				d.room = append(d.room, byte(u), byte(u>>8), byte(u>>16))
				i += 2
				continue
			}
		}
		n, ok := d.first(cell[i:])
		if !ok {
			return nil, false
		}
		i += n
	}
	return d.room[from:], true
}

// first decodes the first character of a text, as it is met for the first time or
// is not three bytes long in UTF-8, and gives its length.
func (d *decoder) first(text []byte) (int, bool) {
	n := 2
	switch {
	case text[0] == 0x80: // the euro sign of code page 936
		n = 1
	case len(text) > 1 && text[1] >= '0' && text[1] <= '9':
		n = 4
	}
	if n > len(text) {
		return 0, false
	}
	var into [8]byte
	d.gb.Reset()
	m, _, err := d.gb.Transform(into[:], text[:n], true)
	r, width := utf8.DecodeRune(into[:m])
	if err != nil || r == utf8.RuneError || width != m {
		return 0, false
	}
	if n == 2 && m == 3 {
		d.chars[int(text[0]-0x81)<<8|int(text[1])] = uint32(into[0]) | uint32(into[1])<<8 | uint32(into[2])<<16
	}
	d.room = append(d.room, into[:m]...)
	return n, true
}
