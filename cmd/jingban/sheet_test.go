package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/sheets"
	"github.com/jingban/jingban/store"
)

// listHouse is a whole house with a fake benefits system; it can be stopped and
// started again.
type listHouse struct {
	t      *testing.T
	cfg    *Config
	system *benefits.System
	url    string
	shift  time.Duration
}

func newListHouse(t *testing.T) *listHouse {
	t.Helper()
	needParts(t)
	l := &listHouse{t: t, cfg: &Config{Data: t.TempDir(), Log: "error", FirstStage: "full"}, shift: time.Until(time.Date(2026, 6, 10, 9, 0, 0, 0, casework.China))}
	var err error
	if l.system, err = benefits.Open(benefits.Config{Dir: t.TempDir(), Now: l.now}); err != nil {
		t.Fatal(err)
	}
	l.url = serveFake(t, func(ctx context.Context, ln net.Listener) error { return benefits.Serve(ctx, ln, l.system) }, l.system.Close)
	return l
}

func (l *listHouse) now() time.Time { return time.Now().Add(l.shift) }

// live lets the house live until look says that it has seen enough.
func (l *listHouse) live(look func(context.Context, *house) bool) {
	l.t.Helper()
	if err := l.cfg.settle(); err != nil {
		l.t.Fatal(err)
	}
	h := &house{cfg: l.cfg, log: l.cfg.logger(io.Discard), now: l.now}
	defer func() {
		if err := h.Close(); err != nil {
			l.t.Error(err)
		}
	}()
	if err := h.open(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
	for name, value := range map[string]string{"url": l.url, "account.login": benefits.DefaultAccount, "account.password": benefits.DefaultPassword} {
		if err := h.store.SetSecret(l.t.Context(), atTerminal(), "systems.benefits."+name, value); err != nil {
			l.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(l.t.Context(), 4*time.Minute)
	defer cancel()
	err := h.run(ctx, h.work, func(ctx context.Context) error {
		for ticker := time.NewTicker(100 * time.Millisecond); ; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ticker.C:
				if look(ctx, h) {
					ticker.Stop()
					return errDone
				}
			}
		}
	})
	if !errors.Is(err, errDone) {
		l.t.Fatal(err)
	}
}

// The house is stopped in the middle of a list and started again; the same file
// comes twice. Each benefit is stopped once, and the file comes back with what its
// rows became.
func TestAListRunsThroughAWholeHouseAndComesBack(t *testing.T) {
	l := newListHouse(t)
	people := []string{"379901198503120017", "379902199007154526", "379901198806150029"}
	for _, id := range people[:2] {
		if _, err := l.system.AddAward(t.Context(), benefits.Award{IDNumber: id, Name: "张明", First: "202603", Months: 16, Monthly: 176000, Status: benefits.AwardRunning}); err != nil {
			t.Fatal(err)
		}
	}
	insured(t, l.system, "职工养老", people[0], 202606)
	list := "备注,姓名,身份证号,待遇月份\r\n0001,张明," + people[0] + ",202606\r\n0002,李娜," + people[1] + ",202606\r\n0003,王五," + people[2] + ",202606\r\n0004,赵六,379901198806150023,202606\r\n"
	file, out := filepath.Join(t.TempDir(), "六月.csv"), filepath.Join(t.TempDir(), "out.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	take := sheetTake{Playbook: "unemployment_stop", Path: file}
	term := console{out: io.Discard, err: io.Discard, chinese: true}
	var sheet store.Sheet
	l.live(func(ctx context.Context, h *house) bool {
		if sheet.ID == "" {
			pb, text, err := sheetFlow(term, l.cfg, take.Playbook)
			if err != nil {
				t.Error(err)
				return true
			}
			b, rows, err := text.Read(pb, []byte(list), defaultRegion, l.now(), nil)
			if err != nil {
				t.Error(err)
				return true
			}
			if sheet, err = h.store.TakeSheet(ctx, atTerminal(), store.Sheet{Playbook: pb.Name, Name: "六月.csv", Format: b.Format}, []byte(list), rows); err != nil {
				t.Error(err)
				return true
			}
		}
		counts, err := h.store.SheetCounts(ctx, sheet.ID)
		return err != nil || counts[store.RowDone] > 0 // in the middle
	})
	l.live(func(ctx context.Context, h *house) bool {
		v, err := h.store.Sheet(ctx, sheet.ID)
		return err != nil || v.State == store.SheetDone
	})
	if err := take.Run(t.Context(), term, l.cfg); err != nil { // the same file
		t.Fatal(err)
	}
	if err := (sheetWrite{aSheet: aSheet{sheet.ID}, Out: out}).Run(t.Context(), term, l.cfg); err != nil {
		t.Fatal(err)
	}
	awards, err := l.system.Awards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	posts, err := l.system.Posts(t.Context(), "/stop")
	if err != nil {
		t.Fatal(err)
	}
	var stopped string
	for _, a := range awards {
		if a.Status == benefits.AwardStopped {
			stopped += a.IDNumber + a.Number
		}
	}
	if len(awards) != 2 || !strings.HasPrefix(stopped, people[0]) || strings.Count(stopped, people[0]) != 1 {
		t.Errorf("the books hold %+v after %d posts", awards, posts)
	}
	back, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	lines, came := strings.Split(string(back), "\r\n"), strings.Split(list, "\r\n")
	for i, want := range []string{",结果,业务流水号,失败原因,时间", ",已办结：已停发," + strings.TrimPrefix(stopped, people[0]), ",已办结：继续发放,", ",已办结：没有正在发放的待遇,", ",未办理（表格有误）,,第 5 行 C 列『身份证号』：校验码不对"} {
		if !strings.HasPrefix(lines[i], came[i]+want) {
			t.Errorf("line %d is %q, want %q and then %q", i+1, lines[i], came[i], want)
		}
	}
}

// Five thousand rows are taken, counted and written back while people wait.
func BenchmarkFiveThousandRows(b *testing.B) {
	var text strings.Builder
	text.WriteString("姓名,身份证号,待遇月份\n")
	for i := range 5000 {
		fmt.Fprintf(&text, "张明,%s,%d\n", withCheck(fmt.Sprintf("37990119850312%03d", i%1000)), 202601+i/1000)
	}
	s, err := store.Open(b.Context(), store.Config{Database: "sqlite:" + filepath.Join(b.TempDir(), "a.db"), Files: b.TempDir(), MasterKey: make([]byte, 32)})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	pb, x, err := sheetFlow(console{chinese: true}, &Config{}, "unemployment_stop")
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		data := []byte(text.String() + strings.Repeat("\n", n+1))
		book, rows, err := x.Read(pb, data, defaultRegion, time.Now(), nil)
		if err != nil {
			b.Fatal(err)
		}
		v, err := s.TakeSheet(b.Context(), atTerminal(), store.Sheet{Playbook: pb.Name, Name: "a.csv", Format: book.Format}, data, rows)
		if err != nil {
			b.Fatal(err)
		}
		if counts, err := s.SheetCounts(b.Context(), v.ID); err != nil || counts[store.RowWaiting] != 5000 {
			b.Fatal(counts, err)
		}
		all, err := s.SheetRows(b.Context(), v.ID, 0, sheets.Most)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := x.Write(pb, data, all); err != nil {
			b.Fatal(err)
		}
	}
}

// withCheck completes an ID number of 17 digits.
func withCheck(first string) string {
	weights, sum := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}, 0
	for i, w := range weights {
		sum += int(first[i]-'0') * w
	}
	return first + string("10X98765432"[sum%11])
}

// Two schedules come due at the same moment and read the same roll: each running
// benefit gets one check of the month, and the checks do their work.
func TestTheMonthsStopChecksAreOpenedOnceEach(t *testing.T) {
	l := newListHouse(t)
	l.shift = time.Until(time.Date(2026, 6, 10, 8, 29, 57, 0, casework.China))
	var people []string
	for i := range 6 { // two pages of the roll
		people = append(people, withCheck(fmt.Sprintf("37990119850312%03d", i)))
		if _, err := l.system.AddAward(t.Context(), benefits.Award{IDNumber: people[i], Name: "张明", First: "202603", Months: 16, Monthly: 176000, Status: benefits.AwardRunning}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.system.AddAward(t.Context(), benefits.Award{IDNumber: zhangMing, Name: "张明", First: "202603", Months: 16, Monthly: 176000, Status: benefits.AwardStopped}); err != nil {
		t.Fatal(err)
	}
	var cases []casework.Case
	l.live(func(ctx context.Context, h *house) bool {
		known, err := h.store.Schedules(ctx)
		if err != nil {
			t.Error(err)
			return true
		}
		for _, name := range []string{"a", "b"}[min(len(known), 2):] {
			_, err := h.store.AddSchedule(ctx, atTerminal(), casework.Schedule{Name: name, Title: "停发核查", Rule: "每个工作日 8:30", Playbook: "unemployment_stop_month", Subject: defaultRegion, CatchUp: casework.CatchUpOnce})
			if err != nil {
				t.Error(err)
				return true
			}
		}
		ended, _, err := h.store.Runs(ctx, store.RunFilter{Playbook: "unemployment_stop_month", End: "opened"})
		if err != nil {
			t.Error(err)
			return true
		}
		asked, _, err := h.store.Runs(ctx, store.RunFilter{Playbook: "unemployment_stop_month", States: []casework.RunState{casework.RunParked, casework.RunFailed}})
		if err != nil || len(asked) > 0 {
			t.Errorf("asked %+v, %v", asked, err)
			return true
		}
		checked, _, err := h.store.Cases(ctx, store.CaseFilter{Outcome: "goes_on"})
		if err != nil || len(ended) < 2 || len(checked) == 0 {
			return err != nil
		}
		cases, _, err = h.store.Cases(ctx, store.CaseFilter{})
		return true
	})
	var got []string
	for _, c := range cases {
		got = append(got, c.Applicant.IDNumber)
		if c.Matter != "unemployment_stop" || c.Month != 202606 || c.Region != defaultRegion {
			t.Errorf("case %s of %s, %v, %s", c.Number, c.Matter, c.Month, c.Region)
		}
	}
	if slices.Sort(got); !slices.Equal(got, people) {
		t.Errorf("%d cases for %d running benefits", len(got), len(people))
	}
}
