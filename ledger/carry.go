package ledger

import (
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// carriedName is the file name of rows that come from earlier nights.
const carriedName = "(carried)"

// The ages at which an open item is shown with a warning, and goes to the chief.
const (
	WarnAfter     = 30
	EscalateAfter = 90
)

// Carried is an open item of an earlier night: enough to match it again.
type Carried struct {
	Side    Side         `json:"side"`
	Day     Day          `json:"-"`
	On      string       `json:"day"` // YYYY-MM-DD
	Fen     casework.Fen `json:"fen"`
	Serial  string       `json:"serial,omitempty"`
	Client  string       `json:"client,omitempty"`
	Voucher string       `json:"voucher,omitempty"`
	Party   string       `json:"party,omitempty"`
	Account string       `json:"account,omitempty"`
	Batch   string       `json:"batch,omitempty"`
	Summary string       `json:"summary,omitempty"`
	Note    string       `json:"note,omitempty"`
	File    string       `json:"file"` // where it first stood
	Line    int          `json:"line"`
}

// Age is how many days the item has been open on a day.
func (c Carried) Age(on Day) int { return max(int(on)-int(c.Day), 0) }

func (c Carried) entry() Entry {
	e := Entry{Day: c.Day, Fen: c.Fen}
	for role, text := range map[Role]string{
		Serial: c.Serial, Client: c.Client, Voucher: c.Voucher, Party: c.Party, Account: c.Account, BatchNo: c.Batch, Summary: c.Summary, Note: c.Note,
	} {
		e.text[role] = []byte(text)
	}
	words := newListener()
	e.facts = words.hear(e.text[Summary]).facts | words.hear(e.text[Note]).facts
	return e
}

// references are the roles of Ref and Alt, as table.references chose them for
// the file the item comes from.
func (c Carried) references() [2]Role {
	if c.Serial == "" && c.Client == "" {
		return [2]Role{Voucher, roles - 1}
	}
	if c.Serial == "" {
		return [2]Role{Client, Voucher}
	}
	return [2]Role{Serial, pick(c.Client != "", Client, Voucher)}
}

// detail shows a carried item like any other line.
func (c Carried) detail() Detail {
	return Detail{
		Line: c.Line, Day: c.Day, Fen: c.Fen, Serial: c.Serial, Client: c.Client, Voucher: c.Voucher, Party: c.Party, Account: c.Account,
		Summary: c.Summary, Note: c.Note, Batch: c.Batch,
	}
}

func indexFrom(text, token string, at int) int {
	if i := strings.Index(text[at:], token); i >= 0 {
		return at + i
	}
	return -1
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// Open lists what the next books carry on: what is open, proposed or ambiguous,
// and of rows that belong together with a difference the difference, which waits
// for the correction of our books. What a person has put together is settled.
func (res *Result) Open() []Carried {
	items := []Carried{}
	differences := map[uint32]int{}
	for _, row := range res.Differ {
		switch at, known := differences[row.Group]; {
		case row.State == Rejected || row.State == Matched || row.State == Grouped:
		case row.State != MatchedWithDifference:
			items = append(items, carry(row))
		case known:
			items[at].Fen += pick(row.Side == Bank, row.Fen, -row.Fen)
		default:
			differences[row.Group] = len(items)
			item := carry(row)
			item.Fen, item.Side, item.Summary = pick(row.Side == Bank, row.Fen, -row.Fen), Bank, "差异待更正："+row.Zh
			items = append(items, item)
		}
	}
	return slices.DeleteFunc(items, func(c Carried) bool { return c.Fen == 0 })
}

func carry(row RowResult) Carried {
	d := row.Detail
	return Carried{
		Side: row.Side, Day: d.Day, On: d.Day.String(), Fen: row.Fen, Serial: d.Serial, Client: d.Client, Voucher: d.Voucher,
		Party: d.Party, Account: d.Account, Batch: d.Batch, Summary: d.Summary, Note: d.Note, File: row.File, Line: row.Line,
	}
}

// Paid lists the batches that these and earlier books have settled. The next books
// look at them for returned payments only.
func (res *Result) Paid() []string {
	paid := slices.Clone(res.paid)
	for _, p := range res.Payments {
		if p.DebitMatches {
			paid = append(paid, p.Number)
		}
	}
	return paid
}
