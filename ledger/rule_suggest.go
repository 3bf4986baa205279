package ledger

// The suggestions explain what is left. They never match: a person decides.

// suggest shows pairs that an edge connects one to one.
func (r *run) suggest(key keyed, edge func(a, b *Row) bool, why func(a, b *Row) reason) {
	r.clusters(&r.rest[0], &r.rest[1], key, false, func(bank, book []*Row) {
		pieces(bank, book, edge, func(bank, book []*Row) {
			if len(bank) == 1 && len(book) == 1 {
				r.settle(Proposed, why(bank[0], book[0]), bank, book)
			}
		})
	})
	r.keepUndecided()
}

func always(why reason) func(a, b *Row) reason { return func(_, _ *Row) reason { return why } }

// suggestReference: everything is equal but the reference.
func (r *run) suggestReference() {
	for _, key := range []keyed{accountKey, nameKey} {
		r.suggest(key, func(a, b *Row) bool { return a.Fen == b.Fen && r.near(a, b) && !otherParty(a, b) && r.contradict(a, b) }, always(whyRefTypo))
	}
}

// suggestSurplus: the same counterparty and amount, more rows on one side.
func (r *run) suggestSurplus() {
	for _, key := range []keyed{accountKey, nameKey} {
		edge := func(a, b *Row) bool { return a.Fen == b.Fen && r.near(a, b) && !otherParty(a, b) }
		r.clusters(&r.rest[0], &r.rest[1], key, false, func(bank, book []*Row) {
			pieces(bank, book, edge, func(bank, book []*Row) { r.settle(Proposed, whySurplus, bank, book) })
		})
		r.keepUndecided()
	}
}

// suggestSign: the same counterparty and amount, booked on the wrong side.
func (r *run) suggestSign() {
	edge := func(a, b *Row) bool { return a.Fen == -b.Fen && a.Fen != 0 && r.near(a, b) && !otherParty(a, b) }
	for _, key := range []keyed{
		func(row *Row) uint64 { return partyKey(row, row.Account) },
		func(row *Row) uint64 { return partyKey(row, row.Name) },
	} {
		r.suggest(key, edge, always(whyGuessSign))
	}
}

// suggestAmount: the same counterparty and near days, an amount that differs as
// fingers slip.
func (r *run) suggestAmount() {
	edge := func(a, b *Row) bool {
		return a.Fen < 0 == (b.Fen < 0) && r.near(a, b) && !otherParty(a, b) && amountReason(a, b, true) != noReason
	}
	why := func(a, b *Row) reason { return amountReason(a, b, true) }
	for _, key := range []keyed{func(row *Row) uint64 { return uint64(row.Account) }, func(row *Row) uint64 { return uint64(row.Name) }} {
		r.suggest(key, edge, why)
	}
}

// suggestDay: the same counterparty and amount, far apart.
func (r *run) suggestDay() {
	edge := func(a, b *Row) bool {
		return a.Fen == b.Fen && calendarDays(a.Day, b.Day) <= farDays && !otherParty(a, b) && !r.contradict(a, b)
	}
	for _, key := range []keyed{accountKey, nameKey} {
		r.suggest(key, edge, always(whyGuessDay))
	}
}

// suggestParty: the same amount on near days, another counterparty.
func (r *run) suggestParty() {
	r.suggest(amountKey, func(a, b *Row) bool { return a.Fen == b.Fen && r.near(a, b) && !r.contradict(a, b) }, always(whyGuessParty))
}

// leaveOpen gives what is left its kind of 未达账项, and the reason where the
// words of the row tell one.
func (r *run) leaveOpen() {
	for side := range r.rest {
		r.rest[side].each(func(_ uint32, row *Row) {
			why := whyOpen
			switch {
			case side == 0 && row.Fen < 0 && row.facts&saysFee != 0:
				why = whyFee
			case side == 0 && row.Fen > 0 && row.facts&saysInterest != 0:
				why = whyInterest
			case side == 0 && row.Fen > 0 && row.facts&(saysReturn|saysReversal) != 0:
				why = whyReturned
			case r.apart[standing{Side(side), row.ID}] != nil:
				why = whyRefused
			}
			m := &r.piles[side].marks[row.ID]
			m.state, m.reason = openAs(Side(side), row.Fen >= 0), why
		})
		r.rest[side] = rest{}
	}
}
