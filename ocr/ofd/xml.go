package ofd

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Bounds of one XML file. A dense page of 10,000 characters has about 40,000
// tokens; the standard's own structure is some ten levels deep.
const (
	maxXML    = 16 << 20
	maxDepth  = 64
	maxTokens = 1_000_000
)

// decodeXML fills v after a walk that refuses declarations, entities, depth and
// length. Elements are matched by local name: generators disagree on prefixes.
func decodeXML(text []byte, v any) error {
	if err := walkXML(text); err != nil {
		return err
	}
	if err := xml.Unmarshal(text, v); err != nil {
		return fmt.Errorf("XML: %w", err)
	}
	return nil
}

func walkXML(text []byte) error {
	if len(text) > maxXML {
		return fmt.Errorf("XML: %d MB, at most %d MB", len(text)>>20, maxXML>>20)
	}
	in := xml.NewDecoder(bytes.NewReader(text))
	depth := 0
	for range maxTokens {
		token, err := in.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("XML: %w", err)
		}
		switch token.(type) {
		case xml.Directive:
			return errors.New("XML: a document type declaration is not accepted")
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		if depth > maxDepth {
			return fmt.Errorf("XML: more than %d levels deep", maxDepth)
		}
	}
	return fmt.Errorf("XML: more than %d tokens", maxTokens)
}

// numbers reads "0 0 210 297"; what is no finite number ends the list.
func numbers(text string) []float64 {
	var list []float64
	for word := range strings.FieldsSeq(text) {
		v, ok := number(word)
		if !ok {
			break
		}
		list = append(list, v)
	}
	return list
}

// number reads one coordinate; 1e5 mm is more than any sheet.
func number(word string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > 1e5 {
		return 0, false
	}
	return v, true
}

// Box is a rectangle in millimetres.
type Box struct{ X, Y, W, H float64 }

func parseBox(text string) (Box, bool) {
	n := numbers(text)
	if len(n) < 4 || n[2] <= 0 || n[3] <= 0 {
		return Box{}, false
	}
	return Box{X: n[0], Y: n[1], W: n[2], H: n[3]}, true
}

// matrix is a CTM: x' = a·x + c·y + e, y' = b·x + d·y + f.
type matrix [6]float64

func parseMatrix(text string) matrix {
	n := numbers(text)
	if len(n) < 6 {
		return matrix{1, 0, 0, 1, 0, 0}
	}
	return matrix(n[:6])
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// maxRun bounds "g 1000000000 3.5".
const maxRun = 10_000

// deltas reads distances between characters: "3.5 3.5 g 4 3.2" says four times
// 3.2 at its end.
func deltas(text string) []float64 {
	var list []float64
	words := strings.Fields(text)
	for i := 0; i < len(words) && len(list) < maxRun; i++ {
		count := 1
		if words[i] == "g" && i+2 < len(words) {
			count, _ = strconv.Atoi(words[i+1]) // 0 when it is no number
			i += 2
		}
		v, ok := number(words[i])
		if !ok {
			break
		}
		for range min(count, maxRun-len(list)) {
			list = append(list, v)
		}
	}
	return list
}
