package ledger

import (
	"os"
	"testing"
)

func testFile(t *testing.T, name string) Input {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return input(name, data)
}

func TestStatementOfFE1OpensAndClosesAsTheSheetSays(t *testing.T) {
	st, details, err := readAll(t, testFile(t, "fe1-bank.csv"), Bank)
	if err != nil {
		t.Fatal(err)
	}
	if st.Opening != 5000000 || st.Closing != 124183000 || st.SumIn != 120173250 || st.SumOut != 990250 || !st.Balanced || len(details) != 4 {
		t.Errorf("got %+v", st)
	}
	if details[1].Batch != "2026030001" || details[1].Fen != -987250 || details[1].Day.String() != "2026-03-31" {
		t.Errorf("second line: %+v", details[1])
	}
}

func TestJournalDebitIsMoneyIn(t *testing.T) {
	st, details, err := readAll(t, testFile(t, "fe1-journal.csv"), Book)
	if err != nil {
		t.Fatal(err)
	}
	if st.Opening != 5000000 || st.Closing != 124012750 || details[0].Fen != 120000000 || details[1].Fen != -987250 {
		t.Errorf("got %+v, %+v", st, details)
	}
}
