package ocr

import (
	"archive/zip"
	"bytes"
	"strings"

	"github.com/jingban/jingban/casework"
)

// maxFile is the largest upload: a photo of a current phone has at most 12 MB.
const maxFile = 20 << 20

// Bounds of an archive that is still taken for an honest one.
const (
	maxUnpacked = 512 << 20
	maxRatio    = 100
)

// MIME types by content. HEIC, OFD and archives are recognised to be refused
// with the right words.
const (
	mimePDF  = "application/pdf"
	mimeZIP  = "application/zip"
	mimeOFD  = "application/ofd"
	mimeHEIC = "image/heic"
)

// pageHeader is how far into a file a PDF may begin (readers accept junk before).
const pdfHeaderWithin = 1024

// magics are the first bytes of what people upload; '.' stands for any byte.
func magics() []struct{ prefix, mime string } {
	return []struct{ prefix, mime string }{
		{"\xff\xd8\xff", "image/jpeg"},
		{"\x89PNG\r\n\x1a\n", "image/png"},
		{"GIF87a", "image/gif"},
		{"GIF89a", "image/gif"},
		{"RIFF....WEBP", "image/webp"},
		{"BM", "image/bmp"},
		{"II*\x00", "image/tiff"},
		{"MM\x00*", "image/tiff"},
		{"P6", mimePPM},
		{"....ftyphei", mimeHEIC},
		{"....ftyphev", mimeHEIC},
		{"....ftypmif1", mimeHEIC},
		{"....ftypmsf1", mimeHEIC},
		{"PK\x03\x04", mimeZIP},
		{"PK\x05\x06", mimeZIP},
		{"\x1f\x8b", "application/gzip"},
		{"Rar!", "application/vnd.rar"},
		{"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
		{"\xd0\xcf\x11\xe0", "application/msword"},
	}
}

func matches(file []byte, prefix string) bool {
	if len(file) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if prefix[i] != '.' && prefix[i] != file[i] {
			return false
		}
	}
	return true
}

// Sniff tells what a file is by its content, "" when it is nothing known.
func Sniff(file []byte) string {
	if bytes.Contains(file[:min(len(file), pdfHeaderWithin)], []byte("%PDF-")) {
		return mimePDF
	}
	for _, m := range magics() {
		if matches(file, m.prefix) {
			return m.mime
		}
	}
	return ""
}

// admit refuses what can't be read, before any child sees it. Faults:
// file_empty, file_too_large, file_type, archive_bomb.
func admit(file []byte) (string, error) {
	if len(file) == 0 {
		return "", casework.Fail("file_empty", "the file has no content; upload it again")
	}
	if len(file) > maxFile {
		return "", casework.Fail("file_too_large", "%d MB; at most %d MB", len(file)>>20, maxFile>>20)
	}
	mime := Sniff(file)
	switch mime {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", mimePPM, mimePDF:
		return mime, nil
	case mimeZIP:
		return mime, refuseArchive(file)
	case mimeHEIC:
		return mime, casework.Fail("file_type", "HEIC photo; set the phone's camera to JPEG, or export the photo as JPEG")
	case "":
		return mime, casework.Fail("file_type", "neither a picture nor a PDF by its content; upload a JPEG, PNG or PDF")
	}
	return mime, casework.Fail("file_type", "%s is not accepted; upload a JPEG, PNG or PDF", mime)
}

// refuseArchive reads only the directory of an archive, to say why it is
// refused; nothing is unpacked.
func refuseArchive(file []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return casework.Fail("file_type", "damaged archive: %v", err)
	}
	var unpacked uint64
	for _, entry := range archive.File {
		if strings.EqualFold(entry.Name, "OFD.xml") {
			return casework.Fail("file_type", "OFD document; print it to PDF and upload that")
		}
		unpacked += min(entry.UncompressedSize64, 1<<40) // a claim near 2^64 must not wrap around
	}
	if unpacked > maxUnpacked || unpacked/uint64(len(file)) > maxRatio {
		return casework.Fail("archive_bomb", "archive of %d KB unpacks to %d MB", len(file)>>10, unpacked>>20)
	}
	return casework.Fail("file_type", "archive; upload its pictures or PDF files one by one")
}
