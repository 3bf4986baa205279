package ocr

import (
	"image"
	"math"
	"slices"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
)

// Thresholds of the picture findings. They were calibrated on rendered cards
// and pages (see TestBlurIsToldFromSoftness).
const (
	judgedSide    = 800  // longest side the sharpness is measured at, in pixels
	tileSide      = 16   // pixels
	inkContrast   = 18.0 // standard deviation of a tile that shows something
	minSharpness  = 0.35
	minInk        = 0.002 // share of tiles that show something
	minLongSide   = 400   // pixels: an ID card at 120 dpi
	sharpestShare = 0.25  // the tiles that count: writing, not its shadows
)

// inspect judges the picture itself. Every finding asks for a new picture.
func inspect(img *image.NRGBA) []casework.Quality {
	var found []casework.Quality
	report := func(code string, score, threshold float64) {
		if score < threshold {
			found = append(found, casework.Quality{Code: code, Score: round3(score), Threshold: threshold, Retake: true})
		}
	}
	report("too_small", float64(max(img.Rect.Dx(), img.Rect.Dy())), minLongSide)
	sharpness, ink := sharpness(img)
	report("blank", ink, minInk)
	if ink >= minInk {
		report("blurred", sharpness, minSharpness)
	}
	return found
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }

// sharpness is the variance of the Laplacian over the variance of the grey
// values, of the tiles with writing on them, at a normalised size. The quotient
// does not depend on contrast or on how full the page is. ink is the share of
// such tiles.
func sharpness(img *image.NRGBA) (sharp, ink float64) {
	small, _ := fit(img, judgedSide)
	grey := greyOf(small)
	var scores []float64
	tiles := 0
	for y := 1; y+tileSide < grey.Rect.Dy(); y += tileSide {
		for x := 1; x+tileSide < grey.Rect.Dx(); x += tileSide {
			tiles++
			if spread, edges := tile(grey, x, y); spread >= inkContrast*inkContrast {
				scores = append(scores, edges/spread)
			}
		}
	}
	if len(scores) == 0 {
		return 0, 0
	}
	slices.Sort(scores)
	best := scores[int(float64(len(scores))*(1-sharpestShare)):]
	return best[len(best)/2], float64(len(scores)) / float64(tiles)
}

// tile gives the variances of grey value and Laplacian in one square.
func tile(grey *image.Gray, x0, y0 int) (spread, edges float64) {
	var sum, sum2, lap, lap2 float64
	for y := y0; y < y0+tileSide; y++ {
		row := grey.Pix[y*grey.Stride:]
		above, below := grey.Pix[(y-1)*grey.Stride:], grey.Pix[(y+1)*grey.Stride:]
		for x := x0; x < x0+tileSide; x++ {
			v := float64(row[x])
			l := float64(row[x-1]) + float64(row[x+1]) + float64(above[x]) + float64(below[x]) - 4*v
			sum, sum2, lap, lap2 = sum+v, sum2+v*v, lap+l, lap2+l*l
		}
	}
	const n = tileSide * tileSide
	return sum2/n - sum/n*sum/n, lap2/n - lap/n*lap/n
}

func greyOf(img *image.NRGBA) *image.Gray {
	img = imaging.Clone(img)
	grey := image.NewGray(img.Rect)
	for i := range grey.Pix {
		p := img.Pix[i*4 : i*4+3]
		grey.Pix[i] = uint8((299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000)
	}
	return grey
}
