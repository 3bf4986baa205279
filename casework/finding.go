package casework

import (
	"fmt"
	"strings"
)

// Field is one value found on a page.
type Field struct {
	Name       string  `json:"name"`  // "id_number"
	Value      string  `json:"value"` // normalised: dates YYYY-MM-DD, digits half-width
	Raw        string  `json:"raw"`   // as read
	Page       int     `json:"page"`
	Box        Box     `json:"box"`
	Confidence float64 `json:"confidence"`

	Status FieldStatus `json:"status"`
	Hand   bool        `json:"hand,omitempty"`   // it may be written by hand: Value is a suggestion, never verified until a person accepts it
	Second string      `json:"second,omitempty"` // what a second reader makes of it, when that is something else
	Offer  string      `json:"offer,omitempty"`  // the one of both readings whose check digit is right, when Value's is not; only offered
}

// FieldStatus is how far a value may be believed.
type FieldStatus string

// The statuses of a field.
const (
	FieldVerified FieldStatus = "verified" // two that know nothing of each other say so: reader and check digit, two readers, two papers, or a person
	FieldRead     FieldStatus = "read"     // one reader, sure of it; nothing speaks against it
	FieldDoubtful FieldStatus = "doubtful" // unsure, no value of its kind, or two readers differ: a person looks at the picture
)

// Severity is how much a finding weighs.
type Severity string

// The severities.
const (
	Block Severity = "BLOCK" // the citizen must repair it
	Warn  Severity = "WARN"  // a person must look
	Info  Severity = "INFO"
)

// Finding is one broken rule: found, expected, where, by which law, and how to
// put it right. Zh and En are complete sentences for people; they may name the
// person, so a finding is stored sealed.
type Finding struct {
	Rule     string   `json:"rule"` // stable, snake_case: "id_checksum"
	Severity Severity `json:"severity"`
	Material string   `json:"material"` // material type; "" for the case as a whole
	FileID   string   `json:"file_id,omitempty"`
	Field    string   `json:"field,omitempty"`
	Page     int      `json:"page,omitempty"`
	Box      Box      `json:"box"`
	Found    string   `json:"found,omitempty"`
	Expected string   `json:"expected,omitempty"`
	Zh       string   `json:"zh"`
	En       string   `json:"en"`
	Basis    string   `json:"basis"` // 法律依据
	Fix      string   `json:"fix"`   // what the citizen does, in Chinese
}

// Verdict is what the materials amount to (domain/00-overview §4).
type Verdict string

// The verdicts. A refusal is only ever proposed; a person signs it.
const (
	AutoPass            Verdict = "AUTO_PASS"
	ReturnForCorrection Verdict = "RETURN_FOR_CORRECTION"
	ManualReview        Verdict = "MANUAL_REVIEW"
	ProposeReject       Verdict = "PROPOSE_REJECT"
)

// Document is one recognised material: its type and its fields.
type Document struct {
	Type       string           `json:"type"` // material type, "id_card_front"
	FileID     string           `json:"file_id"`
	Page       int              `json:"page"`
	Confidence float64          `json:"confidence"` // of the weakest required field
	Fields     map[string]Field `json:"fields"`
}

// Assessment is everything the materials check found out about a case.
type Assessment struct {
	Verdict   Verdict             `json:"verdict"`
	Documents map[string]Document `json:"documents"` // by material type
	Findings  []Finding           `json:"findings"`
	Rules     string              `json:"rules"` // hash of the types, lists and parameters used
}

// Defects are the findings the citizen must repair, each once. Where nothing is
// surely wrong and a person returns the case all the same, the doubtful ones count.
func (a Assessment) Defects() []Finding {
	if sure := a.weighing(Block); len(sure) > 0 {
		return sure
	}
	return a.weighing(Warn)
}

func (a Assessment) weighing(severity Severity) []Finding {
	var out []Finding
	seen := map[string]bool{}
	for _, f := range a.Findings {
		if f.Severity == severity && !seen[f.Zh] {
			seen[f.Zh] = true
			out = append(out, f)
		}
	}
	return out
}

// Correction is the whole of what the citizen must repair as one text in Chinese, as
// it is written into another system: what is wrong, how to put it right, by which
// law. "" where there is nothing.
func (a Assessment) Correction() string {
	var out strings.Builder
	for i, f := range a.Defects() {
		if i > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "%d. %s", i+1, f.Zh)
		if f.Fix != "" {
			out.WriteString("\n怎样补正：" + f.Fix)
		}
		if f.Basis != "" {
			out.WriteString("\n依据：" + f.Basis)
		}
	}
	return out.String()
}

// Snapshot is what a run works with, frozen when it starts: a run never sees a
// newer reading. It holds personal data and is stored sealed.
type Snapshot struct {
	Number     string            `json:"number"`
	Matter     string            `json:"matter"`
	Region     string            `json:"region"`
	Applicant  Person            `json:"applicant"`
	Month      Month             `json:"month"`
	Received   Date              `json:"received"`
	Shared     map[string]string `json:"shared"`
	Assessment Assessment        `json:"assessment"`
}
