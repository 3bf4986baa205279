package ledger

// byAccount joins equal amounts of the same counterparty account within the
// window, where exactly one row of each side fits.
func (r *run) byAccount() {
	r.equals(accountKey, func(a, b *Row) bool { return a.Account == b.Account }, whyAccount, whyAccountTwins)
}

// byName does the same by counterparty name, where no account says otherwise.
func (r *run) byName() {
	r.equals(nameKey, func(a, b *Row) bool { return a.Name == b.Name && !otherParty(a, b) }, whyName, whyNameTwins)
}

// byAmount does the same by the amount alone. It holds only while at least one
// of the two rows names no party: two different parties are two events. The
// match is weak and marked so.
func (r *run) byAmount() {
	unnamed := func(row *Row) bool { return row.Account == 0 && row.Name == 0 }
	r.equals(amountKey, func(a, b *Row) bool { return !otherParty(a, b) && (unnamed(a) || unnamed(b) || !comparable(a, b)) }, whyWeak, whyWeakTwins)
}

// comparable says that both rows name their party in the same way.
func comparable(a, b *Row) bool {
	return a.Account != 0 && b.Account != 0 || a.Name != 0 && b.Name != 0
}

func accountKey(row *Row) uint64 {
	if row.Account == 0 {
		return 0
	}
	return mix(uint64(row.Account), uint64(row.Fen))
}

func nameKey(row *Row) uint64 {
	if row.Name == 0 {
		return 0
	}
	return mix(uint64(row.Name), uint64(row.Fen))
}

func amountKey(row *Row) uint64 { return mix(0x616d6f756e74, uint64(row.Fen)) }

// equals settles rows of equal amounts: a proven pair is matched; as many of one
// side as of the other are interchangeable, so their sums agree and nothing is
// asserted; unequal counts wait for the suggestions.
func (r *run) equals(key keyed, party func(a, b *Row) bool, whyOne, whyTwins reason) {
	edge := func(a, b *Row) bool { return a.Fen == b.Fen && party(a, b) && r.near(a, b) && !r.contradict(a, b) }
	r.clusters(&r.rest[0], &r.rest[1], key, false, func(bank, book []*Row) {
		pieces(bank, book, edge, func(bank, book []*Row) {
			switch {
			case len(bank) == 1 && len(book) == 1:
				r.settle(Matched, whyOne, bank, book)
			case len(bank) == len(book) && sum(bank) == sum(book):
				r.settle(Ambiguous, whyTwins, bank, book)
			}
		})
	})
	r.keepUndecided()
}
