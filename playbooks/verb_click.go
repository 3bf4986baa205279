package playbooks

import (
	"context"
	"slices"
	"strings"
)

// clickVerb presses a button or link that changes nothing for good. Of the
// questions the page may ask, it answers one with yes (confirm; with a text, if
// it is a prompt) or expects one and says no (dismiss); any other stops the run.
type clickVerb struct {
	target  target
	confirm string
	dismiss string
	answer  *Expr
}

func readClick(d *decoder, own field) action {
	fields := d.record(own.value, "click", append(locatorKeys(), "confirm", "dismiss", "answer")...)
	v := &clickVerb{target: d.locatorOf(fields, placeOf(own.value)), confirm: d.optional(fields, "confirm"), dismiss: d.optional(fields, "dismiss"),
		answer: d.optionalExpr(fields, "answer", aText)}
	if v.target.Table != "" && v.target.Column == "" {
		d.errorf(v.target.at, "bad_locator", "click: want a button, link, text, label, a table with row and column, or css")
	}
	if v.answer != nil && v.confirm == "" {
		d.errorf(v.target.at, "answer_without_confirm", "click: an answer needs confirm, the text of the question")
	}
	return v
}

func (v *clickVerb) lint(l *linter, s *stage) {
	v.target.lintHarmless(l, s, "click")
	if v.confirm != "" {
		l.warnf(v.target.at, "click_confirms", "click: a question is answered with yes; if that changes %s for good, use commit", s.system.Name)
	}
	v.target.lint(l, s)
	if v.answer != nil {
		l.check(v.answer, s.env)
	}
}

func (v *clickVerb) do(ctx context.Context, at *visit) error {
	where, err := v.target.locate(at)
	if err != nil {
		return err
	}
	act := Act{Verb: Click, At: where, Confirm: v.confirm, Dismiss: v.dismiss}
	if v.answer != nil {
		if act.Answer, err = v.answer.text(at.env); err != nil {
			return err
		}
	}
	_, err = at.act(ctx, act)
	return err
}

// lintHarmless refuses a committing button where no commit guards it.
func (t target) lintHarmless(l *linter, s *stage, verb string) {
	name := plain(t.name())
	if name != "" && slices.ContainsFunc(s.system.CommitNames(), func(c string) bool { return plain(c) == name }) {
		l.errorf(t.at, "click_commits", "%s: %s changes %s for good, use commit", verb, t.name(), s.system.Name)
	} else if slices.Contains(usualCommits(), name) {
		l.warnf(t.at, "click_may_commit", "%s: %s often changes a system for good; if it does in %s, list it under commits: of its file and use commit", verb, t.name(), s.system.Name)
	}
}

// usualCommits are what old systems call the buttons that save.
func usualCommits() []string {
	return []string{"提交", "保存", "办结", "办理", "发放", "支付", "报送", "删除", "作废", "注销", "通过", "审核通过", "确认提交", "确认办理", "确认保存"}
}

// CommitNames are the committing buttons with all their spellings. A page
// refuses to press any of them outside Commit, whatever a playbook calls it.
func (s System) CommitNames() []string {
	var names []string
	for _, c := range s.Commits {
		if !strings.HasPrefix(c, "/") {
			names = append(append(names, c), s.Aliases[c]...)
		}
	}
	return names
}

// CommitPaths are the addresses among the commits, which nothing but Commit may
// ask for: "/save.do", or "/main.do?method=save" where one address serves all.
func (s System) CommitPaths() []string {
	var paths []string
	for _, c := range s.Commits {
		if strings.HasPrefix(c, "/") {
			paths = append(paths, c)
		}
	}
	return paths
}
