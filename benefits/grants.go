package benefits

import (
	"fmt"

	"github.com/jingban/jingban/casework"
)

// LumpTerms are a region's lump sum for those who find work (一次性就业补助).
type LumpTerms struct {
	Share    Rate // of the unused months; a part of a month counts as one
	Contract int  // months the new contract must run
	Insured  int  // months the new employer must have paid
	Document string
}

// Lump is the lump sum of one person.
type Lump struct {
	Terms     LumpTerms
	Remaining int // months not drawn
	Monthly   casework.Fen
	Months    int // that are paid at once
	Amount    casework.Fen
	CarryOver int // months left for a later term
}

// Lump computes the lump sum for months that were not drawn.
func (t LumpTerms) Lump(remaining int, monthly casework.Fen) Lump {
	l := Lump{Terms: t, Remaining: max(remaining, 0), Monthly: monthly}
	l.Months = int((Rate(l.Remaining)*t.Share + whole - 1) / whole)
	l.Amount = casework.Fen(l.Months) * monthly
	l.CarryOver = l.Remaining - l.Months
	return l
}

// Derivation explains the lump sum.
func (l Lump) Derivation() Derivation {
	d := Derivation{Title: "就业后一次性领取失业保险金"}
	d.add(Given, "未领%d个月，月标准%s元，比例%s", l.Remaining, l.Monthly, l.Terms.Share)
	d.add(Step, "%d × %s，不足一个月按一个月计，为%d个月", l.Remaining, l.Terms.Share, l.Months)
	d.add(Step, "%d × %s = %s元", l.Months, l.Monthly, l.Amount)
	d.add(Result, "一次性发放%d个月共%s元，余%d个月结转", l.Months, l.Amount, l.CarryOver)
	d.basis(l.Terms.Document)
	return d
}

// SubsidyTerms are a region's subsidy while looking for work (求职补贴).
type SubsidyTerms struct {
	Share    Rate // of the mean contribution wage
	Of       int  // the last so many months
	Months   int  // longest
	Document string
}

// Subsidy is the monthly subsidy of one person.
type Subsidy struct {
	Terms   SubsidyTerms
	Wages   []casework.Fen
	Sum     casework.Fen
	Monthly casework.Fen
}

// Subsidy computes the amount from the wages of the last months, fewer where
// fewer were paid.
func (t SubsidyTerms) Subsidy(wages []casework.Fen) (Subsidy, error) {
	s := Subsidy{Terms: t, Wages: wages}
	if len(wages) == 0 || len(wages) > t.Of {
		return s, fmt.Errorf("contribution wages of %d months: want 1 to %d", len(wages), t.Of)
	}
	for _, wage := range wages {
		if wage < 0 {
			return s, fmt.Errorf("contribution wage %s is negative", wage)
		}
		s.Sum += wage
	}
	s.Monthly = share(s.Sum, t.Share, int64(len(wages)))
	return s, nil
}

// Derivation explains the subsidy.
func (s Subsidy) Derivation() Derivation {
	d := Derivation{Title: "求职补贴"}
	d.add(Given, "最近%d个月缴费工资合计%s元", len(s.Wages), s.Sum)
	d.add(Step, "%s ÷ %d × %s，四舍五入到分为%s元", s.Sum, len(s.Wages), s.Terms.Share, s.Monthly)
	d.add(Result, "每月%s元，最长%d个月", s.Monthly, s.Terms.Months)
	d.basis(s.Terms.Document)
	return d
}
