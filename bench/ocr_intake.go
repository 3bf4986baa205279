package bench

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/ocr"
)

// OCRIntake is what files cost apart from reading them, in processor time.
type OCRIntake struct {
	Photos   int     `json:"photos"` // of 12 megapixels
	DoorMS   float64 `json:"door_ms"`
	DoorMost float64 `json:"door_ms_most"`
	Leaves   int     `json:"pdf_pages"`   // scans of A4
	RenderMS float64 `json:"pdf_ms_page"` // at the product's resolution, some 205 dpi
}

// The photo of a phone, and the most of them and of leaves that are measured.
const (
	photoWidth, photoHeight = 3000, 4000
	photoQuality            = 92
	intakePages             = 12
)

// intake measures the door on photos of 12 megapixels, and drawing a PDF's pages.
func (o OCROptions) intake(ctx context.Context, truths []materials.Page) (*OCRIntake, error) {
	var pages []materials.Page
	for _, truth := range truths {
		if sizeOf(pageOf(truth, "")) == "A4" && truth.Turn == 0 && len(pages) < intakePages {
			pages = append(pages, truth)
		}
	}
	pool := o.poolOf(1)
	defer pool.Close()
	o.Begin("door and PDF", 2*len(pages))
	in := &OCRIntake{Photos: len(pages), Leaves: len(pages)}
	if err := o.doors(ctx, pool, pages, in); err != nil {
		return nil, err
	}
	return in, o.leaves(ctx, pool, pages, in)
}

func (o OCROptions) doors(ctx context.Context, pool *ocr.Pool, pages []materials.Page, in *OCRIntake) error {
	var took []float64
	for _, page := range pages {
		img, err := imaging.Open(filepath.Join(o.Dir, page.File))
		if err != nil {
			return fmt.Errorf("photo: %w", err)
		}
		var photo bytes.Buffer
		if err := imaging.Encode(&photo, imaging.Resize(img, photoWidth, photoHeight, imaging.Linear), imaging.JPEG, imaging.JPEGQuality(photoQuality)); err != nil {
			return fmt.Errorf("photo: %w", err)
		}
		result, err := pool.Read(ctx, photo.Bytes(), ocr.Options{Pages: 1})
		if err != nil {
			return fmt.Errorf("photo of %s: %w", page.File, err)
		}
		took = append(took, 1000*result.Costs[0].Door.Seconds())
		o.Done()
	}
	slices.Sort(took)
	in.DoorMS, in.DoorMost = took[len(took)/2], took[len(took)-1]
	return nil
}

// leaves binds the pages in a PDF and reads that. Poppler's processes end within
// the reading, the children do not: what ended children took is poppler's.
func (o OCROptions) leaves(ctx context.Context, pool *ocr.Pool, pages []materials.Page, in *OCRIntake) error {
	var bound []ocr.Leaf
	for _, page := range pages {
		img, err := imaging.Open(filepath.Join(o.Dir, page.File))
		if err != nil {
			return fmt.Errorf("leaf: %w", err)
		}
		var picture bytes.Buffer
		if err := imaging.Encode(&picture, imaging.Clone(img), imaging.JPEG, imaging.JPEGQuality(photoQuality)); err != nil {
			return fmt.Errorf("leaf: %w", err)
		}
		bound = append(bound, ocr.Leaf{JPEG: picture.Bytes(), Reading: casework.Reading{Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}})
	}
	var file bytes.Buffer
	if err := ocr.WriteSearchable(&file, bound); err != nil {
		return err
	}
	before := endedChildren()
	if _, err := pool.Read(ctx, file.Bytes(), ocr.Options{Pages: len(pages)}); err != nil {
		return fmt.Errorf("PDF of %d pages: %w", len(pages), err)
	}
	in.RenderMS = 1000 * (endedChildren() - before).Seconds() / float64(max(len(pages), 1))
	for range pages {
		o.Done()
	}
	return nil
}

// endedChildren is the processor time of all processes that were started here and
// have ended.
func endedChildren() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
