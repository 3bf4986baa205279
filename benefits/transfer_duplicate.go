package benefits

import (
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// DuplicateTerms are the rule for months paid in two places (先转后清).
type DuplicateTerms struct{ Document string }

// Duplicate is the overlap of two relations. It is only proposed: the person
// agrees which one is kept.
type Duplicate struct {
	Terms   DuplicateTerms
	Overlap []casework.Month // in order
	Refund  casework.Fen     // personal principal of those months in the relation that is dropped
	Counted int              // months of both relations, each once
	each    []MonthAmount
}

// Duplicate compares two relations, month by month with the personal principal
// that was credited.
func (t DuplicateTerms) Duplicate(keep, drop map[casework.Month]casework.Fen) (Duplicate, error) {
	d := Duplicate{Terms: t, Counted: len(keep)}
	for month, principal := range drop {
		if !month.Valid() || principal < 0 {
			return Duplicate{}, fmt.Errorf("month %s with %s: want YYYYMM and no negative amount", month, principal)
		}
		if _, both := keep[month]; !both {
			d.Counted++
			continue
		}
		d.Overlap = append(d.Overlap, month)
		d.Refund += principal
		d.each = append(d.each, MonthAmount{month, principal})
	}
	slices.Sort(d.Overlap)
	slices.SortFunc(d.each, func(a, b MonthAmount) int { return int(a.Month - b.Month) })
	return d, nil
}

// Derivation explains the overlap.
func (d Duplicate) Derivation() Derivation {
	out := Derivation{Title: "重复缴费清理"}
	for _, m := range d.each {
		out.add(Step, "%s重复，拟退个人账户本金%s元", m.Month, m.Amount)
	}
	out.add(Result, "重复%d个月，退还个人账户本金%s元，合并后计%d个月", len(d.Overlap), d.Refund, d.Counted)
	out.add(Doubt, "保留哪一段关系由本人确认，单位缴费不退还")
	out.basis(d.Terms.Document)
	return out
}

// BackPaymentTerms are the rule for many months paid in one go (一次性补缴).
type BackPaymentTerms struct {
	Months    int           // from so many on a document is needed
	LegalFrom casework.Date // paid from this day on: legal documents; before: an undertaking
	Document  string
}

// Receipt is what was received on one day.
type Receipt struct {
	Day    casework.Date
	Months []casework.Month // the months it paid for
}

// BackPaymentProof are the documents at hand.
type BackPaymentProof struct {
	Legal       bool // judgment, award, audit or inspection document of the time of payment
	Undertaking bool // 书面承诺
}

// BackPayment is the largest payment for many months and whether it may move.
type BackPayment struct {
	Terms   BackPaymentTerms
	Proof   BackPaymentProof
	Day     casework.Date // of the payment that decides; zero when there is none
	Months  int           // distinct months it paid for
	Blocked bool          // it can't be transferred and goes back (BLOCK_AND_RETURN)
}

// BackPayment looks at every day of receipt. One payment without its document
// blocks the transfer.
func (t BackPaymentTerms) BackPayment(receipts []Receipt, proof BackPaymentProof) BackPayment {
	months := map[casework.Date]map[casework.Month]bool{}
	for _, r := range receipts {
		if months[r.Day] == nil {
			months[r.Day] = map[casework.Month]bool{}
		}
		for _, m := range r.Months {
			months[r.Day][m] = true
		}
	}
	worst := BackPayment{Terms: t, Proof: proof}
	for day, paid := range months {
		b := BackPayment{Terms: t, Proof: proof, Day: day, Months: len(paid)}
		b.Blocked = len(paid) >= t.Months && !t.proven(day, proof)
		if b.worse(worst) {
			worst = b
		}
	}
	return worst
}

func (t BackPaymentTerms) proven(day casework.Date, proof BackPaymentProof) bool {
	if day.Before(t.LegalFrom) {
		return proof.Undertaking || proof.Legal
	}
	return proof.Legal
}

func (b BackPayment) worse(other BackPayment) bool {
	switch {
	case b.Blocked != other.Blocked:
		return b.Blocked
	case b.Months != other.Months:
		return b.Months > other.Months
	}
	return other.Day.Before(b.Day)
}

// Derivation explains the judgment.
func (b BackPayment) Derivation() Derivation {
	d := Derivation{Title: "一次性缴费审核"}
	d.add(Given, "%s一次到账%d个月；法律文书：%s，书面承诺：%s", b.Day, b.Months, yesNo(b.Proof.Legal), yesNo(b.Proof.Undertaking))
	d.add(Step, "一次缴费满%d个月的，%s以前须有书面承诺，以后须有缴费当时的法律文书", b.Terms.Months, b.Terms.LegalFrom)
	if b.Blocked {
		d.add(Result, "缺少材料，不予转移，退回原缴费地")
	} else {
		d.add(Result, "可以转移")
	}
	d.basis(b.Terms.Document)
	return d
}
