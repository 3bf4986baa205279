package ledger

import (
	"io"
	"time"

	"github.com/jingban/jingban/casework"
)

// Side says whose book a row stands in.
type Side uint8

// The sides. Bank writes from the bank's view, Book from ours; Batch lists
// payments to be made.
const (
	Bank Side = iota
	Book
	Batch
)

// String is the side as result files write it.
func (s Side) String() string { return [...]string{"bank", "ledger", "batch"}[s] }

// Input is one file. Readers never close it.
type Input struct {
	Name string
	Size int64
	Data io.ReaderAt
}

// Day counts days since 1970-01-01 in China; 0 means "not known".
type Day uint16

// DayOf turns a calendar day into a Day; days before 1970 or after 2149 are 0.
func DayOf(d casework.Date) Day {
	n := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400
	if d.IsZero() || n < 0 || n > 1<<16-1 {
		return 0
	}
	return Day(n)
}

// Date is the calendar day, zero for an unknown Day.
func (d Day) Date() casework.Date {
	if d == 0 {
		return casework.Date{}
	}
	y, m, day := time.Unix(int64(d)*86400, 0).UTC().Date()
	return casework.Date{Year: y, Month: m, Day: day}
}

// String formats the day as YYYY-MM-DD.
func (d Day) String() string { return d.Date().String() }

// Role is what one column of a file means.
type Role uint8

// The roles. Debit and Credit become In or Out by the side of the file.
const (
	Date Role = iota
	Booked
	Clock
	In
	Out
	Debit
	Credit
	Amount
	Direction
	Balance
	Serial
	Voucher
	Client
	Party
	Account
	Summary
	Note
	BatchNo
	Item
	Person
	Currency
	Own
	Insurance
	Period
	Count
	Status
	FailCode
	FailReason
	roles // how many there are
)

// String is the role as a layout file writes it.
func (r Role) String() string {
	return [...]string{
		"date", "booked", "time", "in", "out", "debit", "credit", "amount", "direction", "balance", "serial", "voucher", "client",
		"party", "account", "summary", "note", "batch", "item", "person", "currency", "own", "insurance", "period", "count",
		"status", "fail_code", "fail_reason",
	}[r]
}

// RoleNamed finds the role a layout file names.
func RoleNamed(name string) (Role, bool) {
	for r := range roles {
		if r.String() == name {
			return r, true
		}
	}
	return 0, false
}

// Entry is one line of money. Its texts are UTF-8 and belong to the reader:
// they are valid until the visitor returns.
type Entry struct {
	Line       int // 1-based line or sheet row
	Day        Day
	Fen        casework.Fen // + in, − out
	Balance    casework.Fen
	HasBalance bool
	Red        bool // written as a negative amount (红字)
	text       [roles][]byte
	facts      facts
}

// Text is what the file says in a role, cleaned of quotes and padding.
func (e *Entry) Text(r Role) string { return string(e.text[r]) }

// Detail is an Entry that may be kept: what people see of a row.
type Detail struct {
	Line    int
	Day     Day
	Time    string
	Fen     casework.Fen
	Serial  string
	Voucher string
	Client  string
	Party   string
	Account string
	Summary string
	Note    string
	Batch   string
	Item    string
}

func (e *Entry) detail() Detail {
	return Detail{
		Line: e.Line, Day: e.Day, Time: e.Text(Clock), Fen: e.Fen, Serial: e.Text(Serial), Voucher: e.Text(Voucher), Client: e.Text(Client),
		Party: e.Text(Party), Account: e.Text(Account), Summary: e.Text(Summary), Note: e.Text(Note), Batch: e.Text(BatchNo), Item: e.Text(Item),
	}
}
