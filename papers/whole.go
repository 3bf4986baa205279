package papers

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Lost gives the characters that a page shows and that the text of its print
// does not hold: no typeface of the machine had a glyph for them, and the paper
// would say so with an empty box. Each is given once, in the order of code points.
// A print gives a character that has no glyph no text, and may write one that has
// as its compatible twin.
func Lost(page []byte, printed string) []rune {
	there := map[rune]bool{}
	for _, r := range norm.NFKC.String(printed) {
		there[r] = true
	}
	var lost []rune
	for _, r := range norm.NFKC.String(visible(page)) {
		if !there[r] && !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) {
			lost = append(lost, r)
		}
	}
	slices.Sort(lost)
	return slices.Compact(lost)
}

// visible is the text of a page of ours: what stands in its body, between tags.
func visible(page []byte) string {
	_, body, found := strings.Cut(string(page), "<body")
	if !found {
		body = string(page)
	}
	text := regexp.MustCompile(`(?s)<(style|script)\b.*?</(style|script)>|<!--.*?-->`).ReplaceAllString("<body"+body, "")
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " "))
}
