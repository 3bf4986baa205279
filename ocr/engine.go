// Package ocr turns an uploaded file into readings: which text stands where on
// which page, how sure the engine is, and whether the picture is good enough.
//
// Everything that decodes an untrusted picture or PDF, and everything native,
// runs in a child process (cmd/jingban-ocr); this package is its client and
// holds the pure-Go parts. PDF is drawn by poppler, a child with limits, too.
//
// # A file's way
//
//	sniff.go     what it is, by content; refused or let in
//	document.go  how many pages, and how a child gets them
//	door.go      is each picture good enough, before anything is read
//	sheets.go    in the child: one page of a TIFF, a zip (bundle.go) or an OFD (ofd/)
//	serve.go     in the child: seals, engine, findings
//	hand.go      in the child: which parts of the lines may be handwriting
//	printed.go   text the file brings itself, believed where the page shows it
//
// # Lines
//
// Line.Engine says where each line comes from: "ppocr" or "tesseract" saw it,
// "pdf" and "ofd" are the document's own text. Reading.Engine names all that
// took part: "pdf+ppocr". What a PDF says and its page does not show is left out
// and reported as hidden_text.
//
// # Faults
//
// file_empty, file_type, file_too_large, picture_too_large, picture_broken,
// pdf_encrypted, pdf_broken, archive_bomb, archive_broken, ofd_broken,
// page_missing (Permanent), ocr_missing, font_missing (NeedsHuman), ocr_crashed,
// timeout (Transient).
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
	Costs []Cost // by page
}
