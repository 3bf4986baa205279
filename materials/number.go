package materials

import (
	"github.com/jingban/jingban/casework"
)

// NumberStatus says how far a number may be believed that stands in a line, judged
// by itself: by its second reading and by its check digit, without what other
// papers say. It is FieldRead when neither says anything. The number goes from one
// character (incl.) to another (excl.) of the line, spaces not counted.
func NumberStatus(line casework.Line, from, to int, kind Kind, received casework.Date) casework.FieldStatus {
	kept := capture(glyphs(0, line, 0))[from:to]
	status, _ := agreement(kept)
	right, has := checkDigit(kind, kept.text(), received)
	switch {
	case has && !right:
		return casework.FieldDoubtful
	case has && confidence(kept, kind) >= checkedFrom:
		return casework.FieldVerified
	case status == "":
		return casework.FieldRead
	}
	return status
}
