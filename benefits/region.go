package benefits

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// The names of the parameters; their files are casework/params/*.yaml.
const (
	paramCeiling       = "unemployment_benefit.ceiling"
	paramScheme        = "unemployment_benefit.scheme" // and paramScheme.<name>
	paramRatio         = "unemployment_benefit.ratio"
	paramSteps         = "unemployment_benefit.steps"
	paramStop          = "unemployment_benefit.stop_month"
	paramPrison        = "unemployment_benefit.prison"
	paramRounding      = "unemployment_benefit.rounding"
	paramClaimWithin   = "unemployment_benefit.claim_within_days"
	paramPayAfter      = "unemployment_benefit.pay_after_months"
	paramOlderWithin   = "unemployment_benefit.older_within_months"
	paramLumpShare     = "unemployment_benefit.reemployment_share"
	paramLumpContract  = "unemployment_benefit.reemployment_contract_months"
	paramLumpInsured   = "unemployment_benefit.reemployment_insured_months"
	paramSubsidyShare  = "unemployment_benefit.job_seeking_share"
	paramSubsidyMonths = "unemployment_benefit.job_seeking_months"
	paramSubsidyOf     = "unemployment_benefit.job_seeking_wage_months"
	paramMinimumWage   = "wage.minimum"
	paramSubsistence   = "subsistence.urban"
	paramDelay         = "retirement.delay."
	paramMinimumMonths = "retirement.minimum_months"
	paramAccountShare  = "pension.account_share"
	paramPooledShare   = "pension_transfer.pooled_share"
	paramCrediting     = "pension.crediting_rate"
	paramPlaceMonths   = "pension_transfer.place_months"
	paramTemporaryMen  = "pension_transfer.temporary_age_men"
	paramTemporaryWmn  = "pension_transfer.temporary_age_women"
	paramDuplicate     = "pension_transfer.duplicate_refund"
	paramBackMonths    = "pension_transfer.back_payment_months"
	paramBackLegal     = "pension_transfer.back_payment_legal_from"
	paramFundsFollow   = "pension_transfer.funds_follow." // and the kind
	paramIncome        = "income.national_urban"
	paramAverageWage   = "wage.average"
	paramHighest       = "contribution.highest_percent"
	paramInjury        = "injury."
)

// Region hands out the rules of one region on one day. Every method errs when a
// value it needs is not there: nothing is guessed.
type Region struct {
	values casework.ParamValues
	rules  Rules
	code   string
}

// value reads one parameter together with its row.
func value[T any](r Region, name string, parse func(string) (T, error)) (T, casework.Param, error) {
	var none T
	row, err := r.values.Row(name)
	if err != nil {
		return none, row, err
	}
	v, err := parse(row.Value)
	if err != nil {
		return none, row, fmt.Errorf("parameter %q (%s): %w", name, row.Document, err)
	}
	return v, row, nil
}

// ceiling is the national maximum (社会保险法第四十六条) as a scheme.
func (r Region) ceiling() (Scheme, error) {
	bands, row, err := value(r, paramCeiling, ParseBands)
	if err != nil {
		return Scheme{}, err
	}
	s := Scheme{Name: "全国上限", Bands: bands, Document: row.Document, CapFrom: row.Document}
	for _, b := range bands {
		s.Cap = max(s.Cap, b.Months, b.Max)
	}
	return s, nil
}

// Scheme is the region's own scheme.
func (r Region) Scheme() (Scheme, error) {
	name, err := r.values.Text(paramScheme)
	if err != nil {
		return Scheme{}, err
	}
	return r.SchemeNamed(name)
}

// SchemeNamed is a scheme by its name, wherever it holds.
func (r Region) SchemeNamed(name string) (Scheme, error) {
	ceiling, err := r.ceiling()
	if err != nil {
		return Scheme{}, err
	}
	bands, row, err := value(r, paramScheme+"."+name, ParseBands)
	return Scheme{Name: name, Bands: bands, Cap: ceiling.Cap, Document: row.Document, CapFrom: ceiling.Document}, err
}

// Standard gives the numbers of the monthly amount. A region without a
// subsistence level has no floor.
func (r Region) Standard() (StandardTerms, error) {
	wage, wageRow, err1 := value(r, paramMinimumWage, casework.ParseFen)
	ratio, row, err2 := value(r, paramRatio, ParseRate)
	floor, _, err3 := value(r, paramSubsistence, casework.ParseFen)
	rounding, err4 := r.Rounding()
	return StandardTerms{
		MinimumWage: wage, Ratio: ratio, Subsistence: floor, Rounding: rounding, Document: row.Document, WageFrom: wageRow.Document,
	}, errors.Join(err1, err2, err3, err4)
}

// Rounding is how the region rounds.
func (r Region) Rounding() (Rounding, error) {
	rounding, _, err := value(r, paramRounding, parseRounding)
	return rounding, err
}

// Steps are the shares of the standard by benefit month.
func (r Region) Steps() (Steps, error) {
	ranges, row, err := value(r, paramSteps, ParseSteps)
	rounding, roundingErr := r.Rounding()
	return Steps{Ranges: ranges, Rounding: rounding, Document: row.Document}, errors.Join(err, roundingErr)
}

// Start is the rule for the first month.
func (r Region) Start() (StartRule, error) {
	within, row, err := value(r, paramClaimWithin, parseCount)
	after, _, afterErr := value(r, paramPayAfter, parseCount)
	return StartRule{ClaimWithin: within, PayAfter: after, Document: row.Document}, errors.Join(err, afterErr)
}

// Stop is the rule for the last month.
func (r Region) Stop() (StopRule, error) {
	month, row, err := value(r, paramStop, parseStopMonth)
	return StopRule{Month: month, Document: row.Document}, err
}

// Prison says whether prison only interrupts a benefit, and by which document.
func (r Region) Prison() (suspends bool, document string, err error) {
	suspends, row, err := value(r, paramPrison, parsePrison)
	return suspends, row.Document, err
}

// HasLump says whether the region pays a lump sum to those who find work.
func (r Region) HasLump() bool { return r.has(paramLumpShare) }

// HasSubsidy says whether it pays a subsidy while looking for work.
func (r Region) HasSubsidy() bool { return r.has(paramSubsidyShare) }

func (r Region) has(name string) bool {
	_, err := r.values.Row(name)
	return err == nil
}

// Lump is the region's lump sum for those who find work.
func (r Region) Lump() (LumpTerms, error) {
	share, row, err := value(r, paramLumpShare, parseShare)
	contract, _, contractErr := value(r, paramLumpContract, parseCount)
	insured, _, insuredErr := value(r, paramLumpInsured, parseCount)
	return LumpTerms{Share: share, Contract: contract, Insured: insured, Document: row.Document}, errors.Join(err, contractErr, insuredErr)
}

// Subsidy is the region's subsidy while looking for work.
func (r Region) Subsidy() (SubsidyTerms, error) {
	share, row, err := value(r, paramSubsidyShare, parseShare)
	months, _, monthsErr := value(r, paramSubsidyMonths, parseCount)
	of, _, ofErr := value(r, paramSubsidyOf, parseCount)
	return SubsidyTerms{Share: share, Of: of, Months: months, Document: row.Document}, errors.Join(err, monthsErr, ofErr)
}

// Retirement is the rule of one sex and original age (60, 55 or 50).
func (r Region) Retirement(sex string, originalAge int) (RetirementTerms, error) {
	delay, row, err := value(r, paramDelay+sex+strconv.Itoa(originalAge), ParseDelay)
	return RetirementTerms{Sex: sex, OriginalAge: originalAge, Delay: delay, Document: row.Document}, err
}

// MinimumMonths is how long one who retires in a year must have paid.
func (r Region) MinimumMonths(year int) (MinimumMonths, error) {
	then := r.rules.In(r.code, casework.Date{Year: year, Month: 1, Day: 1})
	months, row, err := value(then, paramMinimumMonths, parseCount)
	return MinimumMonths{Year: year, Months: months, Document: row.Document}, err
}

// Older is the rule for older unemployed of one sex and original age.
func (r Region) Older(sex string, originalAge int) (OlderTerms, error) {
	within, row, err := value(r, paramOlderWithin, parseCount)
	retirement, retirementErr := r.Retirement(sex, originalAge)
	return OlderTerms{Within: within, Retirement: retirement, Document: row.Document}, errors.Join(err, retirementErr)
}

// Transfer gives the rates of a pension transfer, with all their dates.
func (r Region) Transfer() (TransferTerms, error) {
	account, err1 := r.dated(paramAccountShare)
	pooled, err2 := r.dated(paramPooledShare)
	crediting, err3 := r.dated(paramCrediting)
	return TransferTerms{Account: account, Pooled: pooled, Crediting: crediting}, errors.Join(err1, err2, err3)
}

// dated lists the rates of the country: shares and interest are the same
// everywhere since 1998.
func (r Region) dated(name string) ([]DatedRate, error) {
	var rates []DatedRate
	for _, row := range r.rules.params.Rows(name) {
		rate, err := parseShare(row.Value)
		if err != nil {
			return nil, fmt.Errorf("parameter %q (%s): %w", name, row.Document, err)
		}
		if row.Region != casework.National {
			continue
		}
		d := DatedRate{From: casework.MonthOf(row.From), Rate: rate, Document: row.Document}
		if !row.To.IsZero() {
			d.To = casework.MonthOf(row.To)
		}
		rates = append(rates, d)
	}
	if len(rates) == 0 {
		return nil, fmt.Errorf("parameter %q has no value", name)
	}
	return rates, nil
}

// Place is the rule for where a pension is drawn.
func (r Region) Place() (PlaceTerms, error) {
	months, row, err := value(r, paramPlaceMonths, parseCount)
	return PlaceTerms{Months: months, Document: row.Document}, err
}

// Account is the rule for temporary accounts.
func (r Region) Account() (AccountTerms, error) {
	men, row, err := value(r, paramTemporaryMen, parseCount)
	women, _, womenErr := value(r, paramTemporaryWmn, parseCount)
	return AccountTerms{Men: men, Women: women, Document: row.Document}, errors.Join(err, womenErr)
}

// Duplicate is the rule for months paid twice.
func (r Region) Duplicate() (DuplicateTerms, error) {
	row, err := r.values.Row(paramDuplicate)
	return DuplicateTerms{Document: row.Document}, err
}

// BackPayment is the rule for many months paid in one go.
func (r Region) BackPayment() (BackPaymentTerms, error) {
	months, row, err := value(r, paramBackMonths, parseCount)
	from, _, fromErr := value(r, paramBackLegal, casework.ParseDate)
	return BackPaymentTerms{Months: months, LegalFrom: from, Document: row.Document}, errors.Join(err, fromErr)
}

// Disability gives the numbers for injured persons.
func (r Region) Disability() (DisabilityTerms, error) {
	lump, row, err1 := value(r, "injury.lump_months", listOf(parseCount))
	allowance, _, err2 := value(r, "injury.allowance", listOf(parseShare))
	care, _, err3 := value(r, "injury.care", listOf(parseShare))
	bounds, _, err4 := value(r, "injury.wage_bounds", listOf(ParseRate))
	fund, _, err5 := value(r, "injury.fund_pays_to_grade", parseCount)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return DisabilityTerms{}, err
	}
	if len(care) != 3 || len(bounds) != 2 || len(allowance) > len(lump) {
		return DisabilityTerms{}, errors.New("injury.care needs three values, injury.wage_bounds two, injury.allowance no more than injury.lump_months")
	}
	return DisabilityTerms{LumpMonths: lump, Allowance: allowance, FundPays: fund, Care: care, Lowest: bounds[0], Highest: bounds[1], Document: row.Document}, nil
}

// Death gives the numbers for those an injury killed.
func (r Region) Death() (DeathTerms, error) {
	funeral, row, err1 := value(r, "injury.funeral_months", parseCount)
	years, _, err2 := value(r, "injury.death_years", parseCount)
	shares, _, err3 := value(r, "injury.dependants", listOf(parseShare))
	if err := errors.Join(err1, err2, err3); err != nil {
		return DeathTerms{}, err
	}
	if len(shares) != 3 {
		return DeathTerms{}, errors.New("injury.dependants needs three values: spouse, other, lone")
	}
	return DeathTerms{FuneralMonths: funeral, Years: years, Spouse: shares[0], Other: shares[1], Lone: shares[2], Document: row.Document}, nil
}

// NationalIncome is the urban disposable income a head of the year before an
// injury; it errs while that figure is not known.
func (r Region) NationalIncome(injury casework.Date) (casework.Fen, error) {
	before := r.rules.In(r.code, casework.Date{Year: injury.Year - 1, Month: 1, Day: 1})
	income, _, err := value(before, paramIncome, casework.ParseFen)
	return income, err
}

// listOf reads values with spaces between them.
func listOf[T any](parse func(string) (T, error)) func(string) ([]T, error) {
	return func(text string) ([]T, error) {
		var list []T
		for _, word := range strings.Fields(text) {
			v, err := parse(word)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
}
