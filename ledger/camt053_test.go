package ledger

import (
	"errors"
	"strings"
	"testing"
)

const camtSample = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.04">
 <BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>
  <Stmt><Id>S1</Id>
   <Acct><Id><IBAN>CH0000000000000000001</IBAN></Id><Ccy>CHF</Ccy></Acct>
   <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CHF">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-30</Dt></Dt></Bal>
   <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CHF">1337</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal>
   <Bal><Tp><CdOrPrtry><Cd>CLAV</Cd></CdOrPrtry></Tp><Amt Ccy="CHF">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal>
   <Ntry><NtryRef>N1</NtryRef><Amt Ccy="CHF">1537.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-31</Dt></BookgDt><ValDt><Dt>2026-03-31</Dt></ValDt><AcctSvcrRef>R1</AcctSvcrRef>
    <NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><Amt Ccy="CHF">1500.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Nm>Example AG</Nm></Dbtr><DbtrAcct><Id><IBAN>CH0000000000000000002</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>Rechnung 5</Ustrd></RmtInf></TxDtls>
    <TxDtls><Refs><EndToEndId>E2</EndToEndId></Refs><Amt Ccy="CHF">37.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls></NtryDtls></Ntry>
   <Ntry><Amt Ccy="CHF">1200.00000</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-03-31T10:00:00+02:00</DtTm></BookgDt></Ntry>
   <Ntry><Amt Ccy="CHF">99.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts><ValDt><Dt>2026-04-01</Dt></ValDt></Ntry>
  </Stmt></BkToCstmrStmt></Document>`

func TestCamtReadsVersionsStatesAndDetails(t *testing.T) {
	st, rows, err := readAll(t, input("c.xml", []byte(camtSample)), Bank)
	if err != nil {
		t.Fatal(err)
	}
	if st.Format != "camt053" || st.Opening != 100000 || st.Closing != 133700 || st.Entries != 2 || st.SumIn != 153700 || st.SumOut != 120000 || st.Currency != "CHF" {
		t.Errorf("got %+v", st)
	}
	// Two payments in one sum: neither of their parties is the entry's.
	if r := rows[0]; r.Party != "" || r.Account != "" || r.Client != "" || r.Serial != "R1" || r.Summary != "Rechnung 5" || r.Line != 9 {
		t.Errorf("first %+v", r)
	}
}

func TestCamtNamesTheDoubledEntry(t *testing.T) {
	text := strings.Replace(camtSample, ">1337<", ">-200.00<", 1)
	if _, _, err := readAll(t, input("c.xml", []byte(text)), Bank); err == nil {
		t.Error("a negative balance amount was taken")
	}
	text = strings.Replace(camtSample, `<Amt Ccy="CHF">1337</Amt><CdtDbtInd>CRDT`, `<Amt Ccy="CHF">200.00</Amt><CdtDbtInd>DBIT`, 1)
	st, _, err := readAll(t, input("c.xml", []byte(text)), Bank)
	if _, ok := errors.AsType[*Refusal](err); !ok || st.Gap != 153700 || st.Suspect != 9 {
		t.Errorf("gap %s, suspect %d, %v", st.Gap, st.Suspect, err)
	}
}
