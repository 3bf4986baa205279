package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/materials"
)

func TestReadingIsScoredLineByLineInAnyOrder(t *testing.T) {
	for name, c := range map[string]struct {
		lines, read []string
		wrong       int
		extra       int
	}{
		"the same":                       {[]string{"姓名", "张明"}, []string{"姓名 张明"}, 0, 0},
		"another order":                  {[]string{"姓名", "张明"}, []string{"张明", "姓名"}, 0, 0},
		"one character":                  {[]string{"海州示例公司"}, []string{"海州示列公司"}, 1, 0},
		"a dropped end":                  {[]string{"张二二"}, []string{"张二"}, 1, 0},
		"invented text":                  {[]string{"姓名"}, []string{"姓名", "口口"}, 0, 2},
		"read once, printed twice":       {[]string{"海州", "海州"}, []string{"海州"}, 2, 0},
		"nothing read":                   {[]string{"姓名", "张明"}, nil, 4, 0},
		"wide signs":                     {[]string{"编号：（一）"}, []string{"编号:(一)"}, 0, 0},
		"a near line does not take":      {[]string{"2026年3月15日起", "2026年3月15日"}, []string{"2026年3月15日", "x"}, 11, 1},
		"a line split over two is whole": {[]string{"379901198509177065"}, []string{"3799011985", "09177065"}, 0, 0},
	} {
		p := OCRPage{}
		scorePage(&p, materials.Page{Lines: c.lines}, c.read)
		if p.Wrong != c.wrong || p.Extra != c.extra {
			t.Errorf("%s: %d wrong, %d extra, want %d and %d", name, p.Wrong, p.Extra, c.wrong, c.extra)
		}
	}
}

func TestFieldIsExactOnlyAsAWholeNumber(t *testing.T) {
	truth := materials.Page{Lines: []string{"1250.00", "张明"}, Fields: map[string]string{"total_amount": "1250.00", "name": "张明"}}
	for read, want := range map[string]int{"1250.00": 1, "11250.00": 0, "1250.001": 0, "金额1250.00元": 1, "1260.00": 0} {
		p := OCRPage{}
		scorePage(&p, truth, []string{read, "张明"})
		if p.Fields["amount"] != [2]int{want, 1} || p.Fields["name"] != [2]int{1, 1} {
			t.Errorf("%q: %v", read, p.Fields)
		}
	}
}

func TestMarksAreNeitherWrongNorExtra(t *testing.T) {
	p := OCRPage{}
	scorePage(&p, materials.Page{Lines: []string{"出具日期"}, Marks: []string{"海州示例公司"}}, []string{"出具日期", "例公司海州"})
	if p.Wrong != 0 || p.Extra != 0 || p.Chars != 4 {
		t.Errorf("%+v", p)
	}
}

func TestFieldsAreSortedByTheirForm(t *testing.T) {
	for value, want := range map[string]string{
		"379901198509177065": "id number", "6228 4800 0000 0000 018": "account", "2026年3月5日": "date", "2019.11.16-2039.11.16": "date", "1985\n9\n17": "date",
		"¥68189.05": "amount", "壹佰元整": "amount", "91379900MA3205358G": "code", "海劳证〔2026〕0012号": "code", "装配工": "other",
	} {
		if got := fieldGroup("x", value); got != want {
			t.Errorf("%q is %s, want %s", value, got, want)
		}
	}
	if got := fieldGroup("worker_name_3", "张明"); got != "name" {
		t.Errorf("a name is %s", got)
	}
}

// The whole bench on six pages; only one of them is read by all readers.
func TestOCRBenchComparesTheReadersOnTheSamePages(t *testing.T) {
	if testing.Short() {
		t.Skip("reads pages with every reader")
	}
	options := OCROptions{Dir: t.TempDir(), Child: builtReader(t), Models: modelsFolder(t), Workers: 1, Every: 6, Begin: func(string, int) {}, Done: func() {}}
	options.Journal = filepath.Join(options.Dir, "journal.jsonl")
	if err := RenderOCR(options.Dir, 6, 3, func() {}); err != nil {
		needReal(t, err)
	}
	var done atomic.Int32
	options.Done = func() { done.Add(1) }
	report, err := OCR(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	ours := report.Readers[0]
	if ours.Reader != readerPPOCR || ours.Pages != 6 || ours.CER > 0.01 || ours.CPU <= 0 || ours.MaxMiB < 50 || ours.FalseTurns > 0 {
		t.Errorf("ours: %+v", ours)
	}
	if len(report.Same) != len(allReaders()) || report.Ratios.ErrorsPSM3 <= 1 {
		t.Errorf("same pages: %d rows, ratios %+v", len(report.Same), report.Ratios)
	}
	first := done.Load()
	again, err := OCR(t.Context(), options)
	if err != nil || done.Load() != first || again.Readers[0].Wrong != ours.Wrong {
		t.Errorf("a finished run read %d pages again (%v)", done.Load()-first, err)
	}
}

// needReal skips where a real part is missing; in CI that is a failure.
func needReal(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("REQUIRE_REAL") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
}

func builtReader(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jingban-ocr")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/jingban/jingban/cmd/jingban-ocr").CombinedOutput(); err != nil {
		t.Log(strings.TrimSpace(string(out)))
		needReal(t, err)
	}
	if _, err := exec.LookPath("tesseract"); err != nil {
		needReal(t, err)
	}
	return path
}

func modelsFolder(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("JINGBAN_MODELS")
	if dir == "" {
		dir, _ = filepath.Abs(filepath.Join("..", ".cache", "models")) // the child stands elsewhere
	}
	if _, err := os.Stat(dir); err != nil {
		needReal(t, err)
	}
	return dir
}

func TestASmallLastXIsNoSilentError(t *testing.T) {
	truth := materials.Page{Lines: []string{"37990219920417979X"}, Fields: map[string]string{"id_number": "37990219920417979X"}}
	for read, silent := range map[string]int{"37990219920417979x": 0, "37990219920417979X": 0, "379901198503120017": 1} {
		lines := []casework.Line{{Text: read, Confidence: 1, Quad: casework.Quad{{}, {X: 100}, {X: 100, Y: 20}, {Y: 20}}}}
		var p OCRPage
		scoreNumbers(&p, truth, lines, newReading(texts(lines)).align(truth.Lines))
		if p.Numbers != 1 || p.Verified != 1 || len(p.Silent) != silent {
			t.Errorf("%s: %+v", read, p)
		}
	}
}
