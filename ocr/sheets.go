package ocr

import (
	"image"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/ofd"
)

// maxPages bounds what is counted in one file; Options bound what is read.
const maxPages = 500

// inventory is what an uploaded file turned out to hold.
type inventory struct {
	mime  string
	pages int
}

// takeStock counts the pages of a file in the child. Faults: as admit, and
// picture_broken, archive_broken, archive_bomb, ofd_broken.
func takeStock(file []byte) (inventory, error) {
	mime := Sniff(file)
	switch mime {
	case "image/tiff":
		pages, err := tiffPages(file)
		if err != nil {
			return inventory{}, casework.Fail("picture_broken", "%w", err)
		}
		return inventory{mime, len(pages)}, nil
	case mimeZIP:
		return stockOfArchive(file)
	}
	return inventory{mime, 1}, nil
}

func stockOfArchive(file []byte) (inventory, error) {
	a, err := ofd.OpenArchive(file)
	if err != nil {
		return inventory{}, badArchive("archive_broken", err)
	}
	if ofd.Is(a) {
		doc, err := ofd.Open(a)
		if err != nil {
			return inventory{}, badArchive("ofd_broken", err)
		}
		return inventory{mimeOFD, doc.Pages()}, nil
	}
	pages, err := bundle(a)
	return inventory{mimeZIP, len(pages)}, err
}

// sheetOf is one page as the child works on it.
type sheetOf struct {
	picture *image.NRGBA    // what the page shows, without printed text that it brings
	printed []casework.Line // text the file itself brings, places in the picture's pixels
	seals   []casework.Seal // digital ones
	found   []casework.Quality
	texts   []ofd.Text // to draw the page for people; nil when the picture shows it all
	scale   float64    // pixels per millimetre of texts
	editor  string     // picture editor that the file names
	empty   bool       // the picture shows nothing: there is nothing to recognise
}

// open gives one page (from 1) of a file. Faults: as decode and takeStock, and
// page_missing.
func openSheet(file []byte, n int) (sheetOf, error) {
	if Sniff(file) != mimeZIP {
		picture, err := decodePage(file, n)
		return sheetOf{picture: picture, editor: editorOf(file)}, err
	}
	a, err := ofd.OpenArchive(file)
	if err != nil {
		return sheetOf{}, badArchive("archive_broken", err)
	}
	if ofd.Is(a) {
		return openOFD(a, n)
	}
	pages, err := bundle(a)
	if err != nil {
		return sheetOf{}, err
	}
	if n < 1 || n > len(pages) {
		return sheetOf{}, casework.Fail("page_missing", "page %d of %d", n, len(pages))
	}
	inner, err := a.Read(pages[n-1].name)
	if err != nil {
		return sheetOf{}, badArchive("archive_broken", err)
	}
	picture, err := decodePage(inner, pages[n-1].page)
	return sheetOf{picture: picture, editor: editorOf(inner)}, err
}

// decodePage decodes a page of a TIFF file, or the picture of another.
func decodePage(file []byte, n int) (*image.NRGBA, error) {
	if Sniff(file) != "image/tiff" {
		return decode(file)
	}
	first, turn, err := tiffSheet(file, n)
	if err != nil {
		return nil, err
	}
	picture, err := decode(first)
	if err != nil {
		return nil, err
	}
	return Turn(picture, turn), nil
}
