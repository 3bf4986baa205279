package ledger

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// fuzz feeds bytes to the reader: whatever comes, it ends, and what it accepts
// adds up.
func fuzz(f *testing.F, side Side, seeds ...[]byte) {
	f.Helper()
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		st, rows, err := readAll(t, input("f", data), side)
		if _, refused := errors.AsType[*Refusal](err); err != nil && !refused {
			t.Fatalf("neither read nor refused: %v", err)
		}
		if err != nil {
			return
		}
		if st.HasBalance && st.Opening+st.SumIn-st.SumOut != st.Closing {
			t.Errorf("accepted with a gap: %+v", st)
		}
		for _, r := range rows {
			if r.Day == 0 || r.Line < 1 {
				t.Errorf("row without day or line: %+v", r)
			}
		}
	})
}

func seedFile(f *testing.F, name string) []byte {
	f.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		f.Fatal(err)
	}
	return data
}

func FuzzCSV(f *testing.F) {
	fuzz(f, Bank, seedFile(f, "fe1-bank.csv"), []byte(goodCSV), []byte(asCSV(sheetRows(), "|")), []byte(asCSV(sheetRows(), "\t")))
}

func FuzzJournal(f *testing.F) { fuzz(f, Book, seedFile(f, "fe1-journal.csv")) }

func FuzzHTML(f *testing.F) { fuzz(f, Bank, []byte(asHTML(sheetRows()))) }

func FuzzXLS(f *testing.F) {
	fuzz(f, Bank, asBIFF8(sheetRows()), []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
}

func FuzzMT940(f *testing.F) { fuzz(f, Bank, []byte(good940), []byte(germanMT940)) }

func FuzzCamt(f *testing.F) { fuzz(f, Bank, []byte(camtSample)) }

// FuzzSheetXML feeds the scanner behind XLSX; the zip around it would only hide it.
func FuzzSheetXML(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>日期</t></is></c><c r="B1" t="s"><v>0</v></c></row></sheetData></worksheet>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &xlsxSheet{in: newTagScanner(strings.NewReader(string(data))), shared: [][]byte{[]byte("x")}}
		for range 10000 {
			if _, err := s.next(&cells{}); err != nil {
				return
			}
		}
	})
}

func FuzzPayment(f *testing.F) {
	f.Add(seedFile(f, "fe1-batch.txt"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ReadPayment(input("f", data), false)
		if err != nil {
			return
		}
		total := p.Total
		for _, item := range p.Items {
			total -= item.Fen
		}
		if total != 0 {
			t.Errorf("head and items differ by %s", total)
		}
	})
}
