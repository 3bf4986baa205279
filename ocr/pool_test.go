package ocr_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

// childrenOf lists the processes that run a program.
func childrenOf(t *testing.T, program string) []int {
	t.Helper()
	var pids []int
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == program {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// ticks is the processor time a process has used.
func ticks(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	used, _ := strconv.Atoi(fields[11])
	return used
}

// ownChild copies jingban-ocr, so that its processes are told from other tests'.
func ownChild(t *testing.T) string {
	t.Helper()
	built, err := builtChild()
	ocrtest.NeedReal(t, "jingban-ocr", err)
	path := filepath.Join(t.TempDir(), "jingban-ocr")
	if err := os.Link(built, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAChildKilledInTheMiddleOfAPageCostsNothing(t *testing.T) {
	program := ownChild(t)
	pool := newPool(t, func(c *ocr.Config) { c.Child = program })
	if _, err := pool.Health(t.Context()); err != nil {
		t.Fatal(err)
	}
	pids := childrenOf(t, program)
	if len(pids) != 1 {
		t.Fatalf("children %v, want one", pids)
	}
	before := ticks(pids[0])
	var result ocr.Result
	read := make(chan error, 1)
	go func() {
		var err error
		result, err = pool.Read(t.Context(), ocrtest.JPEG(t, ocrtest.SamplePage(t)), ocr.Options{})
		read <- err
	}()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for ticks(pids[0]) < before+5 { // it works on the page now
		select {
		case err := <-read:
			t.Fatalf("the page was read before the child could be killed (%v)", err)
		case <-tick.C:
		}
	}
	if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	if len(result.Pages) != 1 || len(result.Pages[0].Lines) < 10 {
		t.Fatalf("%+v", result)
	}
	if now := childrenOf(t, program); len(now) != 1 || now[0] == pids[0] {
		t.Fatalf("children %v after %v", now, pids)
	}
	pool.Close()
	if now := childrenOf(t, program); len(now) != 0 {
		t.Fatalf("children %v outlive the pool", now)
	}
}

func TestAChildIsReplacedAfterItsPages(t *testing.T) {
	program := ownChild(t)
	pool := newPool(t, func(c *ocr.Config) { c.Child, c.PagesPerChild = program, 1 })
	if _, err := pool.Health(t.Context()); err != nil {
		t.Fatal(err)
	}
	if pids := childrenOf(t, program); len(pids) != 0 {
		t.Fatalf("children %v after their only page", pids)
	}
	pool = newPool(t, func(c *ocr.Config) { c.Child, c.MemoryLimit = program, 1 })
	if _, err := pool.Health(t.Context()); err != nil {
		t.Fatal(err)
	}
	if pids := childrenOf(t, program); len(pids) != 0 {
		t.Fatalf("children %v above the memory limit", pids)
	}
}

// script is a child that greets and then does what the shell says.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "child")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

const greeting = `printf '\000\000\000\002{}'; `

func TestFaultsOfTheChildItself(t *testing.T) {
	for _, c := range []struct {
		name, child, code string
		kind              casework.Kind
	}{
		{"not there", "/nonexistent/jingban-ocr", "ocr_missing", casework.NeedsHuman},
		{"does not load", script(t, `echo "libtesseract.so.5: cannot open" >&2; exit 127`), "ocr_missing", casework.NeedsHuman},
		{"dies at every page", script(t, greeting+`head -c 4 >/dev/null; kill -SEGV $$`), "ocr_crashed", casework.Transient},
		{"talks nonsense", script(t, greeting+`head -c 4 >/dev/null; echo 'Segmentation fault, sorry'; sleep 1000`), "ocr_crashed", casework.Transient},
		{"never answers", script(t, greeting+`sleep 1000`), "timeout", casework.Transient},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool := ocr.NewPool(ocr.Config{Child: c.child, Workers: 1, Timeout: 300 * time.Millisecond, TempDir: t.TempDir()})
			defer pool.Close()
			_, err := pool.Read(t.Context(), pngHeader(10, 10), ocr.Options{})
			fault := casework.AsFault(err)
			if fault.Code != c.code || fault.Kind != c.kind {
				t.Fatalf("got %s (%s), want %s: %v", fault.Code, fault.Kind, c.code, err)
			}
			if c.name == "does not load" && !strings.Contains(err.Error(), "libtesseract.so.5") {
				t.Errorf("message %q hides the reason", err)
			}
		})
	}
}

func TestACancelledReadEndsAtOnceAndThePoolLives(t *testing.T) {
	pool := newPool(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pool.Read(ctx, ocrtest.PNG(t, smallPage(t)), ocr.Options{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("err %v", err)
	}
	if _, err := pool.Read(t.Context(), ocrtest.PNG(t, smallPage(t)), ocr.Options{}); err != nil {
		t.Fatal(err)
	}
}

func TestMissingModelsAreStatedAndTesseractReads(t *testing.T) {
	pool := newPool(t, func(c *ocr.Config) { c.Models = t.TempDir() })
	needEngine(t, pool, "tesseract")
	page := ocrtest.PNG(t, smallPage(t))
	result, err := pool.Read(t.Context(), page, ocr.Options{})
	if err != nil || result.Pages[0].Engine != "tesseract" || !strings.HasPrefix(result.Pages[0].Model, "tesseract 5") {
		t.Fatalf("%+v %v", result, err)
	}
	_, err = pool.Read(t.Context(), page, ocr.Options{Engine: "ppocr"})
	if fault := casework.AsFault(err); fault.Code != "ocr_missing" || fault.Kind != casework.NeedsHuman || !strings.Contains(err.Error(), "make setup") {
		t.Fatalf("%v", err)
	}
	health, err := pool.Health(t.Context())
	if err != nil || health.Engines[0].Problem == "" || health.Engines[1].Problem != "" || health.PDF == "" {
		t.Fatalf("%+v %v", health, err)
	}
}

func TestHealthNamesModelsAndVersions(t *testing.T) {
	pool := newPool(t, nil)
	needEngine(t, pool, "ppocr")
	health, err := pool.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := health.Engines[0]
	if first.Name != "ppocr" || !strings.HasPrefix(first.Model, "sha256:") || !strings.HasPrefix(first.Version, "onnxruntime 1.") {
		t.Fatalf("%+v", health)
	}
}

func TestPictureShowsThePageUpright(t *testing.T) {
	pool := newPool(t, nil)
	needEngine(t, pool, "ppocr")
	file := ocrtest.JPEG(t, ocr.Turn(ocrtest.SamplePage(t), 90))
	for _, known := range []bool{false, true} { // found out, then remembered
		picture, w, h, err := pool.Picture(t.Context(), file, 1, 620)
		if err != nil || w != 620 || h != 500 {
			t.Fatalf("known %v: %d x %d, %v", known, w, h, err)
		}
		shown, err := jpeg.Decode(bytes.NewReader(picture))
		if err != nil || shown.Bounds().Size() != image.Pt(620, 500) {
			t.Fatalf("%v", err)
		}
		if top, bottom := darkness(shown, 20, 60), darkness(shown, 440, 480); top < 10*bottom {
			t.Errorf("the title should be at the top: %v there, %v at the bottom", top, bottom)
		}
	}
}

// darkness of the rows from..to.
func darkness(img image.Image, from, to int) float64 {
	var sum float64
	for y := from; y < to; y++ {
		for x := range img.Bounds().Dx() {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				sum++
			}
		}
	}
	return sum + 1
}
