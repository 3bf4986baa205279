package ledger

import (
	"bytes"
	"html"
	"io"
	"regexp"
	"strings"
)

// htmlSheet gives the rows of all tables of a page, as banks save them under .xls.
type htmlSheet struct {
	rows [][][]byte
	at   []int
	i    int
}

func (h *htmlSheet) next(row *cells) (int, error) {
	if h.i >= len(h.rows) {
		return 0, io.EOF
	}
	h.i++
	*row = cells{apart: h.rows[h.i-1]}
	return h.at[h.i-1], nil
}

func isHTML(head []byte) bool {
	text := sniff(head)
	return strings.HasPrefix(text, "<") && (strings.Contains(text, "<html") || strings.Contains(text, "<table") || strings.Contains(text, "<!doctype html") || strings.Contains(text, "urn:schemas-microsoft-com:office"))
}

// readHTML reads tables cut by their tags. Spanning cells take their width; a
// table that ends in the middle of a row is a damaged file.
func readHTML(in Input, t *table) error {
	text, err := io.ReadAll(io.NewSectionReader(in.Data, 0, min(in.Size, 256<<20)))
	if err != nil {
		return err
	}
	t.decode.utf8 = validHead(text)
	t.ragged = true
	s, problem := htmlRows(text)
	if problem != nil {
		return problem
	}
	return t.read(s)
}

// htmlRows cuts <tr> and <td>, and SpreadsheetML's <Row> and <Cell> alike.
func htmlRows(text []byte) (*htmlSheet, *lineError) {
	tag := regexp.MustCompile(`(?i)<(/?)(?:ss:)?(tr|row|td|th|cell|table)\b([^>]*)>`)
	span := regexp.MustCompile(`(?i)(?:colspan|ss:mergeacross)\s*=\s*["']?(\d+)`)
	index := regexp.MustCompile(`(?i)ss:index\s*=\s*["']?(\d+)`)
	s := &htmlSheet{}
	var row [][]byte
	inRow, cell, width := false, -1, 1
	line, counted := 1, 0
	finish := func(end int) {
		if cell >= 0 {
			row = append(row, plainHTML(text[cell:end]))
			for range width - 1 {
				row = append(row, nil)
			}
			cell = -1
		}
	}
	for _, m := range tag.FindAllSubmatchIndex(text, -1) {
		line += bytes.Count(text[counted:m[0]], []byte("\n"))
		counted = m[0]
		name, closing := strings.ToLower(string(text[m[4]:m[5]])), m[2] != m[3]
		finish(m[0])
		switch {
		case name == "tr" || name == "row" || name == "table":
			if inRow && len(row) > 0 {
				s.rows, s.at = append(s.rows, row), append(s.at, line)
			}
			row, inRow = nil, !closing && name != "table"
		case !closing && inRow:
			attributes := text[m[6]:m[7]]
			if at := index.FindSubmatch(attributes); at != nil {
				for len(row) < min(number(at[1])-1, 1000) {
					row = append(row, nil)
				}
			}
			if width = 1; span.Match(attributes) {
				width = min(max(number(span.FindSubmatch(attributes)[1]), 1), 1000)
				if name == "cell" {
					width++
				}
			}
			if cell = m[1]; bytes.HasSuffix(attributes, []byte("/")) {
				finish(m[1])
			}
		}
	}
	if inRow || cell >= 0 {
		return nil, &lineError{line, "record", "<tr>"}
	}
	return s, nil
}

// plainHTML is the text of a cell without tags and entities.
func plainHTML(cell []byte) []byte {
	if bytes.IndexByte(cell, '<') < 0 && bytes.IndexByte(cell, '&') < 0 {
		return bytes.TrimSpace(cell)
	}
	tags := regexp.MustCompile(`(?s)<[^>]*>`)
	text := html.UnescapeString(string(tags.ReplaceAll(cell, nil)))
	return []byte(strings.TrimSpace(strings.ReplaceAll(text, "\u00a0", " ")))
}
