package playbooks

import (
	"context"
	"maps"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"golang.org/x/text/unicode/norm"
)

// verifySpec says how to find out what became of a commit.
type verifySpec struct {
	person   bool // no query page exists: a person looks
	do       []line
	complete *Expr // the page proves that it showed everything
	happened *Expr
	absent   *Expr
	same     []labelled // column → value that was to be written
	at       place
}

func (d *decoder) verify(f field) *verifySpec {
	s := &verifySpec{at: f.at}
	if word, ok := d.scalar(f.value); ok {
		s.person = word == "person"
		if !s.person {
			d.errorf(placeOf(f.value), "bad_verify", "verify: want the word person, or do, complete, happened, absent")
		}
		return s
	}
	if _, ok := f.value.(*ast.NullNode); ok {
		d.errorf(f.at, "bad_verify", "verify: want the word person, or do, complete, happened, absent")
		return nil
	}
	fields := d.record(f.value, "verify", "do", "complete", "happened", "absent", "same")
	if f, ok := d.need(fields, f.at, "verify", "do"); ok {
		s.do = d.actions(f)
	}
	for key, to := range map[string]**Expr{"complete": &s.complete, "happened": &s.happened, "absent": &s.absent} {
		if f, ok := d.need(fields, f.at, "verify", key); ok {
			*to = d.expr(f, aBool)
		}
	}
	if f, ok := fields["same"]; ok {
		s.same = d.labelled(f, "same")
	}
	return s
}

// answer is what a look came to.
type answer string

const (
	happened   answer = "happened"
	absent     answer = "absent"
	unclear    answer = "verify_unclear"    // both, or neither
	incomplete answer = "verify_incomplete" // the page did not prove that it showed everything
	several    answer = "several_records"   // more than one record answers to the key
	differs    answer = "record_differs"    // it is there, with other values
)

// sighting is what a look saw.
type sighting struct {
	answer answer
	rows   int
	row    map[string]string // the one record found
	env    map[string]any    // with the list narrowed to the records that happened's any() found
}

// look opens the query page afresh, reads it and judges.
func (s *verifySpec) look(ctx context.Context, v *visit) (sighting, error) {
	if err := v.all(ctx, s.do); err != nil {
		return sighting{}, err
	}
	v.env["page"] = map[string]any{"total": total(v.last.Page), "text": v.last.Page}
	if err := s.shown(v); err != nil {
		return sighting{}, err
	}
	return s.judge(v.env)
}

// shown asks a person when the page lacks a column that the judgement rests on.
func (s *verifySpec) shown(v *visit) error {
	if err := v.shows(s.complete, s.happened, s.absent); err != nil {
		return err
	}
	list, _, _ := s.happened.matching()
	for _, f := range s.same {
		if err := v.has(usedColumn{list, f.label}); err != nil {
			return err
		}
	}
	return nil
}

// judge turns what was read into one answer.
func (s *verifySpec) judge(env map[string]any) (sighting, error) {
	var complete, yes, no bool
	for _, q := range []struct {
		ask *Expr
		to  *bool
	}{{s.complete, &complete}, {s.happened, &yes}, {s.absent, &no}} {
		holds, err := q.ask.bool(env)
		if err != nil {
			return sighting{}, err
		}
		*q.to = holds
	}
	switch {
	case !complete:
		return sighting{answer: incomplete}, nil
	case yes == no:
		return sighting{answer: unclear}, nil
	case no:
		return sighting{answer: absent}, nil
	}
	return s.compare(env)
}

// compare narrows the rows to the records found, of which there must be one,
// and compares the values that were to be written.
func (s *verifySpec) compare(env map[string]any) (sighting, error) {
	if _, _, narrow := s.happened.matching(); !narrow {
		return sighting{answer: happened, env: env}, nil
	}
	list, rows, err := s.happened.rowsOf(env)
	if err != nil {
		return sighting{}, err
	}
	env = maps.Clone(env)
	env[list] = rows
	saw := sighting{answer: happened, rows: len(rows), env: env}
	if len(rows) != 1 {
		saw.answer = several
		return saw, nil
	}
	want, err := s.values(env)
	if err != nil {
		return sighting{}, err
	}
	saw.row, _ = rows[0].(map[string]string)
	for column, value := range want {
		if plain(saw.row[column]) != plain(value) {
			saw.answer = differs
		}
	}
	return saw, nil
}

// values gives what was to be written, by column.
func (s *verifySpec) values(env map[string]any) (map[string]string, error) {
	values := map[string]string{}
	for _, f := range s.same {
		text, err := f.value.text(env)
		if err != nil {
			return nil, err
		}
		values[f.label] = text
	}
	return values, nil
}

// total reads the page's own count of records: 共 7 条记录, 合计 3 笔. It is -1 when the
// page names none, or two different ones.
func total(page string) int {
	counts := regexp.MustCompile(`(?:共|合计|总计)\s*[::]?\s*(\d{1,9})\s*(?:条|笔|人|行|项)`)
	found := -1
	for _, m := range counts.FindAllStringSubmatch(norm.NFKC.String(page), -1) {
		n, _ := strconv.Atoi(m[1]) // at most nine digits
		if found >= 0 && found != n {
			return -1
		}
		found = n
	}
	return found
}
