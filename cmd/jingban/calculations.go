package main

import (
	"fmt"
	"slices"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/persons"
)

// calculations are what playbooks may compute: what each room offers.
func calculations() ([]casework.Calculation, error) {
	params, err := casework.LoadParams(nil)
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	rules, err := benefits.Load(params)
	if err != nil {
		return nil, fmt.Errorf("parameters of benefits: %w", err)
	}
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return slices.Concat(benefits.Calculations(rules), ledger.Calculations(calendar), persons.Calculations()), nil
}
