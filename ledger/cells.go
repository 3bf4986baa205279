package ledger

// sheet is a source of cells: next fills in one line of a text file or one row of
// a sheet. The cells are valid until the next call. At the end it gives io.EOF; a
// lineError is one bad line, after which it can go on.
type sheet interface {
	next(row *cells) (line int, err error)
}

// cells are those of one row: of a line as it stands, with the place where each
// cell ends, or each apart.
type cells struct {
	text  []byte
	ends  []int
	apart [][]byte
}

func (c *cells) count() int {
	if c.apart != nil {
		return len(c.apart)
	}
	return len(c.ends)
}

// at gives one cell.
func (c *cells) at(i int) []byte {
	switch {
	case c.apart != nil:
		return c.apart[i]
	case i == 0:
		return c.text[:c.ends[0]]
	}
	return c.text[c.ends[i-1]+1 : c.ends[i]]
}

// list gives all cells. Few lines need that.
func (c *cells) list() [][]byte {
	if c.apart == nil {
		list := make([][]byte, len(c.ends))
		for i := range list {
			list[i] = c.at(i)
		}
		c.apart = list
	}
	return c.apart
}
