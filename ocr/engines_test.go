package ocr_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

// childDir names the folder TestMain keeps for builtChild.
const childDir = "OCR_TEST_CHILD_DIR"

// builtChild is jingban-ocr, built once for all tests of the package.
var builtChild = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.Getenv(childDir), "jingban-ocr")
	out, err := exec.Command("go", "build", "-o", path, "github.com/jingban/jingban/cmd/jingban-ocr").CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "jingban-ocr-test")
	if err == nil {
		err = os.Setenv(childDir, dir)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func newPool(t testing.TB, change func(*ocr.Config)) *ocr.Pool {
	t.Helper()
	path, err := builtChild()
	ocrtest.NeedReal(t, "jingban-ocr (g++, libtesseract-dev)", err)
	cfg := ocr.Config{Child: path, Models: ocrtest.Models(t), Workers: 1, TempDir: t.TempDir()}
	if change != nil {
		change(&cfg)
	}
	pool := ocr.NewPool(cfg)
	t.Cleanup(func() { pool.Close() })
	return pool
}

// needEngine skips where an engine's library or data is missing.
func needEngine(t *testing.T, pool *ocr.Pool, name string) {
	t.Helper()
	health, err := pool.Health(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range health.Engines {
		if e.Name == name && e.Problem != "" {
			ocrtest.NeedReal(t, name, errors.New(e.Problem))
		}
	}
}

func TestPPOCRKeepsTheContract(t *testing.T) {
	pool := newPool(t, nil)
	needEngine(t, pool, "ppocr")
	ocrtest.Contract(t, pool, ocrtest.Strictness{Engine: "ppocr"})
}

func TestTesseractKeepsTheContract(t *testing.T) {
	pool := newPool(t, nil)
	needEngine(t, pool, "tesseract")
	ocrtest.Contract(t, pool, ocrtest.Strictness{Engine: "tesseract", Misses: 3})
}
