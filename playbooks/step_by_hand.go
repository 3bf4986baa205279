package playbooks

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// byHandStep has a person enter something into a system that can't be driven: one
// with ActiveX, a key that must be touched, no way in for a program. It shows each
// value in the order of the foreign form and asks for the receipt's number. It opens no
// page and takes no seat, so it goes on while the system is stopped for the robot. What
// the person did is an effect like any other: once for its key, over all runs.
type byHandStep struct {
	system   string
	effect   string
	menu     []string // where the form is, for the person
	values   []labelled
	receipts []Receipt
	role     string
	due      time.Duration
	at       place
}

// Receipt is a number that a person takes from the foreign system.
type Receipt struct {
	Name    string
	Pattern string // that the whole of it must match
}

// ReceiptEdit is the prefix of receipts among the edits of a decision.
const ReceiptEdit = "receipt."

// Takes says that a text is such a number.
func (r Receipt) Takes(text string) bool {
	ok, err := regexp.MatchString(`^(?:`+r.Pattern+`)$`, text)
	return err == nil && ok
}

// Receipts are the numbers that a person must give who says that the step is done; none
// but for a step by hand.
func (s Step) Receipts() []Receipt {
	if hand, ok := s.body.(*byHandStep); ok {
		return hand.receipts
	}
	return nil
}

// ByHand is the system into which a person enters the step, "" for any other step.
func (s Step) ByHand() string {
	if hand, ok := s.body.(*byHandStep); ok {
		return hand.system
	}
	return ""
}

// ByHandForm is the evidence that shows a person what to enter.
const ByHandForm = "by_hand.json"

func readByHand(d *decoder, own field, all map[string]field) body {
	s := &byHandStep{system: d.name(own, "by_hand"), at: placeOf(own.value), role: "clerk", due: reviewDue}
	if f, ok := d.need(all, own.at, "by_hand", "effect"); ok {
		s.effect = d.name(f, "effect")
	}
	if menu := d.optional(all, "at"); menu != "" {
		for part := range strings.SplitSeq(menu, "/") {
			s.menu = append(s.menu, strings.TrimSpace(part))
		}
	}
	if f, ok := d.need(all, own.at, "by_hand", "values"); ok {
		s.values = d.labelled(f, "values")
	}
	if f, ok := d.need(all, own.at, "by_hand", "receipt"); ok {
		for _, p := range d.pairs(f.value, "receipt") {
			r := Receipt{Name: p.key, Pattern: d.text(p, "receipt")}
			if _, err := regexp.Compile(r.Pattern); err != nil || r.Takes("") {
				d.errorf(placeOf(p.value), "bad_pattern", "receipt: want a pattern like 'SL\\d{12}' that does not fit an empty text")
			}
			s.receipts = append(s.receipts, r)
		}
	}
	if _, ok := all["role"]; ok {
		s.role = d.optional(all, "role")
	}
	if f, ok := all["due"]; ok {
		s.due = d.duration(f, "due")
	}
	return s
}

func (s *byHandStep) lint(l *linter, step *Step) {
	here := l.stage(l.systems[s.system])
	for _, f := range s.values {
		l.check(f.value, here.env)
	}
	if len(s.values) == 0 || len(s.receipts) == 0 {
		l.errorf(step.at, "by_hand_empty", "by_hand: want values to enter and a receipt to ask for")
	}
	name := s.system + "/" + s.effect
	if l.effects[name] {
		l.errorf(step.at, "duplicate_effect", "by_hand: the effect %q is used by an earlier step", s.effect)
	}
	l.effects[name] = true
}

func (s *byHandStep) gives([]casework.Calculation) map[string]any {
	names := map[string]any{}
	for _, r := range s.receipts {
		names[r.Name] = ""
	}
	return names
}

// run takes what was done already, or the receipt a person has given, or asks for it.
func (s *byHandStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	d := s.deed(t, step)
	key, err := d.effectKey()
	if err != nil {
		return outcome{}, err
	}
	d.id = d.EffectID(s.system, s.effect, key)
	effect, known, err := d.Journal.Effect(ctx, d.id)
	switch {
	case err != nil:
		return outcome{}, err
	case known && effect.State == casework.EffectOutcome:
		out, _, err := d.take(effect)
		return out, err
	case known && effect.State == casework.EffectSent: // the robot was there before: it, or an operator, must find out
		return outcome{}, casework.AskPerson("effect_in_doubt", "step %s: an earlier run has sent this and does not know what became of it", step.ID)
	case d.answered(doneChoice):
		return s.entered(ctx, d)
	}
	return outcome{}, s.ask(ctx, d, "by_hand")
}

// deed lets the effect go the way of any other.
func (s *byHandStep) deed(t *turn, step *Step) *deed {
	spec := &pageStep{system: s.system, effect: s.effect, verify: &verifySpec{person: true, same: s.values}}
	for _, r := range s.receipts {
		spec.keep = append(spec.keep, keeping{name: r.Name})
	}
	system := t.Systems[s.system] // the zero value where nobody ever drove it
	system.Name = s.system
	return &deed{turn: t, step: step, spec: spec, system: system}
}

// entered writes the person's receipt as the effect's outcome.
func (s *byHandStep) entered(ctx context.Context, d *deed) (outcome, error) {
	given := d.mine().answer.keptOf(d.spec)
	if slices.ContainsFunc(s.receipts, func(r Receipt) bool { return !r.Takes(given[r.Name]) }) {
		return outcome{}, s.ask(ctx, d, "receipt_invalid")
	}
	out, _, err := d.byPerson(ctx)
	return out, err
}

// ask shows the values, in the form's order, and parks the run.
func (s *byHandStep) ask(ctx context.Context, d *deed, reason string) error {
	env := d.visit(nil, d.system).env
	var form []writing
	for _, f := range s.values {
		text, err := f.value.text(env)
		if err != nil {
			return err
		}
		if text == "" && !f.optional {
			return casework.AskPerson("value_missing", "step %s: there is no value for %s", d.step.ID, f.label)
		}
		if text != "" {
			form = append(form, writing{Label: f.label, Written: text})
		}
	}
	data, err := json.Marshal(form)
	if err != nil {
		return fmt.Errorf("values of step %s: %w", d.step.ID, err)
	}
	shots := []Shot{{Kind: casework.Values, Name: ByHandForm, MIME: "application/json", Data: data}}
	if err := d.Journal.Keep(ctx, d.step.ID, d.turn.run.Attempt, casework.InArchive(shots)); err != nil {
		return err
	}
	q := operatorQuestion(reason, "a person enters it", doneChoice, stopChoice)
	q.role, q.due, q.show = s.role, s.due, []string{evidencePrefix + ByHandForm}
	return q
}

// explain says what a person enters, and what is asked for.
func (s *byHandStep) explain(t *explainer) []ExplainedPart {
	where := t.system(s.system)
	if len(s.menu) > 0 {
		where += " " + strings.Join(s.menu, " › ")
	}
	more := t.fills(s.values, "%s：%s", "%s: %s")
	for _, r := range s.receipts {
		more = append(more, t.say("录入后填写%s，格式不对不收", "Then gives %s; one of another form is refused", t.quoted(r.Name)))
	}
	more = append(more, t.say("%s内完成；逾期提醒上级，不会自动选择", "Due in %s; late, it is escalated, never chosen", t.span(s.due)))
	return []ExplainedPart{{PartAsks, t.say("停下来请%s在%s人工录入，逐项复制；系统停用时也照常进行", "Stops and has the %s enter it by hand in %s, value by value; also while the system is stopped for the robot", t.word("role", s.role), where), more}}
}
