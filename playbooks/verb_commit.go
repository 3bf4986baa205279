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
	button  string
	confirm string
	saved   string
	within  time.Duration
	at      place
}

func readCommit(d *decoder, own field) action {
	fields := d.record(own.value, "commit", "button", "confirm", "saved", "within")
	v := &commitAction{at: own.at, within: commitWithin, confirm: d.optional(fields, "confirm"), saved: d.optional(fields, "saved")}
	if f, ok := d.need(fields, own.at, "commit", "button"); ok {
		v.button = d.text(f, "button")
		v.at = placeOf(f.value)
	}
	if f, ok := fields["within"]; ok {
		v.within = d.duration(f, "within")
	}
	return v
}

func (v *commitAction) lint(l *linter, s *stage) {
	if s.system.Name != "" && !slices.Contains(s.system.Commits, v.button) {
		l.errorf(v.at, "unlisted_commit", "commit: the button %s is not among the commits: of system %s", v.button, s.system.Name)
	}
}

// do refuses: a commit goes through deed.commit, never through a list of
// repeatable acts.
func (v *commitAction) do(context.Context, *visit) error {
	return casework.Fail("commit_in_do", "a commit cannot be carried out as an ordinary act")
}

// order is what the page is told.
func (v *commitAction) order(system System) Commit {
	return Commit{Button: v.button, Alias: system.Aliases[v.button], Confirm: v.confirm, Saved: v.saved, Within: v.within}
}
