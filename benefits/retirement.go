package benefits

import (
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
)

// RetirementTerms are the rule of one group: men, or women by their post.
type RetirementTerms struct {
	Sex         string // "M" or "F", as the citizen's number says
	OriginalAge int    // 60, 55 or 50; a woman's depends on her post
	Delay       Delay
	Document    string
}

// Delay is how the age rises: one month from the birth month Base on, one more
// for every further Every birth months, at most Max.
type Delay struct {
	Base       casework.Month
	Every, Max int
}

// ParseDelay reads "196501 /4 max 36".
func ParseDelay(text string) (Delay, error) {
	words := strings.Fields(text)
	if len(words) != 4 || words[1] == "" || words[1][0] != '/' || words[2] != "max" {
		return Delay{}, fmt.Errorf("delay %q: want a form like 196501 /4 max 36", text)
	}
	d := Delay{Every: count(words[1][1:]), Max: count(words[3])}
	base, err := ParseMonth(words[0])
	if err != nil || d.Every < 1 || d.Max < 0 {
		return Delay{}, fmt.Errorf("delay %q: want a form like 196501 /4 max 36", text)
	}
	d.Base = base
	return d, nil
}

// ParseMonth reads YYYYMM.
func ParseMonth(text string) (casework.Month, error) {
	var m casework.Month
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, fmt.Errorf("month %q: want YYYYMM", text)
		}
		m = m*10 + casework.Month(r-'0')
	}
	if len(text) != 6 || !m.Valid() {
		return 0, fmt.Errorf("month %q: want YYYYMM", text)
	}
	return m, nil
}

// months is the delay of one birth month.
func (d Delay) months(birth casework.Month) int {
	since := d.Base.Until(birth)
	if since < 0 {
		return 0
	}
	return min(d.Max, since/d.Every+1)
}

// Retirement is the month a person reaches the age.
type Retirement struct {
	Terms RetirementTerms
	Birth casework.Month
	Delay int // months
	Age   int // months
	Month casework.Month
}

// Of computes the retirement month of one born in a month. Earlier or later
// retirement by choice and special posts are not known here.
func (t RetirementTerms) Of(birth casework.Month) (Retirement, error) {
	if !birth.Valid() {
		return Retirement{}, fmt.Errorf("birth month %s: want YYYYMM", birth)
	}
	delay := t.Delay.months(birth)
	age := t.OriginalAge*12 + delay
	return Retirement{Terms: t, Birth: birth, Delay: delay, Age: age, Month: birth.Add(age)}, nil
}

// Derivation explains the month.
func (r Retirement) Derivation() Derivation {
	t := r.Terms
	d := Derivation{Title: "法定退休年龄"}
	sex := "男"
	if t.Sex == "F" {
		sex = "女"
	}
	d.add(Given, "%s，原法定退休年龄%d周岁，%s出生", sex, t.OriginalAge, r.Birth)
	if since := t.Delay.Base.Until(r.Birth); since < 0 {
		d.add(Step, "%s以前出生，不延迟", t.Delay.Base)
	} else {
		d.add(Step, "自%s起%d个月，%d ÷ %d 取整 + 1 = %d，最多延迟%d个月，延迟%d个月", t.Delay.Base, since, since, t.Delay.Every, since/t.Delay.Every+1, t.Delay.Max, r.Delay)
	}
	d.add(Step, "%d × 12 + %d = %d个月，即%d岁%d个月", t.OriginalAge, r.Delay, r.Age, r.Age/12, r.Age%12)
	d.add(Result, "%s达到法定退休年龄", r.Month)
	d.basis(t.Document)
	return d
}

// MinimumMonths is how long one must have paid to draw a monthly pension.
type MinimumMonths struct {
	Year     int // of retirement
	Months   int
	Document string
}

// Derivation explains the number.
func (m MinimumMonths) Derivation() Derivation {
	d := Derivation{Title: "最低缴费月数"}
	d.add(Given, "%d年退休", m.Year)
	d.add(Result, "%d个月（%d年%d个月）", m.Months, m.Months/12, m.Months%12)
	d.basis(m.Document)
	return d
}

// OlderTerms are the rule for older unemployed whose term has run out.
type OlderTerms struct {
	Within     int // months to the retirement month, included
	Retirement RetirementTerms
	Document   string
}

// Extension continues a benefit to the retirement month.
type Extension struct {
	Terms      OlderTerms
	Last       casework.Month // of the term
	Retirement Retirement
	Gap        int // months from Last to the retirement month
	Extend     bool
	Until      casework.Month // 0 when not extended
	Extra      int
}

// Extend judges a term that ends in last.
func (t OlderTerms) Extend(last, birth casework.Month) (Extension, error) {
	e := Extension{Terms: t, Last: last}
	if !last.Valid() {
		return e, fmt.Errorf("last month of the term %s: want YYYYMM", last)
	}
	retirement, err := t.Retirement.Of(birth)
	if err != nil {
		return e, err
	}
	e.Retirement = retirement
	e.Gap = last.Until(e.Retirement.Month)
	if e.Extend = e.Gap > 0 && e.Gap <= t.Within; e.Extend {
		e.Until, e.Extra = e.Retirement.Month, e.Gap
	}
	return e, nil
}

// Derivation explains the extension.
func (e Extension) Derivation() Derivation {
	d := Derivation{Title: "大龄失业人员继续发放失业保险金"}
	d.add(Given, "期满月份%s", e.Last)
	d.include(e.Retirement.Derivation())
	d.add(Step, "距法定退休年龄%d个月，规定为%d个月以内", e.Gap, e.Terms.Within)
	if e.Extend {
		d.add(Result, "继续发放至%s，增加%d个月", e.Until, e.Extra)
	} else {
		d.add(Result, "不符合继续发放条件")
	}
	d.basis(e.Terms.Document, e.Terms.Retirement.Document)
	return d
}
