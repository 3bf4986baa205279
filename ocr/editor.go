package ocr

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// What a file says of the program that wrote it. A picture that went through a
// picture editor may be innocent (cropped, made brighter) or not: a person looks,
// nobody is refused for it. Cameras and scanners name themselves in the same place,
// so only programs made for changing pictures are listed.

// editors are names, in lower case, as these programs write them.
func editors() []string {
	return []string{
		"adobe photoshop", "photoshop express", "gimp", "paint.net", "pixelmator", "affinity photo", "paintshop",
		"snapseed", "picsart", "lightroom", "canva", "photopea", "photoscape",
		"meitu", "美图", "xingtu", "醒图", "photoroom", "光影魔术手", "neoimaging",
	}
}

// editorOf names the picture editor that a JPEG or PNG says it comes from, "" when
// it names none.
func editorOf(file []byte) string {
	var notes []byte
	switch Sniff(file) {
	case "image/jpeg":
		notes = jpegNotes(file)
	case "image/png":
		notes = pngNotes(file)
	}
	notes = bytes.ToLower(bytes.ReplaceAll(notes, []byte{0}, nil)) // texts of two bytes a letter, too
	all := editors()
	if i := slices.IndexFunc(all, func(name string) bool { return bytes.Contains(notes, []byte(name)) }); i >= 0 {
		return all[i]
	}
	return ""
}

// jpegNotes gives what stands in a JPEG before its pixels: EXIF, XMP, Photoshop's
// own block and comments (ITU T.81 annex B; a segment is FF, its kind, its length).
func jpegNotes(file []byte) []byte {
	const (
		scan    = 0xda
		comment = 0xfe
		exif    = 0xe1
		own     = 0xed // Photoshop
	)
	var notes []byte
	for rest := file[min(2, len(file)):]; len(rest) >= 4 && rest[0] == 0xff && rest[1] != scan; {
		size := 2 + int(binary.BigEndian.Uint16(rest[2:]))
		if size > len(rest) {
			break
		}
		if kind := rest[1]; kind == exif || kind == own || kind == comment {
			notes = append(notes, rest[4:max(size, 4)]...)
		}
		rest = rest[max(size, 4):]
	}
	return notes
}

// pngNotes gives the texts of a PNG (chunks of length, name, content, check sum).
func pngNotes(file []byte) []byte {
	var notes []byte
	for rest := file[min(8, len(file)):]; len(rest) >= 12; {
		size := int64(binary.BigEndian.Uint32(rest))
		if size+12 > int64(len(rest)) {
			break
		}
		if name := string(rest[4:8]); name == "tEXt" || name == "iTXt" || name == "eXIf" {
			notes = append(notes, rest[8:8+size]...)
		}
		rest = rest[12+size:]
	}
	return notes
}
