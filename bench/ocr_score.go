package bench

import (
	"strings"

	"github.com/jingban/jingban/fixtures/materials"
)

// The readers that are compared. The command line is run once per page
// segmentation mode (psm); best is chosen afterwards, per page, by the truth.
const (
	readerPPOCR     = "ppocr"
	readerTesseract = "tesseract"
	readerCLI       = "cli psm " // followed by the mode
	readerCLIBest   = "cli best psm"
)

// OCRPage is one page read by one reader: a line of the journal.
type OCRPage struct {
	File      string `json:"file"`
	Kind      string `json:"kind"`
	Condition string `json:"condition"`
	Reader    string `json:"reader"`

	Chars       int               `json:"chars"`
	Wrong       int               `json:"wrong"`
	Extra       int               `json:"extra"`
	SealedChars int               `json:"sealed_chars"` // of lines under a seal
	SealedWrong int               `json:"sealed_wrong"`
	Fields      map[string][2]int `json:"fields"` // by group: exact, all
	Numbers     int               `json:"numbers,omitempty"`
	Verified    int               `json:"verified,omitempty"` // of the numbers, without a person
	Silent      []string          `json:"silent,omitempty"`   // verified, and not what the paper says
	Turn        int               `json:"turn"`               // of the truth
	Upright     bool              `json:"upright"`

	CPU      float64 `json:"cpu_s"`
	Door     float64 `json:"door_cpu_s"`
	Second   float64 `json:"second_cpu_s"`
	Decode   float64 `json:"decode_cpu_s"`
	Resident int64   `json:"resident"` // bytes after the page
	Peak     int64   `json:"peak"`

	Worst []string `json:"worst,omitempty"` // lines with mistakes: "wanted | distance"
	Read  []string `json:"read,omitempty"`  // all lines read, where there are mistakes
}

// scorePage compares what a reader read with the truth. It returns where each line
// of the truth was found.
func scorePage(p *OCRPage, truth materials.Page, lines []string) []match {
	r := newReading(lines)
	matches := r.align(truth.Lines)
	exact := map[string]bool{}
	for i, m := range matches {
		n := len(folded(truth.Lines[i]))
		p.Chars, p.Wrong = p.Chars+n, p.Wrong+m.wrong
		exact[truth.Lines[i]] = exact[truth.Lines[i]] || m.exact
		if m.wrong > 0 {
			p.Worst = append(p.Worst, truth.Lines[i])
		}
	}
	for _, i := range truth.Sealed {
		p.SealedChars += len(folded(truth.Lines[i]))
		p.SealedWrong += matches[i].wrong
	}
	p.Extra = r.extra(truth.Marks)
	p.Fields = map[string][2]int{}
	for name, value := range truth.Fields {
		group := fieldGroup(name, value)
		count := p.Fields[group]
		count[1]++
		right := true
		for _, piece := range strings.Split(value, "\n") {
			right = right && exact[piece]
		}
		if right {
			count[0]++
		}
		p.Fields[group] = count
	}
	if p.Wrong > 0 || p.Extra > 0 {
		p.Read = lines
	}
	return matches
}
