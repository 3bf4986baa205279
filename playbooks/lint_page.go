package playbooks

import (
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/types"
)

func (s *pageStep) lint(l *linter, step *Step) {
	system, known := l.systems[s.system]
	if !known {
		names := slices.Sorted(maps.Keys(l.systems))
		l.errorf(s.at, "unknown_system", "page: there is no system %q, want one of: %s", s.system, strings.Join(names, ", "))
	}
	here := l.stage(system)
	l.lines(s.do, here, s.at, false)
	if s.commit != nil {
		s.commit.lint(l, here)
	}
	s.lintPairing(l, step)
	after := here
	if s.verify != nil {
		after = s.verify.lint(l, system)
	}
	for _, k := range s.keep {
		k.lint(l, after, s.commit != nil)
	}
}

// lintPairing reports a commit without its effect or verify, and the reverse.
func (s *pageStep) lintPairing(l *linter, step *Step) {
	if s.commit == nil {
		if s.effect != "" || s.verify != nil || s.before {
			l.errorf(step.at, "no_commit", "page: effect, before and verify belong to a commit, and there is none")
		}
		return
	}
	if s.effect == "" {
		l.errorf(s.commit.at, "commit_without_effect", "commit: the step needs effect, the name of what it changes")
	}
	if s.verify == nil {
		l.errorf(s.commit.at, "commit_without_verify", "commit: the step needs verify, a way to find out whether it happened")
	}
	if s.before && s.verify != nil && s.verify.person {
		l.errorf(step.at, "before_needs_look", "before: verify is a person here, there is no page to look at first")
	}
	name := s.system + "/" + s.effect
	if l.effects[name] {
		l.errorf(step.at, "duplicate_effect", "page: the effect %q is used by an earlier step, this one would never click", s.effect)
	}
	l.effects[name] = true
}

// lint gives the stage that keep sees.
func (v *verifySpec) lint(l *linter, system System) *stage {
	s := l.stage(system)
	for _, f := range v.same {
		l.check(f.value, s.env) // before the page is read: another run's outcome is compared without it
	}
	if v.person {
		l.warnf(v.at, "verify_person", "verify: a person must look after each commit; it counts as unproven")
		return s
	}
	l.lines(v.do, s, v.at, true)
	s.env["page"] = types.Map{"total": types.Int, "text": types.String}
	for _, e := range []*Expr{v.complete, v.happened, v.absent} {
		l.check(e, s.env)
	}
	if _, _, ok := v.happened.matching(); !ok && len(v.same) > 0 && v.happened.tree() != nil {
		l.errorf(v.happened.at, "same_needs_any", "verify: with same, happened must be any(<rows>, <condition>), so that the record can be compared")
	}
	v.lintRow(l)
	if len(v.same) == 0 {
		l.warnf(v.at, "no_same", "verify: without same a record with other values counts as ours")
	}
	return s
}

// lintRow wants a step with each to tell the records of its rows apart: without
// the row in the question one row's record would answer for all.
func (v *verifySpec) lintRow(l *linter) {
	if _, each := l.env["row"]; !each {
		return
	}
	for _, e := range []*Expr{v.happened, v.absent} {
		if !e.names("row") {
			l.errorf(e.at, "row_not_asked", "verify: with each, happened and absent must ask for the row, as in any(rows, .月份 == row.月份)")
		}
	}
}

func (k keeping) lint(l *linter, s *stage, commits bool) {
	if k.rows != "" {
		k.lintRows(l, s, commits)
		return
	}
	if k.or != nil {
		l.check(k.or, s.env)
	} else if commits {
		l.warnf(k.at, "keep_once", "keep: without or, %s is lost when the reply is lost", k.name)
	}
}

// lintRows reports a table that no line has read.
func (k keeping) lintRows(l *linter, s *stage, commits bool) {
	read, known := s.env[k.rows]
	switch {
	case commits:
		l.errorf(k.at, "rows_with_commit", "keep: a table is kept by a step that only looks")
	case !known || !read.Equal(rowsType()):
		l.errorf(k.at, "unknown_rows", "keep: no line above reads a table called %q", k.rows)
	}
}
