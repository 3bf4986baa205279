package persons

import (
	"strings"

	"github.com/jingban/jingban/casework"
)

// Number is a citizen number as it is compared: 18 characters where the text
// allows it, a 15-digit one upgraded. Written is what the text held, half-width,
// upper case, without spaces and hyphens.
type Number struct {
	Text  string // 18 characters for every kind but NumberBroken and NumberMissing
	Kind  NumberKind
	Birth string // YYYYMMDD as the number says, "" when it says none
}

// NumberKind says what a number is worth as evidence.
type NumberKind uint8

// The kinds.
const (
	NumberMissing  NumberKind = iota
	NumberBroken              // no 18 characters, or letters among them
	NumberWrong               // 18 characters, but check character, date or province cannot be
	NumberDoubtful            // 15 digits that need a person: no such day, or born before 1900
	NumberOld                 // 15 digits, upgraded: no check digit ever guarded them
	NumberProven              // 18 characters that pass every check
)

// Upgraded reports whether the number was written with 15 digits.
func (k NumberKind) Upgraded() bool { return k == NumberOld || k == NumberDoubtful }

// oldMark follows the text of an upgraded number in [Number.Key].
const oldMark = "o"

// ReadNumber takes a number as people type it. It never fails: what cannot be a
// number is still evidence for one that was typed wrong.
func ReadNumber(text string) Number {
	number := text
	if !tidy(text) {
		number = plain(text)
	}
	switch {
	case number == "":
		return Number{}
	case len(number) == oldIDLength && isDigits(number):
		return upgrade(number)
	case len(number) != idLength || !isDigits(number[:17]) || !strings.Contains("0123456789X", number[17:]):
		return Number{Text: number, Kind: NumberBroken}
	}
	return judge(number)
}

// Key is the number in a form that [NumberOfKey] reads back without looking at
// widths and spaces again.
func (n Number) Key() string {
	if n.Kind.Upgraded() {
		return n.Text + oldMark
	}
	return n.Text
}

// NumberOfKey reads what [Number.Key] wrote.
func NumberOfKey(key string) Number {
	if long, old := strings.CutSuffix(key, oldMark); old && len(long) == idLength {
		return upgrade(long[:6] + long[8:17])
	}
	return ReadNumber(key)
}

// tidy reports whether a number needs no cleaning.
func tidy(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && c != 'X' {
			return false
		}
	}
	return true
}

func upgrade(number string) Number {
	up, err := ID15to18(number)
	if err != nil {
		return Number{Text: number, Kind: NumberBroken}
	}
	n := Number{Text: up.Number, Kind: NumberOld, Birth: up.Number[6:14]}
	if up.Before1900 || !up.BirthValid {
		n.Kind = NumberDoubtful
	}
	return n
}

func judge(number string) Number {
	n := Number{Text: number, Kind: NumberWrong}
	if _, ok := birthOf(number, casework.Date{}); ok {
		n.Birth = number[6:14]
	}
	if _, real := holderOf(number); real && n.Birth != "" && idCheck(number) == number[17] {
		n.Kind = NumberProven
	}
	return n
}

// NumberLevel is how two numbers stand to each other.
type NumberLevel uint8

// The levels. Two persons never have NumberSame by chance, but both may have
// been given it (重号): the level is evidence, not proof.
const (
	NumbersMissing   NumberLevel = iota
	NumbersSame                  // equal and proven
	NumbersUpgraded              // one is the 15-digit form of the other
	NumbersDoubtful              // equal, but wrong, broken, or old in a way that needs a person
	NumbersSlip                  // one slip of the fingers apart, and one of them cannot be a number: it is nobody else's
	NumbersNear                  // two slips apart, or one apart from an old number without check character
	NumbersNeighbour             // both proven, same place and day of birth, another sequence: twins, or a number issued again
	NumbersOther                 // both proven, and different
	NumbersUnlike                // different, not both proven, more than one slip apart
)

// CompareNumbers says how two numbers stand to each other.
func CompareNumbers(a, b Number) NumberLevel {
	switch {
	case a.Kind == NumberMissing || b.Kind == NumberMissing:
		return NumbersMissing
	case a.Text == b.Text:
		return sameNumbers(a, b)
	case a.Kind == NumberProven && b.Kind == NumberProven:
		if a.Text[:14] == b.Text[:14] {
			return NumbersNeighbour
		}
		return NumbersOther
	}
	slips := slipsApart(a, b)
	switch {
	case slips == 1 && min(a.Kind, b.Kind) <= NumberWrong:
		return NumbersSlip
	case slips <= 2:
		return NumbersNear
	}
	return NumbersUnlike
}

func sameNumbers(a, b Number) NumberLevel {
	switch weaker := min(a.Kind, b.Kind); {
	case weaker < NumberOld:
		return NumbersDoubtful
	case weaker == NumberOld:
		return NumbersUpgraded
	}
	return NumbersSame
}

// slipsApart counts up to 3 slips. It leaves out the check character where an
// upgrade computed it: it follows any slip in the 15 digits, and one slip would
// count as two.
func slipsApart(a, b Number) int {
	x, y := a.Text, b.Text
	if (a.Kind.Upgraded() || b.Kind.Upgraded()) && len(x) == idLength && len(y) == idLength {
		x, y = x[:idLength-1], y[:idLength-1]
	}
	switch {
	case x == y || OneSlip(x, y):
		return 1
	case twoSlips(x, y):
		return 2
	}
	return 3
}

// twoSlips takes the first slip away in each way it may have been made and looks
// for one more behind it.
func twoSlips(a, b string) bool {
	first := firstDifference(a, b)
	x, y := a[first:], b[first:]
	if len(x) == 0 || len(y) == 0 {
		return len(x)+len(y) <= 2
	}
	oneMore := func(x, y string) bool { return x == y || OneSlip(x, y) }
	if oneMore(x[1:], y[1:]) || oneMore(x[1:], y) || oneMore(x, y[1:]) {
		return true
	}
	return len(x) > 1 && len(y) > 1 && x[0] == y[1] && x[1] == y[0] && oneMore(x[2:], y[2:])
}

// OneSlip reports whether one slip of the fingers makes one text of the other: a
// byte wrong, lost or doubled, or two neighbours swapped. Equal texts are none apart.
func OneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	switch len(b) - len(a) {
	case 0:
		return oneReplaced(a, b)
	case 1:
		return oneLost(a, b)
	}
	return false
}

func oneReplaced(a, b string) bool {
	first := firstDifference(a, b)
	if first == len(a) {
		return false
	}
	if a[first+1:] == b[first+1:] {
		return true
	}
	return first+1 < len(a) && a[first] == b[first+1] && a[first+1] == b[first] && a[first+2:] == b[first+2:]
}

// oneLost reports whether a is b without one of its characters.
func oneLost(a, b string) bool {
	first := firstDifference(a, b)
	return a[first:] == b[first+1:]
}

func firstDifference(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
