package ocr

import (
	"image"
	"strings"

	"github.com/jingban/jingban/casework"
)

// What the tests of this package look at from outside; ocrtest imports the
// package, so that they can't be inside.
var (
	Inspect   = func(img *image.NRGBA) []casework.Quality { return inspect(img, DoorLimits{}) }
	Sharpness = func(img *image.NRGBA) (sharp, ink float64) {
		t := tilesOf(shrink(img, judgedSide))
		return t.sharpness(), t.ink()
	}
	Glance       = func(img *image.NRGBA) { _, _ = door(request{Door: DoorLimits{}.withDefaults()}, sheetOf{picture: img}) }
	HashOf       = func(img *image.NRGBA) PictureHash { return hashOf(shrink(img, judgedSide)) }
	LiftInk      = liftInk
	Decode       = decode
	ParsePDFInfo = func(report string, page int) (pages, dpi int, err error) {
		info, err := parsePDFInfo(report)
		return info.pages, info.dpi(page), err
	}
	Admit     = admit
	HEICSizes = heicSizes
	Grid      = func(img *image.NRGBA) float64 { return screenGrid(img, shrink(img, judgedSide)) }
	TIFFPages = func(file []byte) (pages int, err error) {
		list, err := tiffPages(file)
		for i := range list {
			if _, _, err := tiffSheet(file, i+1); err != nil {
				return 0, err
			}
		}
		return len(list), err
	}
	TextLayer = func(report string) (lines []casework.Line, err error) {
		pages, err := parseTextLayer(strings.NewReader(report))
		for _, p := range pages {
			lines = append(lines, p.printed(200)...)
		}
		return lines, err
	}
	Confirm    = confirm
	Merge      = merge
	ByNumber   = byNumber
	SeenAs     = seenAs
	NumbersIn  = numbersIn
	Signatures = signatures
	MarkHand   = markHandwriting
	WrittenAs  = writtenAs
)
