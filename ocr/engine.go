// Package ocr turns an uploaded file into readings: which text stands where on
// which page, how sure the engine is, and whether the picture is good enough.
//
// Everything that decodes an untrusted picture or PDF, and everything native,
// runs in a child process (cmd/jingban-ocr); this package is its client and
// holds the pure-Go parts. Faults: file_empty, file_type, file_too_large,
// picture_too_large, picture_broken, pdf_encrypted, pdf_broken, archive_bomb
// (Permanent), ocr_missing (NeedsHuman), ocr_crashed, timeout (Transient).
package ocr

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// Reader reads one uploaded file, all its pages.
type Reader interface {
	Read(ctx context.Context, file []byte, opts Options) (Result, error)
}

// Options of one reading.
type Options struct {
	Engine string // "" is the best available: ppocr, else tesseract; the result says which
	Pages  int    // at most so many pages; 0 means the default of 20
}

// Result is a whole file read.
type Result struct {
	MIME  string // by content
	Pages []casework.Reading
}
