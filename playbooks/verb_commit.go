package playbooks

import (
	"context"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
)

// commitWithin is how long an old system may think about a save before the
// answer counts as lost: their own servers give up at 30 s.
const commitWithin = 30 * time.Second

// commitAction presses the one irreversible button; the last line of do.
type commitAction struct {
	target  target // a button, or a link, maybe of one row
	confirm string
	answer  *Expr
	saved   string
	within  time.Duration
	at      place
}

func readCommit(d *decoder, own field) action {
	fields := d.record(own.value, "commit", "button", "link", "near", "row", "row_of", "confirm", "answer", "saved", "within")
	v := &commitAction{at: own.at, within: commitWithin, confirm: d.optional(fields, "confirm"), saved: d.optional(fields, "saved"), answer: d.optionalExpr(fields, "answer", aText)}
	if f, ok := fields["link"]; ok {
		v.at = placeOf(f.value)
	} else if f, ok := d.need(fields, own.at, "commit", "button"); ok {
		v.at = placeOf(f.value)
	}
	if _, button := fields["button"]; button || fields["link"].value != nil {
		v.target = d.locatorOf(fields, v.at)
	}
	if v.answer != nil && v.confirm == "" {
		d.errorf(v.at, "answer_without_confirm", "commit: an answer needs confirm, the text of the question")
	}
	if f, ok := fields["within"]; ok {
		v.within = d.duration(f, "within")
	}
	return v
}

func (v *commitAction) lint(l *linter, s *stage) {
	if name := v.target.name(); s.system.Name != "" && !slices.Contains(s.system.Commits, name) {
		l.errorf(v.at, "unlisted_commit", "commit: the button %s is not among the commits: of system %s", name, s.system.Name)
	}
	if v.target.Link != "" && len(s.system.CommitPaths()) == 0 {
		l.warnf(v.at, "link_without_address", "commit: a link may save by a script's GET, which nobody guards unless its address (/save.do) stands under commits: of system %s", s.system.Name)
	}
	v.target.lint(l, s)
	if v.answer != nil {
		l.check(v.answer, s.env)
	}
}

// do refuses: a commit goes through deed.commit, never through a list of
// repeatable acts.
func (v *commitAction) do(context.Context, *visit) error {
	return casework.Fail("commit_in_do", "a commit cannot be carried out as an ordinary act")
}

// order is what the page is told.
func (v *commitAction) order(at *visit) (Commit, error) {
	where, err := v.target.locate(at)
	if err != nil {
		return Commit{}, err
	}
	c := Commit{Button: where.Button, Link: where.Link, Near: where.Near, Row: where.Row, Alias: where.Alias, AliasOf: where.AliasOf, Confirm: v.confirm, Saved: v.saved, Within: v.within}
	if v.answer != nil {
		c.Answer, err = v.answer.text(at.env)
	}
	return c, err
}
