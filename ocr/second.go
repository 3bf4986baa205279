package ocr

import (
	"image"
	"strings"
	"unicode"

	"github.com/jingban/jingban/casework"
)

// A second opinion: the numbers of a page (IDs, accounts, dates, amounts, codes)
// are read again by Tesseract, which was trained on other data and sees a picture
// cut out anew. What both say is most likely there; where they differ a person
// looks. Neither is ever corrected by the other.

// SecondReader reads parts of lines for a second opinion. It is used by one
// goroutine.
type SecondReader interface {
	// Name is "tesseract".
	Name() string
	// Digits reads a part of a line: "" when it could not tell. Where it sees
	// another number of signs than there are it looks again in another way. Where
	// it sees as many, but others, it holds to that unless two of its own looks say
	// another thing, the same.
	Digits(picture *image.NRGBA, part Part) (text string, confidence float64, err error)
}

// Part is a piece of a line as a second reader gets it. Places are shares of the
// line's length, from its left end.
type Part struct {
	Quad    casework.Quad // of the whole line
	From    float64
	To      float64
	Covered [][2]float64 // signs in between that are no digits: 年 月 日
	Letters bool         // it may hold capitals: 统一社会信用代码
	Said    string       // digits and capitals there are, said the first reader
}

// What is read twice.
const (
	numberFrom   = 4   // digits: shorter numbers are paragraph signs and counts, if not amounts
	numberHeight = 8.0 // pixels of a line: below, nothing can be told
)

// secondOpinions adds what the second reader says to the numbers of upright lines.
func secondOpinions(second SecondReader, picture *image.NRGBA, lines []casework.Line) error {
	for i := range lines {
		line := &lines[i]
		if b := line.Quad.Box(); b.H > b.W || float64(b.H) < numberHeight || len(line.At) == 0 {
			continue
		}
		chars := []rune(line.Text)
		if len(chars) != len(line.At) {
			continue
		}
		for _, run := range numbersIn(chars) {
			text, sure, err := second.Digits(picture, partOf(*line, chars, run))
			if err != nil {
				return err
			}
			line.Second = append(line.Second, casework.Opinion{From: run[0], To: run[1], Text: text, Confidence: sure, Engine: second.Name()})
		}
	}
	return nil
}

// seenAs notes at the numbers of a text layer, which says what is there without
// looking, whether the page was seen to show the same.
func seenAs(engine string, printed, seen []casework.Line) {
	for i := range printed {
		chars := []rune(printed[i].Text)
		there := string(folded(textAround(printed[i], seen)))
		for _, run := range numbersIn(chars) {
			number := folded(string(chars[run[0]:run[1]]))
			opinion := casework.Opinion{From: run[0], To: run[1], Engine: engine}
			if strings.Contains(there, string(number)) {
				opinion.Text, opinion.Confidence = codeOf(number), 1
			}
			printed[i].Second = append(printed[i].Second, opinion)
		}
	}
}

// codeOf keeps digits and letters, these as capitals.
func codeOf(number []rune) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII {
			return unicode.ToUpper(r)
		}
		return -1
	}, string(number))
}

// numbersIn finds the numbers of a line: runs of digits with the signs and
// capitals between them, from the first digit to the last.
func numbersIn(chars []rune) [][2]int {
	var runs [][2]int
	for from := 0; from < len(chars); {
		to, digits := from, 0
		for to < len(chars) && (isDigit(chars[to]) || isCapital(chars[to]) || between(chars[to])) {
			if isDigit(chars[to]) {
				digits++
			}
			to++
		}
		if run, ok := trimmed(chars, from, to); ok && (digits >= numberFrom || isAmount(chars[run[0]:run[1]])) {
			runs = append(runs, run)
		}
		from = to + 1
	}
	return runs
}

// trimmed drops what stands before the first digit and behind the last digit or
// capital.
func trimmed(chars []rune, from, to int) ([2]int, bool) {
	for from < to && !isDigit(chars[from]) {
		from++
	}
	for to > from && !isDigit(chars[to-1]) && !isCapital(chars[to-1]) {
		to--
	}
	return [2]int{from, to}, from < to
}

// isAmount says that a number has two places behind the point.
func isAmount(number []rune) bool { return len(number) > 3 && number[len(number)-3] == '.' }

func isDigit(r rune) bool   { return r >= '0' && r <= '9' }
func isCapital(r rune) bool { return r >= 'A' && r <= 'Z' || r == 'x' }

// between are the signs inside dates, amounts and grouped numbers.
func between(r rune) bool { return strings.ContainsRune("年月日.,-/:— ", r) || unicode.IsSpace(r) }

// partOf says where a number stands and which of its signs are to be covered.
func partOf(line casework.Line, chars []rune, run [2]int) Part {
	edge := func(i int) float64 { // between the characters i-1 and i
		switch {
		case i == 0:
			return 0
		case i == len(chars):
			return 1
		}
		return (line.At[i-1] + line.At[i]) / 2
	}
	part := Part{Quad: line.Quad, From: edge(run[0]), To: edge(run[1])}
	for i := run[0]; i < run[1]; i++ {
		if isDigit(chars[i]) || isCapital(chars[i]) {
			part.Said += string(unicode.ToUpper(chars[i]))
		}
		switch {
		case isCapital(chars[i]) && chars[i] != 'X' && chars[i] != 'x':
			part.Letters = true
		case unicode.Is(unicode.Han, chars[i]):
			part.Covered = append(part.Covered, [2]float64{edge(i), edge(i + 1)})
		}
	}
	return part
}
