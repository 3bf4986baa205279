package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

// reader gives workers and web the OCR children without letting them know
// package ocr.
type reader struct{ pool *ocr.Pool }

func newReader(cfg *Config, f *folder) *reader {
	temp := os.TempDir()
	if f != nil {
		temp = f.at("tmp")
	}
	return &reader{pool: ocr.NewPool(ocr.Config{
		Child: besideUs("jingban-ocr"), Models: cfg.models(), Workers: runtime.NumCPU(),
		PagesPerChild: 200, MemoryLimit: 1 << 30, Timeout: 60 * time.Second, TempDir: temp,
	})}
}

// Read reads all pages of a file.
func (r *reader) Read(ctx context.Context, file []byte) ([]casework.Reading, error) {
	result, err := r.pool.Read(ctx, file, ocr.Options{})
	return result.Pages, err
}

// Picture gives one upright page as JPEG, its longest side at most maxSide.
func (r *reader) Picture(ctx context.Context, file []byte, page, maxSide int) (jpeg []byte, w, h int, err error) {
	return r.pool.Picture(ctx, file, page, maxSide)
}

// Close ends the children.
func (r *reader) Close() error { return r.pool.Close() }

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
