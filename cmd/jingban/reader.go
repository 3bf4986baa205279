package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/ocr"
)

// reader gives workers and web the OCR children without letting them know
// package ocr.
type reader struct {
	pool *ocr.Pool
	door *ocr.Pool // one small child without models: an upload never waits for pages being read
}

func newReader(cfg *Config, f *folder) (*reader, error) {
	temp := os.TempDir()
	if f != nil {
		temp = f.at("tmp")
	}
	params, err := casework.LoadParams(nil)
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	limits := func() ocr.DoorLimits { return ocr.LimitsFrom(params.For(defaultRegion, casework.DateOf(time.Now()))) }
	config := ocr.Config{
		Child: besideUs("jingban-ocr"), Models: cfg.models(), Workers: runtime.NumCPU(),
		PagesPerChild: 200, MemoryLimit: 1 << 30, Timeout: 60 * time.Second, TempDir: temp, Door: limits,
	}
	read := &reader{pool: ocr.NewPool(config)}
	config.Workers = 1
	read.door = ocr.NewPool(config)
	return read, nil
}

// saySecondBest tells whoever waits for a reading that it will be a poor one.
func (c console) saySecondBest(cfg *Config) {
	if cfg.models() == "" {
		fmt.Fprintln(c.err, c.say("没有找到识别模型，改用 Tesseract 识读，差错会多得多。请执行 make setup，或用 --models 指定模型目录。",
			"No OCR models found: Tesseract reads instead and errs far more often. Run make setup, or name their folder with --models."))
	}
}

// Read reads all pages of a file.
func (r *reader) Read(ctx context.Context, file []byte) ([]casework.Reading, error) {
	result, err := r.pool.Read(ctx, file, ocr.Options{})
	return result.Pages, err
}

// Sight reads the one page of a picture.
func (r *reader) Sight(ctx context.Context, png []byte) (casework.Reading, error) {
	pages, err := r.Read(ctx, png)
	if err != nil || len(pages) == 0 {
		return casework.Reading{}, err
	}
	return pages[0], nil
}

// into reads a file for the assessment. One that can't be read is no error: the
// file says so, and the fault why.
func (r *reader) into(ctx context.Context, file *materials.File, data []byte) (unread *casework.Fault, err error) {
	file.Readings, err = r.Read(ctx, data)
	if err == nil {
		return nil, nil
	}
	fault := casework.AsFault(err)
	if ctx.Err() != nil || fault.Code == "ocr_missing" {
		return nil, fmt.Errorf("file %s: %w", file.ID, err) // a name may hold personal data
	}
	file.Fault = fault.Code
	return fault, nil
}

// Door looks at a file before it is read. A page that must be taken again has no
// hash: two blurred pictures are alike and mean nothing.
func (r *reader) Door(ctx context.Context, file []byte) ([]casework.Look, error) {
	report, err := r.door.Door(ctx, file)
	if err != nil {
		return nil, err
	}
	var looks []casework.Look
	for _, sheet := range report.Sheets {
		look := casework.Look{Page: sheet.Page, Findings: sheet.Findings}
		useless := slices.ContainsFunc(sheet.Findings, func(q casework.Quality) bool { return q.Retake })
		if !useless && sheet.Hash != (ocr.PictureHash{}) {
			look.Hash = sheet.Hash[:]
		}
		looks = append(looks, look)
	}
	return looks, nil
}

// Picture gives one upright page as JPEG, its longest side at most maxSide.
func (r *reader) Picture(ctx context.Context, file []byte, page, maxSide int) (jpeg []byte, w, h int, err error) {
	return r.pool.Picture(ctx, file, page, maxSide)
}

// Close ends the children.
func (r *reader) Close() error { return errors.Join(r.pool.Close(), r.door.Close()) }

// besideUs finds a program of ours next to this one, else on the PATH.
func besideUs(name string) string {
	if self, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	return name
}
