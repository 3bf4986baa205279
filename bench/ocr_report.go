package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/jingban/jingban/fixtures/materials"
)

// OCRReport is everything that was measured.
type OCRReport struct {
	Commit    string      `json:"commit,omitempty"`
	Seed      uint64      `json:"seed,omitempty"` // of the rendered set, 0 for pictures from elsewhere
	Pages     int         `json:"pages"`
	Workers   int         `json:"workers"`
	Readers   []OCRRow    `json:"readers"` // all pages a reader read
	Same      []OCRRow    `json:"same_pages"`
	Ratios    OCRRatios   `json:"against_tesseract"` // on the same pages
	Condition []OCRRow    `json:"by_condition"`
	Kind      []OCRRow    `json:"by_kind"`
	Size      []OCRRow    `json:"by_size"`
	Damage    []OCRRow    `json:"by_damage"` // ours alone
	Steady    *OCRSteady  `json:"steady,omitempty"`
	Intake    *OCRIntake  `json:"intake,omitempty"`
	Scaling   *OCRScaling `json:"scaling,omitempty"`
	Worst     []OCRPage   `json:"worst"` // pages of ours with mistakes, the worst forty
}

// OCRRow is one reader on some of the pages.
type OCRRow struct {
	Reader string `json:"reader"`
	Of     string `json:"of,omitempty"` // condition, kind or size
	Pages  int    `json:"pages"`

	Chars       int               `json:"chars"`
	Wrong       int               `json:"wrong"`
	CER         float64           `json:"cer"`
	ExtraShare  float64           `json:"extra_share"` // characters that nobody printed, over chars
	SealedChars int               `json:"sealed_chars"`
	SealedCER   float64           `json:"sealed_cer"`
	KeyFields   int               `json:"key_fields"`
	KeyExact    float64           `json:"key_exact"`
	Fields      map[string][2]int `json:"fields"`         // by group: exact, all
	Numbers     int               `json:"numbers"`        // in key fields
	Verified    float64           `json:"verified_share"` // of the numbers, without a person
	Silent      int               `json:"silent_errors"`  // verified, and wrong
	Turned      int               `json:"turned"`
	Uprighted   int               `json:"uprighted"`   // of the turned
	FalseTurns  int               `json:"false_turns"` // of the others

	CPU     float64 `json:"cpu_s_page"`
	Reading float64 `json:"reading_cpu_s_page"` // without door checks and second opinions
	Door    float64 `json:"door_cpu_s_page"`
	Second  float64 `json:"second_cpu_s_page"`
	MaxMiB  float64 `json:"peak_mib"`
}

// OCRRatios compare ours with the command line; 30 says that it makes 30 times
// our mistakes. 0 where it did not read.
type OCRRatios struct {
	ErrorsPSM3  float64 `json:"errors_psm3"`
	ErrorsBest  float64 `json:"errors_best_psm"`
	CPUOverPSM3 float64 `json:"reading_cpu_over_psm3"`
	ApartShare  float64 `json:"door_and_second_over_reading"`
}

func allReaders() []string {
	readers := []string{readerPPOCR, readerTesseract}
	for _, mode := range cliModes() {
		readers = append(readers, readerCLI+mode)
	}
	return append(readers, readerCLIBest)
}

func reportOf(pages []OCRPage) *OCRReport {
	pages = append(pages, bestModes(pages)...)
	report := &OCRReport{}
	all := func(OCRPage) string { return "" }
	report.Readers = rows(pages, all)
	report.Pages = report.Readers[0].Pages
	report.Same = rows(samePages(pages), all)
	report.Condition = rows(pages, func(p OCRPage) string { return p.Condition })
	report.Kind = rows(pages, func(p OCRPage) string { return p.Kind })
	report.Size = rows(pages, sizeOf)
	report.Damage = rows(ours(pages), damageOf)
	report.Ratios = ratios(report.Same)
	for _, p := range pages {
		if p.Reader == readerPPOCR && (p.Wrong > 0 || len(p.Silent) > 0) {
			report.Worst = append(report.Worst, p)
		}
	}
	slices.SortStableFunc(report.Worst, func(a, b OCRPage) int { return cmp.Compare(b.Wrong, a.Wrong) })
	report.Worst = report.Worst[:min(len(report.Worst), worstKept)]
	return report
}

// worstKept bounds the report.
const worstKept = 40

func sizeOf(p OCRPage) string {
	if slices.Contains([]string{materials.IDCardFront, materials.IDCardBack, materials.BankCard}, p.Kind) {
		return "card"
	}
	if p.Kind == materials.HouseholdPage {
		return "booklet"
	}
	return "A4"
}

// damageOf parts the conditions in which every reader should do well from the rest.
func damageOf(p OCRPage) string {
	if slices.Contains([]string{"clean", "skew", "jpeg q30", "shadow", "turned"}, p.Condition) {
		return "none or light"
	}
	return "heavy"
}

func ours(pages []OCRPage) []OCRPage {
	return slices.DeleteFunc(slices.Clone(pages), func(p OCRPage) bool { return p.Reader != readerPPOCR })
}

// bestModes chooses for each page the mode with the fewest mistakes, which nobody
// knows beforehand: it is the best that the command line can do.
func bestModes(pages []OCRPage) []OCRPage {
	best := map[string]OCRPage{}
	var order []string
	for _, p := range pages {
		if p.Reader == readerPPOCR || p.Reader == readerTesseract {
			continue
		}
		known, ok := best[p.File]
		if !ok {
			order = append(order, p.File)
		}
		if !ok || p.Wrong < known.Wrong {
			best[p.File] = p
		}
	}
	chosen := make([]OCRPage, len(order))
	for i, file := range order {
		chosen[i] = best[file]
		chosen[i].Reader = readerCLIBest
	}
	return chosen
}

// samePages keeps what every reader read.
func samePages(pages []OCRPage) []OCRPage {
	readers := map[string]int{}
	for _, p := range pages {
		readers[p.File]++
	}
	return slices.DeleteFunc(slices.Clone(pages), func(p OCRPage) bool { return readers[p.File] < len(allReaders()) })
}

// rows sums up by reader and by what a page is called.
func rows(pages []OCRPage, name func(OCRPage) string) []OCRRow {
	sums := map[[2]string]*OCRRow{}
	var order []*OCRRow
	for _, p := range pages {
		key := [2]string{p.Reader, name(p)}
		if sums[key] == nil {
			sums[key] = &OCRRow{Reader: p.Reader, Of: key[1], Fields: map[string][2]int{}}
			order = append(order, sums[key])
		}
		sums[key].add(p)
	}
	slices.SortStableFunc(order, func(a, b *OCRRow) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(slices.Index(allReaders(), a.Reader), slices.Index(allReaders(), b.Reader)))
	})
	finished := make([]OCRRow, len(order))
	for i, row := range order {
		finished[i] = row.finish()
	}
	return finished
}

func (r *OCRRow) add(p OCRPage) {
	r.Pages++
	r.Chars, r.Wrong = r.Chars+p.Chars, r.Wrong+p.Wrong
	r.ExtraShare += float64(p.Extra)
	r.SealedChars, r.SealedCER = r.SealedChars+p.SealedChars, r.SealedCER+float64(p.SealedWrong)
	for group, n := range p.Fields {
		sum := r.Fields[group]
		r.Fields[group] = [2]int{sum[0] + n[0], sum[1] + n[1]}
	}
	r.Numbers, r.Verified, r.Silent = r.Numbers+p.Numbers, r.Verified+float64(p.Verified), r.Silent+len(p.Silent)
	switch {
	case p.Turn != 0 && p.Upright:
		r.Turned, r.Uprighted = r.Turned+1, r.Uprighted+1
	case p.Turn != 0:
		r.Turned++
	case !p.Upright:
		r.FalseTurns++
	}
	r.CPU, r.Door, r.Second = r.CPU+p.CPU, r.Door+p.Door, r.Second+p.Second
	r.MaxMiB = max(r.MaxMiB, float64(p.Peak)/(1<<20))
}

// finish turns the sums into shares and means.
func (r *OCRRow) finish() OCRRow {
	exact := 0
	for group, n := range r.Fields {
		if group != "other" {
			exact, r.KeyFields = exact+n[0], r.KeyFields+n[1]
		}
	}
	r.KeyExact = per(float64(exact), r.KeyFields)
	r.CER, r.ExtraShare = per(float64(r.Wrong), r.Chars), per(r.ExtraShare, r.Chars)
	r.SealedCER = per(r.SealedCER, r.SealedChars)
	r.Verified = per(r.Verified, r.Numbers)
	r.CPU, r.Door, r.Second = per(r.CPU, r.Pages), per(r.Door, r.Pages), per(r.Second, r.Pages)
	r.Reading = r.CPU - r.Door - r.Second
	return *r
}

func per(part float64, of int) float64 { return part / float64(max(of, 1)) }

func ratios(same []OCRRow) OCRRatios {
	by := map[string]OCRRow{}
	for _, row := range same {
		by[row.Reader] = row
	}
	ours, psm3, best := by[readerPPOCR], by[readerCLI+"3"], by[readerCLIBest]
	if ours.Pages == 0 || psm3.Pages == 0 {
		return OCRRatios{}
	}
	wrong := float64(max(ours.Wrong, 1)) // not one mistake counts as one
	return OCRRatios{
		ErrorsPSM3: float64(psm3.Wrong) / wrong, ErrorsBest: float64(best.Wrong) / wrong,
		CPUOverPSM3: ours.Reading / psm3.CPU, ApartShare: (ours.Door + ours.Second) / ours.Reading,
	}
}

// Print writes the report as tables.
func (r *OCRReport) Print(out io.Writer, worst int) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	table := func(title string, rows []OCRRow) {
		fmt.Fprintf(w, "%s\treader\tpages\tCER %%\tunder seals %%\tkey fields %%\tverified %%\tsilent\textra %%\tupright\tfalse turns\treading CPU s\tdoor\tsecond\tpeak MiB\n", title)
		for _, v := range rows {
			fmt.Fprintf(w, "%s\t%s\t%d\t%.3f\t%.3f\t%.2f\t%.2f\t%d\t%.2f\t%d/%d\t%d\t%.2f\t%.3f\t%.3f\t%.0f\n", v.Of, v.Reader, v.Pages, 100*v.CER, 100*v.SealedCER, 100*v.KeyExact,
				100*v.Verified, v.Silent, 100*v.ExtraShare, v.Uprighted, v.Turned, v.FalseTurns, v.Reading, v.Door, v.Second, v.MaxMiB)
		}
		fmt.Fprintln(w)
	}
	table("all pages", r.Readers)
	if len(r.Same) > 0 {
		table("same pages", r.Same)
	}
	table("condition", r.Condition)
	table("kind", r.Kind)
	table("size", r.Size)
	table("damage", r.Damage)
	if err := w.Flush(); err != nil {
		return err
	}
	if r.Ratios.ErrorsPSM3 > 0 {
		fmt.Fprintf(out, "tesseract's command line makes %.1f × our character errors at psm 3, %.1f × at the best psm per page; our reading takes %.2f × its CPU, door checks and second opinions %.1f %% more\n",
			r.Ratios.ErrorsPSM3, r.Ratios.ErrorsBest, r.Ratios.CPUOverPSM3, 100*r.Ratios.ApartShare)
	}
	if s := r.Steady; s != nil {
		fmt.Fprintf(out, "one child, %d pages: %.0f MiB after page %d, %.0f at the end (%+.1f %%), peak %.0f MiB\n", s.Pages, s.EarlyMiB, s.EarlyPage, s.LateMiB, 100*s.Growth, s.PeakMiB)
	}
	if s := r.Intake; s != nil {
		fmt.Fprintf(out, "door checks of %d photos of 12 megapixels: %.0f CPU ms, at most %.0f; %d pages of PDF drawn: %.0f CPU ms each\n", s.Photos, s.DoorMS, s.DoorMost, s.Leaves, s.RenderMS)
	}
	if s := r.Scaling; s != nil {
		fmt.Fprintf(out, "%d pages: one child %.1f s (%.2f A4 pages/s/core), two children %.1f s = %.2f ×\n", s.Pages, s.One, s.A4PerSecond, s.Two, s.Times)
	}
	return r.printWorst(out, worst)
}

func (r *OCRReport) printWorst(out io.Writer, worst int) error {
	for _, p := range r.Worst[:min(worst, len(r.Worst))] {
		if _, err := fmt.Fprintf(out, "\n%s %s, %s: %d wrong, %d extra, silent %q\n  want %q\n  read %q\n", p.File, p.Kind, p.Condition, p.Wrong, p.Extra, p.Silent, p.Worst, p.Read); err != nil {
			return err
		}
	}
	return nil
}
