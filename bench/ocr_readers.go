package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/ocr"
)

// pageReader reads one page and fills in what it cost.
type pageReader func(ctx context.Context, truth materials.Page) (OCRPage, error)

// cliModes are the segmentation modes tried: automatic, one column, one block,
// sparse text.
func cliModes() []string { return []string{"3", "4", "6", "11"} }

// throughPool reads as the product does: in its children.
func throughPool(pool *ocr.Pool, dir, engine string) pageReader {
	return func(ctx context.Context, truth materials.Page) (OCRPage, error) {
		p := pageOf(truth, engine)
		file, err := os.ReadFile(filepath.Join(dir, truth.File))
		if err != nil {
			return p, fmt.Errorf("page: %w", err)
		}
		result, err := pool.Read(ctx, file, ocr.Options{Engine: engine, Pages: 1})
		if err != nil {
			return p, fmt.Errorf("%s by %s: %w", truth.File, engine, err)
		}
		seen, cost := result.Pages[0], result.Costs[0]
		p.Upright = seen.Rotation == truth.Turn
		p.CPU, p.Door, p.Second, p.Decode = cost.CPU.Seconds(), cost.Door.Seconds(), cost.Second.Seconds(), cost.Decode.Seconds()
		p.Resident, p.Peak = cost.Resident, cost.Peak
		matches := scorePage(&p, truth, texts(seen.Lines))
		scoreNumbers(&p, truth, seen.Lines, matches)
		return p, nil
	}
}

func texts(lines []casework.Line) []string {
	all := make([]string, len(lines))
	for i, l := range lines {
		all[i] = l.Text
	}
	return all
}

func pageOf(truth materials.Page, reader string) OCRPage {
	return OCRPage{File: truth.File, Kind: truth.Kind, Condition: truth.Condition, Reader: reader, Turn: truth.Turn}
}

// byCommandLine reads with the program tesseract, as one would from a shell.
func byCommandLine(dir, mode string) pageReader {
	return func(ctx context.Context, truth materials.Page) (OCRPage, error) {
		p := pageOf(truth, readerCLI+mode)
		cmd := exec.CommandContext(ctx, "tesseract", filepath.Join(dir, truth.File), "-", "-l", "chi_sim", "--psm", mode)
		cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1") // two threads take ten times the processor time
		text, err := cmd.Output()
		if err != nil {
			return p, fmt.Errorf("tesseract on %s: %w", truth.File, err)
		}
		state := cmd.ProcessState
		p.CPU = (state.UserTime() + state.SystemTime()).Round(time.Millisecond).Seconds()
		if use, ok := state.SysUsage().(*syscall.Rusage); ok {
			p.Peak = use.Maxrss << 10
		}
		p.Upright = truth.Turn == 0 // it is not asked
		scorePage(&p, truth, strings.Split(string(text), "\n"))
		return p, nil
	}
}
