package ledger

// byBatch joins rows that name the same batch or payment notice and direction:
// one row against one, or against its details, when the sums agree.
func (r *run) byBatch() {
	key := func(row *Row) uint64 { return batchKey(row) }
	r.clusters(&r.rest[0], &r.rest[1], key, false, func(bank, book []*Row) {
		byNearness(bank, book, farDays/2, func(bank, book []*Row) {
			if len(bank) == 0 || len(book) == 0 || sum(bank) != sum(book) {
				return
			}
			if len(bank) == 1 && len(book) == 1 {
				if !r.contradict(bank[0], book[0]) {
					r.settle(Matched, whyBatch, bank, book)
				}
				return
			}
			if len(bank) == 1 || len(book) == 1 {
				r.settle(Grouped, whyBatchSum, bank, book)
			}
		})
	})
	r.keepUndecided()
}

func batchKey(row *Row) uint64 {
	if row.Batch == 0 {
		return 0
	}
	return mix(uint64(row.Batch), pick[uint64](row.Fen < 0, 1, 2))
}

// suggestBatch shows batches whose sums differ.
func (r *run) suggestBatch() {
	r.clusters(&r.rest[0], &r.rest[1], batchKey, false, func(bank, book []*Row) {
		byNearness(bank, book, farDays/2, func(bank, book []*Row) {
			if len(bank) > 0 && len(book) > 0 {
				r.settle(Proposed, whyBatchDiffers, bank, book)
			}
		})
	})
	r.keepUndecided()
}
