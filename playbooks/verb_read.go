package playbooks

import (
	"context"

	"github.com/expr-lang/expr/types"
)

// readVerb brings values of the page into expressions: a label gives a text, a
// table its rows.
type readVerb struct{ values []reading }

type reading struct {
	name   string
	target target
	pages  *target // what leads to the next page of the table; nil: it has one
}

func readRead(d *decoder, own field) action {
	v := &readVerb{}
	for _, f := range d.pairs(own.value, "read") {
		r := d.reading(f)
		if r.target.Button != "" || r.target.Link != "" {
			d.errorf(r.target.at, "bad_locator", "read: want a label, text, table or css")
		}
		v.values = append(v.values, r)
	}
	return v
}

// rows says that the reading gives a table, not a text.
func (r reading) rows() bool { return r.target.Table != "" && r.target.Column == "" }

func (v *readVerb) lint(l *linter, s *stage) {
	for _, r := range v.values {
		if _, taken := s.env[r.name]; taken {
			l.errorf(r.target.at, "name_taken", "read: the name %q has a meaning already", r.name)
		}
		r.target.lint(l, s)
		if r.pages != nil && !r.rows() {
			l.errorf(r.target.at, "pages_without_table", "read: only the rows of a table go over pages")
		}
		s.env[r.name] = types.String
		if r.rows() {
			s.env[r.name] = types.Array(types.Map{types.Extra: types.String})
		}
	}
}

func (v *readVerb) do(ctx context.Context, at *visit) error {
	for _, r := range v.values {
		want := "text"
		if r.rows() {
			want = "rows"
		}
		where, err := r.target.locate(at)
		if err != nil {
			return err
		}
		seen, err := at.act(ctx, Act{Verb: Read, At: where, Want: want})
		if err != nil {
			return err
		}
		if r.rows() {
			seen = at.system.canonical(seen)
			at.columns[r.name] = seen.Columns
		}
		if r.pages != nil {
			if seen.Rows, err = at.further(ctx, r, where, seen.Rows); err != nil {
				return err
			}
		}
		at.env[r.name] = seen.Text
		if r.rows() {
			at.env[r.name] = rowValues(seen.Rows)
		}
	}
	return nil
}

// rowValues turns rows into what expressions work on.
func rowValues(rows []Row) []any {
	values := make([]any, len(rows))
	for i, row := range rows {
		values[i] = map[string]string(row)
	}
	return values
}
