package playbooks

import (
	"context"
	"maps"

	"github.com/jingban/jingban/casework"
)

// pageStep drives a legacy system. With a commit it changes it once, whatever
// dies; without one it only looks and may be repeated freely.
type pageStep struct {
	system string
	effect string // action name, "" without a commit
	do     []line
	commit *commitAction // nil: the step only looks
	verify *verifySpec
	before bool // look with verify before the first click: somebody may have done it by hand
	keep   []keeping
	at     place
}

// keeping is one value kept from the page: read from a label after the commit,
// or from what verify saw.
type keeping struct {
	name   string
	target *target
	or     *Expr
	rows   string // instead of both: a table that a line has read
	at     place
}

func readPage(d *decoder, own field, all map[string]field) body {
	page := readPageStep(d, own, all)
	if each, ok := all["each"]; ok {
		return readEach(d, page, each, all)
	}
	for _, key := range []string{"by", "most", "stuck"} {
		if f, ok := all[key]; ok {
			d.errorf(f.at, "no_each", "page: %s belongs to each, and there is none", key)
		}
	}
	return page
}

func readPageStep(d *decoder, own field, all map[string]field) *pageStep {
	s := &pageStep{system: d.name(own, "page"), at: placeOf(own.value)}
	if f, ok := all["effect"]; ok {
		s.effect = d.name(f, "effect")
	}
	if f, ok := d.need(all, own.at, "page", "do"); ok {
		s.splitCommit(d, d.actions(f))
	}
	if f, ok := all["verify"]; ok {
		s.verify = d.verify(f)
	}
	if f, ok := all["before"]; ok {
		s.before = true
		if word := d.text(f, "before"); word != "verify" {
			d.errorf(placeOf(f.value), "bad_before", "before: want the word verify, or leave it out")
		}
	}
	if f, ok := all["keep"]; ok {
		for _, k := range d.pairs(f.value, "keep") {
			s.keep = append(s.keep, d.keeping(k))
		}
	}
	return s
}

// splitCommit takes the commit, which must be the last line, out of do.
func (s *pageStep) splitCommit(d *decoder, lines []line) {
	for i, l := range lines {
		c, ok := l.action.(*commitAction)
		if ok && i == len(lines)-1 {
			s.commit = c
			lines = lines[:i]
		} else if ok {
			d.errorf(l.at, "commit_not_last", "do: commit must be the last line, and the only one of its step")
		}
	}
	s.do = lines
}

func (d *decoder) keeping(f field) keeping {
	fields := d.record(f.value, "keep", "label", "table", "row", "column", "near", "css", "or", "rows")
	if rows, ok := fields["rows"]; ok {
		return keeping{name: f.key, at: placeOf(rows.value), rows: d.text(rows, "rows")}
	}
	k := keeping{name: f.key, at: f.at, or: d.optionalExpr(fields, "or", aText)}
	_, label := fields["label"]
	_, table := fields["table"]
	_, css := fields["css"]
	if label || table || css {
		k.target = new(d.locator(field{f.key, f.at, without(f.value, "or")}))
	}
	if k.target == nil && k.or == nil {
		d.errorf(f.at, "bad_keep", "keep: want a label to read, an expression under or, or both")
	}
	return k
}

func (s *pageStep) gives([]casework.Calculation) map[string]any {
	names := map[string]any{}
	for _, k := range s.keep {
		names[k.name] = ""
		if k.rows != "" {
			names[k.name] = []map[string]string{}
		}
	}
	return names
}

func (s *pageStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	system, ok := t.Systems[s.system]
	if !ok {
		return outcome{}, casework.Fail("unknown_system", "there is no system %q", s.system)
	}
	if s.commit != nil {
		return (&deed{turn: t, step: step, spec: s, system: system}).run(ctx)
	}
	return s.look(ctx, t, step, system)
}

// look carries out a step without a commit.
func (s *pageStep) look(ctx context.Context, t *turn, step *Step, system System) (outcome, error) {
	out, err := s.lookOnce(ctx, t, step, system)
	if signedOut(err) {
		return s.lookOnce(ctx, t, step, system)
	}
	return out, err
}

// signedOut says that the session has ended under a step; a new page signs in.
func signedOut(err error) bool {
	return err != nil && casework.AsFault(err).Code == "signed_out"
}

func (s *pageStep) lookOnce(ctx context.Context, t *turn, step *Step, system System) (outcome, error) {
	if err := t.standing(ctx, s); err != nil {
		return outcome{}, err
	}
	page, err := t.Pages.Page(ctx, system)
	if err != nil {
		return outcome{}, err
	}
	defer page.Close()
	v := t.visit(page, system)
	out, err := s.see(ctx, v, step)
	if err != nil {
		return outcome{}, t.stuck(ctx, page, step, err)
	}
	shots, err := page.Shoot(ctx, "looked")
	if err != nil {
		return outcome{}, err
	}
	return out, t.Journal.Keep(ctx, step.ID, t.run.Attempt, shots)
}

// see carries the lines out and takes what is to be kept from the page: values,
// and tables, which later steps see and nobody else.
func (s *pageStep) see(ctx context.Context, v *visit, step *Step) (outcome, error) {
	for i, l := range s.do {
		if l.verb.name == Click && len(v.wrote) > 0 && !clicks(s.do[:i]) {
			if err := v.filled(ctx, step); err != nil {
				return outcome{}, err
			}
		}
		if err := l.action.do(ctx, v); err != nil {
			return outcome{}, err
		}
	}
	kept, tables := map[string]string{}, map[string]any{}
	for _, k := range s.keep {
		if k.rows != "" {
			tables[k.name] = v.env[k.rows]
			continue
		}
		value, err := k.either(ctx, v)
		if err != nil {
			return outcome{}, err
		}
		kept[k.name] = value
	}
	out := keptOutcome(kept)
	maps.Copy(out.Values, tables)
	out.Sight = v.sight
	return out, nil
}

// either takes the value from the label, or else from the expression.
func (k keeping) either(ctx context.Context, v *visit) (string, error) {
	if err := v.shows(k.or); err != nil {
		return "", err
	}
	if k.target == nil {
		return k.or.text(v.env)
	}
	seen, err := v.act(ctx, Act{Verb: Read, At: v.locate(k.target.Locator), Want: "text"})
	if err != nil && k.or != nil {
		return k.or.text(v.env)
	}
	return seen.Text, err
}

// keptOutcome makes the step's outcome of its kept values.
func keptOutcome(kept map[string]string) outcome {
	values := map[string]any{}
	for name, value := range kept {
		values[name] = value
	}
	return outcome{Values: values, Kept: kept}
}
