package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

// readCommand reads files and says what is on them.
type readCommand struct {
	Files      []string `arg:"" name:"file" help:"Pictures, PDF, OFD, or a zip of pictures."`
	JSON       bool     `help:"Print JSON Lines, one object a file."`
	Annotate   string   `help:"Write the page with its boxes; more pages get -2, -3 … in their names. One file only." placeholder:"OUT.png"`
	Searchable string   `help:"Write a PDF of the pages that can be searched. One file only." placeholder:"OUT.pdf"`
	Engine     string   `help:"Read with this engine: ppocr or tesseract; the best one there is when not said."`
	Pages      int      `help:"Read at most so many pages of a file." default:"20"`
}

// readFile is one file's line of --json.
type readFile struct {
	File  string     `json:"file"`
	MIME  string     `json:"mime,omitempty"`
	Pages []readPage `json:"pages"`
	Model string     `json:"model"`
	MS    int64      `json:"ms"`
	Fault string     `json:"fault,omitempty"` // code, when the file was refused
	Error string     `json:"error,omitempty"` // and why

	readings []casework.Reading
}

type readPage struct {
	Page     int                `json:"page"`
	Width    int                `json:"width"`
	Height   int                `json:"height"`
	Rotation int                `json:"rotation"`
	Engine   string             `json:"engine"`
	Lines    []casework.Line    `json:"lines"`
	Seals    []casework.Seal    `json:"seals"`
	Findings []casework.Quality `json:"findings"`
	Second   string             `json:"second,omitempty"` // who read the numbers again

	Signatures []casework.Signature `json:"signatures"`
}

// Run prints the text; the exit status is 0 when all was read, 1 when a file was
// refused or a picture must be taken again, 2 for an error.
func (c readCommand) Run(ctx context.Context, t console, cfg *Config) error {
	if len(c.Files) > 1 && (c.Annotate != "" || c.Searchable != "") {
		return errors.New("--annotate and --searchable take one file")
	}
	if err := cfg.settle(); err != nil {
		return err
	}
	t.saySecondBest(cfg)
	reader, err := newReader(cfg, nil)
	if err != nil {
		return err
	}
	defer reader.Close()
	results, err := c.readAll(ctx, t, reader.pool)
	if err != nil {
		return err
	}
	poor := false
	for _, r := range results {
		poor = poor || r.Fault != ""
		for _, p := range r.Pages {
			for _, q := range p.Findings {
				poor = poor || q.Retake
			}
		}
	}
	if results[0].Fault == "" {
		if err := c.draw(ctx, reader.pool, results[0]); err != nil {
			return err
		}
	}
	if poor {
		return status(1)
	}
	return nil
}

// readAll reads with as many children as there are cores and prints in the
// order of the arguments, each file as soon as those before it are there.
func (c readCommand) readAll(ctx context.Context, t console, pool *ocr.Pool) ([]readFile, error) {
	bar := progress(t, len(c.Files))
	results, ready := make([]readFile, len(c.Files)), make([]chan struct{}, len(c.Files))
	for i := range ready {
		ready[i] = make(chan struct{})
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		for i := range results {
			select {
			case <-ready[i]:
			case <-ctx.Done():
				return ctx.Err()
			}
			_ = bar.Clear() // the text takes the bar's line
			if err := c.print(t, results[i]); err != nil {
				return err
			}
		}
		return nil
	})
	readers := make(chan struct{}, 2*runtime.NumCPU()) // more than children, so that none waits for a disk
	var once sync.Mutex
	for i, path := range c.Files {
		group.Go(func() error {
			readers <- struct{}{}
			defer func() { <-readers }()
			result, err := c.readOne(ctx, pool, path)
			if err != nil {
				return err
			}
			results[i] = result
			close(ready[i])
			once.Lock()
			defer once.Unlock()
			return bar.Add(1)
		})
	}
	err := group.Wait()
	_ = bar.Finish()
	return results, err
}

// readOne reads one file. A file that is refused for good is a result; whatever
// time or a person can mend is an error.
func (c readCommand) readOne(ctx context.Context, pool *ocr.Pool, path string) (readFile, error) {
	out := readFile{File: path, Pages: []readPage{}}
	data, err := os.ReadFile(path)
	if err != nil {
		return out, fmt.Errorf("read: %w", err)
	}
	begun := time.Now()
	result, err := pool.Read(ctx, data, ocr.Options{Engine: c.Engine, Pages: c.Pages})
	out.MS = time.Since(begun).Milliseconds()
	if fault := casework.AsFault(err); err != nil {
		if fault.Kind != casework.Permanent {
			return out, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		out.Fault, out.Error = fault.Code, fault.Err.Error()
		return out, nil
	}
	out.MIME, out.readings = result.MIME, result.Pages
	for _, r := range result.Pages {
		out.Model = r.Model
		out.Pages = append(out.Pages, readPage{Page: r.Page, Width: r.Width, Height: r.Height, Rotation: r.Rotation, Engine: r.Engine,
			Lines: orEmpty(r.Lines), Seals: orEmpty(r.Seals), Findings: orEmpty(r.Quality),
			Second: r.Second, Signatures: orEmpty(r.Signatures)})
	}
	return out, nil
}

// orEmpty makes [] of what JSON would print as null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (c readCommand) print(t console, r readFile) error {
	if c.JSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(r)
	}
	if r.Fault != "" {
		_, err := fmt.Fprintf(t.err, "%s: %s\n", r.File, t.fault(r.Fault, r.Error))
		return err
	}
	for _, p := range r.Pages {
		if len(c.Files) > 1 || len(r.Pages) > 1 {
			fmt.Fprintf(t.out, "== %s %s\n", r.File, t.say(fmt.Sprintf("第%d页", p.Page), fmt.Sprintf("page %d", p.Page)))
		}
		for _, l := range p.Lines {
			if _, err := fmt.Fprintln(t.out, l.Text); err != nil {
				return err
			}
		}
		for _, q := range p.Findings {
			fmt.Fprintf(t.err, "%s: %s: %s (%v, %s %v)\n", r.File, t.say(fmt.Sprintf("第%d页", p.Page), fmt.Sprintf("page %d", p.Page)),
				t.fault(q.Code, q.Code), q.Score, t.say("界限", "limit"), q.Threshold)
		}
	}
	return nil
}

// draw writes what --annotate and --searchable ask for.
func (c readCommand) draw(ctx context.Context, pool *ocr.Pool, r readFile) error {
	if c.Annotate == "" && c.Searchable == "" {
		return nil
	}
	data, err := os.ReadFile(r.File)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	var leaves []ocr.Leaf
	for _, reading := range r.readings {
		picture, _, _, err := pool.Picture(ctx, data, reading.Page, 0)
		if err != nil {
			return fmt.Errorf("page %d: %w", reading.Page, err)
		}
		leaves = append(leaves, ocr.Leaf{JPEG: picture, Reading: reading})
	}
	for i, leaf := range leaves {
		if c.Annotate == "" {
			break
		}
		if err := writeFile(pageName(c.Annotate, i+1), func(w io.Writer) error { return ocr.Annotate(w, leaf) }); err != nil {
			return err
		}
	}
	if c.Searchable == "" {
		return nil
	}
	return writeFile(c.Searchable, func(w io.Writer) error { return ocr.WriteSearchable(w, leaves) })
}

// pageName is out.png for the first page and out-2.png for the second.
func pageName(path string, page int) string {
	if page == 1 {
		return path
	}
	extension := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, extension), page, extension)
}
