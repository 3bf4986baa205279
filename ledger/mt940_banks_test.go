package ledger

import (
	"strings"
	"testing"
)

// Each case is one way in which banks write an entry; the statement around it is
// the same. The names are fictional.
func TestMT940ReadsWhatBanksWrite(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		want        Detail
	}{
		{"strokes after ORDP", ":61:2603310331C10,00N541NONREF\n:86:/EREF/E-7//ORDP//NAME/Example BV/IBAN/NL00BANK0000000001/REMI/USTD//Factuur 12/",
			Detail{Fen: 1000, Client: "E-7", Party: "Example BV", Account: "NL00BANK0000000001", Summary: "Factuur 12"}},
		{"counterparty in one word", ":61:260331D10,00NTRFEREF//B-9\n:86:/CNTP/NL00BANK0000000002/BANKNL2A/Example Shop///REMI/USTD//Order\n 5/",
			Detail{Fen: -1000, Client: "EREF", Serial: "B-9", Party: "Example Shop", Account: "NL00BANK0000000002", Summary: "Order 5"}},
		{"no reference given", ":61:260331C10,NTRFNONREF\n:86:/TRTP/SEPA/NAME/Example/EREF/NOTPROVIDED", Detail{Fen: 1000, Party: "Example"}},
		{"subfields with a tilde", ":61:2603310331D10,00S911NONREF//7\n:86:911~00WYPLATA~20Czynsz ~21marzec~32Przyklad~33 SA~38PL00000000000000000000000001",
			Detail{Fen: -1000, Serial: "7", Party: "Przyklad SA", Account: "PL00000000000000000000000001", Summary: "Czynsz marzec", Note: "WYPLATA"}},
		{"subfields with an angle", ":61:2603310331C10,00S911NONREF\n:86:020<00WPLATA<20Faktura<32Przyklad", Detail{Fen: 1000, Party: "Przyklad", Summary: "Faktura", Note: "WPLATA"}},
		{"a reference that goes on", ":61:2603310331C10,00NTRFNONREF\n:86:166?00GUTSCHRIFT?20EREF+1234567890123456789012?2134567?22SVWZ+Beitrag",
			Detail{Fen: 1000, Client: "123456789012345678901234567", Summary: "EREF+123456789012345678901234567SVWZ+Beitrag", Note: "GUTSCHRIFT"}},
		{"a question mark in the text", ":61:2603310331C10,00NTRFNONREF\n:86:166?00X?20wirklich?ja?32Muster", Detail{Fen: 1000, Party: "Muster", Summary: "wirklichja", Note: "X"}},
		{"free text", ":61:2603310331C10,00NMSCNONREF\n:86:GIRO 428428 EXAMPLE BV\nBETALINGSKENM. 12", Detail{Fen: 1000, Note: "GIRO 428428 EXAMPLE BV BETALINGSKENM. 12"}},
		{"details below the entry", ":61:2603310331C10,00FMSCREF1//8327\nCard transaction", Detail{Fen: 1000, Client: "REF1", Serial: "8327", Summary: "Card transaction"}},
		{"the bank's reference on its own line", ":61:2603310331C10,00NTRFREF1\n//8327\nmore", Detail{Fen: 1000, Client: "REF1", Serial: "8327", Summary: "more"}},
		{"leading zeros", ":61:260331C000000000010,00N541NONREF", Detail{Fen: 1000}},
		{"a kind with a blank", ":61:2603310331D10,00NVZ NONREF", Detail{Fen: -1000}},
		{"third letter of the currency", ":61:2603310331DR10,00N024NONREF", Detail{Fen: -1000}},
		{"credit taken back", ":61:2603310331RC10,00NTRFNONREF", Detail{Fen: -1000}},
		{"debit taken back, third letter", ":61:2603310331RDR10,00NTRFNONREF", Detail{Fen: 1000}},
		{"booked in the new year", ":61:2512310102C10,00NTRFNONREF", Detail{Fen: 1000}},
		{"booked in the old year", ":61:2601021231C10,00NTRFNONREF", Detail{Fen: 1000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			closing := "101010,00"
			if c.want.Fen < 0 {
				closing = "100990,00"
			}
			text := "{1:F01XXXX}{4:\r\n:20:A\r\n:25:1/2\r\n:28C:1/1\r\n:60F:C260330EUR101000,00\r\n" + strings.ReplaceAll(c.lines, "\n", "\r\n") + "\r\n:62F:C260331EUR" + closing + "\r\n:64:C260331EUR1,00\r\n:86:of the statement\r\n-}{5:}\r\n"
			_, rows, err := readAll(t, input("x.sta", []byte(text)), Bank)
			if err != nil {
				t.Fatal(err)
			}
			got := rows[0]
			got.Line, got.Day = 0, 0
			if len(rows) != 1 || got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestMT940ReadsUmlautsAndChineseAlike(t *testing.T) {
	const head, tail = ":20:A\n:25:1\n:60F:C260330EUR1,00\n:61:260331C1,00NTRFNONREF\n:86:", "\n:62F:C260331EUR2,00\n"
	for raw, want := range map[string]string{"f\xfcr M\xfcller": "für Müller", "für Müller": "für Müller", "\xca\xbe\xc0\xfd\xb8\xb6\xbf\xee": "示例付款", "Wypłata": "Wypłata"} {
		_, rows, err := readAll(t, input("x", []byte(head+raw+tail)), Bank)
		if err != nil || rows[0].Note != want {
			t.Errorf("%q read as %q, %v", raw, rows[0].Note, err)
		}
	}
}

func TestCamtAvailabilityDoesNotTurnTheBalance(t *testing.T) {
	text := strings.Replace(camtSample, `<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal>`,
		`<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt><Avlbty><Dt><NbOfDays>1</NbOfDays></Dt><Amt Ccy="CHF">3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Avlbty></Bal>`, 1)
	for _, version := range []string{"02", "04", "08", "13"} {
		st, _, err := readAll(t, input("c.xml", []byte(strings.Replace(text, "camt.053.001.04", "camt.053.001."+version, 1))), Bank)
		if err != nil || st.Closing != 133700 {
			t.Errorf("version %s: closing %s, %v", version, st.Closing, err)
		}
	}
}

func TestCamtOnOneLineKeepsItsEntriesApart(t *testing.T) {
	text := strings.NewReplacer("\n", "", "camt.053.001.04", "camt.053.001.08").Replace(camtSample)
	res, err := Reconcile(t.Context(), Job{Bank: []Input{input("c.xml", []byte(text))}, Book: []Input{input("l.csv", []byte("日期,借方金额,贷方金额,摘要\n2026-03-31,1.00,,x\n"))}, Calendar: calendarForTest(t)})
	if err != nil {
		t.Fatal(err)
	}
	fens := map[int64]bool{}
	for _, row := range res.Differ {
		if row.Fen != row.Detail.Fen {
			t.Errorf("row of %s shows %s", row.Fen, row.Detail.Fen)
		}
		fens[int64(row.Fen)] = true
	}
	if len(res.Differ) != 3 || !fens[153700] || !fens[-120000] {
		t.Errorf("differences %+v", res.Differ)
	}
}
