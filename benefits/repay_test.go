package benefits_test

import (
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

func TestInstalmentsAddUpToTheAmount(t *testing.T) {
	for _, c := range []struct {
		total casework.Fen
		n     int
	}{{2152637, 12}, {5, 7}, {0, 3}, {100, 1}, {99, 2}} {
		r, err := benefits.Repay(c.total, c.n)
		if err != nil {
			t.Fatal(err)
		}
		var sum casework.Fen
		for i, part := range r.Plan {
			if sum += part; part < 0 || i > 0 && i < c.n-1 && part != r.Plan[0] {
				t.Errorf("%v: %v", c, r.Plan)
			}
		}
		if sum != c.total || len(r.Plan) != c.n {
			t.Errorf("%v: %v adds up to %s", c, r.Plan, sum)
		}
	}
	if _, err := benefits.Repay(100, 0); err == nil {
		t.Error("divided into no instalment")
	}
}
