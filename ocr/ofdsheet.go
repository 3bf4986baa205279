package ocr

import (
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/ofd"
)

// engineOFD marks lines that are the document's own text; modelOFD is what such
// a page names where another names its models.
const (
	engineOFD = "ofd"
	modelOFD  = "GB/T 33190-2016"
)

// openOFD gives one page: its text as lines, its pictures on white paper for
// the engine to read.
func openOFD(a *ofd.Archive, n int) (sheetOf, error) {
	doc, err := ofd.Open(a)
	if err != nil {
		return sheetOf{}, badArchive("ofd_broken", err)
	}
	if n < 1 || n > doc.Pages() {
		return sheetOf{}, casework.Fail("page_missing", "page %d of %d", n, doc.Pages())
	}
	page, err := doc.Page(n)
	if err != nil {
		return sheetOf{}, badArchive("ofd_broken", err)
	}
	scale := renderSide / max(page.Area.W, page.Area.H)
	w, h := int(math.Ceil(page.Area.W*scale)), int(math.Ceil(page.Area.H*scale))
	if w < 1 || h < 1 {
		return sheetOf{}, casework.Fail("ofd_broken", "page of %v x %v mm", page.Area.W, page.Area.H)
	}
	s := sheetOf{picture: imaging.New(w, h, color.White), printed: ofdLines(page.Texts, scale),
		texts: page.Texts, scale: scale, empty: true}
	s.paste(page.Images)
	if page.Hidden > 0 {
		s.found = append(s.found, casework.Quality{Code: "hidden_text", Score: float64(page.Hidden)})
	}
	s.sign(doc.Signatures(), n)
	return s, nil
}

// paste puts embedded pictures where they stand. One that can't be decoded is a
// finding: the page's other content still counts.
func (s *sheetOf) paste(images []ofd.Image) {
	pixels := 0
	for _, i := range images {
		at := image.Rect(int(i.Box.X*s.scale), int(i.Box.Y*s.scale),
			int((i.Box.X+i.Box.W)*s.scale+1), int((i.Box.Y+i.Box.H)*s.scale+1))
		seen := at.Intersect(s.picture.Rect)
		if seen.Empty() {
			continue
		}
		picture, err := decode(i.Data)
		if err == nil {
			pixels += len(picture.Pix) / 4
		}
		// A picture far larger than the page, or too many of them, would take
		// all the time there is.
		if err != nil || pixels > 2*maxPixels || at.Dx() > 4*renderSide || at.Dy() > 4*renderSide {
			s.found = append(s.found, casework.Quality{Code: "picture_broken", Box: boxOf(seen)})
			continue
		}
		s.empty = false
		stretched := imaging.Resize(picture, at.Dx(), at.Dy(), imaging.Linear)
		draw.Draw(s.picture, at, stretched, image.Point{}, draw.Over)
	}
}

func boxOf(r image.Rectangle) casework.Box {
	return casework.Box{X: r.Min.X, Y: r.Min.Y, W: r.Dx(), H: r.Dy()}
}

// sign reports the digital seals of the page. Whether they hold is not proven
// here, and the finding says so.
func (s *sheetOf) sign(all []ofd.Signature, page int) {
	for _, sign := range all {
		if sign.Page != page && (sign.Page != 0 || page != 1) {
			continue
		}
		box := casework.Box{X: int(sign.Box.X * s.scale), Y: int(sign.Box.Y * s.scale), W: int(sign.Box.W * s.scale), H: int(sign.Box.H * s.scale)}
		s.seals = append(s.seals, casework.Seal{Box: box, Colour: "digital", Shape: "signature"})
		s.found = append(s.found, casework.Quality{Code: "signature_unverified", Score: 1, Box: box})
	}
}

// ofdLines joins the runs of one row that stand close together: some generators
// write each character by itself.
func ofdLines(texts []ofd.Text, scale float64) []casework.Line {
	runs := slices.Clone(texts)
	slices.SortStableFunc(runs, func(a, b ofd.Text) int { return cmp.Compare(a.Quad[0][0], b.Quad[0][0]) })
	rows := map[int][]int{} // base line in steps of 2 mm → lines that end there
	var joined []ofd.Text
	for _, run := range runs {
		step := int(run.Quad[3][1] / 2)
		at := -1
		for _, i := range slices.Concat(rows[step-1], rows[step], rows[step+1]) {
			if followsOn(joined[i], run) {
				at = i
			}
		}
		if at < 0 {
			rows[step] = append(rows[step], len(joined))
			joined = append(joined, run)
			continue
		}
		joined[at].Text += run.Text
		joined[at].Quad[1], joined[at].Quad[2] = run.Quad[1], run.Quad[2]
	}
	lines := make([]casework.Line, 0, len(joined))
	for _, run := range joined {
		line := casework.Line{Text: run.Text, Confidence: 1, Engine: engineOFD}
		for i, p := range run.Quad {
			line.Quad[i] = casework.Point{X: p[0] * scale, Y: p[1] * scale}
		}
		lines = append(lines, line)
	}
	return lines
}

// followsOn says that b goes on with a's word: same row, same size, a gap of
// less than half a character.
func followsOn(a, b ofd.Text) bool {
	gap := b.Quad[0][0] - a.Quad[1][0]
	return math.Abs(a.Quad[2][1]-b.Quad[3][1]) < 0.2*a.Size && math.Abs(a.Size-b.Size) < 0.1*a.Size &&
		gap > -0.5*a.Size && gap < 0.5*a.Size
}
