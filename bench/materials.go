package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/casework"
	fixtures "github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/materials"
)

// MaterialsOptions say what the check of materials is measured on.
type MaterialsOptions struct {
	Cases int    // every second has one to three defects
	Seed  uint64 // of the generated cases; the reported one is not the one rules were written with
	Today time.Time
	// Read reads one picture with the real engine. Without it the readings are
	// taken from the drawing, perfectly: the rules are judged alone.
	Read    func(ctx context.Context, file []byte) ([]casework.Reading, error)
	Journal string // file that keeps what was read, so that an interrupted run goes on; "" for none

	Begin func(what string, total int) // the cases begin; nil: nobody watches
	Done  func()                       // one case is done
}

// MaterialsResult is what was measured.
type MaterialsResult struct {
	Commit    string         `json:"commit,omitempty"`
	Date      string         `json:"date,omitempty"`
	Machine   string         `json:"machine,omitempty"`
	Rules     string         `json:"rules"` // hash of types, matters, sentences and parameters
	Engine    string         `json:"engine,omitempty"`
	Seed      uint64         `json:"seed"`
	Read      bool           `json:"read_by_engine"`
	Cases     int            `json:"cases"`
	Papers    int            `json:"papers"`
	Matters   int            `json:"matters"`
	Kinds     int            `json:"kinds_of_defects_planted"`
	Score     MaterialsScore `json:"score"`
	RulesMS   float64        `json:"rules_cpu_ms_per_case"` // of Assess, readings at hand
	Slowest   float64        `json:"rules_cpu_ms_slowest"`
	SlowestOf int            `json:"rules_cpu_ms_slowest_papers"` // of that case
	Failures  []string       `json:"failures,omitempty"`          // pictures the engine refused
}

// readCase is a case with its readings.
type readCase struct {
	fixtures.Case
	input materials.Input
}

// Materials draws cases, reads and assesses them, and compares with what was
// planted.
func Materials(ctx context.Context, options MaterialsOptions) (MaterialsResult, error) {
	catalog, err := materials.Load()
	if err != nil {
		return MaterialsResult{}, fmt.Errorf("bench materials: %w", err)
	}
	studio, err := fixtures.OpenAll()
	if err != nil {
		return MaterialsResult{}, fmt.Errorf("bench materials: %w", err)
	}
	cases := fixtures.Cases(options.Seed, options.Today, options.Cases)
	known, err := openReadings(options.Journal)
	if err != nil {
		return MaterialsResult{}, fmt.Errorf("bench materials: %w", err)
	}
	desk := &readingDesk{studio: studio, options: options, known: known}
	result, err := desk.judge(ctx, catalog, cases)
	if err := errors.Join(err, known.close()); err != nil {
		return result, fmt.Errorf("bench materials: %w", err)
	}
	return result, nil
}

// judge reads and assesses every case.
func (d *readingDesk) judge(ctx context.Context, catalog *materials.Catalog, cases []fixtures.Case) (MaterialsResult, error) {
	options := d.options
	result := MaterialsResult{Seed: options.Seed, Read: options.Read != nil, Cases: len(cases), Matters: len(fixtures.Matters())}
	score := newMaterialsScore()
	if options.Begin != nil {
		options.Begin(fmt.Sprintf("%d cases", len(cases)), len(cases))
	}
	for i, c := range cases {
		read, err := d.read(ctx, i, c)
		if err != nil {
			return result, fmt.Errorf("case %s: %w", c.Name, err)
		}
		runtime.GC() // what drawing the papers left is not the rules' doing
		begun := processorTime()
		assessment := catalog.Assess(read.input)
		took := float64((processorTime() - begun).Microseconds()) / 1000
		result.RulesMS += took / float64(len(cases))
		if took > result.Slowest {
			result.Slowest, result.SlowestOf = took, len(c.Papers)
		}
		result.Papers += len(c.Papers)
		result.Rules, result.Engine = assessment.Rules, engineOf(read, result.Engine)
		score.add(catalog, read, assessment)
		if options.Done != nil {
			options.Done()
		}
	}
	result.Score, result.Kinds, result.Failures = score.sum(), len(score.kinds), d.failures
	return result, nil
}

// engineOf names the engine of the first page that was read.
func engineOf(c readCase, known string) string {
	for _, f := range c.input.Files {
		for _, r := range f.Readings {
			if known == "" {
				known = strings.TrimSpace(r.Engine + " " + r.Model)
			}
		}
	}
	return known
}

// readingDesk turns papers into readings.
type readingDesk struct {
	studio   *fixtures.Studio
	options  MaterialsOptions
	known    *readings
	failures []string
}

func (d *readingDesk) read(ctx context.Context, number int, c fixtures.Case) (readCase, error) {
	out := readCase{Case: c, input: materials.Input{
		Matter: c.Matter, Region: "379900", Received: casework.Date{Year: c.Today.Year(), Month: c.Today.Month(), Day: c.Today.Day()},
		Shared: c.Shared, Elsewhere: c.Elsewhere,
		Applicant: casework.Person{Name: c.Applicant.Name, IDNumber: c.Applicant.IDNumber, Mobile: c.Applicant.Mobile, Account: c.Applicant.Account, Address: c.Applicant.Address},
	}}
	papers, err := d.papers(ctx, number, c)
	if err != nil {
		return out, err
	}
	for i, p := range c.Papers {
		file := materials.File{ID: fmt.Sprintf("%s/%d", c.Name, i), Slot: p.Slot, FileName: p.Kind + ".jpg", Elsewhere: p.Elsewhere, Readings: papers[i].Pages, Fault: papers[i].Fault}
		if p.Near {
			file.Near = map[int]int{1: nearBits}
		}
		if file.Fault != "" {
			d.failures = append(d.failures, file.ID+": "+file.Fault)
		}
		out.input.Files = append(out.input.Files, file)
	}
	return out, nil
}

// papers gives what is known of a case's papers, or reads them.
func (d *readingDesk) papers(ctx context.Context, number int, c fixtures.Case) ([]paperReading, error) {
	print := printOf(d.options.Seed, c)
	if known, ok := d.known.known[print]; ok && d.options.Read != nil {
		return known.Papers, nil
	}
	papers := make([]paperReading, len(c.Papers))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for i, p := range c.Papers {
		group.Go(func() error {
			pages, err := d.readPaper(ctx, p, rand.New(rand.NewPCG(d.options.Seed, uint64(number*100+i))))
			papers[i].Pages = pages
			if fault := casework.AsFault(err); err != nil && fault.Kind == casework.Permanent {
				papers[i].Fault, err = fault.Code, nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil || d.options.Read == nil {
		return papers, err
	}
	return papers, d.known.add(caseReadings{Print: print, Papers: papers})
}

func (d *readingDesk) readPaper(ctx context.Context, p fixtures.Paper, rnd *rand.Rand) ([]casework.Reading, error) {
	if d.options.Read == nil {
		return d.perfect(p, rnd)
	}
	data, err := d.studio.File(p, rnd)
	if err != nil {
		return nil, err
	}
	return d.options.Read(ctx, data)
}

// small is the scale at which papers are drawn when nobody looks at the pixels.
const small = 0.06

// Confidences of perfect readings: an engine is never quite sure, and hardly at
// all of handwriting.
const (
	sure   = 0.995
	byHand = 0.75
)

// nearBits is how near a picture that was saved again lies to what it was saved from.
const nearBits = 2

// spoilt is the blur from which nothing can be read (fixtures/materials).
const spoilt = 8

// perfect takes the reading from the drawing: every line as it was printed.
func (d *readingDesk) perfect(p fixtures.Paper, rnd *rand.Rand) ([]casework.Reading, error) {
	scale := small
	if p.Kind == fixtures.CardPhoto { // whose size is asked for
		scale = 1
	}
	picture, err := d.studio.Draw(p, fixtures.Style{Font: p.Style.Font, Scale: scale}, rnd)
	if err != nil {
		return nil, err
	}
	size := picture.Image.Bounds()
	r := casework.Reading{Page: 1, Width: int(float64(size.Dx()) / scale), Height: int(float64(size.Dy()) / scale), Engine: "drawing"}
	if r.Quality = seenOf(p); unreadable(p) {
		return []casework.Reading{r}, nil
	}
	for _, l := range picture.Lines {
		var quad casework.Quad
		for i, point := range l.Quad {
			quad[i] = casework.Point{X: point.X / scale, Y: point.Y / scale}
		}
		switch {
		case l.Field == "seal":
			r.Seals = append(r.Seals, casework.Seal{Box: quad.Box(), Colour: "red", Shape: "round", Text: l.Text, Confidence: sure})
		case l.Text != "":
			r.Lines = append(r.Lines, casework.Line{Text: l.Text, Quad: quad, Confidence: confidenceOf(p, l), Engine: "drawing"})
		}
	}
	return []casework.Reading{r}, nil
}

func confidenceOf(p fixtures.Paper, l fixtures.TruthLine) float64 {
	if hand := p.Values[fixtures.ByHand]; l.Field != "" && (hand == l.Field || hand == fixtures.AllByHand) {
		return byHand
	}
	return sure
}

// unreadable says that nobody reads anything of a paper's picture.
func unreadable(p fixtures.Paper) bool { return p.Style.Blur >= spoilt || p.Flaw.Unreadable() }

// seenOf is what the reader says of a picture with a paper's flaw. That it does say
// so TestEveryFlawOfAFileIsSeen holds.
func seenOf(p fixtures.Paper) []casework.Quality {
	code := codeOf(p.Flaw)
	if p.Style.Blur >= spoilt {
		code = "blurred"
	}
	if code == "" {
		return nil
	}
	return []casework.Quality{{Code: code, Score: 6000, Threshold: 20, Retake: unreadable(p)}}
}

func codeOf(f fixtures.Flaw) string {
	return map[fixtures.Flaw]string{
		fixtures.Blank: "blank", fixtures.Dark: "too_dark", fixtures.Tiny: "too_small", fixtures.CutOff: "cut_off", fixtures.CutCorner: "cut_off",
		fixtures.OffScreen: "screen_photo", fixtures.Edited: "edited", fixtures.Hidden: "hidden_text", fixtures.ManyPages: "pages_unread",
		fixtures.BrokenIn: "picture_broken", fixtures.Signed: "signature_unverified", fixtures.Heavy: "file_heavy",
	}[f]
}
