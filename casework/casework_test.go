package casework_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/quick"
	"time"

	"github.com/jingban/jingban/casework"
)

func TestParseFenReadsYuanAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]casework.Fen{
		"0": 0, "1": 100, "1.5": 150, "0.05": 5, "1,234.5": 123450, "￥1234.50": 123450, "¥ 8": 800,
		"-3": -300, "-0.01": -1, " 12.34元 ": 1234, "1，000": 100000, "0012": 1200,
	} {
		if got, err := casework.ParseFen(text); err != nil || got != want {
			t.Errorf("ParseFen(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParseFenRefusesWhatIsNoAmount(t *testing.T) {
	for _, text := range []string{"", "-", ".", ".5", "1.", "1.234", "1.2.3", "--1", "+1", "1-2", "1.-2", "abc", "１２", "1e3", "99999999999999999999"} {
		if got, err := casework.ParseFen(text); err == nil {
			t.Errorf("ParseFen(%q) = %d; want an error", text, got)
		}
	}
}

func TestFenSurvivesFormattingAndParsing(t *testing.T) {
	same := func(v int64) bool {
		f := casework.Fen(v)
		got, err := casework.ParseFen(f.String())
		return err == nil && got == f
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
	if got := casework.Fen(math.MinInt64).String(); got != "-92233720368547758.08" {
		t.Errorf("smallest amount = %s", got)
	}
}

func FuzzParseFenRoundTrip(f *testing.F) {
	for _, text := range []string{"1234.56", "-0.01", "￥1,000", "92233720368547758.07", "1.-1", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := casework.ParseFen(text)
		if err != nil {
			return
		}
		again, err := casework.ParseFen(v.String())
		if err != nil || again != v {
			t.Errorf("%q → %d → %q → %d, %v", text, v, v.String(), again, err)
		}
	})
}

func TestParseDateRefusesDaysThatDoNotExist(t *testing.T) {
	for _, text := range []string{"2025-02-29", "2025-13-01", "2025-00-10", "2025-1-1", "20250101", ""} {
		if d, err := casework.ParseDate(text); err == nil {
			t.Errorf("ParseDate(%q) = %s; want an error", text, d)
		}
	}
	if got := day(t, "2024-02-29").AddDays(1).String(); got != "2024-03-01" {
		t.Errorf("the day after 29 February = %s", got)
	}
}

func TestDateIsTheDayInChina(t *testing.T) {
	late := time.Date(2026, 3, 5, 16, 0, 0, 0, time.UTC) // midnight in China
	if got := casework.DateOf(late).String(); got != "2026-03-06" {
		t.Errorf("day = %s; want 2026-03-06", got)
	}
	if got := casework.DateOf(late.Add(-time.Second)).String(); got != "2026-03-05" {
		t.Errorf("day = %s; want 2026-03-05", got)
	}
}

func TestDateSurvivesJSON(t *testing.T) {
	for _, want := range []casework.Date{{}, day(t, "1985-03-12")} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got casework.Date
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Errorf("%s → %v, %v", text, got, err)
		}
	}
	if err := json.Unmarshal([]byte(`"1985-02-30"`), new(casework.Date)); err == nil {
		t.Error("30 February passed")
	}
}

func TestYearsUntilCountsFullYears(t *testing.T) {
	birth := day(t, "1980-03-05")
	for text, want := range map[string]int{"2026-03-04": 45, "2026-03-05": 46, "2026-02-28": 45, "2026-12-01": 46, "1980-03-05": 0} {
		if got := birth.YearsUntil(day(t, text)); got != want {
			t.Errorf("age on %s = %d; want %d", text, got, want)
		}
	}
}

func TestMonthAddCrossesYears(t *testing.T) {
	for _, c := range []struct {
		from casework.Month
		n    int
		want string
	}{{202601, -1, "202512"}, {202612, 1, "202701"}, {202603, 15, "202706"}, {202603, 0, "202603"}, {202601, -13, "202412"}} {
		if got := c.from.Add(c.n).String(); got != c.want {
			t.Errorf("%s %+d = %s; want %s", c.from, c.n, got, c.want)
		}
	}
	back := func(m uint8, n int8) bool {
		month := casework.MonthOf(casework.Date{Year: 2000, Month: time.Month(m%12 + 1), Day: 1})
		return month.Add(int(n)).Add(-int(n)) == month
	}
	if err := quick.Check(back, nil); err != nil {
		t.Error(err)
	}
}

func TestMasksHideTheMiddle(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{casework.MaskName("张明"), "张*"},
		{casework.MaskName("张小三"), "张*三"},
		{casework.MaskName("欧阳小明"), "欧**明"},
		{casework.MaskName("张"), "*"},
		{casework.MaskName(""), ""},
		{casework.MaskID("379901198503120017"), "3799**********0017"},
		{casework.MaskID("3799"), "****"},
		{casework.MaskText("原号379901198503120017，票据12345678901234567890"), "原号3799**********0017，票据12345678901234567890"},
		{casework.MaskMobile("19900000001"), "199****0001"},
		{casework.MaskAccount("6228480000000000018"), "***************0018"},
		{casework.MaskAddress("海州市示例县一号"), "海州市示例县**"},
		{casework.MaskAddress("一号楼"), "***"},
	} {
		if c.got != c.want {
			t.Errorf("mask = %s; want %s", c.got, c.want)
		}
	}
}

func TestMaskedValuesKeepTheirLengthAndNeverTheWhole(t *testing.T) {
	hides := func(text string) bool {
		runes := []rune(text)
		for _, mask := range []func(string) string{casework.MaskName, casework.MaskID, casework.MaskMobile, casework.MaskAccount} {
			masked := []rune(mask(text))
			if len(masked) != len(runes) || len(runes) > 2 && string(masked) == text {
				return false
			}
		}
		return true
	}
	if err := quick.Check(hides, nil); err != nil {
		t.Error(err)
	}
}

func TestFaultKeepsKindAndCodeThroughWrapping(t *testing.T) {
	cause := errors.New("no answer")
	fault := casework.AskPerson("name_mismatch", "case %s: %w", "c1", cause)
	wrapped := fmt.Errorf("step check: %w", fault)
	got := casework.AsFault(wrapped)
	if got.Kind != casework.NeedsHuman || got.Code != "name_mismatch" || !errors.Is(got, cause) {
		t.Errorf("fault = %+v", got)
	}
	if casework.Retry("a", "x").Kind != casework.Transient || casework.Fail("a", "x").Kind != casework.Permanent {
		t.Error("Retry or Fail made the wrong kind")
	}
	if (&casework.Fault{Code: "bare"}).Error() != "bare" || fault.Error() != "name_mismatch: case c1: no answer" {
		t.Errorf("text = %q", fault.Error())
	}
}

func TestAnUnknownErrorIsTransient(t *testing.T) {
	got := casework.AsFault(errors.New("disk"))
	if got.Kind != casework.Transient || got.Code != "internal" {
		t.Errorf("fault = %+v", got)
	}
}

func TestBoxesUniteAndQuadsAreBoxed(t *testing.T) {
	a, b := casework.Box{X: 10, Y: 10, W: 5, H: 5}, casework.Box{X: 20, Y: 0, W: 5, H: 5}
	if got := a.Union(b); got != (casework.Box{X: 10, Y: 0, W: 15, H: 15}) {
		t.Errorf("union = %+v", got)
	}
	if a.Union(casework.Box{}) != a || (casework.Box{}).Union(a) != a || !(casework.Box{W: 1}).Empty() {
		t.Error("an empty box is not neutral")
	}
	tilted := casework.Quad{{X: 1.5, Y: 2}, {X: 9, Y: 0.2}, {X: 10.1, Y: 4}, {X: 2, Y: 6}}
	if got := tilted.Box(); got != (casework.Box{X: 1, Y: 0, W: 10, H: 6}) {
		t.Errorf("box = %+v", got)
	}
}

func TestNewIDsAreUniqueAndSortByTime(t *testing.T) {
	last := ""
	for range 1000 {
		id := casework.NewID()
		if id <= last {
			t.Fatalf("%s does not sort after %s", id, last)
		}
		last = id
	}
}

func TestOnlyWaitingRunningAndParkedRunsAreLive(t *testing.T) {
	for state, want := range map[casework.RunState]bool{
		casework.RunWaiting: true, casework.RunRunning: true, casework.RunParked: true,
		casework.RunDone: false, casework.RunFailed: false, casework.RunWithdrawn: false,
	} {
		if (casework.Run{State: state}).Live() != want {
			t.Errorf("live(%s) = %v", state, !want)
		}
	}
}
