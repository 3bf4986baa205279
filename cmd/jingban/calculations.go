package main

import (
	"fmt"
	"slices"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/persons"
	"github.com/jingban/jingban/playbooks"
)

// calculations are what playbooks may compute with the parameters of the program.
func calculations() ([]casework.Calculation, error) {
	params, err := casework.LoadParams(nil)
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	return calculationsWith(params)
}

// calculationsWith are what each room offers under the given parameters.
func calculationsWith(params casework.Params) ([]casework.Calculation, error) {
	rules, err := benefits.Load(params)
	if err != nil {
		return nil, fmt.Errorf("parameters of benefits: %w", err)
	}
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return slices.Concat(benefits.Calculations(rules), ledger.Calculations(calendar), persons.Calculations(), materials.Calculations(params)), nil
}

// schemaOf is what the linter holds every text against, wherever it comes from.
func schemaOf(catalog *materials.Catalog, offers []casework.Calculation) playbooks.Schema {
	return playbooks.Schema{Documents: catalog.Schema(), Papers: papers.Names(), Calculations: offers}
}

// loadSchema gives the schema to commands that open no house.
func loadSchema() (playbooks.Schema, error) {
	catalog, err := materials.Load()
	if err != nil {
		return playbooks.Schema{}, fmt.Errorf("material types: %w", err)
	}
	offers, err := calculations()
	if err != nil {
		return playbooks.Schema{}, err
	}
	return schemaOf(catalog, offers), nil
}
