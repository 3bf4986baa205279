package bench

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/ocr"
)

// OCRSteady is the memory of one child that is never replaced.
type OCRSteady struct {
	Pages     int     `json:"pages"`
	EarlyPage int     `json:"early_page"`
	EarlyMiB  float64 `json:"early_mib"` // most held after one of ten pages, up to EarlyPage
	LateMiB   float64 `json:"late_mib"`  // and at the end
	Growth    float64 `json:"growth"`    // late over early, minus one
	PeakMiB   float64 `json:"peak_mib"`
	Series    []int64 `json:"series_mib"` // after every tenth page
}

// OCRScaling is the wall time of the same pages by one child and by two.
type OCRScaling struct {
	Pages       int     `json:"pages"`
	One         float64 `json:"one_s"`
	Two         float64 `json:"two_s"`
	Times       float64 `json:"times"`
	A4PerSecond float64 `json:"a4_pages_s_core"` // by one child
}

func (o OCROptions) poolOf(workers int) *ocr.Pool {
	return ocr.NewPool(ocr.Config{Child: o.Child, Models: o.Models, Workers: workers, PagesPerChild: 1 << 30, MemoryLimit: 4 << 30, Timeout: patience, TempDir: os.TempDir()})
}

// steady reads pages in a row with one child, from the start again when there
// are too few. The first fifth is left to fill the allocators.
func (o OCROptions) steady(ctx context.Context, truths []materials.Page) (*OCRSteady, error) {
	pool := o.poolOf(1)
	defer pool.Close()
	read := throughPool(pool, o.Dir, readerPPOCR)
	s := &OCRSteady{Pages: o.Steady, EarlyPage: max(o.Steady/5, 10)}
	o.Begin("memory of one child", o.Steady)
	held := make([]float64, o.Steady)
	for i := range o.Steady {
		page, err := read(ctx, truths[i%len(truths)])
		if err != nil {
			return nil, err
		}
		held[i] = float64(page.Resident) / (1 << 20)
		s.PeakMiB = max(s.PeakMiB, float64(page.Peak)/(1<<20))
		if i%10 == 9 {
			s.Series = append(s.Series, int64(held[i]))
		}
		o.Done()
	}
	early := held[:min(s.EarlyPage, len(held))]
	s.EarlyMiB, s.LateMiB = most(early[max(0, len(early)-10):]), most(held[max(0, len(held)-10):])
	s.Growth = s.LateMiB/max(s.EarlyMiB, 1) - 1
	return s, nil
}

func most(values []float64) float64 {
	highest := 0.0
	for _, v := range values {
		highest = max(highest, v)
	}
	return highest
}

// scaling reads the same A4 pages with one child and then with two, both warm.
func (o OCROptions) scaling(ctx context.Context, truths []materials.Page) (*OCRScaling, error) {
	var pages []materials.Page
	for i := 0; len(pages) < o.Scaling && i < len(truths); i++ {
		if sizeOf(pageOf(truths[i], "")) == "A4" {
			pages = append(pages, truths[i])
		}
	}
	if len(pages) < 2 {
		return nil, fmt.Errorf("scaling: only %d A4 pages", len(pages))
	}
	s := &OCRScaling{Pages: len(pages)}
	var err error
	if s.One, err = o.wall(ctx, pages, 1); err != nil {
		return nil, err
	}
	if s.Two, err = o.wall(ctx, pages, 2); err != nil {
		return nil, err
	}
	s.Times, s.A4PerSecond = s.One/s.Two, float64(len(pages))/s.One
	return s, nil
}

func (o OCROptions) wall(ctx context.Context, pages []materials.Page, workers int) (float64, error) {
	pool := o.poolOf(workers)
	defer pool.Close()
	read := throughPool(pool, o.Dir, readerPPOCR)
	o.Begin(fmt.Sprintf("%d children", workers), len(pages)+workers)
	all := func(pages []materials.Page) error {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(workers)
		for _, page := range pages {
			group.Go(func() error {
				defer o.Done()
				_, err := read(ctx, page)
				return err
			})
		}
		return group.Wait()
	}
	if err := all(pages[:workers]); err != nil { // starts the children and loads the models
		return 0, err
	}
	begun := time.Now()
	err := all(pages)
	return time.Since(begun).Seconds(), err
}
