package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// querier asks: a transaction, or a pool outside of one.
type querier interface {
	query(ctx context.Context, text string, args ...any) (rows, error)
}

// link is what a transaction sends its statements through.
type link interface {
	querier
	exec(ctx context.Context, text string, args ...any) (touched int64, err error)
	// later runs a statement of which only the effect matters. It may travel with
	// the next statement of the transaction, or with its commit, which then tells
	// its error.
	later(ctx context.Context, text string, args ...any) error
}

// row is one line of an answer.
type row interface{ Scan(dest ...any) error }

// rows is an answer, to be closed by whoever asked.
type rows interface {
	row
	Next() bool
	Err() error
	Close() error
}

// pool asks on any free connection of SQLite.
type pool struct{ *sql.DB }

func (p pool) query(ctx context.Context, text string, args ...any) (rows, error) {
	return p.QueryContext(ctx, text, args...)
}

// update runs a statement and gives the number of rows it touched.
func (t *tx) update(ctx context.Context, query string, args ...any) (int64, error) {
	return t.exec(ctx, query, args...)
}

// must runs a statement that has to touch a row; otherwise it returns missing.
func (t *tx) must(ctx context.Context, missing error, query string, args ...any) error {
	n, err := t.update(ctx, query, args...)
	if err == nil && n == 0 {
		return missing
	}
	return err
}

// list reads every line of an answer.
func list[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// one reads a single line, or ErrNotFound.
func one[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) (none T, err error) {
	found, err := q.query(ctx, query, args...)
	if err != nil {
		return none, err
	}
	if !found.Next() {
		return none, cmp.Or(found.Err(), found.Close(), ErrNotFound)
	}
	v, err := scan(found)
	return v, cmp.Or(err, found.Close())
}

// scalar scans a line of one value.
func scalar[T any](r row) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// where collects conditions with their values. Each "?" becomes the next $n.
type where struct {
	conditions []string
	values     []any
}

func (w *where) add(condition string, values ...any) {
	var b strings.Builder
	for part := range strings.SplitSeq(condition, "?") {
		if b.Len() > 0 {
			b.WriteString(w.mark(values[0]))
			values = values[1:]
		}
		b.WriteString(part)
	}
	w.conditions = append(w.conditions, b.String())
}

// mark keeps a value and gives its $n.
func (w *where) mark(value any) string {
	w.values = append(w.values, value)
	return "$" + strconv.Itoa(len(w.values))
}

// marks keeps several values and gives "$1, $2".
func (w *where) marks(values []string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = w.mark(v)
	}
	return strings.Join(list, ", ")
}

// in asks for one of several values; none asks for nothing.
func in[T ~string](w *where, column string, values []T) {
	if len(values) == 0 {
		return
	}
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = w.mark(string(v))
	}
	w.conditions = append(w.conditions, column+" IN ("+strings.Join(list, ", ")+")")
}

// inMany asks for one of many values. It repeats the last until their number is a
// power of two, so that few texts are ever prepared.
func inMany(w *where, column string, values []string) {
	padded := slices.Clone(values)
	for n := len(values); n&(n-1) != 0; n++ {
		padded = append(padded, values[len(values)-1])
	}
	in(w, column, padded)
}

// equal asks for a value unless it is "".
func (w *where) equal(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// pageOf cuts what was read with limit+1 to a page and gives the cursor of the
// next one, "" at the end.
func pageOf[T any](all []T, limit int, cursor func(T) string) ([]T, string) {
	if len(all) <= limit {
		return all, ""
	}
	return all[:limit], cursor(all[limit-1])
}

// limited gives the page size; 0 means 50, and 500 is the most.
func limited(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, 500)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}

// noDue stands for a due date that is not known, so that it sorts last.
const noDue = "9999-12-31"

func dueText(d casework.Date) string {
	if d.IsZero() {
		return noDue
	}
	return d.String()
}

func dueDate(text string) (casework.Date, error) {
	if text == noDue {
		return casework.Date{}, nil
	}
	return casework.ParseDate(text)
}

// jsonText is JSON for a column that holds nothing personal.
func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
