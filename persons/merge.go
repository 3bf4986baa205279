package persons

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// Record is what the agency holds under one 个人编号. A person may have several.
type Record struct {
	PersonNo     string // 个人编号, digits
	Name         string
	Number       string // 15 or 18 characters
	Verified     bool   // the police confirmed name and number
	Sex          Sex
	Birth        casework.Date
	Drawing      bool             // a benefit is being paid
	Benefits     []casework.Month // months for which one was paid
	Dead         bool
	ActiveCard   bool           // bound to the 社保卡 in use
	Active       bool           // 正常参保; otherwise 中断
	FirstInsured casework.Month // 首次参保, 0 when never
	Province     string         // 户籍, six digits
	DeemedMonths int            // 视同缴费
	SpecialWork  int            // 特殊工种 months
	Frozen       bool           // by a court
	Objected     bool           // the person does not want the merge
	OpenCase     bool           // 业务在途
	Balance      casework.Fen   // personal pension account, principal and interest
	Rows         []PaidRow
}

// Insurance is one of the insurances whose months can overlap.
type Insurance string

// The insurances.
const (
	Pension      Insurance = "pension"      // 企业职工基本养老保险
	Resident     Insurance = "resident"     // 城乡居民基本养老保险
	Unemployment Insurance = "unemployment" // 失业保险
	Injury       Insurance = "injury"       // 工伤保险
)

// PaidRow is one month of one insurance under one relation.
type PaidRow struct {
	Insurance Insurance
	Relation  string         // 人员参保关系ID
	Month     casework.Month // 费款所属期
	Received  casework.Month // 到账年月, 0 when the money has not come
	Employer  bool           // paid through an employer; otherwise a flexible worker or a resident
	Base      casework.Fen   // 缴费基数
	Personal  casework.Fen   // personal part that was credited
	Interest  casework.Fen   // credited on it so far
	Cancelled bool
}

// Proposal is what a merge would do. Nothing has been done: a person decides.
type Proposal struct {
	Main, Sub Record
	Decided   SurvivorRule // why Main stays
	Moved     []MovedRow
	Overlaps  []Overlap
	WriteOff  []MovedRow // unpaid rows that give way to paid ones: a note to the tax side
	Counts    []MonthCount
	Refund    casework.Fen // principal and interest of the dropped pension rows
	Balance   casework.Fen // of the personal account afterwards
	Human     []Reason     // why a person has to look at every line, in order
	Refused   []Reason     // why there is no merge at all; the rest is then empty
}

// MovedRow is a row that goes from the folded number to the surviving one. It
// keeps where it came from for ever.
type MovedRow struct {
	PaidRow
	FromPersonNo string // 原个人编号
}

// Overlap is one month that both numbers have.
type Overlap struct {
	Kept, Dropped MovedRow
	By            string       // the rule that chose
	Refund        casework.Fen // goes back to the person; 0 where only an application brings it back
	OnRequest     bool         // unemployment and injury: counted once, refunded on application only
}

// MonthCount is the check sum of one insurance: Kept = Main + Sub − Overlap.
type MonthCount struct {
	Insurance                Insurance
	Main, Sub, Overlap, Kept int
}

// Propose computes what merging two records of one person would do. The level is
// that of the search (L1 … L5). It returns an error only for records that cannot
// be compared, such as one against itself.
func Propose(a, b Record, level string, policy Policy) (Proposal, error) {
	if a.PersonNo == "" || b.PersonNo == "" || a.PersonNo == b.PersonNo {
		return Proposal{}, fmt.Errorf("merge proposal: want two different person numbers")
	}
	p := Proposal{Main: a, Sub: b}
	if p.Decided = Survivor(a, b); p.Decided.Second {
		p.Main, p.Sub = b, a
	}
	if p.Refused = refusals(a, b, level); len(p.Refused) > 0 {
		return p, nil
	}
	p.settleMonths(policy)
	p.Balance = p.Main.Balance + p.Sub.Balance - p.Refund
	p.Human = p.reasons(level)
	return p, nil
}

// SurvivorRule says which of two records stays, and by which rule of the order
// (domain/30-merge §4). The first rule that tells them apart decides.
type SurvivorRule struct {
	Rule   int // 1 to 7
	Name   string
	Second bool // the second record stays
}

// Survivor chooses the record that stays.
func Survivor(a, b Record) SurvivorRule {
	for i, rule := range survivorRules() {
		if d := rule.compare(a, b); d != 0 {
			return SurvivorRule{Rule: i + 1, Name: rule.name, Second: d > 0}
		}
	}
	return SurvivorRule{Rule: len(survivorRules()), Name: "smaller_person_no"}
}

// MainOf gives the index of the record that stays among all records of a person:
// it is fixed first, then the others are merged into it one by one.
func MainOf(records []Record) int {
	best := 0
	for i := range records {
		if Survivor(records[best], records[i]).Second {
			best = i
		}
	}
	return best
}

type survivorRule struct {
	name    string
	compare func(a, b Record) int // negative: a stays
}

func survivorRules() []survivorRule {
	return []survivorRule{
		{"draws_benefit", func(a, b Record) int { return first(a.Drawing, b.Drawing) }},
		{"verified_number", func(a, b Record) int { return first(a.provenNumber(), b.provenNumber()) }},
		{"active_card", func(a, b Record) int { return first(a.ActiveCard, b.ActiveCard) }},
		{"active_insurance", func(a, b Record) int { return first(a.Active, b.Active) }},
		{"more_paid_months", func(a, b Record) int { return cmp.Compare(b.paidMonths(), a.paidMonths()) }},
		{"earlier_first_insured", earlierInsured},
		{"smaller_person_no", smallerPersonNo},
	}
}

func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func (r Record) provenNumber() bool {
	return r.Verified && ReadNumber(r.Number).Kind == NumberProven
}

func (r Record) paidMonths() int {
	n := 0
	for _, row := range r.Rows {
		if row.paid() {
			n++
		}
	}
	return n
}

func (r PaidRow) paid() bool { return r.Received != 0 && !r.Cancelled }

func earlierInsured(a, b Record) int {
	if a.FirstInsured == 0 || b.FirstInsured == 0 {
		return first(a.FirstInsured != 0, b.FirstInsured != 0)
	}
	return cmp.Compare(a.FirstInsured, b.FirstInsured)
}

// smallerPersonNo compares digits as a number of any length.
func smallerPersonNo(a, b Record) int {
	x, y := trimZeros(a.PersonNo), trimZeros(b.PersonNo)
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y), cmp.Compare(a.PersonNo, b.PersonNo))
}

func trimZeros(digits string) string {
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	return digits
}

// PreviewLine is one line of the table a clerk reads before deciding.
type PreviewLine struct{ Label, Main, Sub, After string }

// Preview lays the proposal out: both numbers before, the surviving one after.
func (p Proposal) Preview() []PreviewLine {
	lines := []PreviewLine{
		{"个人编号", p.Main.PersonNo, p.Sub.PersonNo, p.Main.PersonNo},
		{"个人账户余额", p.Main.Balance.String(), p.Sub.Balance.String(), p.Balance.String()},
		{"应退本息", "", "", p.Refund.String()},
	}
	for _, c := range p.Counts {
		lines = append(lines, PreviewLine{c.Insurance.Zh() + "月数", fmt.Sprint(c.Main), fmt.Sprintf("%d（重复%d）", c.Sub, c.Overlap), fmt.Sprint(c.Kept)})
	}
	return lines
}

// Zh is the insurance as clerks call it.
func (i Insurance) Zh() string {
	return map[Insurance]string{Pension: "企业职工养老保险", Resident: "城乡居民养老保险", Unemployment: "失业保险", Injury: "工伤保险"}[i]
}

// sortedInsurances lists the insurances of both records in a fixed order.
func sortedInsurances(a, b Record) []Insurance {
	var found []Insurance
	for _, rows := range [][]PaidRow{a.Rows, b.Rows} {
		for _, row := range rows {
			if !slices.Contains(found, row.Insurance) {
				found = append(found, row.Insurance)
			}
		}
	}
	order := []Insurance{Pension, Resident, Unemployment, Injury}
	slices.SortFunc(found, func(a, b Insurance) int { return cmp.Compare(slices.Index(order, a), slices.Index(order, b)) })
	return found
}
