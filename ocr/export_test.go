package ocr

import (
	"image"

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
	HashOf       = func(img *image.NRGBA) PictureHash { return hashOf(shrink(img, judgedSide)) }
	LiftInk      = liftInk
	Decode       = decode
	ParsePDFInfo = func(report string, page int) (pages, dpi int, err error) {
		info, err := parsePDFInfo(report)
		return info.pages, info.dpi(page), err
	}
	Admit = admit
)
