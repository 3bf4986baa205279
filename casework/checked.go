package casework

// Checked is an assessment as programs outside get it, from the command line
// (jingban check --json) and from the API (POST /api/v1/checks).
type Checked struct {
	Case     string           `json:"case"` // as whoever asked calls it
	Verdict  Verdict          `json:"verdict"`
	Findings []CheckedFinding `json:"findings"`
}

// CheckedFinding is a [Finding] with every key there, whether it says something
// or not.
type CheckedFinding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Material string   `json:"material"`
	Page     int      `json:"page"`
	Box      Box      `json:"box"`
	Found    string   `json:"found"`
	Expected string   `json:"expected"`
	Zh       string   `json:"zh"`
	En       string   `json:"en"`
	Basis    string   `json:"basis"`
	Fix      string   `json:"fix"`
}

// Checked gives the assessment under the name that whoever asked has for it.
func (a Assessment) Checked(name string) Checked {
	out := Checked{Case: name, Verdict: a.Verdict, Findings: []CheckedFinding{}}
	for _, f := range a.Findings {
		out.Findings = append(out.Findings, CheckedFinding{f.Rule, f.Severity, f.Material, f.Page, f.Box, f.Found, f.Expected, f.Zh, f.En, f.Basis, f.Fix})
	}
	return out
}
