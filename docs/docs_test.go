// Package docs checks what only reading could check otherwise: dead links, a
// decision missing from the index, and who imports whom.
package docs

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/jingban/jingban/"

// rooms says which of our packages a package may import. A name ending in /…
// covers the packages below it. Tests are exempt.
func rooms() map[string][]string {
	pure := []string{"casework", "ledger", "benefits", "persons", "materials", "crosscheck", "sheets"}
	with := func(more ...string) []string { return append(slices.Clone(pure), more...) }
	return map[string][]string{
		"casework":        {},
		"ledger":          {"casework"},
		"benefits":        {"casework"},
		"persons":         {"casework", "persons"},
		"children":        {"casework"},
		"tasks":           {"casework", "children"},
		"ocr":             {"casework", "children", "ocr"},
		"materials":       {"casework", "persons", "benefits"},
		"crosscheck":      {"casework", "persons", "ledger", "benefits"},
		"sheets":          {"casework", "persons", "ledger"},
		"playbooks":       pure,
		"browser":         {"casework", "playbooks", "children"},
		"store":           pure,
		"papers":          pure,
		"workers":         with("playbooks", "papers", "store", "tasks"),
		"web":             with("playbooks", "papers", "store", "tasks"),
		"fixtures":        {"fixtures"},
		"cmd/jingban-ocr": {"casework", "children", "ocr"},
	}
}

// confined says which packages may import a third party.
func confined() map[string][]string {
	return map[string][]string{
		"github.com/chromedp/":              {"browser"},
		"github.com/hibiken/asynq":          {"tasks", "workers"},
		"github.com/redis/go-redis":         {"tasks", "workers"},
		"modernc.org/sqlite":                {"store"},
		"github.com/jackc/pgx":              {"store"},
		"github.com/pressly/goose":          {"store"},
		"github.com/expr-lang/expr":         {"playbooks"},
		"github.com/goccy/go-yaml":          {"casework", "playbooks"},
		"github.com/robfig/cron":            {"casework"},
		"github.com/disintegration/imaging": {"ocr"},
		"golang.org/x/image":                {"ocr"},
		"github.com/otiai10/gosseract":      {"ocr/native"},
		"github.com/yalue/onnxruntime_go":   {"ocr/native"},
		"google.golang.org/protobuf":        {"ocr/onnx", "ocr/native"},
		"github.com/gen2brain/heic":         {"ocr/native"},
		"github.com/xuri/excelize":          {"papers", "ledger", "persons/link", "sheets"},
		"C":                                 {"ocr/native"},
	}
}

// everything may import all of ours and any third party.
func everything(pkg string) bool {
	for _, room := range []string{"bench", "drill", "docs", "cmd/jingban"} {
		if pkg == room || strings.HasPrefix(pkg, room+"/") {
			return true
		}
	}
	return false
}

func room(pkg string) (string, bool) {
	for name := pkg; name != "."; name = filepath.Dir(name) {
		if _, ok := rooms()[name]; ok {
			return name, true
		}
	}
	return "", false
}

// within reports whether pkg is one of the names or lies below one.
func within(pkg string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return pkg == name || strings.HasPrefix(pkg, name+"/") })
}

func TestImportsFollowTheTable(t *testing.T) {
	seen := 0
	eachFile(t, ".go", func(path string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if everything(pkg) {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		seen++
		name, ok := room(pkg)
		if !ok {
			t.Errorf("%s: package %s stands in no row of the import table", path, pkg)
			return
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			checkImport(t, path, pkg, name, imported)
		}
	})
	if seen < 20 {
		t.Fatalf("only %d files were looked at", seen)
	}
}

func checkImport(t *testing.T, path, pkg, name, imported string) {
	t.Helper()
	if ours, ok := strings.CutPrefix(imported, module); ok {
		if !within(ours, append(rooms()[name], testRooms(pkg)...)) && !within(ours, []string{pkg}) {
			t.Errorf("%s: %s may not import %s", path, pkg, ours)
		}
		return
	}
	if name == "fixtures" || isTestPackage(pkg) {
		return
	}
	for prefix, allowed := range confined() {
		if strings.HasPrefix(imported, prefix) && (prefix != "C" || imported == "C") && !within(pkg, allowed) {
			t.Errorf("%s: %s is kept inside %v", path, imported, allowed)
		}
	}
}

// isTestPackage tells the exported contract suites: store/storetest and so on.
func isTestPackage(pkg string) bool { return strings.HasSuffix(pkg, "test") }

// testRooms lets a contract suite import the room it tests.
func testRooms(pkg string) []string {
	if !isTestPackage(pkg) {
		return nil
	}
	return []string{filepath.ToSlash(filepath.Dir(pkg))}
}

func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)]*)?\)`)
	eachFile(t, ".md", func(path string) {
		text, err := os.ReadFile(filepath.Join("..", path))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			target := filepath.Join("..", filepath.Dir(path), match[1])
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: dead link %s", path, match[1])
			}
		}
	})
}

func TestEveryDecisionIsInTheIndex(t *testing.T) {
	index, err := os.ReadFile("decisions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("decisions/2*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no decisions: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(index), filepath.Base(file)) {
			t.Errorf("%s is missing from decisions/README.md", file)
		}
		if !strings.Contains(string(text), "\nStatus: ") {
			t.Errorf("%s has no Status: line", file)
		}
		if lines := strings.Count(string(text), "\n"); lines > 60 {
			t.Errorf("%s has %d lines, want at most 60", file, lines)
		}
	}
}

func eachFile(t *testing.T, extension string, do func(path string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		if entry.IsDir() && relative != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "data" || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(path, extension) {
			do(relative)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
