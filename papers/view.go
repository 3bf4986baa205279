package papers

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// Agency is who hands the paper out.
type Agency struct {
	Name    string
	Address string
	Phone   string
	Hours   string // office hours
	Review  string // 复议机关: who hears a 行政复议
	Court   string // which court hears a lawsuit
}

// View is what a paper states.
type View struct {
	Agency    Agency
	Number    string // 文号
	Case      string // 受理编号
	Applicant casework.Person
	Matter    string // Chinese name of the request
	Ground    string // law the request rests on
	Received  casework.Date
	Issued    casework.Date
	Days      int           // working days to correct, or to decide
	Deadline  casework.Date // zero while that year's calendar is not imported

	Findings  []casework.Finding // correction: as assessed; Defects are printed
	Note      string             // correction: what the clerk who returned the case adds, in Chinese
	Materials []string           // acceptance: Chinese names of what was handed in

	Facts map[string]string // what the playbook computed, as the paper states it

	ReconsiderationDays int // 行政复议, from the parameters
	LawsuitMonths       int // 行政诉讼
}

// NewView fills in what snapshot, catalogue and calendar know. The caller adds
// agency and number. It errs when a parameter has no value on that day.
func NewView(s casework.Snapshot, c *materials.Catalog, calendar casework.Calendar, issued casework.Date) (View, error) {
	v := View{
		Case: s.Number, Applicant: s.Applicant, Matter: c.Title(s.Matter).Zh, Received: s.Received, Issued: issued,
		Findings: s.Assessment.Findings,
	}
	if m, ok := c.Matter(s.Matter); ok {
		v.Ground = m.Basis
		for _, r := range m.Materials {
			if _, there := s.Assessment.Documents[r.Type]; there {
				v.Materials = append(v.Materials, c.Title(r.Type).Zh)
			}
		}
	}
	values := c.Params().For(s.Region, issued)
	for name, into := range map[string]*int{
		"correction.limit_days":       &v.Days,
		"remedy.reconsideration_days": &v.ReconsiderationDays,
		"remedy.lawsuit_months":       &v.LawsuitMonths,
	} {
		n, err := values.Int(name)
		if err != nil {
			return View{}, fmt.Errorf("paper of case %s: %w", s.Number, err)
		}
		*into = n
	}
	if due, err := calendar.Due(issued, v.Days); err == nil {
		v.Deadline = due
	}
	return v, nil
}

// ForDecision turns the time limit from the citizen's to the agency's: working
// days to decide, counted from receipt, with the day they end on when known.
func (v View) ForDecision(days int, due casework.Date) View {
	v.Days, v.Deadline = days, due
	return v
}

// Defects are the findings the citizen must repair, see [casework.Assessment.Defects].
func (v View) Defects() []casework.Finding {
	return casework.Assessment{Findings: v.Findings}.Defects()
}

func (v View) ready() error {
	for _, fact := range []struct{ name, value string }{
		{"agency", v.Agency.Name}, {"number", v.Number}, {"applicant's name", v.Applicant.Name},
		{"matter", v.Matter}, {"ground", v.Ground}, {"day of receipt", v.Received.String()}, {"day of issue", v.Issued.String()},
	} {
		if fact.value == "" {
			return fmt.Errorf("the %s is missing", fact.name)
		}
	}
	if v.Days <= 0 {
		return fmt.Errorf("the time limit is missing")
	}
	return nil
}

func readyToCorrect(v View) error {
	if err := v.ready(); err != nil {
		return err
	}
	if len(v.Defects()) == 0 && v.Note == "" {
		return fmt.Errorf("there is nothing to correct")
	}
	if v.ReconsiderationDays <= 0 || v.LawsuitMonths <= 0 {
		return fmt.Errorf("the remedy is missing")
	}
	return nil
}

// stating asks for facts by name, and for the remedy.
func stating(names ...string) func(View) error {
	return func(v View) error {
		if err := v.ready(); err != nil {
			return err
		}
		for _, name := range names {
			if v.Facts[name] == "" {
				return fmt.Errorf("the fact %s is missing", name)
			}
		}
		if v.ReconsiderationDays <= 0 || v.LawsuitMonths <= 0 {
			return fmt.Errorf("the remedy is missing")
		}
		return nil
	}
}

// formed asks for facts by name: a form between agencies has no remedy.
func formed(names ...string) func(View) error {
	return func(v View) error {
		if v.Agency.Name == "" || v.Number == "" || v.Applicant.Name == "" || v.Issued.IsZero() {
			return fmt.Errorf("the agency, the number, the person or the day is missing")
		}
		for _, name := range names {
			if v.Facts[name] == "" {
				return fmt.Errorf("the fact %s is missing", name)
			}
		}
		return nil
	}
}

// Table lays a fact out as rows: one a line, the cells apart by "|".
func (v View) Table(name string) [][]string {
	var rows [][]string
	for line := range strings.SplitSeq(v.Facts[name], "\n") {
		if line != "" {
			rows = append(rows, strings.Split(line, "|"))
		}
	}
	return rows
}

// StepLine is one line of a calculation, or the heading of the lines below it.
type StepLine struct {
	Heading bool
	Text    string
}

// Steps are the lines of the calculation that the paper shows.
func (v View) Steps() []StepLine {
	var lines []StepLine
	for line := range strings.SplitSeq(v.Facts["steps"], "\n") {
		text := strings.TrimSpace(line)
		lines = append(lines, StepLine{text == line, text})
	}
	return lines
}

// MonthZh writes 202603 as 2026年3月; anything else stays as it is.
func MonthZh(text string) string {
	if month, err := strconv.Atoi(text); err == nil && len(text) == 6 {
		return fmt.Sprintf("%d年%d月", month/100, month%100)
	}
	return text
}

func readyToAccept(v View) error { return v.ready() }
