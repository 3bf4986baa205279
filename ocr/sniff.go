package ocr

import (
	"bytes"

	"github.com/jingban/jingban/casework"
)

// maxFile is the largest upload: a photo of a current phone has at most 12 MB.
const maxFile = 20 << 20

// MIME types by content. OFD is a zip at first sight; the child tells.
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

// admit refuses what can't be read, before any child sees it; an archive is
// opened by the child only. Faults: file_empty, file_too_large, file_type.
func admit(file []byte) (string, error) {
	if len(file) == 0 {
		return "", casework.Fail("file_empty", "the file has no content; upload it again")
	}
	if len(file) > maxFile {
		return "", casework.Fail("file_too_large", "%d MB; at most %d MB", len(file)>>20, maxFile>>20)
	}
	mime := Sniff(file)
	switch mime {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", mimeHEIC, mimePPM, mimePDF, mimeZIP:
		return mime, nil
	case "":
		return mime, casework.Fail("file_type", "neither a picture nor a document by its content; upload a JPEG, HEIC, PNG or PDF, or an OFD")
	}
	return mime, casework.Fail("file_type", "%s is not accepted; upload a JPEG, HEIC, PNG or PDF, or an OFD", mime)
}
