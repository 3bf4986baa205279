package ocr

import (
	"cmp"
	"image"
	"math"
	"math/cmplx"
	"slices"
)

// How the grid of a screen is looked for: in the spectrum of a few tiles, in the
// picture's own pixels, where the page is lit and shows least. Blank paper is
// noise there, and what is printed on it by way of security are waves in one
// direction; a screen's dots, or the moiré of them, are a lattice of two.
const (
	gridSide  = 128  // pixels of a tile, a power of two
	gridTiles = 6    // even, for two are transformed at once
	gridSpots = 9    // places a tile is chosen from, along each side
	gridLit   = 0.4  // of the page's brightness, at least: a shadow leaves as much
	gridNear  = 4    // waves over a tile: fewer are shading
	gridBlock = 16   // waves over a tile that JPEG's blocks of eight pixels make
	gridRing  = 8    // waves over a tile that are judged together
	gridNoise = 0.05 // of a grey level squared: less is rounding
	gridApart = 0.4  // sine of the angle between two directions, at least
)

// screenGrid is by how many times the weaker of two crossing waves stands out
// from the noise around it, in the middle one of the tiles; 0 when too few tiles
// are lit. Papers of the tuning seeds have up to 33,
// screens 150 and more.
func screenGrid(img *image.NRGBA, grey *image.Gray) float64 {
	tiles := litTiles(img, grey)
	if len(tiles) < gridTiles {
		return 0
	}
	f := newFourier()
	var scores []float64
	for i := 0; i+1 < len(tiles); i += 2 {
		a, b := f.spectra(img, tiles[i].at, tiles[i+1].at)
		scores = append(scores, f.crossing(a), f.crossing(b))
	}
	slices.Sort(scores)
	return scores[len(scores)/2]
}

// gridTile is a tile in the picture's pixels.
type gridTile struct {
	at     image.Point
	spread float64
}

// litTiles gives the tiles that show least among those on lit paper, for the
// rules of a table are crossing waves too.
func litTiles(img *image.NRGBA, grey *image.Gray) []gridTile {
	size := img.Rect.Size()
	if min(size.X, size.Y) < 2*gridSide {
		return nil
	}
	scale := float64(size.X) / float64(grey.Rect.Dx())
	lit := gridLit * float64(percentile(grey, 0.9))
	side := max(2, int(gridSide/scale))
	var tiles []gridTile
	for i := range gridSpots * gridSpots {
		at := image.Pt((size.X-gridSide)*(i%gridSpots)/(gridSpots-1), (size.Y-gridSide)*(i/gridSpots)/(gridSpots-1))
		x, y := int(float64(at.X)/scale), int(float64(at.Y)/scale)
		if mean, spread := shades(grey, image.Rect(x, y, x+side, y+side).Intersect(grey.Rect)); mean >= lit {
			tiles = append(tiles, gridTile{at, spread})
		}
	}
	slices.SortFunc(tiles, func(a, b gridTile) int { return cmp.Compare(a.spread, b.spread) })
	return tiles[:min(len(tiles), gridTiles)]
}

// shades gives the mean and the variance of a place.
func shades(grey *image.Gray, place image.Rectangle) (mean, variance float64) {
	sum, squares, n := 0, 0, 0
	for y := place.Min.Y; y < place.Max.Y; y++ {
		for _, v := range grey.Pix[y*grey.Stride+place.Min.X : y*grey.Stride+place.Max.X] {
			sum, squares, n = sum+int(v), squares+int(v)*int(v), n+1
		}
	}
	mean = float64(sum) / float64(max(n, 1))
	return mean, float64(squares)/float64(max(n, 1)) - mean*mean
}

// fourier is the fast transform of gridSide values (Cooley and Tukey 1965), with
// what else depends on the size alone.
type fourier struct {
	order [gridSide]int
	turns [gridSide / 2]complex128
	bell  [gridSide]float64              // lets a tile fade towards its sides (von Hann)
	rings [gridSide * gridSide / 2]uint8 // of each wave; 0 for those that count for nothing
}

func newFourier() *fourier {
	f := &fourier{}
	for i := range f.order {
		for bit, left := 1, gridSide>>1; bit < gridSide; bit, left = bit<<1, left>>1 {
			if i&bit != 0 {
				f.order[i] |= left
			}
		}
		f.bell[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/gridSide)
	}
	for i := range f.turns {
		f.turns[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/gridSide)
	}
	for i := range f.rings {
		f.rings[i] = ring(waveAt(i))
	}
	return f
}

// waveAt is the direction of a spectrum's value, its length the number of waves
// over a tile.
func waveAt(i int) image.Point {
	x := i % gridSide
	if x >= gridSide/2 {
		x -= gridSide
	}
	return image.Pt(x, i/gridSide)
}

// ring is 0 for shading, for what runs along the picture's sides (rules, rows of
// print) and for JPEG's blocks.
func ring(wave image.Point) uint8 {
	near := func(v, step int) bool {
		v = (v + gridSide) % step
		return v <= 1 || v >= step-1
	}
	length := math.Hypot(float64(wave.X), float64(wave.Y))
	if length <= gridNear || near(wave.X, gridSide) || near(wave.Y, gridSide) || near(wave.X, gridBlock) && near(wave.Y, gridBlock) {
		return 0
	}
	return 1 + uint8(length/gridRing)
}

// transform works in place.
func (f *fourier) transform(v []complex128) {
	for i, j := range f.order {
		if i < j {
			v[i], v[j] = v[j], v[i]
		}
	}
	for half := 1; half < gridSide; half *= 2 {
		every := gridSide / 2 / half
		for from := 0; from < gridSide; from += 2 * half {
			low, high := v[from:from+half], v[from+half:from+2*half]
			for k := range low {
				t := high[k] * f.turns[k*every]
				low[k], high[k] = low[k]+t, low[k]-t
			}
		}
	}
}

// plane transforms a tile: rows, then columns, through a turned copy.
func (f *fourier) plane(tile []complex128) []complex128 {
	turned := make([]complex128, len(tile))
	for range 2 {
		for y := range gridSide {
			row := tile[y*gridSide : (y+1)*gridSide]
			f.transform(row)
			for x, v := range row {
				turned[x*gridSide+y] = v
			}
		}
		tile, turned = turned, tile
	}
	return tile
}

// spectra gives the powers of the waves in the green of two tiles: one is the
// real part of what is transformed, the other the imaginary one.
func (f *fourier) spectra(img *image.NRGBA, a, b image.Point) (first, second []float64) {
	tile := make([]complex128, gridSide*gridSide)
	var mean complex128
	for i := range tile {
		x, y := i%gridSide, i/gridSide
		tile[i] = complex(float64(img.Pix[(a.Y+y)*img.Stride+4*(a.X+x)+1]), float64(img.Pix[(b.Y+y)*img.Stride+4*(b.X+x)+1]))
		mean += tile[i]
	}
	mean /= gridSide * gridSide
	for i := range tile {
		tile[i] = (tile[i] - mean) * complex(f.bell[i/gridSide]*f.bell[i%gridSide], 0)
	}
	tile = f.plane(tile)
	first, second = make([]float64, len(f.rings)), make([]float64, len(f.rings))
	for i := range first {
		opposite := (gridSide-i/gridSide)%gridSide*gridSide + (gridSide-i%gridSide)%gridSide
		p, q := tile[i], cmplx.Conj(tile[opposite])
		first[i], second[i] = power(p+q)/4, power(p-q)/4
	}
	return first, second
}

func power(c complex128) float64 { return real(c)*real(c) + imag(c)*imag(c) }

// crossing is how far the strongest wave stands out from its ring among those
// that cross the strongest of all.
func (f *fourier) crossing(spectrum []float64) float64 {
	noise := f.noise(spectrum)
	strongest := func(among func(wave image.Point) bool) (best float64, at image.Point) {
		for i, p := range spectrum {
			if r := f.rings[i]; r > 0 && p > best*noise[r] && among(waveAt(i)) {
				best, at = p/noise[r], waveAt(i)
			}
		}
		return best, at
	}
	_, first := strongest(func(image.Point) bool { return true })
	length := math.Hypot(float64(first.X), float64(first.Y))
	second, _ := strongest(func(w image.Point) bool {
		return math.Abs(float64(w.X*first.Y-w.Y*first.X)) > gridApart*length*math.Hypot(float64(w.X), float64(w.Y))
	})
	return second
}

// noise is the mean power of each ring without what stands out from it.
func (f *fourier) noise(spectrum []float64) []float64 {
	const standsOut = 4
	window := 0.0
	for _, v := range f.bell {
		window += v * v
	}
	means := make([]float64, gridSide)
	for range 2 {
		sums, counts := make([]float64, gridSide), make([]float64, gridSide)
		for i, p := range spectrum {
			if r := f.rings[i]; means[r] == 0 || p < standsOut*means[r] {
				sums[r], counts[r] = sums[r]+p, counts[r]+1
			}
		}
		for r := range means {
			means[r] = sums[r]/max(counts[r], 1) + gridNoise*window*window
		}
	}
	return means
}
