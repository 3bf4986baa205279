package native

import "image"

// ReadLine implements ocr.LineReader.
func (p *ppocr) ReadLine(line *image.NRGBA) (text string, confidence float64, err error) {
	seen, err := p.reader.read(line)
	return seen.text, seen.confidence(), err
}
