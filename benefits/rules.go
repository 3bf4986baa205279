package benefits

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Rules are the parameters of a release and its agency, checked as a whole. The
// zero value knows none.
type Rules struct{ params casework.Params }

// Load checks every parameter this package reads, in every region and from every
// day on. It returns all that is wrong, each as a *Wrong with its row and document:
// a scheme above the national ceiling, a scheme that is not there, a value that
// can't be read.
func Load(params casework.Params) (Rules, error) {
	r := Rules{params}
	var errs []error
	for _, name := range params.Names() {
		known, ok := checkOf(name)
		if !ok {
			continue
		}
		for _, row := range params.Rows(name) {
			if err := known.check(r, name, row); err != nil {
				errs = append(errs, &Wrong{Name: name, Row: row, Err: err})
			}
		}
	}
	return r, errors.Join(errs...)
}

// checkFunc judges one row of a parameter.
type checkFunc func(r Rules, name string, row casework.Param) error

// Wrong is a row that cannot hold.
type Wrong struct {
	Name string
	Row  casework.Param
	Err  error // a *Refused where it can be read and must not be
}

// Error names the row and what is wrong with it.
func (w *Wrong) Error() string {
	return fmt.Sprintf("parameter %q of region %s from %s (%s): %v", w.Name, w.Row.Region, w.Row.From, w.Row.Document, w.Err)
}

// Unwrap gives the cause.
func (w *Wrong) Unwrap() error { return w.Err }

// Wrongs lists what Load found.
func Wrongs(err error) []*Wrong {
	type joined interface {
		error
		Unwrap() []error
	}
	all, ok := errors.AsType[joined](err)
	if !ok {
		return nil
	}
	var wrongs []*Wrong
	for _, one := range all.Unwrap() {
		if w, ok := errors.AsType[*Wrong](one); ok {
			wrongs = append(wrongs, w)
		}
	}
	return wrongs
}

// Refused says why a value that can be read must not hold.
type Refused struct{ Zh, En string }

// Error gives the English text.
func (r *Refused) Error() string { return r.En }

func refused(zh, en string, args ...any) error {
	return &Refused{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
}

// Form says how a parameter's value is written, as people ask for it: "yuan",
// "share", "bands", "scheme", "steps", "stop", "prison", "rounding", "delay", "count", "day",
// "follows", "refund", "list"; "" where nothing is known of it.
func Form(name string) string {
	known, _ := checkOf(name)
	return known.form
}

// checkOf finds the check of a parameter, by its name or by its beginning.
func checkOf(name string) (known, bool) {
	for _, c := range checks() {
		if name == c.name || strings.HasSuffix(c.name, ".") && strings.HasPrefix(name, c.name) {
			return c, true
		}
	}
	return known{}, false
}

// known is a parameter that this package reads, or one that ends in a point: all
// that begin so.
type known struct {
	name  string
	form  string
	check checkFunc
}

func checks() []known {
	count, share, yuan := readable(parseCount), readable(parseShare), readable(casework.ParseFen)
	return []known{
		{paramCeiling, "bands", checkCeiling},
		{paramScheme, "scheme", checkSchemeName},
		{paramScheme + ".", "bands", checkScheme},
		{paramRatio, "share", checkRatio},
		{paramSteps, "steps", readable(ParseSteps)},
		{paramStop, "stop", readable(parseStopMonth)},
		{paramPrison, "prison", readable(parsePrison)},
		{paramRounding, "rounding", readable(parseRounding)},
		{paramClaimWithin, "count", count},
		{paramPayAfter, "count", count},
		{paramOlderWithin, "count", count},
		{paramLumpShare, "share", share},
		{"unemployment_benefit.reemployment_contract_months", "count", count},
		{"unemployment_benefit.reemployment_insured_months", "count", count},
		{paramSubsidyShare, "share", share},
		{paramSubsidyMonths, "count", count},
		{paramSubsidyOf, "count", count},
		{paramDelay, "delay", readable(ParseDelay)},
		{paramMinimumMonths, "count", count},
		{paramMinimumWage, "yuan", yuan},
		{paramAverageWage, "yuan", yuan},
		{paramHighest, "count", count},
		{paramSubsistence, "yuan", yuan},
		{paramIncome, "yuan", yuan},
		{paramAccountShare, "share", share},
		{paramPooledShare, "share", share},
		{paramCrediting, "share", share},
		{paramPlaceMonths, "count", count},
		{paramTemporaryMen, "count", count},
		{paramTemporaryWmn, "count", count},
		{paramDuplicate, "refund", checkRefund},
		{paramBackMonths, "count", count},
		{paramBackLegal, "day", readable(casework.ParseDate)},
		{paramFundsFollow, "follows", readable(parseFollows)},
		{paramInjury, "list", readable(listOf(ParseRate))},
	}
}

// readable is the check that a value can be read.
func readable[T any](parse func(string) (T, error)) checkFunc {
	return func(_ Rules, _ string, row casework.Param) error {
		_, err := parse(row.Value)
		return err
	}
}

func parseCount(text string) (int, error) {
	if n := count(text); n >= 0 {
		return n, nil
	}
	return 0, fmt.Errorf("%q: want a whole number", text)
}

// parseShare reads a rate that is not above 1.
func parseShare(text string) (Rate, error) {
	r, err := ParseRate(text)
	if err == nil && r > whole {
		err = fmt.Errorf("%s is above 1", text)
	}
	return r, err
}

func checkRatio(_ Rules, _ string, row casework.Param) error {
	rate, err := ParseRate(row.Value)
	if err == nil && rate >= whole {
		err = refused("比例%s：失业保险金必须低于最低工资标准（《失业保险条例》第十八条）", "%s: the benefit must be below the minimum wage", row.Value)
	}
	return err
}

// checkCeiling holds the maximum to be the country's: no region raises its own.
func checkCeiling(_ Rules, _ string, row casework.Param) error {
	if row.Region != casework.National {
		return refused("全国期限上限由法律规定，地区%s不能另定", "the national ceiling is the law's: region %s cannot set its own", row.Region)
	}
	_, err := ParseBands(row.Value)
	return err
}

func checkSchemeName(r Rules, _ string, row casework.Param) error {
	if _, err := r.In(row.Region, row.From).SchemeNamed(row.Value); err != nil {
		return &Refused{fmt.Sprintf("没有名为“%s”的期限办法，或其写法不对", row.Value), err.Error()}
	}
	return nil
}

// checkRefund knows one way so far: what the person paid goes back to the person.
func checkRefund(_ Rules, _ string, row casework.Param) error {
	if row.Value != "personal" {
		return fmt.Errorf("refund %q: want personal", row.Value)
	}
	return nil
}

// checkScheme compares a scheme with every ceiling of its time.
func checkScheme(r Rules, name string, row casework.Param) error {
	days := []casework.Date{row.From}
	for _, ceiling := range r.params.Rows(paramCeiling) {
		if row.From.Before(ceiling.From) {
			days = append(days, ceiling.From)
		}
	}
	for _, day := range days {
		region := r.In(row.Region, day)
		if inForce, err := region.values.Row(name); err != nil || inForce != row {
			continue
		}
		s, err := region.SchemeNamed(strings.TrimPrefix(name, paramScheme+"."))
		if err != nil {
			return err
		}
		ceiling, err := region.ceiling()
		if err != nil {
			return err
		}
		if err := s.wrong(ceiling); err != nil {
			return err
		}
	}
	return nil
}

// In gives the rules of a region on a day.
func (r Rules) In(region string, on casework.Date) Region {
	return Region{values: r.params.For(region, on), rules: r, code: region}
}
