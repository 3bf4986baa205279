package store

import (
	"context"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/sheets"
)

// SheetRow is a row and what became of it so far.
type SheetRow struct {
	Line    int
	State   string         // wrong, waiting, started or over
	Wrongs  []sheets.Wrong // what keeps it from beginning
	CaseID  string
	Number  string // of the case
	Case    casework.CaseState
	Outcome string
	Receipt string
	Step    string // where its run stands
	End     string // how its run ended, or why it waits
	Asked   string // reason of an open question, "-" for one that the playbook asks
	At      time.Time
}

// Stand is the state a row is counted under.
func (r SheetRow) Stand() SheetStand {
	switch {
	case r.State == "wrong":
		return RowWrong
	case r.CaseID == "":
		return RowWaiting
	case r.Asked != "" || r.Case == casework.CaseFailed:
		return RowPerson
	case r.Case == casework.CaseEntered || r.Case == casework.CaseDone:
		return RowDone
	case r.Case == casework.CaseReturned:
		return RowReturned
	case r.Case == casework.CaseCancelled:
		return RowCancelled
	}
	return RowWorking
}

// SheetStand is what people want to know of a row.
type SheetStand string

// Where a row stands.
const (
	RowWrong     SheetStand = "wrong"
	RowWaiting   SheetStand = "waiting"
	RowWorking   SheetStand = "working"
	RowPerson    SheetStand = "person"
	RowDone      SheetStand = "done"
	RowReturned  SheetStand = "returned"
	RowCancelled SheetStand = "cancelled"
)

// SheetStands lists them in the order of a page.
func SheetStands() []SheetStand {
	return []SheetStand{RowDone, RowReturned, RowPerson, RowWorking, RowWaiting, RowWrong, RowCancelled}
}

const (
	sheetRowSQL = `SELECT r.line, r.state, r.data, r.case_id, COALESCE(c.number, ''), COALESCE(c.state, ''), COALESCE(c.outcome, ''), COALESCE(c.receipt, ''),
		COALESCE(c.updated_at, 0), COALESCE(x.step, ''), COALESCE(x.ended, ''), CASE WHEN v.id IS NULL THEN '' WHEN v.reason = '' THEN '-' ELSE v.reason END
		FROM sheet_rows r LEFT JOIN cases c ON c.id = r.case_id AND c.id <> ''
		LEFT JOIN runs x ON x.case_id = c.id AND x.round = c.round
		LEFT JOIN reviews v ON v.run_id = x.id AND v.state = 'open' AND x.state = 'parked'`
)

func (s *Store) scanSheetRow(sheetID string) func(row) (SheetRow, error) {
	return func(r row) (v SheetRow, err error) {
		var data string
		var at int64
		if err = r.Scan(&v.Line, &v.State, &data, &v.CaseID, &v.Number, &v.Case, &v.Outcome, &v.Receipt, &at, &v.Step, &v.End, &v.Asked); err != nil {
			return v, err
		}
		if at != 0 {
			v.At = moment(at)
		}
		if v.State != "wrong" {
			return v, nil
		}
		var kept sheetRow
		err = s.keys.openJSON(sheetRowOf(sheetID, v.Line), data, &kept)
		v.Wrongs = kept.Wrongs
		return v, err
	}
}

// SheetRows gives the rows behind a line, in their order.
func (s *Store) SheetRows(ctx context.Context, id string, after, limit int) ([]SheetRow, error) {
	all, err := list(ctx, s.reader, s.scanSheetRow(id), sheetRowSQL+" WHERE r.sheet_id = $1 AND r.line > $2 ORDER BY r.line LIMIT $3", id, after, limit)
	return all, explain("rows of a sheet", err)
}

// SheetCounts counts the rows of a sheet by where they stand.
func (s *Store) SheetCounts(ctx context.Context, id string) (map[SheetStand]int, error) {
	type group struct {
		row SheetRow
		n   int
	}
	groups, err := list(ctx, s.reader, func(r row) (g group, err error) {
		return g, r.Scan(&g.row.State, &g.row.CaseID, &g.row.Case, &g.row.Asked, &g.n)
	}, `SELECT q.state, q.began, q.stands, q.asked, COUNT(*) FROM (
		SELECT r.state AS state, CASE WHEN r.case_id = '' THEN '' ELSE '-' END AS began, COALESCE(c.state, '') AS stands,
			CASE WHEN EXISTS (SELECT 1 FROM runs x WHERE x.case_id = c.id AND x.state = 'parked') THEN '-' ELSE '' END AS asked
		FROM sheet_rows r LEFT JOIN cases c ON c.id = r.case_id AND c.id <> '' WHERE r.sheet_id = $1) q
		GROUP BY q.state, q.began, q.stands, q.asked`, id)
	if err != nil {
		return nil, explain("count the rows of a sheet", err)
	}
	counts := map[SheetStand]int{}
	for _, g := range groups {
		counts[g.row.Stand()] += g.n
	}
	return counts, nil
}
