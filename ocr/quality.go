package ocr

import (
	"image"
	"math"
	"slices"

	"github.com/jingban/jingban/casework"
)

// How a picture is looked at. All scores are taken at judgedSide, so that they
// mean the same for every camera.
const (
	judgedSide    = 800  // pixels of the longest side
	tileSide      = 16   // pixels
	inkContrast   = 18.0 // standard deviation of a tile that shows something
	sharpestShare = 0.25 // the tiles that count: writing, not its shadows
)

// judge gives the findings about a picture, which grey shows in small; places
// are given in its pixels. Those with Retake make a picture useless; the others
// are worth a word to whoever uploads.
func judge(img *image.NRGBA, grey *image.Gray, limits DoorLimits) []casework.Quality {
	var found []casework.Quality
	size := img.Rect.Size()
	scale := float64(size.X) / float64(grey.Rect.Dx())
	report := func(bad, retake bool, code string, score, limit float64, at image.Rectangle) {
		if bad {
			found = append(found, casework.Quality{Code: code, Score: round3(score), Threshold: limit, Retake: retake, Box: scaled(at, scale)})
		}
	}
	long, short := float64(max(size.X, size.Y)), float64(min(size.X, size.Y))
	report(long < limits.LongSide, true, "too_small", long, limits.LongSide, image.Rectangle{})
	report(long >= limits.LongSide && short < limits.ShortSide, false, "low_resolution", short, limits.ShortSide, image.Rectangle{})
	tiles := tilesOf(grey)
	ink := tiles.ink()
	paper := float64(percentile(grey, 0.9))
	report(paper < limits.Paper, ink < limits.Ink, "too_dark", paper, limits.Paper, image.Rectangle{})
	if ink < limits.Ink {
		report(paper >= limits.Paper, true, "blank", ink, limits.Ink, image.Rectangle{})
		return found
	}
	sharp := tiles.sharpness()
	report(sharp < limits.Sharpness, true, "blurred", sharp, limits.Sharpness, image.Rectangle{})
	step := tiles.contrast()
	report(step < limits.Contrast, false, "low_contrast", step, limits.Contrast, image.Rectangle{})
	share, spot := glare(grey)
	report(share > limits.Glare, false, "glare", share, limits.Glare, spot)
	if angle, sure := skew(grey); sure {
		report(math.Abs(angle) > limits.Skew, false, "skewed", angle, limits.Skew, image.Rectangle{})
	}
	for _, side := range edges(grey) {
		report(side.score > limits.EdgeInk, false, "cut_off", side.score, limits.EdgeInk, side.strip)
	}
	for _, lack := range corners(grey) {
		report(lack.score > limits.Corner, false, "corner_missing", lack.score, limits.Corner, lack.at)
	}
	grid := screenGrid(img, grey)
	report(grid > limits.Screen, false, "screen_photo", grid, limits.Screen, image.Rectangle{})
	return found
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }

func scaled(r image.Rectangle, by float64) casework.Box {
	scale := func(v int) int { return int(float64(v)*by + 0.5) }
	return casework.Box{X: scale(r.Min.X), Y: scale(r.Min.Y), W: scale(r.Dx()), H: scale(r.Dy())}
}

// percentile is the grey value that a share of the pixels does not exceed.
func percentile(grey *image.Gray, share float64) uint8 {
	var counts [256]int
	for _, v := range grey.Pix {
		counts[v]++
	}
	left := int(share * float64(len(grey.Pix)))
	for v, n := range counts {
		if left -= n; left < 0 {
			return uint8(v)
		}
	}
	return 255
}

// tiles are the squares of a picture that show something.
type tiles struct {
	scores []float64 // sharpness of each
	steps  []float64 // brightest minus darkest of each
	all    int
}

func tilesOf(grey *image.Gray) tiles {
	var t tiles
	for y := 1; y+tileSide < grey.Rect.Dy(); y += tileSide {
		for x := 1; x+tileSide < grey.Rect.Dx(); x += tileSide {
			t.all++
			if spread, edges, step := tile(grey, x, y); spread >= inkContrast*inkContrast {
				t.scores = append(t.scores, edges/spread)
				t.steps = append(t.steps, step)
			}
		}
	}
	slices.Sort(t.scores)
	slices.Sort(t.steps)
	return t
}

// ink is the share of the page that shows something.
func (t tiles) ink() float64 { return float64(len(t.scores)) / float64(max(t.all, 1)) }

// sharpness is the variance of the Laplacian over the variance of the grey
// values, of the sharpest tiles. The quotient does not depend on contrast or on
// how full the page is.
func (t tiles) sharpness() float64 { return middle(sharpest(t.scores)) }

// contrast is the step from paper to print where it is clearest.
func (t tiles) contrast() float64 { return middle(sharpest(t.steps)) }

func sharpest(sorted []float64) []float64 {
	return sorted[int(float64(len(sorted))*(1-sharpestShare)):]
}

func middle(sorted []float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2]
}

// tile gives the variances of grey value and Laplacian, and the step from
// darkest to brightest, in one square.
func tile(grey *image.Gray, x0, y0 int) (spread, edges, step float64) {
	var sum, sum2, lap, lap2 int
	darkest, brightest := 255, 0
	for y := y0; y < y0+tileSide; y++ {
		row := grey.Pix[y*grey.Stride:]
		above, below := grey.Pix[(y-1)*grey.Stride:], grey.Pix[(y+1)*grey.Stride:]
		for x := x0; x < x0+tileSide; x++ {
			v := int(row[x])
			l := int(row[x-1]) + int(row[x+1]) + int(above[x]) + int(below[x]) - 4*v
			sum, sum2, lap, lap2 = sum+v, sum2+v*v, lap+l, lap2+l*l
			darkest, brightest = min(darkest, v), max(brightest, v)
		}
	}
	const n = tileSide * tileSide
	variance := func(sum, squares int) float64 { return (float64(squares) - float64(sum)*float64(sum)/n) / n }
	return variance(sum, sum2), variance(lap, lap2), float64(brightest - darkest)
}
