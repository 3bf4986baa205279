package benefits

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Scheme says how many benefit months a number of paid months gives (失业保险金
// 期限办法 of a province).
type Scheme struct {
	Name     string
	Bands    []Band // by From
	Cap      int    // the most months a term can have, with what is carried over
	Document string
	CapFrom  string // the document of Cap
}

// Band is one line of a scheme: who paid at least From months gets Months, and
// Add more for every further Every months in full, at most Max.
type Band struct{ From, Months, Add, Every, Max int }

// ParseBands reads "12: 3 +3/12 max 12; 60: 15": from 12 paid months 3 benefit
// months and 3 more for every further 12, at most 12; from 60 on 15.
func ParseBands(text string) ([]Band, error) {
	var bands []Band
	for part := range strings.SplitSeq(text, ";") {
		b, err := parseBand(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if n := len(bands); n > 0 && b.From <= bands[n-1].From {
			return nil, fmt.Errorf("band %q does not begin after the one before it", part)
		}
		bands = append(bands, b)
	}
	return bands, nil
}

func parseBand(text string) (Band, error) {
	bad := fmt.Errorf("band %q: want a form like 12: 3 +3/12 max 12", text)
	from, rest, ok := strings.Cut(text, ":")
	words := strings.Fields(rest)
	if !ok || len(words) == 0 {
		return Band{}, bad
	}
	b := Band{From: count(from), Months: count(words[0])}
	words = words[1:]
	if len(words) > 0 && strings.HasPrefix(words[0], "+") {
		add, every, _ := strings.Cut(words[0][1:], "/")
		b.Add, b.Every = count(add), count(every)
		if b.Add < 1 || b.Every < 1 {
			return Band{}, bad
		}
		words = words[1:]
	}
	if len(words) == 2 && words[0] == "max" {
		b.Max = count(words[1])
		words = nil
		if b.Max < b.Months {
			return Band{}, bad
		}
	}
	if b.From < 0 || b.Months < 0 || len(words) > 0 {
		return Band{}, bad
	}
	return b, nil
}

// count reads a number of months; -1 is none.
func count(text string) int {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return -1
	}
	return int(n)
}

// of gives the band's months for one who paid so many.
func (b Band) of(paid int) int {
	months := b.Months
	if b.Every > 0 {
		months += (paid - b.From) / b.Every * b.Add
	}
	if b.Max > 0 {
		months = min(months, b.Max)
	}
	return months
}

// zh says what the band grants.
func (b Band) zh() string {
	text := fmt.Sprintf("累计缴费满%d个月的，%d个月", b.From, b.Months)
	if b.Every > 0 {
		text += fmt.Sprintf("，以后每满%d个月增加%d个月", b.Every, b.Add)
	}
	if b.Max > 0 {
		text += fmt.Sprintf("，本档最长%d个月", b.Max)
	}
	return text
}

// band finds the line that holds.
func (s Scheme) band(paid int) (Band, bool) {
	for _, b := range slices.Backward(s.Bands) {
		if paid >= b.From {
			return b, true
		}
	}
	return Band{}, false
}

// Months is what a number of paid months gives, without anything carried over.
func (s Scheme) Months(paid int) int {
	b, ok := s.band(paid)
	if !ok {
		return 0
	}
	return min(b.of(paid), s.Cap)
}

// longest is the length of the longest working life a scheme is checked for.
const longest = 100 * 12

// wrong finds the first number of paid months for which s gives more than the
// ceiling, or less than for one month less.
func (s Scheme) wrong(ceiling Scheme) error {
	for paid := range longest {
		switch months := s.Months(paid); {
		case months > ceiling.Months(paid):
			return refused("缴费%[2]d个月给%[1]d个月，超过全国上限%[3]d个月（%[4]s）", "it gives %d months for %d paid months, above the national ceiling of %d (%s)", months, paid, ceiling.Months(paid), ceiling.Document)
		case paid > 0 && months < s.Months(paid-1):
			return refused("缴费%d个月反而比缴费%d个月少", "it gives less for %d paid months than for %d", paid, paid-1)
		}
	}
	return nil
}

// Entitlement is how long the benefit is paid.
type Entitlement struct {
	Scheme    Scheme
	Paid      int // months that count
	CarryOver int // months left of an earlier term
	New       int // what the paid months give
	Months    int // the term
}

// Entitle computes the term: new months plus those carried over, up to the cap.
func (s Scheme) Entitle(paid, carryOver int) Entitlement {
	e := Entitlement{Scheme: s, Paid: max(paid, 0), CarryOver: max(carryOver, 0)}
	e.New = s.Months(e.Paid)
	e.Months = min(e.New+e.CarryOver, s.Cap)
	return e
}

// Derivation explains the term.
func (e Entitlement) Derivation() Derivation {
	d := Derivation{Title: "失业保险金享受期限"}
	d.add(Given, "累计缴费%d个月；以前应领未领%d个月", e.Paid, e.CarryOver)
	d.add(Given, "期限办法%s", e.Scheme.Name)
	if b, ok := e.Scheme.band(e.Paid); ok {
		d.add(Step, "%s", b.zh())
		if b.Every > 0 {
			d.add(Step, "(%d − %d) ÷ %d 取整 = %d，%d + %d × %d = %d，本次为%d个月", e.Paid, b.From, b.Every, (e.Paid-b.From)/b.Every, b.Months, (e.Paid-b.From)/b.Every, b.Add, b.Months+(e.Paid-b.From)/b.Every*b.Add, e.New)
		}
	} else {
		d.add(Step, "缴费不足%d个月，本次为0个月", e.Scheme.Bands[0].From)
	}
	d.add(Step, "%d + %d = %d个月，最长不超过%d个月", e.New, e.CarryOver, e.New+e.CarryOver, e.Scheme.Cap)
	d.add(Result, "享受期限%d个月", e.Months)
	d.basis(e.Scheme.Document, e.Scheme.CapFrom)
	return d
}
