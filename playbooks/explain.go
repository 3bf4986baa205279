package playbooks

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// Explanation says in plain words what a playbook does, for those who schedule
// it and cannot read YAML.
type Explanation struct {
	Title   string
	Summary []string // what it works with, what counts as the same matter, which systems it drives
	Steps   []ExplainedStep
}

// ExplainedStep is one step in words, its parts in the order they happen.
type ExplainedStep struct {
	Title string
	When  string // "" always
	Parts []ExplainedPart
	Ends  string // "" when the run goes on
}

// ExplainedPart is one sentence of a step.
type ExplainedPart struct {
	Kind string // one of the Part constants
	Text string
	More []string // what the sentence lists
}

// The kinds of parts. Change is the one a person should stop at: it can't be
// taken back.
const (
	PartDoes   = "does"
	PartAsks   = "asks"
	PartChange = "change"
	PartProof  = "proof"
	PartKeeps  = "keeps"
)

// Names tells what things are called, in the language of the reader. Each may be
// nil, or give "" for what it does not know.
type Names struct {
	Document func(kind string) string          // material type
	Field    func(kind, field string) string   // of a material type
	Word     func(family, value string) string // "role", "verdict", "outcome", "shared"

	Calculations []casework.Calculation // what they compute
}

// Explain says what the playbook does in the reader's language: "en", else
// Chinese.
func (pb *Playbook) Explain(lang string, systems map[string]System, names Names) Explanation {
	t := &explainer{pb: pb, english: lang == "en", systems: systems, names: names, reads: map[string]string{}}
	out := Explanation{Title: t.title(pb.Title, pb.Name), Summary: t.summary()}
	for i := range pb.Steps {
		out.Steps = append(out.Steps, t.step(&pb.Steps[i]))
	}
	return out
}

// explainer puts a playbook into words.
type explainer struct {
	pb      *Playbook
	english bool
	systems map[string]System
	names   Names
	reads   map[string]string // name in expressions → table or label it was read from
}

func (t *explainer) say(zh, en string, args ...any) string {
	if t.english {
		return fmt.Sprintf(en, args...)
	}
	return fmt.Sprintf(zh, args...)
}

func (t *explainer) title(title Title, name string) string {
	if text := t.either(title.Zh, title.En); text != "" {
		return text
	}
	return name
}

// quoted marks what stands on a screen.
func (t *explainer) quoted(text string) string { return t.say("「%s」", "“%s”", text) }

func (t *explainer) list(words []string) string {
	return strings.Join(words, t.say("、", ", "))
}

func (t *explainer) document(kind string) string {
	if t.names.Document != nil {
		if name := t.names.Document(kind); name != "" {
			return t.say("《%s》", "the %s", name)
		}
	}
	return kind
}

func (t *explainer) word(family, value string) string {
	if t.names.Word != nil {
		if word := t.names.Word(family, value); word != "" {
			return word
		}
	}
	return value
}

func (t *explainer) system(name string) string {
	if system, ok := t.systems[name]; ok {
		return t.quoted(t.title(system.Title, name))
	}
	return t.quoted(name)
}

func (t *explainer) stepName(id string) string {
	step, _ := t.pb.Step(id)
	return t.quoted(t.title(step.Title, id))
}

func (t *explainer) summary() []string {
	var must, may, systems []string
	for _, n := range t.pb.Needs {
		if n.Optional {
			may = append(may, t.document(n.Type))
		} else {
			must = append(must, t.document(n.Type))
		}
	}
	var lines []string
	if len(must) > 0 {
		lines = append(lines, t.say("材料：%s", "Papers: %s", t.list(must)))
	}
	if len(may) > 0 {
		lines = append(lines, t.say("可缺的材料：%s", "Papers that may be missing: %s", t.list(may)))
	}
	for _, name := range t.pb.Systems() {
		systems = append(systems, t.system(name))
	}
	if len(systems) > 0 {
		lines = append(lines, t.say("操作的系统：%s，用数字员工自己的账号登录", "Drives: %s, signed in with the digital employee's own account", t.list(systems)))
	}
	if t.pb.Key != nil {
		lines = append(lines, t.say("同一件业务按%s认定，只办一次", "The same matter is told by %s, and handled once", t.value(t.pb.Key)))
	}
	return lines
}

func (t *explainer) step(step *Step) ExplainedStep {
	out := ExplainedStep{Title: t.title(step.Title, step.ID)}
	if step.When != nil {
		out.When = t.say("仅当%s", "Only if %s", t.value(step.When))
	}
	switch body := step.body.(type) {
	case *checkStep:
		out.Parts = t.check(body)
	case *askStep:
		out.Parts = t.ask(body)
	case *paperStep:
		out.Parts = []ExplainedPart{{PartDoes, t.say("生成文书%s，存入本次办理的证据", "Makes the paper %s and keeps it with the run", t.quoted(t.word("paper", body.paper))), t.facts(body)}}
	case *pageStep:
		out.Parts = t.page(body)
	case interface {
		explain(t *explainer) []ExplainedPart
	}:
		out.Parts = body.explain(t)
	}
	if step.End != "" {
		out.Ends = t.say("到此结束，结果为%s", "The run ends here: %s", t.quoted(t.word("outcome", step.End)))
	}
	return out
}

// facts are what a paper states beside the case.
func (t *explainer) facts(s *paperStep) []string {
	var out []string
	for _, a := range s.with {
		out = append(out, t.say("%s：%s", "%s: %s", a.name, t.value(a.value)))
	}
	return out
}

func (t *explainer) check(s *checkStep) []ExplainedPart {
	var rules []string
	for _, rule := range s.rules {
		rules = append(rules, t.say("%s；不成立记为 %s", "%s; if not: %s", t.value(rule.that), rule.code))
	}
	return []ExplainedPart{{PartDoes, t.say("核对下列条件，不打开任何系统：", "Checks, without opening any system:"), rules}}
}

func (t *explainer) ask(s *askStep) []ExplainedPart {
	var shown, choices []string
	for _, show := range s.show {
		shown = append(shown, t.document(show.material))
	}
	for _, c := range s.choices {
		choices = append(choices, t.quoted(t.either(c.Zh, c.Zh+" ("+c.Name+")")))
	}
	var more []string
	if len(shown) > 0 {
		more = append(more, t.say("给他看：%s", "Shown: %s", t.list(shown)))
	}
	more = append(more, t.say("可选：%s", "To choose from: %s", t.list(choices)),
		t.say("%s内答复；逾期提醒上级，不会自动选择", "Due in %s; late, it is escalated, never chosen", t.span(s.due)))
	return []ExplainedPart{{PartAsks, t.say("停下来请%s决定，期间不占用系统", "Stops and asks the %s; nothing is held meanwhile", t.word("role", s.role)), more}}
}

func (t *explainer) span(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return t.say("%d 小时", "%d hours", int(d.Hours()))
	case d%time.Minute == 0:
		return t.say("%d 分钟", "%d minutes", int(d.Minutes()))
	}
	return t.say("%d 秒", "%d seconds", int(d.Seconds()))
}

// page says what is done on the pages of a system, and what of it is for good.
func (t *explainer) page(s *pageStep) []ExplainedPart {
	system := t.systems[s.system]
	open := t.say("登录%s：", "In %s:", t.system(s.system))
	parts := []ExplainedPart{{PartDoes, open, t.lines(s.do, s.commit != nil)}}
	if s.commit == nil {
		parts = append(parts, ExplainedPart{PartProof, t.say("只查看，不改动系统，可以随时重来", "Only looks: it changes nothing and may be repeated"), nil})
	} else {
		parts = t.commit(s, system, parts)
	}
	var kept []string
	for _, k := range s.keep {
		kept = append(kept, t.quoted(k.name))
	}
	if len(kept) > 0 {
		parts = append(parts, ExplainedPart{PartKeeps, t.say("记下%s", "Keeps %s", t.list(kept)), nil})
	}
	if locks, err := system.Locks.of(system.Name, s.do); err != nil || len(locks) > 0 {
		parts = append(parts, ExplainedPart{PartChange, t.say("注意：页面一打开就会锁定或暂存，试运行不会打开它", "Mind: the page locks or saves as soon as it is opened; a dry run keeps off it, or leaves it again"), nil})
	}
	return parts
}

// commit explains the click that can't be taken back, and how it is proven.
func (t *explainer) commit(s *pageStep, system System, parts []ExplainedPart) []ExplainedPart {
	if s.before && !s.verify.person {
		parts = append([]ExplainedPart{{PartProof, t.say("先查一遍：已经有人办过的，核对一致就直接采用，不再提交", "Looks first: what somebody has entered already is taken if it agrees, and not entered again"), nil}}, parts...)
	}
	change := ExplainedPart{Kind: PartChange, Text: t.say("不可撤回：点击%s，系统里从此有这条记录", "Cannot be taken back: clicks %s, and the record is there for good", t.place(s.commit.target))}
	if s.commit.confirm != "" {
		change.More = append(change.More, t.say("只确认%s这一个弹窗，出现别的弹窗就停下", "Confirms the one box %s; any other stops it", t.quoted(s.commit.confirm)))
	}
	if s.commit.saved != "" {
		change.More = append(change.More, t.say("页面出现%s才算有回音，最多等 %s", "Takes %s on the page for an answer, and waits at most %s", t.quoted(s.commit.saved), t.span(s.commit.within)))
	}
	change.More = append(change.More, t.say("同一件业务只点一次；断电、断网、换机器都不会再点", "One matter, one click: no power cut, no lost line and no other machine repeats it"))
	parts = append(parts, change)
	if s.verify == nil {
		return parts
	}
	return append(parts, t.verify(s.verify, system))
}

func (t *explainer) verify(v *verifySpec, system System) ExplainedPart {
	if v.person {
		return ExplainedPart{PartAsks, t.say("系统没有查询页面，每次提交后都请人到系统里看一眼", "The system has no query page: a person looks after every commit"), nil}
	}
	more := t.lines(v.do, false)
	more = append(more, t.say("看全了才算数：%s", "It counts only if everything was seen: %s", t.value(v.complete)),
		t.say("算办成：%s", "Done means: %s", t.value(v.happened)), t.say("算没办成：%s", "Not done means: %s", t.value(v.absent)))
	var same []string
	for _, f := range v.same {
		same = append(same, f.label)
	}
	if len(same) > 0 {
		more = append(more, t.say("再核对记录里的%s与要写入的一致，不一致请人处理", "Then holds %s of the record against what was written; if they differ, a person decides", t.list(same)))
	}
	if system.Settles > 0 {
		more = append(more, t.say("查不到时，等满 %s 再查仍没有，才重新提交", "If it is absent, it looks again after %s; only then it is entered again", t.span(system.Settles)))
	} else {
		more = append(more, t.say("查不到或说不清时不会再点，请人决定", "If it is absent or unclear nothing is clicked again: a person decides"))
	}
	return ExplainedPart{PartProof, t.say("重新查询，证明办成了没有：", "Looks it up afresh, to prove whether it happened:"), more}
}

// lines puts verbs into words.
func (t *explainer) lines(lines []line, form bool) []string {
	var out []string
	for _, l := range lines {
		out = append(out, t.line(l)...)
	}
	if form {
		out = append(out, t.say("每填一栏都回读，页面上的值与要写入的不一致就停下", "Every field is read back; it stops when the page shows another value"))
	}
	return out
}

func (t *explainer) line(l line) []string {
	switch a := l.action.(type) {
	case *openVerb:
		return []string{t.say("打开菜单：%s", "Opens the menu: %s", strings.Join(a.menu, " › "))}
	case *fillVerb:
		return t.fills(a.values, "填写%s：%s", "Fills %s: %s")
	case *attachVerb:
		return t.fills(a.files, "上传到%s：%s", "Uploads to %s: %s")
	case *clickVerb:
		return []string{t.say("点击%s", "Clicks %s", t.place(a.target)) + t.question(a)}
	case *readVerb:
		var out []string
		for _, r := range a.values {
			t.reads[r.name] = r.target.name()
			out = append(out, t.say("读取%s", "Reads %s", t.quoted(r.target.name()))+t.pages(r))
		}
		return out
	}
	return []string{t.hand(l)}
}

// pages says that a table is read over its pages.
func (t *explainer) pages(r reading) string {
	if r.pages == nil {
		return ""
	}
	return t.say("，点%s逐页读全，行数与页面所示总数一致才算", ", page by page by %s, until there are as many rows as the page counts", t.place(*r.pages))
}

// hand puts the verbs into words that are neither writing nor reading.
func (t *explainer) hand(l line) string {
	switch a := l.action.(type) {
	case *hoverVerb:
		return t.say("把鼠标移到%s上", "Lays the mouse on %s", t.place(a.target))
	case *pressVerb:
		if a.target != nil {
			return t.say("在%s里按 %s 键", "In %s, presses %s", t.place(*a.target), a.key)
		}
		return t.say("按 %s 键", "Presses %s", a.key)
	case *waitVerb:
		if a.gone {
			return t.say("等页面不再显示%s", "Waits until the page no longer says %s", t.quoted(a.text))
		}
		return t.say("等页面显示%s", "Waits until the page says %s", t.quoted(a.text))
	case *downloadVerb:
		var names []string
		for _, h := range a.values {
			t.reads[h.name] = h.target.name()
			if h.each == "" {
				names = append(names, t.place(h.target))
				continue
			}
			names = append(names, t.say("%[1]s每一行的%[2]s", "%[2]s in each row of %[1]s", t.quoted(cmp.Or(t.reads[h.each], h.each)), t.quoted(h.target.name())))
		}
		return t.say("点击%s并收下文件", "Clicks %s and takes the file", t.list(names))
	case *closeVerb:
		return t.say("关闭最前面的窗口", "Closes the window in front")
	}
	return string(l.verb.name)
}

// place names what is meant, with the row it stands in.
func (t *explainer) place(at target) string {
	name := t.quoted(at.name())
	switch {
	case at.rowOf != nil:
		return t.say("%s那一行的%s", "%[2]s in the row of %[1]s", t.value(at.rowOf), name)
	case at.Row != "":
		return t.say("%s那一行的%s", "%[2]s in the row of %[1]s", t.quoted(at.Row), name)
	}
	return name
}

// question says how the one question of a click is answered.
func (t *explainer) question(v *clickVerb) string {
	switch {
	case v.confirm != "":
		return t.say("，询问%s时答“是”", ", and says yes to %s", t.quoted(v.confirm))
	case v.dismiss != "":
		return t.say("，询问%s时答“否”", ", and says no to %s", t.quoted(v.dismiss))
	}
	return ""
}

func (t *explainer) fills(values []labelled, zh, en string) []string {
	var out []string
	for _, f := range values {
		text := t.say(zh, en, t.quoted(f.label), t.value(f.value))
		if f.optional {
			text += t.say("（没有就不填）", " (left alone if there is none)")
		}
		out = append(out, text)
	}
	return out
}

// choiceTitle is what a person reads on the button of a choice.
func choiceTitle(pb *Playbook, step, choice string) string {
	found, _ := pb.Step(step)
	ask, ok := found.body.(*askStep)
	if !ok {
		return choice
	}
	for _, c := range ask.choices {
		if c.Name == choice {
			return c.Zh
		}
	}
	return choice
}
