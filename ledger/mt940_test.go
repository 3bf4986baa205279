package ledger

import (
	"errors"
	"strings"
	"testing"
)

// A statement as German banks write it: subfields in :86:, an envelope, a debit,
// a credit, and a reversal of a credit.
const germanMT940 = `{1:F01XXXXDEXXAXXX0000000000}{2:I940XXXXDEXXXN}{4:
:20:STARTUMS
:25:10020030/1234567
:28C:00049/001
:60F:C260330EUR1000,00
:61:2603310331DR250,5N024NONREF//B1234
:86:177?00SB-SEPA-Ueberweisung?109310?20EREF+99?21Miete Maerz?3010020030?31DE02100200300001234567?32Example GmbH
:61:2604010331CR100,NTRFREF77//B1235
Gutschrift
:86:166?00SEPA GUTSCHRIFT?20Rechnung 5?32Muster
?33mann
:61:2603310331RC20,00NRTINONREF
:86:159?00RETOURE
:62F:C260331EUR829,50
-}
`

func TestMT940ReadsEnvelopeSubfieldsAndReversals(t *testing.T) {
	st, rows, err := readAll(t, input("g.sta", []byte(strings.ReplaceAll(germanMT940, "\n", "\r\n"))), Bank)
	if err != nil {
		t.Fatal(err)
	}
	if st.Format != "mt940" || st.Currency != "EUR" || st.Opening != 100000 || st.Closing != 82950 || st.SumOut != 27050 || st.SumIn != 10000 || !st.Balanced {
		t.Errorf("got %+v", st)
	}
	if len(rows) != 3 || rows[0].Party != "Example GmbH" || rows[0].Account != "DE02100200300001234567" || rows[0].Serial != "B1234" || rows[0].Client != "99" || rows[0].Summary != "EREF+99Miete Maerz" {
		t.Errorf("first %+v", rows[0])
	}
	if rows[1].Party != "Mustermann" || rows[1].Client != "REF77" || rows[1].Day.String() != "2026-03-31" || rows[2].Fen != -2000 {
		t.Errorf("others %+v", rows[1:])
	}
}

func TestMT940NamesTheEntryThatExplainsTheGap(t *testing.T) {
	text := strings.Replace(germanMT940, "C260331EUR829,50", "C260331EUR729,50", 1)
	st, _, err := readAll(t, input("g.sta", []byte(text)), Bank)
	if _, ok := errors.AsType[*Refusal](err); !ok || st.Gap != 10000 || st.Suspect != 8 || st.Balanced {
		t.Errorf("gap %v, suspect line %d, %v", st.Gap, st.Suspect, err)
	}
}

func TestMT940FollowsPagesAndSeveralDays(t *testing.T) {
	text := `:20:A
:25:NL00BANK0123456789
:28C:1/1
:60F:C251230EUR10,00
:61:2512310101C5,00NMSCEREF//X1
:86:/TRTP/SEPA/NAME/J Example/IBAN/NL00BANK0000000001/REMI/first
 part/EREF/E-1
:62M:C251231EUR15,00
:20:A
:25:NL00BANK0123456789
:28C:1/2
:60M:C251231EUR15,00
:61:251231D1,25NCHGNONREF
:62F:C251231EUR13,75
:64:C251231EUR13,75
-
:20:B
:25:NL00BANK0123456789
:28C:2
:60F:C251231EUR13,75
:62F:C260101EUR13,75
-
`
	st, rows, err := readAll(t, input("nl.940", []byte(text)), Bank)
	if err != nil {
		t.Fatal(err)
	}
	if len(st.Parts) != 3 || st.Opening != 1000 || st.Closing != 1375 || st.Entries != 2 {
		t.Errorf("got %+v", st)
	}
	if rows[0].Day.String() != "2026-01-01" || rows[0].Party != "J Example" || rows[0].Summary != "first part" {
		t.Errorf("rows %+v", rows)
	}
}
