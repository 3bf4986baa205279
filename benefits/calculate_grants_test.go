package benefits_test

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

func lumpGiven() casework.Given {
	return casework.Given{"region": "440106", "on": "2026-09-10", "undue": "202606", "contract_start": "2026-05-20", "contract_end": "2027-05-19",
		"remaining": 5, "monthly": 212400, "months": paidMonths(202606, 3)}
}

func TestLumpSumIsHalfOfTheRestForWhomTheConditionsHold(t *testing.T) {
	out := compute(t, "unemployment.lump_sum", lumpGiven())
	equal(t, out.Values, map[string]any{"offered": true, "long_enough": true, "insured_enough": true, "insured": 3, "months": 3, "carry_over": 2, "amount": 637200, "capitals": "陆仟叁佰柒拾贰元整"})
	if text := strings.Join(out.Lines, "\n"); !strings.Contains(text, "第二十二条") || !strings.Contains(text, "已缴费3个月") {
		t.Errorf("derivation:\n%s", text)
	}
	for name, c := range map[string]struct {
		key   string
		value any
		want  map[string]any
	}{
		"a day short of a year":    {"contract_end", "2027-05-18", map[string]any{"long_enough": false}},
		"no end":                   {"contract_end", "", map[string]any{"long_enough": true}},
		"two months paid":          {"months", paidMonths(202606, 2), map[string]any{"insured_enough": false, "insured": 2}},
		"paid before it stopped":   {"months", paidMonths(202603, 3), map[string]any{"insured_enough": false, "insured": 0}},
		"a month ahead":            {"months", paidMonths(202606, 6), map[string]any{"odd": "202610 202611"}},
		"nothing left":             {"remaining", 0, map[string]any{"months": 0, "amount": 0}},
		"a region that has it not": {"region", "370000", map[string]any{"offered": false}},
	} {
		t.Run(name, func(t *testing.T) {
			given := lumpGiven()
			given[c.key] = c.value
			equal(t, compute(t, "unemployment.lump_sum", given).Values, c.want)
		})
	}
	given := lumpGiven()
	given["contract_start"] = "20 May"
	if _, err := calculation(t, "unemployment.lump_sum").Do(given); err == nil {
		t.Error("a contract without a first day was computed")
	}
}

func TestSubsidyIsAShareOfTheLastTwelveWagesForWhatIsLeft(t *testing.T) {
	var months []map[string]string
	for i := range 15 { // three older ones do not count, nor one without money, nor one after the beginning
		wage := "5300.00"
		if i < 3 {
			wage = "9999.00"
		} else if i >= 8 {
			wage = "5610.00"
		}
		months = append(months, map[string]string{"month": casework.Month(202412).Add(i).String(), "arrived": "yes", "base": wage})
	}
	months = append(months, map[string]string{"month": "202603", "arrived": "yes", "base": "1.00"}, map[string]string{"month": "202411", "arrived": "no", "base": "1.00"})
	given := casework.Given{"region": "440106", "on": "2026-04-10", "first": "202603", "remaining": 15, "months": months}
	out := compute(t, "unemployment.job_subsidy", given)
	equal(t, out.Values, map[string]any{"offered": true, "counted": 12, "monthly": 82213, "months": 6, "amount": 493278, "doubled": "", "odd": ""})
	given["remaining"] = 2
	equal(t, compute(t, "unemployment.job_subsidy", given).Values, map[string]any{"months": 2, "amount": 164426})
	given["region"] = "370000"
	equal(t, compute(t, "unemployment.job_subsidy", given).Values, map[string]any{"offered": false})
}
