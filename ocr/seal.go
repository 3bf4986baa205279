package ocr

import (
	"image"
	"slices"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/geometry"
)

// A seal is looked for at sealSide pixels of the longest side. Sizes are shares
// of that side: on an A4 sheet a private seal has 15 mm, a company's 38 to 45 mm.
const (
	sealSide   = 640
	sealCell   = 4 // pixels; ink closer than two cells belongs together
	minSeal    = 0.05
	maxSeal    = 0.5
	maxOblong  = 1.9  // the oval 45 x 30 mm seal, with room for perspective
	minInkFill = 0.05 // inked share of the hull: less is noise, more is a surface
	maxInkFill = 0.8
	roundTo    = 0.9 // hull over rectangle: a circle has 0.785
	ovalFrom   = 1.2 // longer side over shorter
)

// ink says how a colour of stamping ink is told from paper and print.
type ink struct {
	colour  string
	channel int // its own channel of a pixel
	margin  int // by how much that channel leads
}

func inks() []ink { return []ink{{"red", 0, 40}, {"blue", 2, 50}} }

func (k ink) lead(pixel []uint8) int {
	a, b := pixel[(k.channel+1)%3], pixel[(k.channel+2)%3]
	return int(pixel[k.channel]) - int(max(a, b))
}

// FindSeals finds stamps by colour and shape; emblems look the same to it.
func FindSeals(img *image.NRGBA) []casework.Seal {
	small, factor := fit(img, sealSide)
	var seals []casework.Seal
	for _, k := range inks() {
		for _, points := range inkIslands(small, k) {
			if seal, ok := judgeSeal(img, points, factor, k); ok {
				seals = append(seals, seal)
			}
		}
	}
	return scaleSeals(outermost(seals), factor)
}

// outermost drops what lies inside another seal: its star, its own letters.
func outermost(seals []casework.Seal) []casework.Seal {
	return slices.DeleteFunc(slices.Clone(seals), func(inner casework.Seal) bool {
		return slices.ContainsFunc(seals, func(outer casework.Seal) bool {
			return inner != outer && outer.Colour == inner.Colour && outer.Box.Union(inner.Box) == outer.Box
		})
	})
}

// inkIslands gives the pixels of each connected area of one ink.
func inkIslands(img *image.NRGBA, k ink) [][]casework.Point {
	cols, rows := img.Rect.Dx()/sealCell+1, img.Rect.Dy()/sealCell+1
	cells := make([][]casework.Point, cols*rows)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if k.lead(img.Pix[y*img.Stride+x*4:]) > k.margin {
				at := y/sealCell*cols + x/sealCell
				cells[at] = append(cells[at], casework.Point{X: float64(x), Y: float64(y)})
			}
		}
	}
	var islands [][]casework.Point
	for at := range cells {
		if island := collect(cells, cols, at); len(island) > 0 {
			islands = append(islands, island)
		}
	}
	return islands
}

// collect takes the cell and all it is connected with out of the grid.
func collect(cells [][]casework.Point, cols, start int) []casework.Point {
	var island []casework.Point
	for open := []int{start}; len(open) > 0; {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if len(cells[at]) == 0 {
			continue
		}
		island = append(island, cells[at]...)
		cells[at] = nil
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				next, x := at+dy*cols+dx, at%cols+dx
				if x >= 0 && x < cols && next >= 0 && next < len(cells) && len(cells[next]) > 0 {
					open = append(open, next)
				}
			}
		}
	}
	return island
}

// judgeSeal tells by an area's outline whether it is a seal. A rectangular one is
// looked at again in the picture itself, which has factor times as many pixels.
func judgeSeal(img *image.NRGBA, points []casework.Point, factor float64, k ink) (casework.Seal, bool) {
	hull := geometry.Hull(points)
	if len(hull) < 3 {
		return casework.Seal{}, false
	}
	rect := geometry.Smallest(hull)
	short, long := min(rect.W, rect.H), max(rect.W, rect.H)
	full := geometry.Area(hull) / (rect.W * rect.H)
	seal := casework.Seal{Box: boxAround(hull), Colour: k.colour, Shape: "round"}
	if full > squareFrom && short >= minSquare*sealSide && long <= maxSquare*sealSide && long <= oblongSquare*short &&
		squareSeal(img, enlarged(rect, factor), k) {
		seal.Shape = "square"
		return seal, true
	}
	if long > ovalFrom*short {
		seal.Shape = "oval"
	}
	fill := float64(len(points)) / (full * rect.W * rect.H)
	return seal, full >= 0.6 && full <= roundTo && short >= minSeal*sealSide && long <= maxSeal*sealSide && long <= maxOblong*short &&
		fill >= minInkFill && fill <= maxInkFill
}

func boxAround(points []casework.Point) casework.Box {
	x0, y0 := points[0].X, points[0].Y
	x1, y1 := x0, y0
	for _, p := range points {
		x0, x1 = min(x0, p.X), max(x1, p.X)
		y0, y1 = min(y0, p.Y), max(y1, p.Y)
	}
	return casework.Box{X: int(x0), Y: int(y0), W: int(x1-x0) + 1, H: int(y1-y0) + 1}
}
