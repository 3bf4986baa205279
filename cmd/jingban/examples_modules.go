package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/jingban/jingban/benefits"
)

// module is a kind of worked example and who computes it.
type module struct {
	name    string
	region  string // a regional rule holds in its own region; empty: the one that was asked for
	compute computeFunc
}

// computeFunc gives the values an example may expect, and how they came about.
type computeFunc func(benefits.Region, json.RawMessage) (values, explained, error)

// explained is a result that says how it came about.
type explained interface{ Derivation() benefits.Derivation }

// values are results by their names in the file.
type values map[string]any

// modules is the whole list: one line each.
func modules() []module {
	const guangdong = "440000"
	return []module{
		{"unemployment.months", "", given(unemploymentMonths)},
		{"unemployment.standard", "", given(unemploymentStandard)},
		{"unemployment.schedule", "", given(unemploymentSchedule)},
		{"unemployment.older_extension", "", given(olderExtension)},
		{"unemployment.overpayment", "", given(overpayment)},
		{"unemployment.reemployment_lump_gd", guangdong, given(reemploymentLump)},
		{"unemployment.job_seek_subsidy_gd", guangdong, given(jobSeekSubsidy)},
		{"retirement.month", "", given(retirementMonth)},
		{"retirement.min_contribution_months", "", given(minimumMonths)},
		{"transfer.amount", "", given(transferAmount)},
		{"transfer.receiving_place", "", given(receivingPlace)},
		{"transfer.account_type", "", given(accountType)},
		{"transfer.duplicate_cleanup", "", given(duplicateCleanup)},
		{"injury.disability", "", given(disability)},
		{"injury.death", "", given(death)},
		{"injury.time_limit", "", given(injuryTimeLimit)},
		{"merge.id15to18", "", given(upgradedID)},
		{"materials.id_number", "", given(idNumber)},
		{"materials.uscc", "", given(creditCode)},
		{"materials.bank_card", "", given(bankCard)},
		{"materials.rmb_uppercase", "", given(capitals)},
		{"reconcile.adjustment_table", "", given(adjustmentTable)},
		{"reconcile.payment_batch", "", given(paymentBatch)},
		{"crosscheck.pension_after_death", "", given(pensionAfterDeath)},
		{"crosscheck.instalments", "", given(instalments)},
		{"crosscheck.shared_account", "", given(sharedAccount)},
		{"common.work_days", "", given(workDays)},
	}
}

func moduleOf(name string) (module, bool) {
	for _, m := range modules() {
		if m.name == name {
			return m, true
		}
	}
	return module{}, false
}

// given reads the inputs strictly: a misspelt key is an error, not a zero.
func given[In any](compute func(benefits.Region, In) (values, explained, error)) computeFunc {
	return func(region benefits.Region, inputs json.RawMessage) (values, explained, error) {
		var in In
		decoder := json.NewDecoder(bytes.NewReader(inputs))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&in); err != nil {
			return nil, nil, fmt.Errorf("inputs: %w", err)
		}
		return compute(region, in)
	}
}
