package ledger

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/jingban/jingban/casework"
)

func isCamt(head []byte) bool {
	return regexp.MustCompile(`<(?:\w+:)?(?:BkToCstmrStmt|BkToCstmrAcctRpt)\b|camt\.05[23]\.001`).Match(head)
}

// camt reads one document with a loop over its tokens, so that a file of any
// size needs the memory of one entry.
type camt struct {
	parts   parts
	stack   []string
	texts   strings.Builder
	line    int
	ccy     string // currency of the amount being read
	entry   Entry
	inEntry bool
	status  string
	amount  string
	mark    string // CRDT or DBIT of the entry or balance
	details int    // TxDtls of the entry
	day     [2]string
	balance struct{ code, amount, mark string }
	sums    map[string]stated
	opened  int // how good the opening balance is that was found
	closedW int
}

// readCamt reads camt.053 (and the statement-like camt.052) of any version.
func readCamt(in Input, t *table) error {
	decoder := xml.NewDecoder(io.NewSectionReader(in.Data, 0, in.Size))
	decoder.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(charset)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(input), nil
	}
	c := &camt{parts: parts{t: t}}
	for {
		token, err := decoder.Token()
		c.line, _ = decoder.InputPos()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
				return &lineError{syntax.Line, "record", syntax.Msg}
			}
			return &lineError{c.line, "record", "XML"}
		}
		switch token := token.(type) {
		case xml.StartElement:
			c.start(token)
		case xml.CharData:
			c.texts.Write(token)
		case xml.EndElement:
			if err := c.finish(); err != nil {
				return err
			}
		}
	}
	c.parts.finish()
	return nil
}

func (c *camt) start(e xml.StartElement) {
	c.stack = append(c.stack, e.Name.Local)
	c.texts.Reset()
	switch e.Name.Local {
	case "Stmt", "Rpt":
		c.parts.begin(c.line)
		c.parts.mayLack = e.Name.Local == "Rpt"
		c.opened, c.closedW, c.sums = 0, 0, map[string]stated{}
	case "Ntry":
		if c.under("Stmt") || c.under("Rpt") {
			c.entry, c.inEntry = Entry{Line: c.line}, true
			c.status, c.amount, c.mark, c.day, c.details = "", "", "", [2]string{}, 0
		}
	case "TxDtls":
		c.details++
	case "Bal":
		c.balance.code, c.balance.amount, c.balance.mark = "", "", ""
	case "Amt":
		c.ccy = ""
		for _, a := range e.Attr {
			if a.Name.Local == "Ccy" {
				c.ccy = a.Value
			}
		}
	}
}

// under reports whether the element being read stands directly in parent.
func (c *camt) under(parent string) bool {
	return len(c.stack) > 1 && c.stack[len(c.stack)-2] == parent
}

// path reports whether the innermost elements are these.
func (c *camt) path(names ...string) bool {
	return len(c.stack) >= len(names) && slices.Equal(c.stack[len(c.stack)-len(names):], names)
}

func (c *camt) finish() error {
	name := c.stack[len(c.stack)-1]
	text := strings.TrimSpace(c.texts.String())
	defer func() {
		c.stack = c.stack[:len(c.stack)-1]
		c.texts.Reset()
	}()
	switch {
	case name == "Ntry" && c.inEntry:
		c.inEntry = false
		return c.closeEntry()
	case name == "Stmt" || name == "Rpt":
		c.compareSums()
		c.parts.end(c.line)
	case name == "Bal" && c.parts.open:
		c.closeBalance()
	case text == "":
	case c.inEntry:
		c.entryField(name, text)
	case slices.Contains(c.stack, "Bal"):
		c.balanceField(name, text)
	case slices.Contains(c.stack, "TxsSummry"):
		c.sumField(name, text)
	case c.path("Acct", "Ccy"):
		c.parts.currency(c.line, text)
	case c.path("Acct", "Id", "IBAN") || c.path("Acct", "Id", "Othr", "Id"):
		c.parts.current.account = text
	}
	return nil
}

func (c *camt) balanceField(name, text string) {
	switch {
	case c.path("CdOrPrtry", "Cd"):
		c.balance.code = text
	case c.path("Bal", "Amt"):
		c.balance.amount = text
		c.parts.currency(c.line, c.ccy)
	case c.path("Bal", "CdtDbtInd"): // an availability below it has a mark of its own
		c.balance.mark = text
	}
}

// closeBalance keeps the best of the balances that may open or close: OPBD
// before PRCD, CLBD before ITBD.
func (c *camt) closeBalance() {
	weight := map[string]int{"OPBD": 3, "PRCD": 2, "CLBD": 3, "ITBD": 1}[c.balance.code]
	if weight == 0 {
		return
	}
	fen, ok := c.money(c.balance.amount, c.balance.mark)
	if !ok {
		return
	}
	opens := c.balance.code == "OPBD" || c.balance.code == "PRCD" || c.balance.code == "ITBD" && c.opened == 0
	if opens && weight > c.opened {
		c.opened = weight
		c.parts.opening(fen)
	} else if !opens && weight >= c.closedW {
		c.closedW = weight
		c.parts.closing(fen)
	}
}

// money reads an amount with up to five decimals and its direction.
func (c *camt) money(text, mark string) (casework.Fen, bool) {
	fen, given, code := parseFen([]byte(text))
	if code != "" || !given || strings.ContainsAny(text, ", ") {
		c.parts.t.scale.add(c.line, 0, "Amt", pick(code != "", code, "amount"), text)
		return 0, false
	}
	switch mark {
	case "CRDT":
		return fen, true
	case "DBIT":
		return -fen, true
	}
	c.parts.t.scale.add(c.line, 0, "CdtDbtInd", "direction", mark)
	return 0, false
}

func (c *camt) sumField(name, text string) {
	switch group := c.stack[len(c.stack)-2]; {
	case name == "Sum" || name == "NbOfNtries":
		fen, _, code := parseFen([]byte(text))
		if code == "" {
			c.sums[group+name] = stated{true, c.line, fen}
		}
	}
}

// compareSums reports sums of the bank's own summary that differ. The balances
// decide whether the file is whole; banks often count batches otherwise.
func (c *camt) compareSums() {
	p := c.parts.current
	for name, have := range map[string]casework.Fen{
		"TtlCdtNtriesSum": p.SumIn, "TtlDbtNtriesSum": p.SumOut, "TtlNtriesNbOfNtries": casework.Fen(p.Entries) * 100,
	} {
		if want := c.sums[name]; want.known && want.fen != have {
			c.parts.t.scale.add(want.line, 0, name, "total_warning", want.fen.String())
		}
	}
}

func (c *camt) entryField(name, text string) {
	e := &c.entry
	set := func(r Role) {
		if len(e.text[r]) == 0 && text != "NOTPROVIDED" {
			e.text[r] = []byte(text)
		}
	}
	other := pick(c.mark == "DBIT", "Cdtr", "Dbtr")
	switch {
	case c.path("Ntry", "Amt"):
		c.amount = text
		c.parts.currency(c.line, c.ccy)
	case c.path("Ntry", "CdtDbtInd"):
		c.mark = text
	case c.path("Ntry", "Sts") || c.path("Ntry", "Sts", "Cd"):
		c.status = text
	case c.path("BookgDt", "Dt") || c.path("BookgDt", "DtTm"):
		c.day[0] = text
	case c.path("Ntry", "ValDt", "Dt") || c.path("Ntry", "ValDt", "DtTm"):
		c.day[1] = text
	case c.path("Ntry", "AcctSvcrRef"):
		e.text[Serial] = []byte(text)
	case c.path("Refs", "AcctSvcrRef"):
		set(Serial)
	case c.path("Ntry", "NtryRef"):
		set(Voucher)
	case c.path("Refs", "EndToEndId"):
		set(Client)
	case c.path("Ntry", "RvslInd") && (text == "true" || text == "1"):
		e.facts |= saysReversal // the mark has been turned round already
	case c.path("Btch", "PmtInfId") || c.path("Btch", "MsgId"):
		set(BatchNo)
	case c.path("RltdPties", other, "Nm") || c.path("RltdPties", other, "Pty", "Nm"):
		set(Party)
	case c.path(other+"Acct", "Id", "IBAN") || c.path(other+"Acct", "Id", "Othr", "Id"):
		set(Account)
	case name == "Ustrd" || c.path("CdtrRefInf", "Ref"):
		set(Summary)
	case name == "AddtlNtryInf" || name == "AddtlTxInf":
		set(Note)
	}
}

func (c *camt) closeEntry() error {
	if c.status != "" && c.status != "BOOK" {
		return nil // pending and informational entries move no balance
	}
	scale := c.parts.t.scale
	if !c.parts.open {
		scale.add(c.entry.Line, 0, "Stmt", "missing_field", "-")
		return nil
	}
	text := pick(c.day[0] != "", c.day[0], c.day[1])
	if len(text) > 10 {
		text = text[:10]
	}
	day, _, ok := parseDay([]byte(text))
	if text != "" && !ok {
		scale.add(c.entry.Line, 0, "BookgDt", "date", text)
		return nil
	}
	if text == "" {
		scale.add(c.entry.Line, 0, "BookgDt", "no_date", "")
		return nil
	}
	if c.entry.Fen, ok = c.money(c.amount, c.mark); !ok {
		return nil
	}
	c.entry.Day = day
	if c.details > 1 { // a batch in one sum: no single payment speaks for it
		for _, r := range []Role{Client, Party, Account} {
			c.entry.text[r] = nil
		}
	}
	return c.parts.entry(&c.entry)
}
