package ocr

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/children"
)

// standUp is how long a new child may take to report; it loads no models before.
const standUp = 30 * time.Second

// errCrashed says that a child ended or talked nonsense in the middle of work.
var errCrashed = errors.New("ocr child ended")

// worker is one child with its ends of the pipes. It does one thing at a time.
type worker struct {
	child    *children.Child
	requests *os.File
	replies  *os.File
	page     *os.File // shared with the child, which sees it as descriptor 3
	said     *complaint
	done     int // pages
}

// startWorker starts a child and waits for its first word. Its fault is
// ocr_missing, when the program is not there or can't be loaded.
func startWorker(ctx context.Context, cfg Config, alone bool) (*worker, error) {
	w := &worker{said: &complaint{}}
	if err := w.launch(cfg, alone); err != nil {
		w.close()
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrPermission) {
			return nil, casework.AskPerson("ocr_missing", "the reading program %q can't be run (%w): build it with 'make build'", cfg.Child, err)
		}
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, standUp)
	defer cancel()
	if _, err := w.hear(ctx); err != nil {
		w.close()
		if errors.Is(err, errCrashed) {
			return nil, casework.AskPerson("ocr_missing", "the reading program does not start: %v: %s", err, w.said)
		}
		return nil, err
	}
	return w, nil
}

func (w *worker) launch(cfg Config, alone bool) error {
	stdin, requests, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("ocr child: %w", err)
	}
	defer stdin.Close()
	w.requests = requests
	replies, stdout, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("ocr child: %w", err)
	}
	defer stdout.Close()
	w.replies = replies
	if w.page, err = memoryFile("page", nil); err != nil {
		return err
	}
	w.child, err = children.Start(children.Spec{Name: "ocr", Path: cfg.Child, Args: []string{cfg.Models}, Dir: cfg.TempDir,
		Env: cfg.environment(), Stdin: stdin, Stdout: stdout, Stderr: w.said, ExtraFiles: []*os.File{w.page}, Limits: cfg.limits(), NoNetwork: alone})
	return err
}

// ask sends one request and waits for the answer. Errors: the context's,
// errCrashed, or the fault the child answered with. After the first two the
// child is gone.
func (w *worker) ask(ctx context.Context, req request) (reply, error) {
	if err := send(w.requests, req); err != nil {
		return reply{}, w.crashed(err)
	}
	w.done++
	return w.hear(ctx)
}

func (w *worker) hear(ctx context.Context) (reply, error) {
	stop := context.AfterFunc(ctx, func() { _ = w.child.Stop(0) }) // unblocks the read below
	defer stop()
	var rep reply
	if err := receive(w.replies, &rep); err != nil {
		if ctx.Err() != nil {
			return reply{}, ctx.Err()
		}
		return reply{}, w.crashed(err)
	}
	if rep.Fault != nil {
		return rep, rep.Fault.fault()
	}
	return rep, nil
}

// crashed ends what is left of the child and says how it went.
func (w *worker) crashed(cause error) error {
	_ = w.child.Stop(0) // it broke the protocol or is dead
	return fmt.Errorf("%w: %w (%v)", errCrashed, cause, w.child.Err())
}

// gone says that the child has ended.
func (w *worker) gone() bool {
	select {
	case <-w.child.Done():
		return true
	default:
		return false
	}
}

// close lets the child end by itself: its requests are over.
func (w *worker) close() {
	for _, file := range []*os.File{w.requests, w.replies, w.page} {
		if file != nil {
			file.Close()
		}
	}
	if w.child != nil {
		_ = w.child.Stop(time.Second) // killed if it must be
	}
}

// fill puts a picture's bytes into the shared file, replacing the last page's.
func (w *worker) fill(ctx context.Context, page source) (int64, error) {
	if err := w.page.Truncate(0); err != nil {
		return 0, fmt.Errorf("page file: %w", err)
	}
	if _, err := w.page.Seek(0, 0); err != nil {
		return 0, fmt.Errorf("page file: %w", err)
	}
	if err := page(ctx, w.page); err != nil {
		return 0, err
	}
	stat, err := w.page.Stat()
	if err != nil {
		return 0, fmt.Errorf("page file: %w", err)
	}
	return stat.Size(), nil
}
