package ocr

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	"github.com/jingban/jingban/casework"
)

// decodeHEIC decodes the main picture of a HEIC file, turned as its boxes say.
// The decoder registers itself in the child (ocr/native) and runs in a sandbox
// of WebAssembly. It is asked only after the claimed sizes were found sane: it
// takes its memory by them.
func decodeHEIC(file []byte) (*image.NRGBA, error) {
	sizes, err := heicSizes(file)
	if err != nil {
		return nil, casework.Fail("picture_broken", "HEIC: %w", err)
	}
	for _, size := range sizes {
		if err := checkPixels(size.X, size.Y); err != nil {
			return nil, err
		}
	}
	// The decoder is known by one of the brands only: "heix" (10 bits), "mif1"
	// and the others are the same container.
	known := bytes.Clone(file)
	copy(known[8:12], "heic")
	decoded, _, err := image.Decode(bytes.NewReader(known))
	if errors.Is(err, image.ErrFormat) {
		return nil, casework.Fail("file_type", "HEIC photo, and this program has no decoder for it; export the photo as JPEG")
	}
	if err != nil {
		return nil, casework.Fail("picture_broken", "HEIC content: %w", brief(err))
	}
	return onWhite(decoded), nil
}

// heicSizes are the sizes that a HEIC file (ISO/IEC 23008-12) claims for its
// pictures and their tiles: the boxes "ispe" in meta/iprp/ipco. A file without
// one is an error.
func heicSizes(file []byte) ([]image.Point, error) {
	properties, err := boxIn(file, "meta")
	if err == nil && len(properties) >= 4 {
		properties, err = boxIn(properties[4:], "iprp") // after version and flags
	}
	if err == nil {
		properties, err = boxIn(properties, "ipco")
	}
	var sizes []image.Point
	for err == nil && len(properties) > 0 {
		var kind string
		var body []byte
		if kind, body, properties, err = nextBox(properties); err == nil && kind == "ispe" && len(body) >= 12 {
			sizes = append(sizes, image.Pt(int(binary.BigEndian.Uint32(body[4:])), int(binary.BigEndian.Uint32(body[8:]))))
		}
	}
	if err == nil && len(sizes) == 0 {
		err = errors.New("no picture has a size")
	}
	return sizes, err
}

// boxIn gives the content of the first box of a kind.
func boxIn(boxes []byte, kind string) ([]byte, error) {
	for len(boxes) > 0 {
		found, body, rest, err := nextBox(boxes)
		if err != nil {
			return nil, err
		}
		if found == kind {
			return body, nil
		}
		boxes = rest
	}
	return nil, errors.New("no box " + kind)
}

// nextBox takes one box off: size (32 bits; 1 means that 64 bits follow, 0 to
// the end), four letters, content.
func nextBox(boxes []byte) (kind string, body, rest []byte, err error) {
	cut := errors.New("a box is cut off")
	if len(boxes) < 8 {
		return "", nil, nil, cut
	}
	size, head := uint64(binary.BigEndian.Uint32(boxes)), uint64(8)
	switch size {
	case 0:
		size = uint64(len(boxes))
	case 1:
		if len(boxes) < 16 {
			return "", nil, nil, cut
		}
		size, head = binary.BigEndian.Uint64(boxes[8:]), 16
	}
	if size < head || size > uint64(len(boxes)) {
		return "", nil, nil, cut
	}
	return string(boxes[4:8]), boxes[head:size], boxes[size:], nil
}
