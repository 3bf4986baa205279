package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/old"
	"github.com/jingban/jingban/fixtures/legacy/portal"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/workers"
)

// scan is a picture of its own for a number: what stands on it the hall's reader knows.
func scan(n int) []byte {
	picture := image.NewPaletted(image.Rect(0, 0, 120, 80), color.Palette{color.RGBA{uint8(40 * n), uint8(200 - 20*n), 180, 255}, color.Black})
	picture.Pix[n] = 1
	var data bytes.Buffer
	if err := png.Encode(&data, picture); err != nil {
		panic(err) // a buffer takes everything
	}
	return data.Bytes()
}

// cardPaper is the one paper that the claim of the acceptance examples does without.
func cardPaper() materials.File {
	return read("bank_card", "中国农业银行", "借记卡 金穗卡", "6228480000000000018", "持卡人 张明")
}

// hallHouse is a house at work on the online hall. What a scan says is known: reading
// pictures is proven elsewhere.
type hallHouse struct {
	t      *testing.T
	cfg    *Config
	system *portal.System
	url    string
	shift  time.Duration
	says   map[string][]casework.Reading // by the bytes of a scan
	scans  int
}

func newHallHouse(t *testing.T) *hallHouse {
	t.Helper()
	needParts(t)
	l := &hallHouse{t: t, cfg: &Config{Data: t.TempDir(), Log: "error", FirstStage: "full"}, says: map[string][]casework.Reading{}}
	l.morning(casework.Date{Year: 2026, Month: 3, Day: 6}, -10*time.Minute)
	var err error
	if l.system, err = portal.Open(old.Config{Dir: t.TempDir(), Now: l.now}, 1); err != nil {
		t.Fatal(err)
	}
	l.url = serveFake(t, func(ctx context.Context, ln net.Listener) error { return portal.Serve(ctx, ln, l.system) }, l.system.Close)
	return l
}

// morning sets the clock to shortly before the intake of a day, or after it has come
// due. No house may live then.
func (l *hallHouse) morning(day casework.Date, after time.Duration) {
	l.shift = time.Until(day.Time().Add(8*time.Hour + 30*time.Minute + after))
}

func (l *hallHouse) now() time.Time { return time.Now().Add(l.shift) }

// Read implements workers.Reader.
func (l *hallHouse) Read(_ context.Context, file []byte) ([]casework.Reading, error) {
	if readings, ok := l.says[string(file)]; ok {
		return readings, nil
	}
	return nil, casework.Fail("file_type", "nobody knows this file")
}

// submit sends an application in with papers, each on a scan of its own.
func (l *hallHouse) submit(a portal.Application, papers ...materials.File) {
	l.t.Helper()
	var files []portal.Attachment
	for _, p := range papers {
		l.scans++
		data := scan(l.scans)
		l.says[string(data)] = p.Readings
		files = append(files, portal.Attachment{Kind: p.Slot, Name: "IMG_0001.png", MIME: "image/png", Data: data}) // all of one name, as phones do
	}
	if err := l.system.Submit(l.t.Context(), a, files...); err != nil {
		l.t.Fatal(err)
	}
}

// state is how an application stands in the hall.
func (l *hallHouse) state(number string) string {
	l.t.Helper()
	all, err := l.system.Applications(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	for _, a := range all {
		if a.Number == number {
			return a.State
		}
	}
	return ""
}

// live lets the house live until look says that it has seen enough.
func (l *hallHouse) live(look func(context.Context, *house) bool) {
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
	if l.furnish(h) {
		l.morning(casework.Date{Year: 2026, Month: 3, Day: 6}, time.Minute)
	}
	crew := &workers.Crew{Name: workerName(), Slots: 4, Store: h.store, Broker: h.broker, Reader: l, Browser: h.browsing, Catalog: h.catalog, Library: h.library, Schema: h.schema(),
		Stage: casework.StageFull, Agency: sampleAgency(), Now: h.now, Log: h.log}
	ctx, cancel := context.WithTimeout(l.t.Context(), 2*time.Minute)
	defer cancel()
	err := h.run(ctx, crew.Run, func(ctx context.Context) error {
		for ticker := time.NewTicker(50 * time.Millisecond); ; {
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
		runs, _, listErr := h.store.Runs(l.t.Context(), store.RunFilter{})
		for _, r := range runs {
			l.t.Logf("%s stands at %s: %s %s, try %d", r.Playbook, r.Step, r.State, r.End, r.Attempt)
		}
		l.t.Fatal(errors.Join(err, listErr))
	}
}

// furnish names the hall, its account, and two schedules that come due together, once.
func (l *hallHouse) furnish(h *house) (fresh bool) {
	l.t.Helper()
	ctx := l.t.Context()
	if known, err := h.store.Schedules(ctx); err != nil || len(known) > 0 {
		return false
	}
	var errs []error
	for name, value := range map[string]string{"url": l.url, "account.login": old.DefaultAccount, "account.password": old.DefaultPassword} {
		errs = append(errs, h.store.SetSecret(ctx, atTerminal(), "systems.portal."+name, value))
	}
	for _, name := range []string{"a", "b"} {
		_, err := h.store.AddSchedule(ctx, atTerminal(), casework.Schedule{Name: name, Title: "取件", Rule: "每个工作日 8:30", Playbook: "portal_intake", Subject: defaultRegion, CatchUp: casework.CatchUpOnce})
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		l.t.Fatal(err)
	}
	return true
}

// answer gives the clerk's answer to the question about an application.
func (l *hallHouse) answer(ctx context.Context, h *house, cases map[string]casework.Case, choices map[string]string) {
	open, _, err := h.store.Reviews(ctx, store.ReviewFilter{})
	if err != nil {
		l.t.Error(err)
	}
	for _, r := range open {
		for number, choice := range choices {
			if cases[number].ID != r.CaseID || r.State != casework.ReviewOpen {
				continue
			}
			if r.Step != "confirm" {
				l.t.Errorf("the run about %s asks at %s: %s", number, r.Step, r.Reason)
				choice = r.Choices[len(r.Choices)-1].Name
			}
			if err := h.store.Decide(ctx, casework.Decision{ReviewID: r.ID, Choice: choice, At: h.now(), By: atTerminal()}); err != nil {
				l.t.Error(err)
			}
		}
	}
}

// cases gives the cases by their application.
func (l *hallHouse) cases(ctx context.Context, h *house) map[string]casework.Case {
	all, _, err := h.store.Cases(ctx, store.CaseFilter{})
	if err != nil {
		l.t.Error(err)
	}
	by := map[string]casework.Case{}
	for _, c := range all {
		if _, twice := by[c.Shared["application"]]; twice {
			l.t.Errorf("two cases of %s", c.Shared["application"])
		}
		by[c.Shared["application"]] = c
	}
	return by
}

// asked reports an intake that asks a person, or ended badly.
func (l *hallHouse) intakes(ctx context.Context, h *house) (ended int) {
	runs, _, err := h.store.Runs(ctx, store.RunFilter{Playbook: "portal_intake"})
	if err != nil {
		l.t.Error(err)
	}
	for _, r := range runs {
		switch {
		case r.End == "opened":
			ended++
		case r.State == casework.RunParked || r.State == casework.RunFailed:
			l.t.Fatalf("an intake stands at %s: %s %s", r.Step, r.State, r.End)
		}
	}
	return ended
}

const (
	applicationA = "37990020260306000001"
	applicationB = "37990020260306000002"
)

// Two intakes read one list at the same moment; one application is passed, one sent
// back and sent in again.
func TestApplicationsOfTheHallBecomeCasesOnceAndAreAnswered(t *testing.T) {
	l := newHallHouse(t)
	good, few := append(claimPapers("2026年2月28日", "张明"), cardPaper()), claimPapers("2026年2月28日", "张明")[:2]
	zhang := portal.Application{Name: "张明", IDNumber: zhangMing, Mobile: "13800000001", Account: "6228480000000000018", Month: "202603"}
	for _, a := range []struct {
		number string
		papers []materials.File
	}{{applicationA, good}, {applicationB, few}} {
		zhang.Number = a.number
		l.submit(zhang, a.papers...)
	}
	if err := l.system.Submit(t.Context(), portal.Application{Number: "37990020260306000009", Item: "灵活就业参保登记", Name: "李娜"}); err != nil {
		t.Fatal(err)
	}
	var first map[string]casework.Case
	compared := false
	l.live(func(ctx context.Context, h *house) bool {
		first = l.cases(ctx, h)
		if l.intakes(ctx, h) < 2 {
			return false
		}
		if !compared {
			compared = true
			l.compareFiles(ctx, h, first)
		}
		l.answer(ctx, h, first, map[string]string{applicationA: "pass"})
		return first[applicationA].Outcome == "passed" && first[applicationB].Outcome == "returned"
	})
	if len(first) != 2 {
		t.Fatalf("%d cases", len(first))
	}
	l.judge(applicationA, portal.Passed, 1)
	l.judge(applicationB, portal.Returned, 1)

	// The citizen sends B in again, with all papers; the hall's reply is lost.
	zhang.Number, zhang.Mobile = applicationB, "13800000002"
	l.submit(zhang, good...)
	l.system.Switch(func(w *old.Switches) { w.LoseReply = 1 })
	l.morning(casework.Date{Year: 2026, Month: 3, Day: 9}, time.Minute)
	l.live(func(ctx context.Context, h *house) bool {
		now := l.cases(ctx, h)
		if l.intakes(ctx, h) < 4 {
			return false
		}
		l.answer(ctx, h, now, map[string]string{applicationB: "pass"})
		if now[applicationB].Outcome != "passed" {
			return false
		}
		l.compareRounds(ctx, h, first[applicationB], now[applicationB])
		return true
	})
	l.judge(applicationB, portal.Passed, 2)
	if twice, err := l.system.Doubles(t.Context()); err != nil || twice != 0 {
		t.Errorf("%d decisions too many, %v", twice, err)
	}
	if posts, err := l.system.Posts(t.Context(), portal.DecidePath); err != nil || posts != 3 {
		t.Errorf("%d decisions were sent, %v", posts, err)
	}
}

// compareFiles holds the materials of each case against the attachments in the hall.
func (l *hallHouse) compareFiles(ctx context.Context, h *house, cases map[string]casework.Case) {
	for number, c := range cases {
		attachments, err := l.system.Attachments(ctx, number)
		if err != nil {
			l.t.Error(err)
		}
		have, err := h.store.Materials(ctx, c.ID)
		if err != nil {
			l.t.Error(err)
		}
		for _, a := range attachments {
			there := slices.ContainsFunc(have, func(m casework.Material) bool {
				data, err := h.store.File(ctx, m.SHA256)
				return err == nil && bytes.Equal(data, a.Data) && m.FileName == a.Name && m.MIME == a.MIME
			})
			if !there {
				l.t.Errorf("case %s lacks the attachment %s", c.Number, a.Kind)
			}
		}
		if len(have) != len(attachments) || len(attachments) < 2 {
			l.t.Errorf("case %s has %d materials of %d attachments", c.Number, len(have), len(attachments))
		}
	}
}

// compareRounds holds a case that came again against what it was.
func (l *hallHouse) compareRounds(ctx context.Context, h *house, before, now casework.Case) {
	rounds, err := h.store.Rounds(ctx, now.ID)
	if err != nil || len(rounds) != 2 || now.ID != before.ID || now.Number != before.Number {
		l.t.Fatalf("case %s has %d rounds, was %s, %v", now.Number, len(rounds), before.Number, err)
	}
	if rounds[0].Assessment.Verdict == casework.ReturnForCorrection || rounds[1].Assessment.Verdict != casework.ReturnForCorrection || len(rounds[1].Assessment.Defects()) == 0 {
		l.t.Errorf("rounds: %s, %s with %d defects", rounds[0].Assessment.Verdict, rounds[1].Assessment.Verdict, len(rounds[1].Assessment.Defects()))
	}
	if now.Applicant.Mobile != "13800000002" || now.Shared["submission"] != "2" {
		l.t.Errorf("the case still states %+v, %v", now.Applicant, now.Shared)
	}
	files, err := h.store.Materials(ctx, now.ID)
	replaced := 0
	for _, m := range files {
		if m.Replaced {
			replaced++
		}
	}
	if err != nil || len(files) != 7 || replaced != 2 {
		l.t.Errorf("%d materials, %d replaced, %v", len(files), replaced, err)
	}
	decisions, err := l.system.Decisions(ctx, now.Shared["application"])
	if err != nil || len(decisions) != 2 {
		l.t.Fatalf("%+v, %v", decisions, err)
	}
	if got, want := decisions[0].Opinion, rounds[1].Assessment.Correction(); got != want {
		l.t.Errorf("the hall says %q, to be corrected is %q", got, want)
	}
	for _, f := range rounds[1].Assessment.Defects() {
		holds(l.t, "the hall's reason", decisions[0].Opinion, f.Zh, f.Fix, f.Basis)
	}
}

// judge asks the hall's own books.
func (l *hallHouse) judge(number, state string, decisions int) {
	l.t.Helper()
	all, err := l.system.Decisions(l.t.Context(), number)
	if got := l.state(number); err != nil || got != state || len(all) != decisions {
		l.t.Errorf("%s is %s with %d decisions, %v; want %s with %d", number, got, len(all), err, state, decisions)
	}
}

// hallOffice is an office with the hall, where one application of the acceptance
// examples waits.
func hallOffice(t *testing.T) (*office, *portal.System, casework.Snapshot) {
	o := newOffice(t)
	system, err := portal.Open(old.Config{Dir: t.TempDir(), Now: o.clock}, 0)
	if err != nil {
		t.Fatal(err)
	}
	o.serve("portal", func(ctx context.Context, ln net.Listener) error { return portal.Serve(ctx, ln, system) }, system.Close)
	s := o.claimOf("2026年2月28日", "张明")
	s.Matter, s.Assessment.Verdict = "portal_answer", casework.AutoPass
	s.Shared["application"], s.Shared["submission"] = applicationA, "1"
	err = system.Submit(t.Context(), portal.Application{Number: applicationA, Name: "张明", IDNumber: zhangMing, Mobile: "13800000001", Account: "6228480000000000018", Month: "202603"})
	if err != nil {
		t.Fatal(err)
	}
	return o, system, s
}

// An application that moved on meanwhile is left alone: taken by a colleague, sent in
// once more, withdrawn, or decided between the last look and the click.
func TestAnApplicationThatMovedOnIsNotAnswered(t *testing.T) {
	o, system, s := hallOffice(t)
	pass := map[string]string{"confirm": "pass"}
	if err := system.Take(t.Context(), applicationA, "李娜"); err != nil {
		t.Fatal(err)
	}
	if result, err := o.run("portal_answer", s, pass); err != nil || result.End != "handled_elsewhere" {
		t.Fatalf("taken by a colleague: %+v, %v", result, err)
	}
	if err := system.Submit(t.Context(), portal.Application{Number: applicationA, Name: "张明", IDNumber: zhangMing}); err != nil {
		t.Fatal(err)
	}
	if result, err := o.run("portal_answer", s, pass); err != nil || result.End != "handled_elsewhere" {
		t.Fatalf("sent in again: %+v, %v", result, err)
	}
	s.Shared["submission"] = "2"
	if err := system.Withdraw(t.Context(), applicationA); err != nil {
		t.Fatal(err)
	}
	if result, err := o.run("portal_answer", s, pass); err != nil || result.End != "withdrawn" {
		t.Fatalf("withdrawn: %+v, %v", result, err)
	}
	if err := system.Submit(t.Context(), portal.Application{Number: applicationA, Name: "张明", IDNumber: zhangMing}); err != nil {
		t.Fatal(err)
	}
	s.Shared["submission"] = "3"
	tell := o.tell
	o.tell = func(step string) {
		if step != "current" {
			return
		}
		if err := system.Decide(t.Context(), portal.Decision{Number: applicationA, Times: 3, Result: portal.Return, Opinion: "请补充离职证明", Clerk: "李娜"}); err != nil {
			t.Fatal(err)
		}
	}
	result, err := o.run("portal_answer", s, pass)
	if err != nil || result.State != casework.RunParked || result.Review.Reason != "before_unclear" {
		t.Errorf("decided since the look: %+v, %v", result, err)
	}
	o.tell = tell
	if posts, err := system.Posts(t.Context(), portal.DecidePath); err != nil || posts != 0 {
		t.Errorf("%d decisions were sent, %v", posts, err)
	}
}

// A clerk sends an application back with words of their own: the hall shows what was
// found and those words, whole, however long, and a lost reply costs nothing.
func TestTheWholeCorrectionStandsInTheHall(t *testing.T) {
	o, system, s := hallOffice(t)
	s.Assessment.Verdict = casework.ManualReview
	for i := range 12 {
		s.Assessment.Findings = append(s.Assessment.Findings, casework.Finding{Rule: "leave_date_mismatch", Severity: casework.Warn, Zh: fmt.Sprintf("第%d处：申领表与离职证明的离职日期不一致；𬱖字以原件为准", i+1),
			Fix: "请核对后重新填写申领表，<原件>另行上传。", Basis: "《失业保险金申领发放办法》第七条"})
	}
	system.Switch(func(w *old.Switches) { w.LoseReply = 1 })
	o.note = "离职日期以\n单位盖章的证明为准"
	result, err := o.run("portal_answer", s, map[string]string{"confirm": "return"})
	if err != nil || result.End != "returned" || !strings.HasPrefix(result.Kept["受理编号"], "SH") {
		t.Fatalf("%+v %+v, %v", result, result.Review, err)
	}
	all, err := system.Decisions(t.Context(), applicationA)
	if err != nil || len(all) != 1 || all[0].Times != 1 || all[0].Result != portal.Return {
		t.Fatalf("%+v, %v", all, err)
	}
	if want := s.Assessment.Correction() + "\n经办人说明：" + o.note; all[0].Opinion != want {
		t.Errorf("the hall says %q, want %q", all[0].Opinion, want)
	}
	holds(t, "the notice", o.paper("correction_notice.html"), "第12处", "单位盖章的证明为准")
}
