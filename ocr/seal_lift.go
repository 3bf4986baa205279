package ocr

import (
	"image"
	"slices"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
)

// liftLead is how clearly a pixel inside a seal must show the ink to be lifted;
// lower than for finding one, because ink over print is dark.
const liftLead = 20

// The paper around ink is measured in cells, because a shadow may end inside a
// seal: lifted to one white, the ink's strokes stood out brightly from shadowed
// paper, and the detector took the print among them for texture.
const (
	liftCells = 8    // along a seal's longer side
	paperRank = 0.75 // of the brightnesses beside the ink: above the print
	barePaper = 0.1  // of a cell must be beside the ink for it to be measured
)

// liftInk gives a copy in which the ink inside the seals is paper and only print
// remains: seen through its own colour, ink is nearly as bright as the paper under
// it. The rest of the page stays, because red print is text, too.
func liftInk(img *image.NRGBA, seals []casework.Seal) *image.NRGBA {
	if len(seals) == 0 {
		return img
	}
	out := imaging.Clone(img)
	for _, seal := range seals {
		for _, k := range inks() {
			if k.colour == seal.Colour {
				lift(out, seal.Box, k)
			}
		}
	}
	return out
}

// inkedPixel is a pixel to be lifted, and how bright the paper is there.
type inkedPixel struct {
	pixel []uint8
	paper float64
}

func lift(img *image.NRGBA, b casework.Box, k ink) {
	room := max(b.W, b.H) / 20 // a seal's frayed rim
	area := image.Rect(b.X-room, b.Y-room, b.X+b.W+room, b.Y+b.H+room).Intersect(img.Rect)
	paper := paperIn(img, area, k)
	var inked []inkedPixel
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if p := img.Pix[y*img.Stride+x*4:][:3]; k.lead(p) > liftLead {
				inked = append(inked, inkedPixel{p, paper.at(x, y)})
			}
		}
	}
	if len(inked) == 0 {
		return
	}
	typical := typicalInk(inked, k)
	for _, p := range inked {
		v := uint8(min(p.paper, float64(p.pixel[k.channel])/typical))
		p.pixel[0], p.pixel[1], p.pixel[2] = v, v, v
	}
}

// typicalInk is how bright the ink is in its own channel, as a share of the paper:
// most of a seal lies beside the print.
func typicalInk(inked []inkedPixel, k ink) float64 {
	shares := make([]float64, len(inked))
	for i, p := range inked {
		shares[i] = float64(p.pixel[k.channel]) / max(p.paper, 1)
	}
	slices.Sort(shares)
	return max(shares[len(shares)/2], 1.0/255)
}

// paperLevels is the brightness of the paper in each cell of an area.
type paperLevels struct {
	area   image.Rectangle
	cell   int
	cols   int
	levels []float64
}

// paperIn measures the paper beside the ink in the ink's own channel.
func paperIn(img *image.NRGBA, area image.Rectangle, k ink) paperLevels {
	cell := max(1, (max(area.Dx(), area.Dy())+liftCells-1)/liftCells)
	l := paperLevels{area: area, cell: cell, cols: (area.Dx() + cell - 1) / cell}
	counts := make([][256]int, l.cols*((area.Dy()+cell-1)/cell))
	var all [256]int
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if p := img.Pix[y*img.Stride+x*4:][:3]; k.lead(p) <= liftLead {
				counts[(y-area.Min.Y)/cell*l.cols+(x-area.Min.X)/cell][p[k.channel]]++
				all[p[k.channel]]++
			}
		}
	}
	whole, _ := ranked(&all)
	for i := range counts {
		level, n := ranked(&counts[i])
		if float64(n) < barePaper*float64(cell*cell) {
			level = whole
		}
		l.levels = append(l.levels, level)
	}
	return l
}

// ranked is the brightness at paperRank among so many pixels.
func ranked(counts *[256]int) (level float64, n int) {
	for _, c := range counts {
		n += c
	}
	if n == 0 {
		return 255, 0
	}
	below := 0
	for v, c := range counts {
		if below += c; float64(below) >= paperRank*float64(n) {
			return float64(v), n
		}
	}
	return 255, n
}

// at mixes the levels of the four cells whose middles are nearest.
func (l paperLevels) at(x, y int) float64 {
	rows := len(l.levels) / l.cols
	u := (float64(x-l.area.Min.X)+0.5)/float64(l.cell) - 0.5
	v := (float64(y-l.area.Min.Y)+0.5)/float64(l.cell) - 0.5
	u, v = min(max(u, 0), float64(l.cols-1)), min(max(v, 0), float64(rows-1))
	c, r := int(u), int(v)
	fu, fv := u-float64(c), v-float64(r)
	c1, r1 := min(c+1, l.cols-1), min(r+1, rows-1)
	above := l.levels[r*l.cols+c]*(1-fu) + l.levels[r*l.cols+c1]*fu
	below := l.levels[r1*l.cols+c]*(1-fu) + l.levels[r1*l.cols+c1]*fu
	return above*(1-fv) + below*fv
}
