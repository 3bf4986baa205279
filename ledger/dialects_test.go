package ledger

import (
	"regexp"
	"strings"
	"testing"
)

// Whole files, each with habits of its own. They are made up after the standards
// and after what banks say of their exports; the names are fictional.
func TestStatementsOfManyHabitsAreWhole(t *testing.T) {
	for _, c := range []struct {
		name, text       string
		opening, closing int64
		entries          int
		currency         string
	}{
		{"lines before the first message, no envelope", "ABNANL2A\n940\nABNANL2A\n:20:ABN AMRO BANK NV\n:25:000000001\n:28:13501/1\n:60F:C260330EUR10,\n:61:2603310331D9,N192NONREF\n:86:GIRO EXAMPLE\n:62F:C260331EUR1,\n-\n", 1000, 100, 1, "EUR"},
		{"a tag of its own before each message, account with its currency", ":940:\n:20:940S260331\n:25:NL00RABO0000000001 EUR\n:28C:0\n:60F:C260330EUR000000000473,17\n:61:260331D000000000073,17N541NONREF\nNL00RABO0000000002\n:86:/BENM//NAME/Example/REMI/x/ISDT/2026-03-31\n:62F:C260331EUR000000000400,00\n", 47317, 40000, 1, "EUR"},
		{"value day 30 February", ":20:S\n:25:1\n:28C:1\n:60F:C260227EUR5,00\n:61:2602300302CR1,00N051NONREF\n:86:166?00X?20y\n:62F:C260302EUR6,00\n-", 500, 600, 1, "EUR"},
		{"an empty statement", "{1:F01BANKDEFFXXXX0000000000}{2:O9400000000000BANKDEFFXXXX00000000000000000000N}{3:{108:X}}{4:\r\n:20:S\r\n:25:1\r\n:28C:1\r\n:60F:D260330EUR5,00\r\n:62F:D260331EUR5,00\r\n-}{5:{CHK:0}{TNG:}}\r\n", -500, -500, 0, "EUR"},
		{"NS fields and a long :86:", ":20:S\n:25:1\n:28C:1/1\n:NS:22Example\n:60F:C260330PLN10,00\n:61:2603310331C0,50S911NONREF//1\n911\n:86:911<00A<10B<20C\n<21D<32E\n:NS:01more\n:62F:C260331PLN10,50\n:64:C260331PLN10,50\n:65:C260401PLN10,50\n", 1000, 1050, 1, "PLN"},
		{"two :86: of one entry", ":20:S\n:25:1\n:28C:1/1\n:60F:C260330EUR10,00\n:61:2603310331C0,50NTRFNONREF\n:86:first\n:86:second\n:62F:C260331EUR10,50\n", 1000, 1050, 1, "EUR"},
		{"two accounts of two currencies", ":20:S\n:25:1\n:28C:1\n:60F:C260330EUR5,00\n:62F:C260331EUR5,00\n-\n:20:T\n:25:2\n:28C:1\n:60F:C260330USD7,00\n:61:260331C1,00NTRFNONREF\n:62F:C260331USD8,00\n-\n", 1200, 1300, 1, "EUR/USD"},
		{"camt.052 without balances", strings.NewReplacer("camt.053.001.04", "camt.052.001.08", "BkToCstmrStmt", "BkToCstmrAcctRpt", "<Stmt>", "<Rpt>", "</Stmt>", "</Rpt>").Replace(withoutBalances(camtSample)), 0, 0, 2, "CHF"},
		{"camt with a prefix and a BOM", "\ufeff" + strings.Replace(regexp.MustCompile(`<(/?)([A-Z])`).ReplaceAllString(camtSample, "<${1}n:${2}"), "xmlns=", "xmlns:n=", 1), 100000, 133700, 2, "CHF"},
		{"camt with two statements of one account", strings.Replace(camtSample, "</BkToCstmrStmt>", `<Stmt><Id>S2</Id><Acct><Id><IBAN>CH0000000000000000001</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>PRCD</Cd></CdOrPrtry></Tp><Amt Ccy="CHF">1337.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CHF">1337.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><DtTm>2026-04-01T00:00:00</DtTm></Dt></Bal></Stmt></BkToCstmrStmt>`, 1), 100000, 133700, 2, "CHF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st, _, err := readAll(t, input("x", []byte(c.text)), Bank)
			if err != nil {
				t.Fatal(err)
			}
			if int64(st.Opening) != c.opening || int64(st.Closing) != c.closing || st.Entries != c.entries || st.Currency != c.currency || !st.Balanced {
				t.Errorf("opening %d, closing %d, %d entries, %q, balanced %v: %+v", st.Opening, st.Closing, st.Entries, st.Currency, st.Balanced, st.Problems)
			}
		})
	}
}

// withoutBalances takes every Bal element out of a document.
func withoutBalances(text string) string {
	for {
		from, to := strings.Index(text, "<Bal>"), strings.Index(text, "</Bal>")
		if from < 0 {
			return text
		}
		text = text[:from] + text[to+len("</Bal>"):]
	}
}

func TestSeveralCurrenciesAreNotReconciledAsOne(t *testing.T) {
	mixed := ":20:S\n:25:1\n:60F:C260330EUR5,00\n:62F:C260331EUR5,00\n-\n:20:T\n:25:2\n:60F:C260330USD7,00\n:61:260331C1,00NTRFNONREF\n:62F:C260331USD8,00\n-\n"
	_, err := Reconcile(t.Context(), Job{Bank: []Input{input("m", []byte(mixed))}, Book: []Input{input("l.csv", []byte("日期,借方金额,贷方金额,摘要\n2026-03-31,1.00,,x\n"))}, Calendar: calendarForTest(t)})
	if err == nil || !strings.Contains(err.Error(), "currency") {
		t.Errorf("two currencies in one run: %v", err)
	}
}
