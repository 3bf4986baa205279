package bench

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	fixtures "github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/ocr"
)

// TestWhatIsNoMaterialIsReadForRealAndGetsItsOwnSentence hands real pictures to a
// real reader in the place of one paper of a case in order. Whatever it is, one
// sentence says so, and nothing passes silently.
func TestWhatIsNoMaterialIsReadForRealAndGetsItsOwnSentence(t *testing.T) {
	if testing.Short() {
		t.Skip("reads eight pictures")
	}
	pool := ocr.NewPool(ocr.Config{Child: builtReader(t), Models: modelsFolder(t), Workers: 1, Timeout: patience, TempDir: os.TempDir()})
	t.Cleanup(func() { _ = pool.Close() })
	b := badInput{t: t, pool: pool}
	blank := map[string]string{}
	for name, c := range map[string]struct {
		slot    string
		picture fixtures.Picture
		verdict casework.Verdict
		want    string // what is said of the slot, "severity rule"
	}{
		"a selfie":           {fixtures.EnrolmentRecord, b.stranger(fixtures.Selfie), casework.ReturnForCorrection, "BLOCK picture_unusable"},
		"a screenshot":       {fixtures.EnrolmentRecord, b.stranger(fixtures.Screenshot), casework.ReturnForCorrection, "BLOCK screenshot_given"},
		"a foreign passport": {fixtures.EnrolmentRecord, b.stranger(fixtures.ForeignPassport), casework.ManualReview, "WARN passport_given"},
		"another slot's":     {fixtures.EnrolmentRecord, b.paper(fixtures.HouseholdPage, nil, fixtures.Style{}), casework.ReturnForCorrection, "BLOCK wrong_slot"},
		"an empty form":      {fixtures.TransferApplication, b.paper(fixtures.TransferApplication, blank, fixtures.Style{}), casework.ReturnForCorrection, "BLOCK form_empty"},
		"a form by hand":     {fixtures.TransferApplication, b.paper(fixtures.TransferApplication, nil, fixtures.Style{Hand: 1}), casework.ManualReview, "WARN paper_unclear"},
		"a blank sheet":      {fixtures.TransferApplication, b.paper(fixtures.Cremation, nil, fixtures.Style{LowContrast: 1}), casework.ReturnForCorrection, "BLOCK picture_unusable"},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.assess(t, c.slot, c.picture)
			if a.Verdict != c.verdict || !slices.Contains(said(a, c.slot), c.want) {
				t.Errorf("verdict %s, said %v; want %s with %s", a.Verdict, said(a, ""), c.verdict, c.want)
			}
			for _, f := range a.Findings {
				if f.Rule == strings.Fields(c.want)[1] && (f.Zh == "" || f.En == "" || f.Fix == "" || strings.ContainsAny(f.Zh+f.En+f.Fix, "{}")) {
					t.Errorf("sentence: %+v", f)
				}
			}
		})
	}
}

// TestEveryFlawOfAFileIsSeen reads real files with every flaw: the reader says of
// each what the perfect readings of the benchmark take for granted.
func TestEveryFlawOfAFileIsSeen(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a dozen files")
	}
	pool := ocr.NewPool(ocr.Config{Child: builtReader(t), Models: modelsFolder(t), Workers: 1, Timeout: patience, TempDir: os.TempDir()})
	t.Cleanup(func() { _ = pool.Close() })
	b := badInput{t: t, pool: pool}
	c, _, studio := b.inOrder()
	for _, flaw := range fixtures.Flaws() {
		t.Run(string(flaw), func(t *testing.T) {
			p := c.Papers[slices.IndexFunc(c.Papers, func(p fixtures.Paper) bool { return p.Kind == fixtures.EnrolmentRecord })]
			if flaw == fixtures.OffScreen {
				p = c.Papers[slices.IndexFunc(c.Papers, func(p fixtures.Paper) bool { return p.Kind == fixtures.IDCardFront })]
			}
			p.Flaw, p.Style = flaw, fixtures.Style{JPEGQuality: 90}
			data, err := studio.File(p, rand.New(rand.NewPCG(1, 1)))
			if err != nil {
				t.Fatal(err)
			}
			result, err := pool.Read(t.Context(), data, ocr.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var seen []casework.Quality
			for _, page := range result.Pages {
				seen = append(seen, page.Quality...)
			}
			want := seenOf(p)[0]
			i := slices.IndexFunc(seen, func(q casework.Quality) bool { return q.Code == want.Code })
			if flaw == fixtures.CutCorner && i < 0 {
				i = slices.IndexFunc(seen, func(q casework.Quality) bool { return q.Code == "corner_missing" && q.Score > 1.5*q.Threshold })
			}
			if i < 0 || seen[i].Retake != want.Retake {
				t.Errorf("seen %+v; want %s", seen, want.Code)
			}
		})
	}
}

// badInput is a case in order and the means to put something else into it.
type badInput struct {
	t    *testing.T
	pool *ocr.Pool
}

// inOrder is a clean case of a pension transfer with perfect readings.
func (b badInput) inOrder() (fixtures.Case, materials.Input, *fixtures.Studio) {
	b.t.Helper()
	studio, err := fixtures.OpenAll()
	if err != nil {
		needReal(b.t, err)
	}
	known, err := openReadings("")
	if err != nil {
		b.t.Fatal(err)
	}
	desk := &readingDesk{studio: studio, options: MaterialsOptions{Seed: 1}, known: known}
	for i, c := range fixtures.Cases(1, time.Date(2026, 3, 6, 9, 0, 0, 0, casework.China), 40) {
		if c.Matter == "pension_transfer_in" && len(c.Defects) == 0 {
			read, err := desk.read(b.t.Context(), i, c)
			if err != nil {
				b.t.Fatal(err)
			}
			return c, read.input, studio
		}
	}
	b.t.Fatal("no clean case")
	return fixtures.Case{}, materials.Input{}, nil
}

func (b badInput) stranger(kind string) fixtures.Picture {
	b.t.Helper()
	_, _, studio := b.inOrder()
	picture, err := studio.Stranger(kind, fixtures.Style{}, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		b.t.Fatal(err)
	}
	return picture
}

// paper draws one of the case's papers anew; values nil are its own.
func (b badInput) paper(kind string, values map[string]string, style fixtures.Style) fixtures.Picture {
	b.t.Helper()
	c, _, studio := b.inOrder()
	p := fixtures.Paper{Kind: kind, Values: map[string]string{"deceased": "无"}}
	if i := slices.IndexFunc(c.Papers, func(p fixtures.Paper) bool { return p.Kind == kind }); i >= 0 {
		p = c.Papers[i]
	}
	if values != nil {
		p.Values = values
	}
	picture, err := studio.Draw(p, style, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		b.t.Fatal(err)
	}
	return picture
}

// assess reads the picture for real, puts it into a slot and judges the case.
func (b badInput) assess(t *testing.T, slot string, picture fixtures.Picture) casework.Assessment {
	t.Helper()
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	c, input, _ := b.inOrder()
	data, err := fixtures.Encode(picture, 90)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range c.Papers {
		if p.Kind != slot {
			continue
		}
		file := materials.File{ID: "f", Slot: slot, FileName: "f.jpg"}
		result, err := b.pool.Read(t.Context(), data, ocr.Options{})
		if file.Readings = result.Pages; err != nil {
			file.Fault = casework.AsFault(err).Code
		}
		input.Files[i] = file
	}
	return catalog.Assess(input)
}

// said lists what was found of a slot, or of all for "".
func said(a casework.Assessment, slot string) []string {
	var out []string
	for _, f := range a.Findings {
		if slot == "" || f.Material == slot {
			out = append(out, fmt.Sprintf("%s %s", f.Severity, f.Rule))
		}
	}
	return out
}
