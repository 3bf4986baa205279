package ledger

// bySwapped recognises rows where one side has exchanged two columns: account
// and name, or reference and account. The evidence is two foreign texts that
// fit crosswise, and the amount.
func (r *run) bySwapped() {
	crossed := func(a, b *Row) bool {
		names := a.Account != 0 && a.Name != 0 && a.Account == b.Name && a.Name == b.Account && a.Account != a.Name
		references := a.Ref != 0 && a.Account != 0 && uint32(a.Ref) == b.Account && uint32(b.Ref) == a.Account
		named := a.Ref != 0 && a.Name != 0 && uint32(a.Ref) == b.Name && uint32(b.Ref) == a.Name
		return (names || references || named) && a.Fen == b.Fen && r.near(a, b)
	}
	r.clusters(&r.rest[0], &r.rest[1], amountKey, false, func(bank, book []*Row) {
		pieces(bank, book, crossed, func(bank, book []*Row) {
			if len(bank) == 1 && len(book) == 1 {
				r.settle(MatchedWithDifference, whySwapped, bank, book)
			}
		})
	})
	r.keepUndecided()
}
