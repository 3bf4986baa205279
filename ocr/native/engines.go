package native

import (
	"errors"
	"sync"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

// Engines opens the engines of this package, each once, when first asked for.
type Engines struct {
	models string
	ppocr  func() (*ppocr, error)
	tess   func() (*tesseract, error)
	second func() (*second, error)
}

// Open prepares engines whose models are in a folder (see ocr.Models).
func Open(models string) *Engines {
	return &Engines{
		models: models,
		ppocr:  sync.OnceValues(func() (*ppocr, error) { return openPPOCR(models) }),
		tess:   sync.OnceValues(openTesseract),
		second: sync.OnceValues(openSecond),
	}
}

// Engine gives one by name; "" is ppocr where it works, else tesseract.
func (e *Engines) Engine(name string) (ocr.Engine, error) {
	switch name {
	case "ppocr":
		return engine(e.ppocr())
	case "tesseract":
		return engine(e.tess())
	case "":
		first, err := e.Engine("ppocr")
		if err == nil {
			return first, nil
		}
		second, err2 := e.Engine("tesseract")
		if err2 != nil {
			return nil, casework.AskPerson("ocr_missing", "no engine works: %w", errors.Join(reason(err), reason(err2)))
		}
		return second, nil
	}
	return nil, casework.AskPerson("ocr_missing", "no engine is called %q; there are ppocr and tesseract", name)
}

// Second implements ocr.Engines: Tesseract doubts what PP-OCR reads, nobody
// doubts Tesseract.
func (e *Engines) Second(first string) ocr.SecondReader {
	s, err := e.second()
	if first != "ppocr" || err != nil {
		return nil
	}
	return s
}

// engine turns an opener's answer into the interface, and its error into the
// fault people get.
func engine[E ocr.Engine](e E, err error) (ocr.Engine, error) {
	if err != nil {
		return nil, casework.AskPerson("ocr_missing", "%w", err)
	}
	return e, nil
}

func reason(err error) error {
	if f, ok := errors.AsType[*casework.Fault](err); ok {
		return f.Err
	}
	return err
}

// Health tries each engine.
func (e *Engines) Health() []ocr.EngineHealth {
	first := ocr.EngineHealth{Name: "ppocr"}
	if p, err := e.ppocr(); err != nil {
		first.Problem = err.Error()
	} else {
		first.Version, first.Model = runtimeVersion(), p.Model()
	}
	second := ocr.EngineHealth{Name: "tesseract"}
	if t, err := e.tess(); err != nil {
		second.Problem = err.Error()
	} else {
		second.Version, second.Model = t.Model(), language
	}
	return []ocr.EngineHealth{first, second}
}
