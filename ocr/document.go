package ocr

import (
	"context"
	"os"

	"github.com/jingban/jingban/casework"
)

// document is an admitted file whose pages can be handed to a child.
type document struct {
	mime    string
	pages   int
	drawn   bool // source gives one page as a picture, not the whole file
	source  func(page int) source
	printed func(ctx context.Context, page int) ([]casework.Line, error) // text layer at the drawn resolution
	close   func()
}

// open admits a file and finds out how many pages it has. A PDF is described
// and drawn by poppler; all else is left to our own child, page by page.
func (p *Pool) open(ctx context.Context, file []byte, pages int) (*document, error) {
	mime, err := admit(file)
	if err != nil {
		return nil, err
	}
	if mime == mimePDF {
		return p.openPDF(ctx, file, pages)
	}
	whole := func(_ context.Context, out *os.File) error {
		_, err := out.Write(file)
		return err
	}
	doc := &document{mime: mime, pages: 1, source: func(int) source { return whole }, close: func() {},
		printed: func(context.Context, int) ([]casework.Line, error) { return nil, nil }}
	if mime != "image/tiff" && mime != mimeZIP {
		return doc, nil
	}
	stock, err := p.do(ctx, request{Op: opStock}, whole)
	if err != nil {
		return nil, err
	}
	doc.mime, doc.pages = stock.MIME, stock.Pages
	return doc, nil
}

func (p *Pool) openPDF(ctx context.Context, file []byte, pages int) (*document, error) {
	pdf, err := memoryFile("pdf", file)
	if err != nil {
		return nil, err
	}
	tools := poppler{dir: p.cfg.TempDir, alone: p.alone() == nil}
	info, err := tools.info(ctx, pdf, pages)
	if err != nil {
		pdf.Close()
		return nil, err
	}
	draw := func(page int) source {
		return func(ctx context.Context, out *os.File) error { return tools.render(ctx, pdf, info, page, out) }
	}
	layer := textLayer{tools: tools, pdf: pdf, info: info, limit: pages}
	return &document{mime: mimePDF, pages: info.pages, drawn: true, source: draw, printed: layer.printed,
		close: func() { pdf.Close() }}, nil
}

// textLayer reads the text of all pages when the first one is asked for.
type textLayer struct {
	tools poppler
	pdf   *os.File
	info  pdfInfo
	limit int
	pages []textPage
	read  bool
}

func (t *textLayer) printed(ctx context.Context, page int) ([]casework.Line, error) {
	if !t.read {
		pages, err := t.tools.text(ctx, t.pdf, t.limit)
		if err != nil {
			return nil, err
		}
		t.pages, t.read = pages, true
	}
	if page > len(t.pages) {
		return nil, nil
	}
	return t.pages[page-1].printed(t.info.dpi(page)), nil
}
