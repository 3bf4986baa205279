package materials

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// Relation is a rule between values that needs no code of its own. A value is
// named "field" inside a type and "type.field" in a matter; "today" is the day of
// receipt, "shared.x" what data sharing answered, "applicant.name" what was typed.
// Exactly one of Order, Equal, Sum and Months is set.
//
// Values that are not there are passed over: what is missing is said elsewhere.
type Relation struct {
	Rule     string            `yaml:"rule"`     // whose sentence is said; "" is the usual one
	Severity casework.Severity `yaml:"severity"` // "" is the sentence's
	Basis    string            `yaml:"basis"`    // "" is the sentence's
	Order    []string          `yaml:"order"`    // days from early to late
	Slack    int               `yaml:"slack"`    // days by which the order may be missed
	Within   int               `yaml:"within"`   // each day at most so many days after the one before it
	Equal    []string          `yaml:"equal"`    // alike; the last value there is what is expected
	First    int               `yaml:"first"`    // only so many first characters are compared
	Sum      []string          `yaml:"sum"`      // a total, then what it is made of
	Months   []string          `yaml:"months"`   // a count, then its first and last month
}

func (r *Relation) prepare(known func(ref string) bool) error {
	ways, refs := 0, [][]string{r.Order, r.Equal, r.Sum, r.Months}
	for _, list := range refs {
		if len(list) > 0 {
			ways++
		}
		for _, ref := range list {
			if !outside(ref) && !known(ref) {
				return fmt.Errorf("relation: %q is no field", ref)
			}
		}
	}
	switch {
	case ways != 1:
		return fmt.Errorf("relation: want exactly one of order, equal, sum, months")
	case len(r.Months) > 0 && len(r.Months) != 3:
		return fmt.Errorf("relation: months wants a count, the first and the last month")
	case len(r.Order)+len(r.Equal)+len(r.Sum)+len(r.Months) < 2:
		return fmt.Errorf("relation: want two values at least")
	}
	return nil
}

// outside says that a value does not stand on a paper.
func outside(ref string) bool {
	return ref == "today" || strings.HasPrefix(ref, "shared.") || strings.HasPrefix(ref, "applicant.")
}

// spot is one value of a relation.
type spot struct {
	p     *paper // nil for a value that stands on no paper
	rule  FieldRule
	value string
	title Title
}

// spots gives those values of a relation that are there and that nothing has been
// said about yet.
func (d *desk) spots(refs []string, own *paper) []spot {
	var out []spot
	for _, ref := range refs {
		if s, ok := d.spot(ref, own); ok {
			out = append(out, s)
		}
	}
	return out
}

func (d *desk) spot(ref string, own *paper) (spot, bool) {
	if outside(ref) {
		return d.stated(ref)
	}
	p, field := own, ref
	if kind, name, split := strings.Cut(ref, "."); split {
		p, field = d.papers[kind], name
	}
	if p == nil || d.foreign[p.Type] || d.reported[p.Type+"."+field] || p.Fields[field].Value == "" {
		return spot{}, false
	}
	rule := p.kind.field(field)
	s := spot{p: p, rule: rule, value: p.Fields[field].Value, title: rule.Title}
	if own == nil {
		s.title = Title{Zh: d.Title(p.Type).Zh + "的" + rule.Title.Zh, En: rule.Title.En + " on " + d.Title(p.Type).En}
	}
	return s, true
}

// stated is what is known of a case besides its papers.
func (d *desk) stated(ref string) (spot, bool) {
	group, name, _ := strings.Cut(ref, ".")
	s := spot{title: application()}
	switch {
	case ref == "today":
		s.value, s.title = d.in.Received.String(), Title{Zh: "申请日期", En: "the day of application"}
	case group == "shared":
		s.value, s.title = d.in.Shared[name], Title{Zh: "共享数据", En: "shared data"}
	default:
		s.value = map[string]string{"name": d.in.Applicant.Name, "id_number": d.in.Applicant.IDNumber, "account": d.in.Applicant.Account,
			"mobile": d.in.Applicant.Mobile}[name]
	}
	return s, s.value != ""
}

// relate looks at every relation of a type (own is its paper) or of a matter.
func (d *desk) relate(relations []Relation, own *paper) {
	for _, r := range relations {
		switch {
		case len(r.Order) > 0:
			d.inOrder(r, own)
		case len(r.Equal) > 0:
			d.equal(r, own)
		case len(r.Sum) > 0:
			d.adds(r, own)
		default:
			d.counts(r, own)
		}
	}
}

// broken begins the finding of a relation at one of its values.
func (d *desk) broken(r Relation, s spot, usual string) casework.Finding {
	rule := usual
	if r.Rule != "" {
		rule = r.Rule
	}
	f := casework.Finding{Rule: rule}
	if s.p != nil {
		f = at(rule, s.p, s.rule.Name)
	}
	f.Severity, f.Basis = r.Severity, r.Basis
	return f
}

// breaks reports a broken relation, as a doubt at the first of its values that was
// not read for sure.
func (d *desk) breaks(f casework.Finding, w words, spots ...spot) {
	for _, s := range spots {
		if s.p != nil && !d.sure(s.p, s.rule.Name) {
			doubt := at(f.Rule, s.p, s.rule.Name)
			doubt.Basis = f.Basis
			d.addDoubtful(doubt, w)
			return
		}
	}
	d.add(f, w)
}

// told marks values as spoken of.
func (d *desk) told(spots ...spot) {
	for _, s := range spots {
		if s.p != nil {
			d.reported[s.p.Type+"."+s.rule.Name] = true
		}
	}
}

// inOrder reports the first pair of days that runs backwards, or lies too far
// apart.
func (d *desk) inOrder(r Relation, own *paper) {
	var last spot
	for _, next := range d.spots(r.Order, own) {
		late, err := casework.ParseDate(next.value)
		if err != nil {
			continue
		}
		if early, err := casework.ParseDate(last.value); err == nil {
			backwards := late.AddDays(r.Slack).Before(early)
			if backwards || r.Within > 0 && early.AddDays(r.Within).Before(late) {
				d.reportOrder(r, last, next, backwards)
				return
			}
		}
		last = next
	}
}

func (d *desk) reportOrder(r Relation, early, late spot, backwards bool) {
	where := early
	if where.p == nil {
		where = late
	}
	a, b := shown(Day, early.value), shown(Day, late.value)
	verb := Title{Zh: "晚于", En: "lies after"}
	if !backwards {
		verb = Title{Zh: "远早于", En: "lies long before"}
	}
	reason := Title{
		Zh: fmt.Sprintf("%s（%s）%s%s（%s）", early.title.Zh, a.Zh, verb.Zh, late.title.Zh, b.Zh),
		En: fmt.Sprintf("%s (%s) %s %s (%s)", early.title.En, a.En, verb.En, late.title.En, b.En),
	}
	found := a
	if early.p == nil {
		found = b
	}
	d.breaks(d.broken(r, where, "dates_out_of_order"), words{"reason": reason, "found": found}, early, late)
	d.told(early, late)
}

// equal compares every value with the last one, which is the most trusted.
func (d *desk) equal(r Relation, own *paper) {
	spots := d.spots(r.Equal, own)
	if len(spots) < 2 {
		return
	}
	want := spots[len(spots)-1]
	for _, s := range spots[:len(spots)-1] {
		if s.rule.Name == "" { // typed or shared: the paper is what people can correct
			s, want = want, s
		}
		d.compareSpots(r, s, want)
	}
}

func (d *desk) compareSpots(r Relation, s, want spot) {
	switch {
	case alike(s, want, r.First):
		if r.First == 0 {
			d.vouchSpot(s)
			d.vouchSpot(want)
		}
	case d.blurs(s, want.value):
		d.addDoubtful(d.broken(r, s, "value_mismatch"), differing(s, want))
	case d.blurs(want, s.value):
		d.addDoubtful(d.broken(r, want, "value_mismatch"), differing(want, s))
	default:
		d.add(d.broken(r, s, "value_mismatch"), differing(s, want))
		d.told(s)
	}
}

// blurs says that a value differs from another perhaps only as it was read.
func (d *desk) blurs(s spot, other string) bool {
	return s.p != nil && d.maybeMisread(s.p, s.p.Fields[s.rule.Name], other)
}

func differing(s, want spot) words {
	kind := s.rule.Kind
	return words{"found": shown(kind, s.value), "expected": shown(kind, want.value), "places": s.title, "other": want.title}
}

func (d *desk) vouchSpot(s spot) {
	if s.p != nil {
		d.vouch(s.p, s.rule.Name, true)
	}
}

// alike compares as the kind asks for: names as names are, texts without brackets
// and dots.
func alike(s, want spot, first int) bool {
	a, b := s.value, want.value
	if first > 0 {
		a, b = prefix(a, first), prefix(b, first)
	}
	switch {
	case a == b:
		return true
	case s.rule.Kind == Name:
		return persons.SameName(a, b)
	case s.rule.Kind == Text, s.rule.Kind == Address:
		return employerName(a) == employerName(b)
	}
	return false
}

func prefix(text string, n int) string {
	runes := []rune(text)
	return string(runes[:min(n, len(runes))])
}

// adds looks whether a total is the sum of its parts.
func (d *desk) adds(r Relation, own *paper) {
	spots := d.spots(r.Sum, own)
	if len(spots) != len(r.Sum) {
		return
	}
	var sum casework.Fen
	for _, s := range spots[1:] {
		fen, err := casework.ParseFen(s.value)
		if err != nil {
			return
		}
		sum += fen
	}
	if sum.String() == spots[0].value {
		for _, s := range spots {
			d.vouchSpot(s)
		}
		return
	}
	d.breaks(d.broken(r, spots[0], "sum_wrong"), words{"found": same(spots[0].value), "expected": same(sum.String())}, spots...)
}

// counts looks whether a number of months is what lies between two of them.
func (d *desk) counts(r Relation, own *paper) {
	spots := d.spots(r.Months, own)
	if len(spots) != len(r.Months) {
		return
	}
	n, err := strconv.Atoi(spots[0].value)
	from, fromOK := monthOf(spots[1].value)
	to, toOK := monthOf(spots[2].value)
	if err != nil || !fromOK || !toOK {
		return
	}
	want := from.Until(to) + 1
	if n == want {
		for _, s := range spots {
			d.vouchSpot(s)
		}
		return
	}
	d.breaks(d.broken(r, spots[0], "months_mismatch"), words{"found": same(strconv.Itoa(n)), "expected": same(strconv.Itoa(want))}, spots...)
}

// employerName folds the kinds of brackets and dots.
func employerName(name string) string {
	return strings.NewReplacer("（", "(", "）", ")", "【", "(", "】", ")", "·", "", ".", "").Replace(plain(name))
}

// holds says that a condition on what is known of the case is met.
func (d *desk) holds(c Condition) bool {
	s, ok := d.spot(c.Fact, nil)
	return ok && (len(c.Is) == 0 || slices.ContainsFunc(c.Is, func(word string) bool { return strings.Contains(plain(s.value), plain(word)) }))
}
