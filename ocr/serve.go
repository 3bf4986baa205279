package ocr

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/jingban/jingban/casework"
)

// Engine reads the text of one picture. It is used by one goroutine.
type Engine interface {
	// Name is "ppocr" or "tesseract".
	Name() string
	// Model is the hash of the model files, or the version.
	Model() string
	// Recognize finds how the sheet stands and reads it.
	Recognize(sheet Sheet) (Recognition, error)
	// Rotation only finds how the sheet stands: degrees clockwise to turn it upright.
	Rotation(sheet Sheet) (int, error)
}

// Engines opens engines by name, "" meaning the best one, each at most once.
// Its fault is ocr_missing.
type Engines interface {
	Engine(name string) (Engine, error)
	// Second gives who doubts an engine's numbers, nil when there is nobody else.
	Second(first string) SecondReader
	Health() []EngineHealth
}

// Sheet is one picture as an engine gets it.
type Sheet struct {
	Raw   *image.NRGBA
	Clean *image.NRGBA // seal ink removed; the same as Raw when there is no seal
	Seals []casework.Seal
}

// Turned is the sheet turned clockwise with everything on it.
func (s Sheet) Turned(degrees int) Sheet {
	if degrees == 0 {
		return s
	}
	size := s.Raw.Rect.Size()
	turned := Sheet{Raw: Turn(s.Raw, degrees)}
	turned.Clean = turned.Raw
	if s.Clean != s.Raw {
		turned.Clean = Turn(s.Clean, degrees)
	}
	for _, seal := range s.Seals {
		seal.Box = turnBox(seal.Box, size.X, size.Y, degrees)
		turned.Seals = append(turned.Seals, seal)
	}
	return turned
}

// Recognition is what an engine saw, in pixels of the sheet turned upright.
type Recognition struct {
	Rotation int // degrees clockwise
	Lines    []casework.Line
}

// tidyFrom is what a child may hold before it gives back what it does not need;
// that takes some 20 ms.
const tidyFrom = 256 << 20

// server is the child's side of the protocol.
type server struct {
	page    io.ReaderAt
	engines Engines
	cost    Cost // of the request in hand
}

// Serve answers the parent over in and out until in ends. The pictures come in
// the file of descriptor 3 (see PageFile).
func Serve(in io.Reader, out io.Writer, page io.ReaderAt, engines Engines) error {
	s := &server{page: page, engines: engines}
	if err := send(out, reply{}); err != nil {
		return err
	}
	for {
		var req request
		if err := receive(in, &req); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		s.cost = Cost{}
		begun := processorTime()
		rep, err := s.answer(req)
		if err != nil {
			rep = reply{Fault: toWire(err)}
		}
		if residentBytes() > tidyFrom {
			debug.FreeOSMemory()
		}
		rep.Cost = s.cost
		rep.Cost.CPU, rep.Cost.Resident, rep.Cost.Peak = processorTime()-begun, residentBytes(), peakBytes()
		if err := send(out, rep); err != nil {
			return err
		}
	}
}

// PageFile is the file a child shares with its parent.
func PageFile() *os.File { return os.NewFile(pageFD, "page") }

func (s *server) answer(req request) (reply, error) {
	if req.Op == opHealth {
		return reply{Engines: s.engines.Health()}, nil
	}
	file := make([]byte, req.Bytes)
	if _, err := s.page.ReadAt(file, 0); err != nil && !errors.Is(err, io.EOF) {
		return reply{}, fmt.Errorf("page file: %w", err)
	}
	if req.Op == opStock {
		stock, err := takeStock(file)
		return reply{MIME: stock.mime, Pages: stock.pages}, err
	}
	inside := req.Page
	if req.Drawn {
		inside = 1
	}
	begun := processorTime()
	sheet, err := openSheet(file, inside)
	if err != nil {
		return reply{}, err
	}
	s.cost.Decode = processorTime() - begun
	switch req.Op {
	case opRead:
		return s.read(req, sheet)
	case opPicture:
		return s.picture(req, sheet)
	case opDoor:
		return door(req, sheet)
	}
	return reply{}, fmt.Errorf("unknown request %q", req.Op)
}

func (s *server) read(req request, page sheetOf) (reply, error) {
	begun := time.Now()
	reading := casework.Reading{Page: req.Page, Engine: engineOFD, Model: modelOFD}
	if page.empty {
		size := page.picture.Rect.Size()
		reading.Width, reading.Height, reading.Lines = size.X, size.Y, inRows(page.printed)
	} else if err := s.recognize(req, page, &reading); err != nil {
		return reply{}, err
	}
	reading.Seals = append(reading.Seals, page.seals...)
	reading.Quality = append(reading.Quality, page.found...)
	if page.editor != "" { // not for the door: it is for a person to judge
		reading.Quality = append(reading.Quality, casework.Quality{Code: "edited", Score: 1, Threshold: 1})
	}
	reading.Millis = time.Since(begun).Milliseconds()
	return reply{Reading: &reading}, nil
}

// recognize reads the picture and joins what it says with what the file says.
func (s *server) recognize(req request, page sheetOf, reading *casework.Reading) error {
	engine, err := s.engines.Engine(req.Engine)
	if err != nil {
		return err
	}
	small, factor := fit(page.picture, workSide)
	sheet := prepare(small)
	seen, err := engine.Recognize(sheet)
	if err != nil {
		return fmt.Errorf("engine %s: %w", engine.Name(), err)
	}
	upright := sheet.Turned(seen.Rotation)
	if second := s.engines.Second(engine.Name()); second != nil {
		begun := processorTime()
		if err := secondOpinions(second, upright.Clean, seen.Lines); err != nil {
			return fmt.Errorf("second opinion: %w", err)
		}
		s.cost.Second = processorTime() - begun
		reading.Second = second.Name()
	}
	if upright.Seals, err = ReadSeals(engine, upright, seen.Lines); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	markHandwriting(upright.Clean, seen.Lines, upright.Seals)
	reading.Signatures = scaleSignatures(signatures(upright.Clean, seen.Lines), factor)
	size := page.picture.Rect.Size()
	begun := processorTime()
	found := inspect(page.picture, req.Door)
	s.cost.Door = processorTime() - begun
	for _, q := range found {
		if !q.Box.Empty() {
			q.Box = turnBox(q.Box, size.X, size.Y, seen.Rotation)
		}
		reading.Quality = append(reading.Quality, q)
	}
	reading.Rotation, reading.Engine, reading.Model = seen.Rotation, engine.Name(), engine.Model()
	reading.Lines, reading.Seals = scaleLines(seen.Lines, factor), scaleSeals(upright.Seals, factor)
	printed := turnLines(append(req.Printed, page.printed...), size.X, size.Y, seen.Rotation)
	if len(req.Printed) > 0 {
		shown, hidden := confirm(printed, reading.Lines)
		if len(hidden) > 0 {
			reading.Quality = append(reading.Quality, hiddenFinding(hidden))
		}
		printed = shown
		seenAs(engine.Name(), printed, reading.Lines)
	}
	writtenAs(printed, reading.Lines)
	if len(printed) > 0 {
		reading.Engine = printed[0].Engine + "+" + engine.Name()
		reading.Lines = merge(printed, reading.Lines)
	}
	if seen.Rotation%180 != 0 {
		size.X, size.Y = size.Y, size.X
	}
	reading.Width, reading.Height = size.X, size.Y
	return nil
}

// prepare looks for seals and lifts their ink off.
func prepare(img *image.NRGBA) Sheet {
	seals := FindSeals(img)
	return Sheet{Raw: img, Clean: liftInk(img, seals), Seals: seals}
}

func scaleLines(lines []casework.Line, factor float64) []casework.Line {
	for i := range lines {
		for j, p := range lines[i].Quad {
			lines[i].Quad[j] = casework.Point{X: p.X * factor, Y: p.Y * factor}
		}
	}
	return lines
}

func scaleSeals(seals []casework.Seal, factor float64) []casework.Seal {
	for i, s := range seals {
		seals[i].Box = scaledBox(s.Box, factor)
	}
	return seals
}

func scaleSignatures(all []casework.Signature, factor float64) []casework.Signature {
	for i, s := range all {
		all[i].Box = scaledBox(s.Box, factor)
	}
	return all
}

func scaledBox(b casework.Box, factor float64) casework.Box {
	scale := func(v int) int { return int(float64(v)*factor + 0.5) }
	return casework.Box{X: scale(b.X), Y: scale(b.Y), W: scale(b.W), H: scale(b.H)}
}

// viewerQuality is the JPEG quality of pages shown to people.
const viewerQuality = 85

func (s *server) picture(req request, page sheetOf) (reply, error) {
	img, err := page.shown()
	if err != nil {
		return reply{}, err
	}
	turn := req.Rotation
	if page.empty {
		turn = 0 // its text says how it stands
	}
	if turn == unknownRotation {
		engine, err := s.engines.Engine(req.Engine)
		if err != nil {
			return reply{}, err
		}
		small, _ := fit(img, workSide)
		if turn, err = engine.Rotation(Sheet{Raw: small, Clean: small}); err != nil {
			return reply{}, fmt.Errorf("engine %s: %w", engine.Name(), err)
		}
	}
	small, _ := fit(img, req.MaxSide)
	upright := Turn(small, turn)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, upright, &jpeg.Options{Quality: viewerQuality}); err != nil {
		return reply{}, fmt.Errorf("page picture: %w", err)
	}
	return reply{JPEG: out.Bytes(), Width: upright.Rect.Dx(), Height: upright.Rect.Dy(), Turn: turn}, nil
}
