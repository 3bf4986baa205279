package persons_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/jingban/jingban/persons"
)

// rawExample reads one worked example whole.
func rawExample(t *testing.T, id string) json.RawMessage {
	t.Helper()
	text, err := os.ReadFile("../casework/testdata/worked-examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var sheet struct{ Examples []json.RawMessage }
	if err := json.Unmarshal(text, &sheet); err != nil {
		t.Fatal(err)
	}
	for _, entry := range sheet.Examples {
		var named struct{ ID string }
		if json.Unmarshal(entry, &named) == nil && named.ID == id {
			return entry
		}
	}
	t.Fatalf("no worked example %s", id)
	return nil
}

func TestNumbersStandToEachOther(t *testing.T) {
	const valid = "379901198503120017"
	twin := "37990119850312003"
	for _, c := range "0123456789X" {
		if persons.ReadNumber(twin+string(c)).Kind == persons.NumberProven {
			twin += string(c)
			break
		}
	}
	for name, c := range map[string]struct {
		a, b string
		want persons.NumberLevel
	}{
		"equal":                    {valid, valid, persons.NumbersSame},
		"typed otherwise":          {valid, " ３７９９０１-19850312-0017", persons.NumbersSame},
		"fifteen digits":           {valid, "379901850312001", persons.NumbersUpgraded},
		"fifteen digits twice":     {"379901850312001", "379901850312001", persons.NumbersUpgraded},
		"born before 1900, maybe":  {"379901850312997", "379901850312997", persons.NumbersDoubtful},
		"one digit":                {valid, "379901198503120117", persons.NumbersSlip},
		"neighbours swapped":       {valid, "379901198503210017", persons.NumbersSlip},
		"a digit lost":             {valid, "37990119850312017", persons.NumbersSlip},
		"a digit doubled":          {valid, "3799011985003120017", persons.NumbersSlip},
		"the check character":      {valid, "379901198503120013", persons.NumbersSlip},
		"one digit in the old one": {valid, "379901850312002", persons.NumbersNear},
		"twins":                    {valid, twin, persons.NumbersNeighbour},
		"two persons":              {valid, "37990119650815003X", persons.NumbersOther},
		"two slips":                {valid, "379901198503210015", persons.NumbersNear},
		"lost and wrong":           {valid, "37990119850312015", persons.NumbersNear},
		"swapped twice":            {valid, "739901198053120017", persons.NumbersNear},
		"three slips":              {valid, "739901198053120015", persons.NumbersUnlike},
		"a passport":               {valid, "E12345678", persons.NumbersUnlike},
		"the same wrong number":    {"379901198503120013", "379901198503120013", persons.NumbersDoubtful},
		"nothing":                  {valid, " ", persons.NumbersMissing},
	} {
		a, b := persons.ReadNumber(c.a), persons.ReadNumber(c.b)
		if got := persons.CompareNumbers(a, b); got != c.want {
			t.Errorf("%s: %d; want %d", name, got, c.want)
		}
		if got := persons.CompareNumbers(b, a); got != c.want {
			t.Errorf("%s, other way round: %d; want %d", name, got, c.want)
		}
		for _, n := range []persons.Number{a, b} {
			if again := persons.NumberOfKey(n.Key()); again != n {
				t.Errorf("%s: key of %+v reads back as %+v", name, n, again)
			}
		}
	}
}

func TestNumbersSayTheBirthTheyWereGivenFor(t *testing.T) {
	for text, want := range map[string]string{"379901198503120017": "19850312", "379901850312001": "19850312", "379901198513120017": "", "E1234": ""} {
		if got := persons.ReadNumber(text).Birth; got != want {
			t.Errorf("%s: birth %q; want %q", text, got, want)
		}
	}
}

func TestNamesStandToEachOther(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want persons.NameLevel
	}{
		{"张伟", "张 伟", persons.NamesSame},
		{"阿依古丽·买买提", "阿依古丽.买买提", persons.NamesSame},
		{"张伟国", "張偉國", persons.NamesVariant},
		{"吕庆", "呂慶", persons.NamesVariant},
		{"张伟", "张玮", persons.NamesSound},
		{"张伟", "章玮", persons.NamesSound},
		{"张英", "张因", persons.NamesSound},
		{"张国伟", "张伟国", persons.NamesSwapped},
		{"李𬱖", "李?", persons.NamesLost},
		{"李𬱖", "李\ue123", persons.NamesLost},
		{"王\ue123", "王\ue124", persons.NamesLost},
		{"张国伟", "张伟", persons.NamesLost},
		{"张明", "张朋", persons.NamesNear},
		{"张国明", "张明强", persons.NamesNear},
		{"王", "林王", persons.NamesNear},
		{"张明", "李强", persons.NamesDifferent},
		{"张国明", "张强安", persons.NamesDifferent},
		{"张明", "王伟明", persons.NamesDifferent},
		{"张", "李", persons.NamesDifferent},
		{"张国明", "张", persons.NamesDifferent},
		{"??", "张明", persons.NamesDifferent},
		{"", "张明", persons.NamesMissing},
	} {
		a, b := persons.NormalName(c.a), persons.NormalName(c.b)
		for range 2 {
			if got := persons.CompareNames(a, b); got != c.want {
				t.Errorf("%s and %s: %d; want %d", a, b, got, c.want)
			}
			a, b = b, a
		}
		alike := c.want == persons.NamesSame || c.want == persons.NamesVariant || c.want == persons.NamesSound
		if got := persons.NameSound(a) == persons.NameSound(b); got != alike {
			t.Errorf("%s and %s sound alike: %v", a, b, got)
		}
	}
}

func TestComparingAllocatesNothing(t *testing.T) {
	a, b := persons.ReadNumber("379901198503120017"), persons.ReadNumber("379901198503210017")
	persons.CompareNames("张国伟", "張偉國") // the tables are read once
	if n := testing.AllocsPerRun(100, func() {
		persons.CompareNumbers(a, b)
		persons.CompareNames("张国伟", "張偉國")
		persons.NameSound("张国伟")
		persons.ReadNumber("379901198503120017")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
