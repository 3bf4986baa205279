package ocr

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/jingban/jingban/casework"
)

// The parts of TIFF 6.0 that say where the pages are.
const (
	tiffHead        = 8
	tiffEntry       = 12
	tagSubfile      = 254 // bit 0: a reduced copy; bit 2: a mask
	tagOrientation  = 274
	subfileNotAPage = 1 | 4
)

// tiffPage is one directory of a TIFF file.
type tiffPage struct {
	offset uint32
	turn   int // degrees clockwise that turn it as its writer meant
}

func tiffOrder(file []byte) binary.ByteOrder {
	if bytes.HasPrefix(file, []byte("MM")) {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// tiffPages walks the chain of directories; copies in small size are left out.
// A chain that runs in a circle or out of the file is an error.
func tiffPages(file []byte) ([]tiffPage, error) {
	if len(file) < tiffHead {
		return nil, errors.New("TIFF header is cut off")
	}
	order := tiffOrder(file)
	var pages []tiffPage
	var seen []uint32
	for at := order.Uint32(file[4:]); at != 0; {
		if slices.Contains(seen, at) || len(seen) >= maxPages {
			return nil, errors.New("TIFF directories run in a circle, or are too many")
		}
		seen = append(seen, at)
		page, isPage, next, err := tiffDirectory(file, order, at)
		if err != nil {
			return nil, err
		}
		if isPage {
			pages = append(pages, page)
		}
		at = next
	}
	if len(pages) == 0 {
		return nil, errors.New("TIFF without a page")
	}
	return pages, nil
}

func tiffDirectory(file []byte, order binary.ByteOrder, at uint32) (page tiffPage, isPage bool, next uint32, err error) {
	outside := errors.New("TIFF directory lies outside the file")
	start := int64(at)
	if start+2 > int64(len(file)) {
		return page, false, 0, outside
	}
	count := int64(order.Uint16(file[start:]))
	end := start + 2 + count*tiffEntry
	if end+4 > int64(len(file)) {
		return page, false, 0, outside
	}
	page, isPage = tiffPage{offset: at}, true
	for i := range count {
		entry := file[start+2+i*tiffEntry:]
		value := uint32(order.Uint16(entry[8:]))
		if order.Uint16(entry[2:]) == 4 { // LONG, else SHORT
			value = order.Uint32(entry[8:])
		}
		switch order.Uint16(entry) {
		case tagSubfile:
			isPage = value&subfileNotAPage == 0
		case tagOrientation:
			page.turn = map[uint32]int{3: 180, 6: 90, 8: 270}[value]
		}
	}
	return page, isPage, order.Uint32(file[end:]), nil
}

// tiffSheet gives the file as if the page (from 1) were its first: the decoder
// knows only that one.
func tiffSheet(file []byte, n int) ([]byte, int, error) {
	pages, err := tiffPages(file)
	if err != nil {
		return nil, 0, casework.Fail("picture_broken", "%w", err)
	}
	if n > len(pages) {
		return nil, 0, casework.Fail("page_missing", "page %d of %d", n, len(pages))
	}
	first := bytes.Clone(file)
	tiffOrder(file).PutUint32(first[4:], pages[n-1].offset)
	return first, pages[n-1].turn, nil
}
