package ocr

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/children"
)

// defaultPages is how many pages of one file are read unless Options say more.
const defaultPages = 20

// Config of a pool. Zero values of all but Child and Models take the defaults
// named here.
type Config struct {
	Child         string        // path of jingban-ocr
	Models        string        // folder of the PP-OCR models and ONNX Runtime
	Workers       int           // children at once; default: one per core
	PagesPerChild int           // then a fresh child, because native memory grows; default 200
	MemoryLimit   int64         // bytes held after a page that end a child; default 1 GB
	Timeout       time.Duration // for one page; default 60 s
	TempDir       string        // working folder of the children; default the system's

	// Door says what a good picture is today; nil, and its zero fields, take the defaults.
	Door func() DoorLimits
}

func (c Config) withDefaults() Config {
	if c.Workers <= 0 {
		c.Workers = runtime.NumCPU()
	}
	if c.PagesPerChild <= 0 {
		c.PagesPerChild = 200
	}
	if c.MemoryLimit <= 0 {
		c.MemoryLimit = 1 << 30
	}
	if c.Timeout <= 0 {
		c.Timeout = time.Minute
	}
	if c.TempDir == "" {
		c.TempDir = os.TempDir()
	}
	return c
}

func (c Config) door() DoorLimits {
	if c.Door == nil {
		return DoorLimits{}.withDefaults()
	}
	return c.Door().withDefaults()
}

// environment of a child: one thread per page (Tesseract with two was ten times
// slower on a shared machine), and a heap that is collected early, because the
// large part of the memory is native.
func (c Config) environment() []string {
	env := []string{"OMP_THREAD_LIMIT=1", "OMP_NUM_THREADS=1", "GOGC=50", "LC_ALL=C.UTF-8", "HOME=" + c.TempDir}
	if data := os.Getenv("TESSDATA_PREFIX"); data != "" {
		env = append(env, "TESSDATA_PREFIX="+data)
	}
	return env
}

// limits leave room above MemoryLimit for the largest picture that is admitted.
func (c Config) limits() children.Limits {
	seconds := uint64(c.Timeout.Seconds()+1) * uint64(c.PagesPerChild+1)
	return children.Limits{CPUSeconds: seconds, MemoryBytes: uint64(c.MemoryLimit) + 1<<30, OpenFiles: 64}
}

// Pool reads files by children of its own, which it starts when they are needed.
// Its methods may be called from several goroutines.
type Pool struct {
	cfg    Config
	slots  chan *worker // nil: a child may be started
	turns  *turns
	alone  func() error    // why children keep the network, nil when they have none
	closed context.Context //nolint:containedctx // ends all work at Close
	end    context.CancelFunc
	empty  sync.Once
}

// source writes the bytes of one picture. It is called again after a crash.
type source func(ctx context.Context, out *os.File) error

// NewPool prepares a pool; nothing is started yet. The caller closes it.
func NewPool(cfg Config) *Pool {
	cfg = cfg.withDefaults()
	p := &Pool{cfg: cfg, slots: make(chan *worker, cfg.Workers), turns: newTurns(), alone: sync.OnceValue(children.CanCutNetwork)}
	p.closed, p.end = context.WithCancel(context.Background())
	for range cfg.Workers {
		p.slots <- nil
	}
	return p
}

// Close ends all children, also those at work. Reads then fail with
// context.Canceled. Closing twice is harmless.
func (p *Pool) Close() error {
	p.end()
	p.empty.Do(func() {
		for range p.cfg.Workers {
			if w := <-p.slots; w != nil {
				w.close()
			}
		}
	})
	return nil
}

// Read implements Reader.
func (p *Pool) Read(ctx context.Context, file []byte, opts Options) (Result, error) {
	doc, err := p.open(ctx, file, pagesOf(opts))
	if err != nil {
		return Result{}, err
	}
	defer doc.close()
	result := Result{MIME: doc.mime}
	hash := sha256.Sum256(file)
	for page := 1; page <= min(doc.pages, pagesOf(opts)); page++ {
		req := request{Op: opRead, Page: page, Engine: opts.Engine, Drawn: doc.drawn, Door: p.cfg.door()}
		if req.Printed, err = doc.printed(ctx, page); err != nil {
			return Result{}, fmt.Errorf("page %d: %w", page, err)
		}
		rep, err := p.do(ctx, req, doc.source(page))
		if err != nil {
			return Result{}, fmt.Errorf("page %d: %w", page, err)
		}
		if rep.Reading == nil {
			return Result{}, casework.Retry("ocr_crashed", "page %d: the child gave no reading", page)
		}
		p.turns.put(pageKey{hash, page}, rep.Reading.Rotation)
		result.Pages, result.Costs = append(result.Pages, *rep.Reading), append(result.Costs, rep.Cost)
	}
	if len(result.Pages) > 0 {
		first := &result.Pages[0]
		first.Quality = append(first.Quality, p.cfg.door().weigh(len(file), doc.mime, first.Width, first.Height, first.Quality)...)
	}
	if read := len(result.Pages); read > 0 && read < doc.pages {
		last := &result.Pages[read-1]
		last.Quality = append(last.Quality, casework.Quality{Code: "pages_unread", Score: float64(doc.pages), Threshold: float64(read)})
	}
	return result, nil
}

func pagesOf(opts Options) int {
	if opts.Pages <= 0 {
		return defaultPages
	}
	return opts.Pages
}

// Picture gives one page (from 1), upright as Read sees it, as a JPEG whose
// longest side has at most maxSide pixels (0: unchanged). Faults as Read, and
// page_missing.
func (p *Pool) Picture(ctx context.Context, file []byte, page, maxSide int) (jpeg []byte, w, h int, err error) {
	doc, err := p.open(ctx, file, page)
	if err != nil {
		return nil, 0, 0, err
	}
	defer doc.close()
	if page < 1 || page > doc.pages {
		return nil, 0, 0, casework.Fail("page_missing", "page %d of %d", page, doc.pages)
	}
	key := pageKey{sha256.Sum256(file), page}
	turn, known := p.turns.get(key)
	if !known {
		turn = unknownRotation
	}
	rep, err := p.do(ctx, request{Op: opPicture, Page: page, MaxSide: maxSide, Rotation: turn, Drawn: doc.drawn}, doc.source(page))
	if err != nil {
		return nil, 0, 0, fmt.Errorf("page %d: %w", page, err)
	}
	p.turns.put(key, rep.Turn)
	return rep.JPEG, rep.Width, rep.Height, nil
}

// do has one page worked on; a crash is tried once more in a new child.
func (p *Pool) do(ctx context.Context, req request, page source) (reply, error) {
	rep, err := p.once(ctx, req, page)
	if errors.Is(err, errCrashed) {
		rep, err = p.once(ctx, req, page)
	}
	if errors.Is(err, errCrashed) {
		return reply{}, casework.Retry("ocr_crashed", "twice in a row: %w", err)
	}
	return rep, err
}

func (p *Pool) once(ctx context.Context, req request, page source) (reply, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.closed, cancel)()
	if p.closed.Err() != nil {
		return reply{}, p.closed.Err()
	}
	w, err := p.acquire(ctx)
	if err != nil {
		return reply{}, err
	}
	rep, err := p.work(ctx, w, req, page)
	p.release(w, rep)
	return rep, err
}

func (p *Pool) work(ctx context.Context, w *worker, req request, page source) (reply, error) {
	limited, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	rep, err := reply{}, error(nil)
	if req.Bytes, err = w.fill(limited, page); err == nil {
		rep, err = w.ask(limited, req)
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return reply{}, casework.Retry("timeout", "no answer within %v", p.cfg.Timeout)
	}
	return rep, err
}

// acquire waits for a free child and replaces one that died while it was idle.
func (p *Pool) acquire(ctx context.Context) (*worker, error) {
	var w *worker
	select {
	case w = <-p.slots:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if w != nil && !w.gone() {
		return w, nil
	}
	if w != nil {
		w.close()
	}
	fresh, err := startWorker(ctx, p.cfg, p.alone() == nil)
	if err != nil {
		p.slots <- nil
		return nil, err
	}
	return fresh, nil
}

// release gives the slot back, without the child when it is dead or spent.
func (p *Pool) release(w *worker, last reply) {
	if w.gone() || w.done >= p.cfg.PagesPerChild || last.Cost.Resident > p.cfg.MemoryLimit {
		w.close()
		w = nil
	}
	p.slots <- w
}

// Health says what works, for doctor and the status page.
type Health struct {
	Engines []EngineHealth
	PDF     string // the renderer's version, "" when it is missing
	Network string // why the children can reach the network, "" when they can't
}

// EngineHealth is one engine's state.
type EngineHealth struct {
	Name    string `json:"name"`
	Version string `json:"version"` // of the native library
	Model   string `json:"model"`   // hash of the model files, or their name
	Problem string `json:"problem"` // "" when it works; else what is missing and what to do
}

// Health starts a child and asks it. Its fault is ocr_missing when there is no
// child to ask; a missing engine is an entry with a Problem.
func (p *Pool) Health(ctx context.Context) (Health, error) {
	nothing := func(context.Context, *os.File) error { return nil }
	rep, err := p.do(ctx, request{Op: opHealth}, nothing)
	if err != nil {
		return Health{}, err
	}
	health := Health{Engines: rep.Engines, PDF: p.pdfVersion(ctx)}
	if err := p.alone(); err != nil {
		health.Network = err.Error()
	}
	return health, nil
}

// pdfVersion is "" when the renderer can't be run: Health is there to say so.
func (p *Pool) pdfVersion(ctx context.Context) string {
	var said complaint
	child, err := children.Start(children.Spec{Name: "pdftoppm", Path: "pdftoppm", Args: []string{"-v"},
		Dir: p.cfg.TempDir, Stderr: &said, Limits: popplerLimits()})
	if err != nil {
		return ""
	}
	select {
	case <-child.Done():
	case <-ctx.Done():
		_ = child.Stop(0) // nobody waits for the answer any more
		return ""
	}
	words := strings.Fields(said.String())
	if len(words) < 3 {
		return ""
	}
	return words[2]
}
