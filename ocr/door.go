package ocr

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// doorPages is how many pages are looked at before a file is taken in; a PDF
// page must be drawn for it (0.15 s), and reading looks at all pages again.
const doorPages = 3

// DoorLimits say what a good picture is: findings come when a score falls below
// (or, where it says so, rises above) its limit. Zero fields take the defaults,
// each measured on fixtures/materials, 5 kinds × 11 conditions (see
// TestDoorFindsWhatWasDoneToAPicture).
type DoorLimits struct {
	Sharpness float64 `json:"sharpness"`  // least; 0.25: what a blur of 1.8 pixels leaves is 0.33 and reads well, one of 6 leaves 0.05
	Ink       float64 `json:"ink"`        // least share of the page that shows something; 0.002
	LongSide  float64 `json:"long_side"`  // least, in pixels; 400, an ID card at 120 dpi: nothing can be read below
	ShortSide float64 `json:"short_side"` // least, in pixels; 500, half of the 1,000 that are asked of a photo
	Paper     float64 `json:"paper"`      // least brightness of the paper, 0..255; 90
	Contrast  float64 `json:"contrast"`   // least step from paper to print, 0..255; 60, where a form at 0.6 less contrast has 72 and reads well
	Glare     float64 `json:"glare"`      // most of the page, 0..1; 0.01
	Skew      float64 `json:"skew"`       // most, in degrees; 6: the rule says 5, the measure errs by up to 0.5
	EdgeInk   float64 `json:"edge_ink"`   // most of a side's length that print runs into; 0.008, five strokes of 800 pixels
	Corner    float64 `json:"corner"`     // most of a sheet's short side that a corner may miss; 0.05, a bank card's round one misses 0.03
	Screen    float64 `json:"screen"`     // most that a crossing wave may stand out from the noise; 70: paper had up to 47, a screen 150 and more

	PictureKB  float64 `json:"picture_kb"`  // most of a picture's file; 5,120
	LeastKB    float64 `json:"least_kb"`    // least of the file of a picture with enough pixels; 20: one below was squeezed too hard
	DocumentKB float64 `json:"document_kb"` // most of any other file; 20,480
}

func (l DoorLimits) withDefaults() DoorLimits {
	for _, d := range []struct {
		field *float64
		value float64
	}{
		{&l.Sharpness, 0.25}, {&l.Ink, 0.002}, {&l.LongSide, 400}, {&l.ShortSide, 500}, {&l.Paper, 90},
		{&l.Contrast, 60}, {&l.Glare, 0.01}, {&l.Skew, 6}, {&l.EdgeInk, 0.008}, {&l.Corner, 0.05}, {&l.Screen, 70},
		{&l.PictureKB, 5120}, {&l.LeastKB, 20}, {&l.DocumentKB, 20480},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return l
}

// LimitsFrom takes the limits from the dated parameters of a region, "door.…".
// What they leave out takes the default.
func LimitsFrom(values casework.ParamValues) DoorLimits {
	var l DoorLimits
	for name, field := range map[string]*float64{
		"sharpness": &l.Sharpness, "ink": &l.Ink, "long_side": &l.LongSide, "short_side": &l.ShortSide, "paper": &l.Paper,
		"contrast": &l.Contrast, "glare": &l.Glare, "skew": &l.Skew, "edge_ink": &l.EdgeInk, "corner": &l.Corner, "screen": &l.Screen,
		"picture_kb": &l.PictureKB, "least_kb": &l.LeastKB, "document_kb": &l.DocumentKB,
	} {
		if measure, err := values.Measure("door." + name); err == nil {
			*field = measure
		}
	}
	return l
}

// DoorReport says whether a file is fit to be read, before anybody reads it.
type DoorReport struct {
	MIME   string      // by content
	Pages  int         // in the whole file
	Sheets []DoorSheet // the first pages
}

// DoorSheet is one page at the door. Places are pixels of the page as it came,
// not turned upright: nobody has read it yet.
type DoorSheet struct {
	Page     int                `json:"page"`
	Width    int                `json:"width"`
	Height   int                `json:"height"`
	Hash     PictureHash        `json:"hash"`
	Findings []casework.Quality `json:"findings"` // empty: fit to be read
}

// Door looks at a file's first pages in milliseconds a page and says what is
// wrong with the pictures. Faults as Read.
func (p *Pool) Door(ctx context.Context, file []byte) (DoorReport, error) {
	doc, err := p.open(ctx, file, doorPages)
	if err != nil {
		return DoorReport{}, err
	}
	defer doc.close()
	report := DoorReport{MIME: doc.mime, Pages: doc.pages}
	for page := 1; page <= min(doc.pages, doorPages); page++ {
		rep, err := p.do(ctx, request{Op: opDoor, Page: page, Drawn: doc.drawn, Door: p.cfg.door()}, doc.source(page))
		if err != nil {
			return DoorReport{}, fmt.Errorf("page %d: %w", page, err)
		}
		if rep.Sheet == nil {
			return DoorReport{}, casework.Retry("ocr_crashed", "page %d: the child gave no report", page)
		}
		if page == 1 {
			rep.Sheet.Findings = append(rep.Sheet.Findings, p.cfg.door().weigh(len(file), doc.mime, rep.Sheet.Width, rep.Sheet.Height, rep.Sheet.Findings)...)
		}
		report.Sheets = append(report.Sheets, *rep.Sheet)
	}
	return report, nil
}

// weigh says whether a file has too many bytes for the agency, or too few for what
// its first page shows; an empty page needs few. Neither keeps it from being read.
func (l DoorLimits) weigh(size int, mime string, width, height int, seen []casework.Quality) []casework.Quality {
	kb, most := float64(size)/1024, l.DocumentKB
	empty := slices.ContainsFunc(seen, func(q casework.Quality) bool { return q.Code == "blank" })
	picture := strings.HasPrefix(mime, "image/")
	if picture {
		most = l.PictureKB
	}
	switch {
	case kb > most:
		return []casework.Quality{{Code: "file_heavy", Score: round3(kb), Threshold: most}}
	case picture && !empty && kb < l.LeastKB && float64(min(width, height)) >= l.ShortSide:
		return []casework.Quality{{Code: "file_light", Score: round3(kb), Threshold: l.LeastKB}}
	}
	return nil
}

// door answers for one page in the child.
func door(req request, page sheetOf) (reply, error) {
	size := page.picture.Rect.Size()
	sheet := DoorSheet{Page: req.Page, Width: size.X, Height: size.Y, Findings: page.found}
	if !page.empty {
		small := shrink(page.picture, judgedSide)
		sheet.Findings = append(sheet.Findings, judge(page.picture, small, req.Door)...)
		sheet.Hash = hashOf(small)
	}
	return reply{Sheet: &sheet}, nil
}

// inspect judges a picture by all limits.
func inspect(img *image.NRGBA, limits DoorLimits) []casework.Quality {
	return judge(img, shrink(img, judgedSide), limits.withDefaults())
}
