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
// day on. It returns all that is wrong, each with its row and document: a scheme
// above the national ceiling, a scheme that is not there, a value that can't be
// read.
func Load(params casework.Params) (Rules, error) {
	r := Rules{params}
	var errs []error
	for _, name := range params.Names() {
		check := checkOf(name)
		if check == nil {
			continue
		}
		for _, row := range params.Rows(name) {
			if err := check(r, name, row); err != nil {
				errs = append(errs, fmt.Errorf("parameter %q of region %s from %s (%s): %w", name, row.Region, row.From, row.Document, err))
			}
		}
	}
	return r, errors.Join(errs...)
}

// checkFunc judges one row of a parameter.
type checkFunc func(r Rules, name string, row casework.Param) error

// checkOf finds the check of a parameter, by its name or by its beginning.
func checkOf(name string) checkFunc {
	for _, c := range checks() {
		if name == c.name || strings.HasSuffix(c.name, ".") && strings.HasPrefix(name, c.name) {
			return c.check
		}
	}
	return nil
}

func checks() []struct {
	name  string
	check checkFunc
} {
	return []struct {
		name  string
		check checkFunc
	}{
		{paramCeiling, readable(ParseBands)},
		{paramScheme, checkSchemeName},
		{paramScheme + ".", checkScheme},
		{paramRatio, checkRatio},
		{paramSteps, readable(ParseSteps)},
		{paramStop, readable(parseStopMonth)},
		{paramRounding, readable(parseRounding)},
		{paramDelay, readable(ParseDelay)},
		{paramMinimumMonths, readable(parseCount)},
		{paramMinimumWage, readable(casework.ParseFen)},
		{paramSubsistence, readable(casework.ParseFen)},
		{paramIncome, readable(casework.ParseFen)},
		{paramAccountShare, readable(parseShare)},
		{paramPooledShare, readable(parseShare)},
		{paramCrediting, readable(parseShare)},
		{paramFundsFollow, readable(parseFollows)},
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
		err = fmt.Errorf("%s: the benefit must be below the minimum wage", row.Value)
	}
	return err
}

func checkSchemeName(r Rules, _ string, row casework.Param) error {
	_, err := r.In(row.Region, row.From).SchemeNamed(row.Value)
	return err
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
