package ledger

// restRows is how many rows are allocated at a time: they fit where chunks of the
// pile have been.
const restRows = 1 << 13

// rest is what is left of one side: rows not decided yet, in the order of their side.
type rest struct {
	chunks [][]Row // all full but the last
}

func (x *rest) add(row Row) {
	last := len(x.chunks) - 1
	if last < 0 || len(x.chunks[last]) == restRows {
		x.chunks = append(x.chunks, make([]Row, 0, restRows))
		last++
	}
	x.chunks[last] = append(x.chunks[last], row)
}

func (x *rest) count() int {
	if len(x.chunks) == 0 {
		return 0
	}
	return (len(x.chunks)-1)*restRows + len(x.chunks[len(x.chunks)-1])
}

// at gives a row by its place.
func (x *rest) at(i uint32) *Row { return &x.chunks[i/restRows][i%restRows] }

// each runs over the rows in their order.
func (x *rest) each(do func(i uint32, row *Row)) {
	for c, chunk := range x.chunks {
		for i := range chunk {
			do(uint32(c*restRows+i), &chunk[i])
		}
	}
}

// keep drops the rows that are not wanted.
func (x *rest) keep(wanted func(*Row) bool) {
	n := 0
	x.each(func(_ uint32, row *Row) {
		if wanted(row) {
			*x.at(uint32(n)) = *row
			n++
		}
	})
	full := (n + restRows - 1) / restRows
	clear(x.chunks[full:])
	if x.chunks = x.chunks[:full]; full > 0 {
		x.chunks[full-1] = x.chunks[full-1][:n-(full-1)*restRows]
	}
}

// list appends all rows.
func (x *rest) list(into []Row) []Row {
	for _, chunk := range x.chunks {
		into = append(into, chunk...)
	}
	return into
}
