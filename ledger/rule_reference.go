package ledger

import (
	"cmp"
	"errors"
	"slices"
	"sync"
)

// byReference joins rows that carry the same reference: exact, within the
// window, as a sum, and last with a difference in amount, day or party.
func (r *run) byReference() {
	var agreement parties
	var counting sync.Mutex
	err := r.partitions(func(x *index, bank, book []Row) {
		var here parties // a counter that all cores share costs more than the pass
		defer func() {
			counting.Lock()
			agreement.add(here)
			counting.Unlock()
		}()
		x.clusters(bank, book, func(row *Row) uint64 { return row.Ref }, false, func(bank, book []*Row) {
			if len(bank) == 1 && len(book) == 1 {
				r.pairReference(bank, book, &here)
				return
			}
			byNearness(bank, book, farDays/2, func(bank, book []*Row) { r.severalOfReference(bank, book, &here) })
		})
	})
	r.judgeParties(agreement)
	r.failed = errors.Join(err, r.gather())
}

// parties counts how often equal references come with equal parties. Books that
// write parties each in their own way say nothing by writing them differently.
type parties struct{ accounts, sameAccounts, names, sameNames int }

func (p *parties) add(more parties) {
	p.accounts += more.accounts
	p.sameAccounts += more.sameAccounts
	p.names += more.names
	p.sameNames += more.sameNames
}

// agreeingShare is the share from which on the books are taken to write a party alike.
const agreeingShare = 0.9

// pairReference judges one row of each side with the same reference.
func (r *run) pairReference(bank, book []*Row, agreement *parties) {
	a, b := bank[0], book[0]
	if calendarDays(a.Day, b.Day) > farDays {
		return // a numbering that begins anew
	}
	if a.Fen != b.Fen {
		r.settle(MatchedWithDifference, amountReason(a, b, false), bank, book)
		return
	}
	why := whyExact
	switch apart := r.days.apart(a.Day, b.Day); {
	case apart > windowDays:
		r.settle(MatchedWithDifference, whyDayShifted, bank, book)
		return
	case a.Day != b.Day:
		why = whyWindow
	}
	if a.Account != 0 && b.Account != 0 {
		agreement.accounts++
		if a.Account == b.Account {
			agreement.sameAccounts++
		} else {
			why = whyAccountDiffers
		}
	}
	if a.Name != 0 && b.Name != 0 {
		agreement.names++
		if a.Name == b.Name {
			agreement.sameNames++
		} else if why != whyAccountDiffers {
			why = whyNameDiffers
		}
	}
	r.settle(Matched, why, bank, book)
}

// judgeParties turns pairs with another party into pairs with a difference,
// where the books otherwise write their parties alike.
func (r *run) judgeParties(agreement parties) {
	share := func(same, all int) bool { return all >= 10 && float64(same) >= agreeingShare*float64(all) }
	r.pinned.Accounts = share(agreement.sameAccounts, agreement.accounts)
	r.pinned.Names = share(agreement.sameNames, agreement.names)
	for _, p := range r.piles {
		for i := range p.marks {
			m := &p.marks[i]
			if m.state != Matched {
				continue
			}
			switch why := m.reason; {
			case why == whyAccountDiffers && r.pinned.Accounts, why == whyNameDiffers && r.pinned.Names:
				m.state = MatchedWithDifference
			case why == whyAccountDiffers, why == whyNameDiffers:
				m.reason = whyWindow
			}
		}
	}
}

// severalOfReference judges a reference that stands on several rows.
func (r *run) severalOfReference(bank, book []*Row, agreement *parties) {
	if len(bank) == 0 || len(book) == 0 {
		return
	}
	if len(bank) == 1 && len(book) == 1 {
		r.pairReference(bank, book, agreement)
		return
	}
	if (len(bank) == 1 || len(book) == 1) && sum(bank) == sum(book) {
		r.settle(Grouped, whyRefSplit, bank, book)
		return
	}
	equal := func(a, b *Row) bool { return a.Fen == b.Fen && r.near(a, b) && !otherParty(a, b) }
	pieces(bank, book, equal, func(bank, book []*Row) {
		switch {
		case len(bank) == 1 && len(book) == 1:
			r.pairReference(bank, book, agreement)
		case len(bank) == len(book):
			r.settle(Ambiguous, whyRefTwins, bank, book)
		default:
			r.settle(Proposed, whyRefSurplus, bank, book)
		}
	})
	left := func(side int, rows []*Row) []*Row {
		return slices.DeleteFunc(slices.Clone(rows), func(row *Row) bool { return !r.undecided(side, row.ID) })
	}
	bank, book = left(0, bank), left(1, book)
	switch {
	case len(bank) == 0 || len(book) == 0:
	case len(bank) == 1 && len(book) == 1:
		if !otherParty(bank[0], book[0]) {
			r.pairReference(bank, book, agreement)
		}
	case sum(bank) == sum(book):
		r.settle(Grouped, whyRefSplit, bank, book)
	}
}

// otherParty says that both rows name a party and it is not the same.
func otherParty(a, b *Row) bool {
	return a.Account != 0 && b.Account != 0 && a.Account != b.Account || (a.Account == 0 || b.Account == 0) && a.Name != 0 && b.Name != 0 && a.Name != b.Name
}

// byNearness cuts rows of one reference where no row lies for more than gap days:
// numberings begin anew each month or year.
func byNearness(bank, book []*Row, gap int, each func(bank, book []*Row)) {
	byDay := func(a, b *Row) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.ID, b.ID)) }
	bank, book = slices.SortedFunc(slices.Values(bank), byDay), slices.SortedFunc(slices.Values(book), byDay)
	for len(bank)+len(book) > 0 {
		i, j := 0, 0
		var last Day
		for {
			switch {
			case i < len(bank) && (j == len(book) || bank[i].Day <= book[j].Day) && (i+j == 0 || calendarDays(last, bank[i].Day) <= gap):
				last = bank[i].Day
				i++
				continue
			case j < len(book) && (i+j == 0 || calendarDays(last, book[j].Day) <= gap):
				last = book[j].Day
				j++
				continue
			}
			break
		}
		each(bank[:i], book[:j])
		bank, book = bank[i:], book[j:]
	}
}

// amountReason explains how two amounts differ.
func amountReason(a, b *Row, guess bool) reason {
	x, y := abs(a.Fen), abs(b.Fen)
	switch {
	case a.Fen == -b.Fen:
		return pick(guess, whyGuessSign, whySign)
	case swappedDigits(int64(x), int64(y)):
		return pick(guess, whyGuessTransposed, whyTransposed)
	case oneDigit(int64(x), int64(y)):
		return pick(guess, whyGuessDigit, whyDigit)
	case shifted(int64(x), int64(y)):
		return pick(guess, whyGuessScale, whyScale)
	}
	return pick(guess, noReason, whyAmount)
}

// swappedDigits: the same number with two neighbouring digits exchanged.
func swappedDigits(x, y int64) bool {
	if (x-y)%9 != 0 || x == y {
		return false
	}
	var a, b [20]byte
	n := decimal(&a, x)
	m := decimal(&b, y)
	n = max(n, m)
	for i := range n - 1 {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i] != a[i+1] && slices.Equal(a[i+2:n], b[i+2:n])
		}
	}
	return false
}

// oneDigit: exactly one digit differs, or one was lost or doubled.
func oneDigit(x, y int64) bool {
	var a, b [20]byte
	n, m := decimal(&a, x), decimal(&b, y)
	differ := 0
	for i := range max(n, m) {
		if a[i] != b[i] {
			differ++
		}
	}
	if differ == 1 {
		return true
	}
	return n == m+1 && lost(a[:n], b[:m]) || m == n+1 && lost(b[:m], a[:n])
}

// lost: short is long without one digit.
func lost(long, short []byte) bool {
	i := 0
	for i < len(short) && long[i] == short[i] {
		i++
	}
	return slices.Equal(long[i+1:], short[i:])
}

// shifted: the same digits times ten or a hundred.
func shifted(x, y int64) bool {
	return x != 0 && y != 0 && (x == y*10 || x == y*100 || y == x*10 || y == x*100)
}

// decimal writes the digits, lowest first, and gives their count.
func decimal(into *[20]byte, v int64) int {
	n := 0
	for ; v > 0 && n < len(into); n++ {
		into[n] = byte(v % 10)
		v /= 10
	}
	return n
}
