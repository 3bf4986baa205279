package bench

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/old"
	"github.com/jingban/jingban/fixtures/legacy/pension"
	"github.com/jingban/jingban/materials"
)

// TestMoneyOfATransferIsTheSameInThreePrograms lets ours, the fake's trial and the
// oracle, which share no code, work out the same transfers.
func TestMoneyOfATransferIsTheSameInThreePrograms(t *testing.T) {
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := benefits.Load(catalog.Params())
	if err != nil {
		t.Fatal(err)
	}
	terms, err := rules.In("379900", casework.Date{Year: 2026, Month: 6, Day: 1}).Transfer()
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(5, 5))
	for i := range 50 {
		first, n := fmt.Sprintf("%d%02d", 2003+rnd.IntN(20), 1+rnd.IntN(12)), 1+rnd.IntN(80)
		months := pension.Paid(first, n, int64(300000+rnd.IntN(900000)))
		for k := range months {
			if rnd.IntN(9) == 0 {
				months[k].Received = ""
			}
		}
		pre := int64(rnd.IntN(2) * 135742)
		want := movingOf(pre, months, 2030)
		var list []benefits.Contribution
		for _, m := range months {
			number, err := strconv.Atoi(m.Month)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, benefits.Contribution{Month: casework.Month(number), Base: casework.Fen(m.Base), Arrived: m.Received != ""})
		}
		ours, err := terms.Transfer(list, casework.Fen(pre), 2030)
		if err != nil {
			t.Fatal(err)
		}
		if int64(ours.Total) != want.total || int64(ours.Balance) != want.balance || int64(ours.Pooled) != want.pooled || ours.Months != want.months {
			t.Errorf("case %d: ours %s of %s, oracle %d of %d", i, ours.Total, ours.Balance, want.total, want.balance)
		}
	}
}

// TestTransfersOfSomeBranchesEndAsTheOracleSays drives a few cases, some on bad
// days, with a real browser.
func TestTransfersOfSomeBranchesEndAsTheOracleSays(t *testing.T) {
	if os.Getenv("REQUIRE_REAL") != "1" {
		t.Skip("drives Chromium for minutes; CI sets REQUIRE_REAL=1")
	}
	dir, err := os.MkdirTemp("", "jingban-transfers-") // where another user may walk
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	r, err := Transfers(t.Context(), TransferOptions{Transfers: 2, Claims: 2, Faults: 1, Seed: 1, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if r.Lost != 0 || r.Twice != 0 || r.Transfers.Wrong != 0 || r.Claims.Wrong != 0 || r.Transfers.Right != 2 {
		t.Errorf("%+v", r)
	}
}

// TestTheJudgeSeesWhatIsLostAndWhatIsTwice spoils books by hand.
func TestTheJudgeSeesWhatIsLostAndWhatIsTwice(t *testing.T) {
	s := &transferSite{}
	if err := s.openBooks(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, one := range []*old.System{s.pension.System, s.exchange.System, s.benefits.System} {
			if err := one.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	c := s.leaves(rand.New(rand.NewPCG(1, 1)), 0, outBranches()[0])
	if err := c.plant(t.Context(), s, c); err != nil {
		t.Fatal(err)
	}
	if wrong, err := c.judge(t.Context(), s, c); err != nil || wrong.lost < 2 {
		t.Errorf("nothing was entered: %+v, %v", wrong, err)
	}
	for range 2 {
		if err := s.pension.EnterOut(t.Context(), pension.Out{Letter: c.snapshot.Shared["letter"], No: "37", IDNumber: "x", Name: "y", Clerk: "robot01"}, s.now()); err != nil {
			t.Fatal(err)
		}
	}
	if wrong, err := c.judge(t.Context(), s, c); err != nil || wrong.twice != 1 {
		t.Errorf("entered twice: %+v, %v", wrong, err)
	}
}
