package native

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"

	"github.com/disintegration/imaging"
)

// The recogniser's input. It has one column for 8 pixels: what a width is rounded up
// beyond that is work for nothing, 4 % of a page with steps of 32.
const (
	lineHeight   = 48
	minLineWidth = 64
	maxLineWidth = 4096
	widthStep    = 8
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
	classes, before := len(r.alphabet), blank
	all := len(columns) / classes
	var seen []sign
	for i := range all {
		column := columns[i*classes:][:classes]
		best := likeliest(column)
		if best != blank && best != before {
			seen = append(seen, sign{r.alphabet[best], column[best], column, wide * (float64(i) + 0.5) / float64(all)})
		}
		before = best
	}
	r.numbersOf(seen)
	return asWords(seen)
}

func likeliest(column []float32) int {
	best := 0
	for class, p := range column {
		if p > column[best] {
			best = class
		}
	}
	return best
}

// sign is one character, with the column it was taken from.
type sign struct {
	text   string
	sure   float32
	column []float32
	at     float64
}

func asWords(seen []sign) words {
	var text strings.Builder
	w := words{chars: make([]float64, len(seen)), at: make([]float64, len(seen))}
	for i, c := range seen {
		text.WriteString(c.text)
		w.chars[i], w.at[i] = float64(c.sure), c.at
	}
	w.text = text.String()
	return w
}
