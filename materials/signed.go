package materials

import (
	"strings"

	"github.com/jingban/jingban/casework"
)

// Signed is the value of a signature of which only the ink was seen.
const Signed = "已签"

// inked gives a signature that no reader made letters of: a label, and ink in the
// place behind it.
func inked(reading casework.Reading, rule FieldRule) (casework.Field, bool) {
	for _, way := range rule.Find {
		for _, label := range way.labels() {
			for _, s := range reading.Signatures {
				if s.Signed && strings.HasSuffix(bare(s.Label), bare(label)) {
					return casework.Field{Name: rule.Name, Value: Signed, Page: reading.Page, Box: s.Box, Confidence: 1}, true
				}
			}
		}
	}
	return casework.Field{}, false
}

// bare is a label without its brackets: 申请人（签字） is 申请人签字.
func bare(label string) string {
	return strings.NewReplacer("(", "", ")", "", ":", "", "_", "").Replace(plain(label))
}
