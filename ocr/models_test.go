package ocr_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

// modelsUnderOtherNames links the models into a folder as another release would
// name them.
func modelsUnderOtherNames(t *testing.T, list string) string {
	t.Helper()
	own, err := ocr.LoadModels(ocrtest.Models(t))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, file := range map[string]ocr.ModelFile{
		"det.onnx": own.Detect, "rec.onnx": own.Read, own.Class.File: own.Class, "dict.txt": own.Keys, own.Library.File: own.Library,
	} {
		if err := os.Symlink(own.Path(file), filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "models.json"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestAnotherModelIsNamedInItsFolderWithoutCode(t *testing.T) {
	const names = `"detect": {"file": "det.onnx"}, "keys": {"file": "dict.txt"}, "read": {"file": "rec.onnx"`
	for name, c := range map[string]struct{ list, problem string }{
		"named":             {"{" + names + `, "classes": 6625}}`, ""},
		"wrong class count": {"{" + names + `, "classes": 18385}}`, "6625 classes, want 18385"},
		"another content":   {"{" + names + `, "sha256": "00"}}`, "rec.onnx has the hash"},
		"no such file":      {`{"detect": {"file": "gone.onnx"}}`, "gone.onnx"},
		"not in the folder": {`{"detect": {"file": "../det.onnx"}}`, "in the same folder"},
		"unknown part":      {`{"layout": {"file": "det.onnx"}}`, `"layout" is no part`},
	} {
		t.Run(name, func(t *testing.T) {
			folder := modelsUnderOtherNames(t, c.list)
			pool := newPool(t, func(cfg *ocr.Config) { cfg.Models = folder })
			health, err := pool.Health(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			first := health.Engines[0]
			if c.problem == "" && first.Problem != "" || !strings.Contains(first.Problem, c.problem) {
				t.Fatalf("problem %q, want %q", first.Problem, c.problem)
			}
			if c.problem != "" {
				return
			}
			page := readPage(t, pool, ocrtest.Draw(t, 900, 300, ocrtest.Text{X: 60, Y: 160, Size: 48, Text: "失业保险金申领登记表"}))
			if page.Engine != "ppocr" || page.Model != first.Model || !strings.Contains(page.Lines[0].Text, "申领登记表") {
				t.Errorf("engine %s, model %s, lines %v", page.Engine, page.Model, page.Lines)
			}
		})
	}
}
