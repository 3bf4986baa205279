package playbooks

import (
	"context"
	"maps"
	"slices"

	"github.com/jingban/jingban/casework"
)

// mostPages is how many pages of one table are read: more is more likely a page
// that leads back to itself.
const mostPages = 500

// reading reads {table: …, pages: next} among the other locators. Pages is the
// text of the link to the next page, or a locator.
func (d *decoder) reading(f field) reading {
	r := reading{name: f.key}
	for _, own := range d.pairs(f.value, "read") {
		if own.key != "pages" {
			continue
		}
		if word, ok := d.scalar(own.value); ok {
			r.pages = &target{Locator: Locator{Link: word}, at: placeOf(own.value)}
		} else {
			r.pages = new(d.locator(own))
		}
	}
	f.value = without(f.value, "pages")
	r.target = d.locator(f)
	return r
}

// turnReads is how often a page is read after the click that turns it: a slow
// browser may still show the old one.
const turnReads = 40

// turned reads the table once it shows another page than before.
func (v *visit) turned(ctx context.Context, r reading, where Locator, before []Row) ([]Row, error) {
	for range turnReads {
		seen, err := v.act(ctx, Act{Verb: Read, At: where, Want: "rows"})
		if err != nil {
			return nil, err
		}
		seen = v.system.canonical(seen)
		if len(seen.Rows) > 0 && !slices.EqualFunc(seen.Rows, before, func(a, b Row) bool { return maps.Equal(a, b) }) {
			return seen.Rows, nil
		}
	}
	return nil, casework.AskPerson("page_stuck", "the table %s shows the same page again", r.target.name())
}

// further reads the other pages of a table until it has as many rows as the page
// itself counts. A page that counts nothing, that stays the same or that brings
// more rows than it counts asks a person.
func (v *visit) further(ctx context.Context, r reading, where Locator, rows []Row) ([]Row, error) {
	last, stated := rows, total(v.last.Page)
	for range mostPages {
		want := total(v.last.Page)
		switch {
		case want != stated: // a row that moved up to the page before would be read by nobody
			return nil, casework.Retry("rows_moved", "the table %s changed while its pages were turned", r.target.name())
		case want < 0:
			return nil, casework.AskPerson("total_missing", "the table %s goes over pages, and the page does not say how many rows there are", r.target.name())
		case want == len(rows):
			return rows, nil
		case want < len(rows):
			return nil, casework.AskPerson("rows_differ", "the table %s brought %d rows, the page counts %d", r.target.name(), len(rows), want)
		}
		next, err := r.pages.locate(v)
		if err != nil {
			return nil, err
		}
		if _, err := v.act(ctx, Act{Verb: Click, At: next}); err != nil {
			return nil, err
		}
		if last, err = v.turned(ctx, r, where, last); err != nil {
			return nil, err
		}
		rows = append(slices.Clone(rows), last...)
	}
	return nil, casework.AskPerson("too_many_pages", "the table %s has more than %d pages", r.target.name(), mostPages)
}
