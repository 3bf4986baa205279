package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/ocr"
)

// OCROptions says what is read by whom.
type OCROptions struct {
	Dir     string // folder with pictures and truth.jsonl
	Pages   int    // at most so many pages; 0 is all
	Child   string // path of jingban-ocr
	Models  string // folder of the PP-OCR models
	Workers int    // children, or programs, at once
	Every   int    // the others read each n-th page only; 0 leaves them out
	Journal string // file that keeps each page's result, so that an interrupted run goes on; "" for none
	Steady  int    // pages that one child reads in a row, to watch its memory; 0 for none
	Intake  bool   // then the door checks of large photos and the drawing of PDFs are measured
	Scaling int    // pages read by one and then by two children, to compare their speed; 0 for none

	Begin func(what string, total int) // a part begins
	Done  func()                       // one reading is done; called by several goroutines
}

// patience is how long a page may take: a measurement on a busy machine is slow,
// not wrong.
const patience = 10 * time.Minute

// RenderOCR draws a reading set into a folder.
func RenderOCR(dir string, pages int, seed uint64, done func()) error {
	studio, err := materials.OpenAll()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("reading set: %w", err)
	}
	_, err = studio.WriteReadingSet(dir, pages, seed, done)
	return err
}

// OCR lets the readers read the same pages and scores them.
func OCR(ctx context.Context, o OCROptions) (*OCRReport, error) {
	truths, err := readTruth(o)
	if err != nil {
		return nil, err
	}
	known, err := openJournal(o.Journal)
	if err != nil {
		return nil, err
	}
	defer known.close()
	pool := ocr.NewPool(ocr.Config{Child: o.Child, Models: o.Models, Workers: o.Workers, Timeout: patience, TempDir: os.TempDir()})
	defer pool.Close()
	if err := o.readAll(ctx, truths, o.jobs(truths, pool), known); err != nil {
		return nil, err
	}
	report := reportOf(known.pages(truths))
	report.Workers = o.Workers
	if o.Steady > 0 {
		if report.Steady, err = o.steady(ctx, truths); err != nil {
			return nil, err
		}
	}
	if o.Intake {
		if report.Intake, err = o.intake(ctx, truths); err != nil {
			return nil, err
		}
	}
	if o.Scaling > 0 {
		if report.Scaling, err = o.scaling(ctx, truths); err != nil {
			return nil, err
		}
	}
	return report, nil
}

func readTruth(o OCROptions) ([]materials.Page, error) {
	file, err := os.Open(filepath.Join(o.Dir, materials.TruthFile))
	if err != nil {
		return nil, fmt.Errorf("truth: %w", err)
	}
	defer file.Close()
	var truths []materials.Page
	for decoder := json.NewDecoder(file); decoder.More(); {
		var p materials.Page
		if err := decoder.Decode(&p); err != nil {
			return nil, fmt.Errorf("truth, page %d: %w", len(truths)+1, err)
		}
		truths = append(truths, p)
	}
	if len(truths) == 0 {
		return nil, errors.New("truth: no page in it")
	}
	if o.Pages > 0 {
		truths = truths[:min(o.Pages, len(truths))]
	}
	return truths, nil
}

// job is one page for one reader.
type job struct {
	truth  materials.Page
	reader string
	read   pageReader
}

// jobs are page by page, so that an interrupted run compares the same pages.
func (o OCROptions) jobs(truths []materials.Page, pool *ocr.Pool) []job {
	var jobs []job
	for i, truth := range truths {
		jobs = append(jobs, job{truth, readerPPOCR, throughPool(pool, o.Dir, readerPPOCR)})
		if o.Every == 0 || i%o.Every != 0 {
			continue
		}
		jobs = append(jobs, job{truth, readerTesseract, throughPool(pool, o.Dir, readerTesseract)})
		for _, mode := range cliModes() {
			jobs = append(jobs, job{truth, readerCLI + mode, byCommandLine(o.Dir, mode)})
		}
	}
	return jobs
}

func (o OCROptions) readAll(ctx context.Context, truths []materials.Page, jobs []job, known *journal) error {
	jobs = slices.DeleteFunc(jobs, func(j job) bool { return known.has(j.truth.File, j.reader) })
	o.Begin(fmt.Sprintf("%d pages", len(truths)), len(jobs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(o.Workers, 1))
	for _, j := range jobs {
		group.Go(func() error {
			page, err := j.read(ctx, j.truth)
			if err != nil {
				return err
			}
			defer o.Done()
			return known.add(page)
		})
	}
	return group.Wait()
}

// journal keeps the results, in a file if it has one.
type journal struct {
	mu    sync.Mutex
	known map[[2]string]OCRPage // by file and reader
	file  *os.File
}

func openJournal(path string) (*journal, error) {
	j := &journal{known: map[[2]string]OCRPage{}}
	if path == "" {
		return j, nil
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if j.file, err = os.Create(path); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(old))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p OCRPage
		if json.Unmarshal(lines.Bytes(), &p) != nil {
			break // the last line of a run that was killed
		}
		if err := j.add(p); err != nil {
			return nil, err
		}
	}
	return j, nil
}

func (j *journal) has(file, reader string) bool {
	_, ok := j.known[[2]string{file, reader}]
	return ok
}

func (j *journal) add(p OCRPage) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.known[[2]string{p.File, p.Reader}] = p
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(p)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// pages are the results for these pages, in their order.
func (j *journal) pages(truths []materials.Page) []OCRPage {
	var all []OCRPage
	for _, truth := range truths {
		for _, reader := range allReaders() {
			if p, ok := j.known[[2]string{truth.File, reader}]; ok {
				all = append(all, p)
			}
		}
	}
	return all
}

func (j *journal) close() {
	if j.file != nil {
		j.file.Close()
	}
}
