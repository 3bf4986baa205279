package benefits

import (
	"slices"

	"github.com/jingban/jingban/casework"
)

// FormRow is one row of 信息表 2: months of one calendar year without a gap, at one
// base and one share. Interest and closing balance stand in the last row of a
// year before the transfer.
type FormRow struct {
	Year        int
	First, Last casework.Month
	Months      int
	Base        casework.Fen // of each month
	Share       Rate
	Principal   casework.Fen
	Interest    casework.Fen
	Closing     casework.Fen
	Closed      bool // the year is over: Interest and Closing are those of the year
}

// FormRows lays the months that were counted out as the form wants them, oldest
// first. list is what Transfer was computed from.
func (out Transfer) FormRows(list []Contribution) []FormRow {
	list = slices.SortedFunc(slices.Values(list), func(a, b Contribution) int { return int(a.Month - b.Month) })
	var rows []FormRow
	for _, c := range list {
		if !c.Arrived {
			continue
		}
		account, _ := rateIn(out.Terms.Account, c.Month) // Transfer has found it
		row := FormRow{Year: c.Month.Year(), First: c.Month, Last: c.Month, Months: 1, Base: c.Base, Share: account.Rate, Principal: share(c.Base, account.Rate, 1)}
		if n := len(rows); n > 0 && rows[n-1].goesOn(row) {
			rows[n-1].Last, rows[n-1].Months = row.Last, rows[n-1].Months+1
			rows[n-1].Principal += row.Principal
			continue
		}
		rows = append(rows, row)
	}
	for _, year := range out.Rows {
		for i := len(rows) - 1; i >= 0; i-- {
			if rows[i].Year == year.Year {
				rows[i].Interest, rows[i].Closing, rows[i].Closed = year.OnOpening+year.OnNew, year.Closing, true
				break
			}
		}
	}
	return rows
}

// goesOn says that the next month belongs into the same row.
func (r FormRow) goesOn(next FormRow) bool {
	return r.Year == next.Year && r.Last.Add(1) == next.First && r.Base == next.Base && r.Share == next.Share
}
