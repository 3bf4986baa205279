package ocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/children"
)

// Rendering: about 205 dpi of an A4 page. A page may claim any size, so the
// resolution follows from the page and the picture stays as large as it is.
const (
	renderSide   = 2400 // pixels of the longest side
	maxDPI       = 400
	minDPI       = 4
	pointsToInch = 72.0
)

// pdfInfo is what the intake needs to know of a PDF.
type pdfInfo struct {
	pages int
	sizes []float64 // longest side of each described page in points
}

// dpi is the resolution a page (from 1) is rendered at.
func (i pdfInfo) dpi(page int) int {
	longest := 842.0 // A4, when the page was not described
	if page <= len(i.sizes) && i.sizes[page-1] > 0 {
		longest = i.sizes[page-1]
	}
	return int(min(maxDPI, max(minDPI, renderSide*pointsToInch/longest)))
}

// parsePDFInfo reads the report of pdfinfo with -f 1 -l N. The lines used are
// "Pages: 3" and "Page    1 size: 595.28 x 841.89 pts (A4)".
func parsePDFInfo(report string) (pdfInfo, error) {
	var info pdfInfo
	for line := range strings.Lines(report) {
		key, value, _ := strings.Cut(line, ":")
		words := strings.Fields(key)
		switch {
		case key == "Pages":
			pages, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil || pages < 0 {
				return pdfInfo{}, fmt.Errorf("page count %.20q", value)
			}
			info.pages = pages
		case len(words) == 3 && words[0] == "Page" && words[2] == "size":
			info.sizes = append(info.sizes, longestSide(value))
		}
	}
	if info.pages == 0 {
		return pdfInfo{}, errors.New("no pages")
	}
	return info, nil
}

// longestSide reads "595.28 x 841.89 pts (A4)"; 0 when it says something else.
func longestSide(text string) float64 {
	words := strings.Fields(text)
	if len(words) < 3 || words[1] != "x" {
		return 0
	}
	w, errW := strconv.ParseFloat(words[0], 64)
	h, errH := strconv.ParseFloat(words[2], 64)
	if errW != nil || errH != nil || !(w > 0 && h > 0 && w < 1e9 && h < 1e9) {
		return 0
	}
	return max(w, h)
}

// poppler runs the PDF tools as limited children.
type poppler struct {
	dir   string
	alone bool // without network
}

// popplerLimits: the heaviest page measured took 0.6 s and 442 MB.
func popplerLimits() children.Limits {
	return children.Limits{CPUSeconds: 30, MemoryBytes: 1 << 30, OpenFiles: 64}
}

// info describes the first pages of a PDF. Faults: pdf_encrypted, pdf_broken,
// ocr_missing.
func (p poppler) info(ctx context.Context, pdf *os.File, pages int) (pdfInfo, error) {
	var out bytes.Buffer
	if err := p.run(ctx, pdf, &out, "pdfinfo", "-f", "1", "-l", strconv.Itoa(pages), "/dev/fd/3"); err != nil {
		return pdfInfo{}, err
	}
	info, err := parsePDFInfo(out.String())
	if err != nil {
		return pdfInfo{}, casework.Fail("pdf_broken", "description of the PDF: %w", err)
	}
	return info, nil
}

// render writes one page as a pixmap.
func (p poppler) render(ctx context.Context, pdf *os.File, info pdfInfo, page int, out io.Writer) error {
	n := strconv.Itoa(page)
	return p.run(ctx, pdf, out, "pdftoppm", "-r", strconv.Itoa(info.dpi(page)), "-f", n, "-l", n, "-cropbox", "/dev/fd/3")
}

func (p poppler) run(ctx context.Context, pdf *os.File, out io.Writer, tool string, args ...string) error {
	var said complaint
	child, err := children.Start(children.Spec{Name: tool, Path: tool, Args: args, Dir: p.dir,
		Env:    []string{"LC_ALL=C.UTF-8", "HOME=" + p.dir},
		Stdout: out, Stderr: &said, ExtraFiles: []*os.File{pdf}, Limits: popplerLimits(), NoNetwork: p.alone})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, exec.ErrNotFound) {
		return casework.AskPerson("ocr_missing", "%s is not installed: install the package poppler-utils", tool)
	}
	if err != nil {
		return err
	}
	select {
	case <-child.Done():
	case <-ctx.Done():
		_ = child.Stop(0) // the cause is the context's
		return ctx.Err()
	}
	if child.Err() == nil {
		return nil
	}
	if strings.Contains(said.String(), "Incorrect password") {
		return casework.Fail("pdf_encrypted", "the PDF asks for a password; remove it and upload again")
	}
	return casework.Fail("pdf_broken", "%s: %w: %s", tool, child.Err(), said.String())
}

// complaint keeps the first part of what a tool complains about.
type complaint struct {
	text []byte
}

const complaintLength = 300

// Write keeps at most complaintLength bytes.
func (t *complaint) Write(p []byte) (int, error) {
	t.text = append(t.text, p[:min(len(p), complaintLength-len(t.text))]...)
	return len(p), nil
}

// String is what was kept, on one line.
func (t *complaint) String() string { return strings.Join(strings.Fields(string(t.text)), " ") }

// memoryFile holds bytes that a child gets as a descriptor; they touch no disk.
func memoryFile(name string, content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memory file %s: %w", name, err)
	}
	file := os.NewFile(uintptr(fd), name)
	if _, err := file.Write(content); err != nil {
		file.Close()
		return nil, fmt.Errorf("memory file %s: %w", name, err)
	}
	return file, nil
}
