package ledger

// byReversal pairs off +x and −x of the same counterparty on one side within
// five days: a correction that needs no partner in the other book. Without a
// party one of the two must call itself a reversal (冲正, 红字).
func (r *run) byReversal() {
	for _, key := range []keyed{
		func(row *Row) uint64 { return partyKey(row, row.Account) },
		func(row *Row) uint64 { return partyKey(row, row.Name) },
		func(row *Row) uint64 { return mix(0x72657665727365, uint64(abs(row.Fen))) },
	} {
		for side := range r.rest {
			r.reverse(side, key)
		}
		r.keepUndecided()
	}
}

func partyKey(row *Row, party uint32) uint64 {
	if party == 0 {
		return 0
	}
	return mix(uint64(party), uint64(abs(row.Fen)))
}

func (r *run) reverse(side int, key keyed) {
	cancels := func(a, b *Row) bool {
		said := (a.facts|b.facts)&(saysReversal|isRed) != 0
		same := !otherParty(a, b) && comparable(a, b)
		return a.Fen == -b.Fen && a.Fen != 0 && calendarDays(a.Day, b.Day) <= reversalDays && (same || said && !otherParty(a, b))
	}
	r.clusters(&r.rest[side], &rest{}, key, true, func(rows, _ []*Row) {
		var plus, minus []*Row
		for _, row := range rows {
			if row.Fen > 0 {
				plus = append(plus, row)
			} else {
				minus = append(minus, row)
			}
		}
		if len(plus) == 0 || len(minus) == 0 {
			return
		}
		pieces(plus, minus, cancels, func(plus, minus []*Row) {
			if len(plus) != 1 || len(minus) != 1 {
				return
			}
			if both := append(plus, minus...); side == 0 {
				r.settle(Grouped, whyReversal, both, nil)
			} else {
				r.settle(Grouped, whyReversal, nil, both)
			}
		})
	})
}
