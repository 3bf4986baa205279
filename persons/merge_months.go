package persons

import (
	"cmp"
	"slices"

	"github.com/jingban/jingban/casework"
)

// Policy is the order in which one of two paid rows of a month is chosen. The
// first choice that tells them apart decides; when none does, the row of the
// surviving number stays.
type Policy []Choice

// Choice is one way to prefer a row.
type Choice string

// The choices.
const (
	EmployerRow     Choice = "employer_row" // employer over flexible worker
	HigherBase      Choice = "higher_base"
	EarlierReceived Choice = "earlier_received"
	MainNumber      Choice = "main_number"
)

// UsualPolicy is the order of domain/30-merge §5. It is a setting of the agency.
func UsualPolicy() Policy { return Policy{EmployerRow, HigherBase, EarlierReceived, MainNumber} }

// choose reports whether the row of the surviving number stays, and why.
func (p Policy) choose(main, sub PaidRow) (keepMain bool, by Choice) {
	for _, choice := range p {
		d := 0
		switch choice {
		case EmployerRow:
			d = first(main.Employer, sub.Employer)
		case HigherBase:
			d = cmp.Compare(sub.Base, main.Base)
		case EarlierReceived:
			d = cmp.Compare(main.Received, sub.Received)
		case MainNumber:
			d = -1
		}
		if d != 0 {
			return d < 0, choice
		}
	}
	return true, MainNumber
}

// settleMonths decides row by row what moves, what stays once and what goes back.
// A month is looked up among the rows of the surviving number, paid ones first.
func (p *Proposal) settleMonths(policy Policy) {
	mainRows := p.Main.byMonth()
	overlaps := map[monthOf]bool{}
	for _, row := range inOrder(p.Sub.Rows) {
		sub := MovedRow{row, p.Sub.PersonNo}
		other, both := mainRows[monthOf{row.Insurance, row.Month}]
		switch {
		case row.Cancelled:
			continue
		case both && !row.paid():
			p.WriteOff = append(p.WriteOff, sub)
		case both && !other.paid():
			p.WriteOff = append(p.WriteOff, MovedRow{other, p.Main.PersonNo})
			p.Moved = append(p.Moved, sub)
		case both:
			overlaps[monthOf{row.Insurance, row.Month}] = true
			p.settle(policy, MovedRow{other, p.Main.PersonNo}, sub)
		case p.crossed(sub, mainRows, overlaps):
		default:
			p.Moved = append(p.Moved, sub)
		}
	}
	for _, insurance := range sortedInsurances(p.Main, p.Sub) {
		c := MonthCount{Insurance: insurance, Main: p.Main.months(insurance), Sub: p.Sub.months(insurance)}
		for month := range overlaps {
			if month.insurance == insurance {
				c.Overlap++
			}
		}
		c.Kept = c.Main + c.Sub - c.Overlap
		p.Counts = append(p.Counts, c)
	}
}

// settle keeps one of two paid rows; the other goes back.
func (p *Proposal) settle(policy Policy, main, sub MovedRow) {
	keepMain, by := policy.choose(main.PaidRow, sub.PaidRow)
	if keepMain {
		p.drop(main, sub, string(by))
		return
	}
	p.drop(sub, main, string(by))
	p.Moved = append(p.Moved, sub)
}

func (p *Proposal) drop(kept, dropped MovedRow, by string) {
	o := Overlap{Kept: kept, Dropped: dropped, By: by}
	switch dropped.Insurance {
	case Pension, Resident:
		o.Refund = dropped.Personal + dropped.Interest
	default:
		o.OnRequest = true
	}
	p.Refund += o.Refund
	p.Overlaps = append(p.Overlaps, o)
}

// crossed settles a month that is paid as an employee under one number and as a
// resident under the other: the employee's row stays, the resident's goes back.
func (p *Proposal) crossed(sub MovedRow, mainRows map[monthOf]PaidRow, overlaps map[monthOf]bool) bool {
	other := map[Insurance]Insurance{Pension: Resident, Resident: Pension}[sub.Insurance]
	row, ok := mainRows[monthOf{other, sub.Month}]
	if other == "" || !ok || !row.paid() || !sub.paid() {
		return false
	}
	main := MovedRow{row, p.Main.PersonNo}
	overlaps[monthOf{Resident, sub.Month}] = true
	if sub.Insurance == Resident {
		p.drop(main, sub, "employee_over_resident")
		return true
	}
	p.drop(sub, main, "employee_over_resident")
	p.Moved = append(p.Moved, sub)
	return true
}

type monthOf struct {
	insurance Insurance
	month     casework.Month
}

// byMonth gives the row of each month, a paid one before an unpaid one.
func (r Record) byMonth() map[monthOf]PaidRow {
	rows := map[monthOf]PaidRow{}
	for _, row := range inOrder(r.Rows) {
		key := monthOf{row.Insurance, row.Month}
		if old, has := rows[key]; !row.Cancelled && (!has || row.paid() && !old.paid()) {
			rows[key] = row
		}
	}
	return rows
}

// months counts the paid months of an insurance, each once.
func (r Record) months(insurance Insurance) int {
	n := 0
	for key, row := range r.byMonth() {
		if key.insurance == insurance && row.paid() {
			n++
		}
	}
	return n
}

func inOrder(rows []PaidRow) []PaidRow {
	return slices.SortedStableFunc(slices.Values(rows), func(a, b PaidRow) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Insurance, b.Insurance))
	})
}
