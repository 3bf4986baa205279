package native

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"

	"github.com/disintegration/imaging"
)

// The recogniser's input. Widths are rounded up, so that fewer shapes occur and
// native memory stays small.
const (
	lineHeight   = 48
	minLineWidth = 64
	maxLineWidth = 4096
	widthStep    = 32
	blank        = 0 // CTC class of "no new character"
)

// strokeDot is the name of a stroke. Nobody prints it, but the model takes the
// Chinese comma for it.
const strokeDot = "丶"

// recognizer reads one straightened line.
type recognizer struct {
	net      *network
	alphabet []string // by class; the blank is ""
}

// openRecognizer loads the model and its alphabet, and checks by one run that
// they belong together.
func openRecognizer(model, keys string) (recognizer, error) {
	net, err := openNetwork(model)
	if err != nil {
		return recognizer{}, err
	}
	text, err := os.ReadFile(keys)
	if err != nil {
		return recognizer{}, fmt.Errorf("alphabet: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r", ""), "\n"), "\n")
	for i, character := range lines {
		if character == strokeDot {
			lines[i] = "、"
		}
	}
	alphabet := append(append([]string{""}, lines...), " ")
	r := recognizer{net, alphabet}
	answer, err := net.run(make([]float32, 3*lineHeight*minLineWidth), minLineWidth, lineHeight)
	if err != nil {
		return recognizer{}, err
	}
	defer answer.free()
	if len(answer.shape) != 3 || int(answer.shape[2]) != len(alphabet) {
		return recognizer{}, fmt.Errorf("model %s answers %v, but %s has %d characters", filepath.Base(model), answer.shape, filepath.Base(keys), len(alphabet))
	}
	return r, nil
}

// words is what a crop says, with a confidence for each character.
type words struct {
	text  string
	chars []float64
	at    []float64 // the middle of each character, as a share of the crop's width
}

// confidence is the mean of the characters'.
func (w words) confidence() float64 {
	var sum float64
	for _, c := range w.chars {
		sum += c
	}
	return sum / float64(max(len(w.chars), 1))
}

func (r recognizer) read(line *image.NRGBA) (words, error) {
	w := min(maxLineWidth, max(1, (line.Rect.Dx()*lineHeight+line.Rect.Dy()-1)/line.Rect.Dy()))
	field := (max(w, minLineWidth) + widthStep - 1) / widthStep * widthStep
	small := imaging.Resize(line, w, lineHeight, imaging.Linear)
	answer, err := r.net.run(halfScaling().planes(small, field, lineHeight), field, lineHeight)
	if err != nil {
		return words{}, err
	}
	defer answer.free()
	return r.decode(answer.data, float64(field)/float64(w)), nil
}

// decode takes the likeliest class of each column; a class counts once per run
// of equal columns. wide is how many crops the columns span: the crop is filled up
// to a round width.
func (r recognizer) decode(columns []float32, wide float64) words {
	var text strings.Builder
	var chars, at []float64
	classes, before := len(r.alphabet), blank
	all := len(columns) / classes
	for ; len(columns) >= classes; columns = columns[classes:] {
		best := 0
		for class, p := range columns[:classes] {
			if p > columns[best] {
				best = class
			}
		}
		if best != blank && best != before {
			text.WriteString(r.alphabet[best])
			chars = append(chars, float64(columns[best]))
			at = append(at, wide*(float64(all-len(columns)/classes)+0.5)/float64(all))
		}
		before = best
	}
	return words{text.String(), chars, at}
}
