package casework_test

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

func TestCapitalsReadAlikeHoweverTheyAreWritten(t *testing.T) {
	for text, want := range map[string]casework.Fen{
		"零元整": 0, "壹分": 1, "伍角": 50, "伍角整": 50, "壹元零伍分": 105, "壹元零角伍分": 105, "壹元伍分": 105,
		"壹仟陆佰捌拾元叁角贰分": 168032, "壹仟陆佰捌拾元零叁角贰分": 168032,
		"壹拾万柒仟元零伍角叁分": 10700053, "壹拾万零柒仟元伍角叁分": 10700053, "拾万柒仟元伍角叁分": 10700053,
		"人民币壹仟肆佰零玖圆伍角正": 140950, "壹仟肆佰零玖元伍角": 140950, "人民币：壹万元整": 1000000, "叁万元": 3000000,
		"一千四百零九元五角": 140950, "壹亿贰仟万元整": 12000000000, "负壹佰元整": -10000, "壹佰 万 元 整": 100000000,
		"玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分": 99999999999999,
	} {
		if got, err := casework.ParseCapitals(text); err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestCapitalsThatSayNothingAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "元", "整", "零", "壹", "壹仟", "壹佰贰仟元整", "壹分伍角", "壹壹元整", "壹元壹元整", "佰元整", "壹元贰叁分",
		"壹万贰亿元整", "123元", "壹元整整", "壹元 分", "拾拾元整", "壹万亿元整", "伍佰元半",
	} {
		if got, err := casework.ParseCapitals(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}

func TestCapitalsComeBackAsTheyWent(t *testing.T) {
	for f := casework.Fen(1); f < 100_000_000_000_000; f = f*13/9 + 1 {
		for _, one := range []casework.Fen{f, f / 100 * 100, f / 1_000_000 * 1_000_000, -f} {
			text := casework.FormatCapitals(one)
			if back, err := casework.ParseCapitals(text); err != nil || back != one {
				t.Fatalf("%s is written %s and read back as %s, %v", one, text, back, err)
			}
			if strings.Contains(text, "零零") {
				t.Fatalf("%s: %s", one, text)
			}
		}
	}
	if text := casework.FormatCapitals(100_000_000_000_000); text != "" {
		t.Errorf("an amount without a form: %s", text)
	}
}

func TestMonthsAreCountedOverYears(t *testing.T) {
	if n := casework.Month(202511).Until(202602); n != 3 {
		t.Errorf("%d months; want 3", n)
	}
	if n := casework.Month(202602).Until(202511); n != -3 {
		t.Errorf("%d months; want -3", n)
	}
	for month, valid := range map[casework.Month]bool{202601: true, 202612: true, 202600: false, 202613: false, 0: false, 20260: false, 2026010: false} {
		if month.Valid() != valid {
			t.Errorf("%d: valid %t", int(month), !valid)
		}
	}
	if casework.Month(202602).Year() != 2026 {
		t.Error("the year of 202602")
	}
}

func TestRowsOfAParameterComeByRegionAndDay(t *testing.T) {
	params, err := casework.LoadParams(folder("params/ours.yaml", `params:
  - name: unemployment_claim.limit_days
    rows:
      - {region: "379900", from: 2026-06-01, value: "4", document: ours}
      - {region: "379900", from: 2026-01-01, value: "5", document: ours}
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range params.Rows("unemployment_claim.limit_days") {
		got = append(got, row.Region+" "+row.Value)
	}
	if strings.Join(got, ", ") != "000000 10, 379900 5, 379900 4, 440000 7" {
		t.Errorf("rows %v", got)
	}
	names := params.Names()
	if len(names) < 20 || names[0] > names[1] {
		t.Errorf("names %v", names)
	}
}

func FuzzCapitals(f *testing.F) {
	f.Add("壹仟陆佰捌拾元零叁角贰分", int64(168032))
	f.Add("人民币负拾万亿圆正", int64(-1))
	f.Add("零零角分", int64(0))
	f.Fuzz(func(t *testing.T, text string, amount int64) {
		if got, err := casework.ParseCapitals(text); err == nil {
			if back, err := casework.ParseCapitals(casework.FormatCapitals(got)); err != nil || back != got {
				t.Errorf("%q is %d and comes back as %d, %v", text, got, back, err)
			}
		}
		if text := casework.FormatCapitals(casework.Fen(amount)); text != "" {
			if back, err := casework.ParseCapitals(text); err != nil || back != casework.Fen(amount) {
				t.Errorf("%d is written %s and comes back as %d, %v", amount, text, back, err)
			}
		}
	})
}
