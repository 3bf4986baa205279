package persons

import (
	"slices"

	"github.com/jingban/jingban/casework"
)

// Reason is why a person has to look, or why there is no merge. It is stable and
// has a sentence in both languages.
type Reason string

// The reasons a merge is always looked at line by line (domain/30-merge §7), and
// those for which there is none.
const (
	FuzzyLevel       Reason = "fuzzy_level"        // L3 to L5: names or numbers are not equal
	BothDraw         Reason = "both_draw"          // both numbers draw a benefit
	OneDead          Reason = "one_dead"           //
	SexDiffers       Reason = "sex_differs"        //
	BirthDiffers     Reason = "birth_differs"      //
	MonthsOverlap    Reason = "months_overlap"     //
	MoneyGoesBack    Reason = "money_goes_back"    //
	InterestPast     Reason = "interest_past"      // a dropped month lies in an earlier year than the last one
	UnpaidWrittenOff Reason = "unpaid_written_off" // 应收核销
	DeemedOnBoth     Reason = "deemed_on_both"     // 视同缴费
	SpecialWorkDone  Reason = "special_work"       // 特殊工种
	ProvincesDiffer  Reason = "provinces_differ"   //
	CourtFreeze      Reason = "court_freeze"       //
	PersonObjected   Reason = "person_objected"    //

	BothPaidAMonth Reason = "both_paid_a_month" // two benefits for one month: an overpayment case
	CaseOpen       Reason = "case_open"         // 业务在途: suspended until it is closed
	TwoPersons     Reason = "two_persons"       // L4, L0 or no level at all: not a merge case
)

// refusals are what stops a merge before anything is computed.
func refusals(a, b Record, level string) []Reason {
	var found []Reason
	if level == "L4" || level == "L0" || level == "" {
		found = append(found, TwoPersons)
	}
	if slices.ContainsFunc(a.Benefits, func(month casework.Month) bool { return slices.Contains(b.Benefits, month) }) {
		found = append(found, BothPaidAMonth)
	}
	if a.OpenCase || b.OpenCase {
		found = append(found, CaseOpen)
	}
	return found
}

// reasons lists, in the order of the sheet, why a person must look.
func (p Proposal) reasons(level string) []Reason {
	a, b := p.Main, p.Sub
	var found []Reason
	for _, check := range []struct {
		reason Reason
		holds  bool
	}{
		{FuzzyLevel, level != "L1" && level != "L2"},
		{BothDraw, a.Drawing && b.Drawing},
		{OneDead, a.Dead || b.Dead},
		{SexDiffers, a.Sex != b.Sex},
		{BirthDiffers, a.Birth != b.Birth},
		{MonthsOverlap, len(p.Overlaps) > 0},
		{MoneyGoesBack, p.Refund > 0},
		{InterestPast, p.dropsPastYear()},
		{UnpaidWrittenOff, len(p.WriteOff) > 0},
		{DeemedOnBoth, a.DeemedMonths > 0 && b.DeemedMonths > 0},
		{SpecialWorkDone, a.SpecialWork > 0 || b.SpecialWork > 0},
		{ProvincesDiffer, a.Province != b.Province},
		{CourtFreeze, a.Frozen || b.Frozen},
		{PersonObjected, a.Objected || b.Objected},
	} {
		if check.holds {
			found = append(found, check.reason)
		}
	}
	return found
}

// dropsPastYear reports whether interest of a closed year has to be computed anew.
func (p Proposal) dropsPastYear() bool {
	last := 0
	for _, rows := range [][]PaidRow{p.Main.Rows, p.Sub.Rows} {
		for _, row := range rows {
			last = max(last, int(row.Month)/100)
		}
	}
	return slices.ContainsFunc(p.Overlaps, func(o Overlap) bool { return int(o.Dropped.Month)/100 < last })
}
