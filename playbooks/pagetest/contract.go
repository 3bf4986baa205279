package pagetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// World is a legacy system with the entry and query pages of the benefits
// system, and its own books.
type World interface {
	playbooks.Pages

	// Claims counts the records in the system's own books.
	Claims() int

	// LoseReplies makes the system write records and close the connection without
	// an answer (true), or answer again (false).
	LoseReplies(on bool)

	// EnterByHand puts the record of Claim into the books, as a person would.
	EnterByHand()
}

// Claims counts the records.
func (l *Legacy) Claims() int { return len(l.Records()) }

// EnterByHand adds the record of Claim.
func (l *Legacy) EnterByHand() {
	c := Claim()
	l.Add(playbooks.Row{"证件号码": c.Applicant.IDNumber, "申领月份": c.Month.String(), "姓名": c.Applicant.Name, "银行账号": c.Applicant.Account})
}

// LoseReplies turns the switch LoseReply.
func (l *Legacy) LoseReplies(on bool) { l.LoseReply = on }

// Seams are the places where Crash may strike.
func Seams() []string {
	return []string{"before_intent", "after_intent", "before_sent", "after_sent", "after_reply", "before_outcome", "after_outcome"}
}

// crash is what a seam panics with: nothing after it runs, as in a killed
// process.
type crash struct{ seam string }

// Bench drives one playbook over a book and a world.
type Bench struct {
	Book     *Book
	Pages    playbooks.Pages
	Playbook *playbooks.Playbook
	Systems  map[string]playbooks.System
	Snapshot casework.Snapshot
	Now      func() time.Time
	Crash    string            // the seam at which the next turn dies; in a guard only for pages that call it on the runner's goroutine
	Freeze   string            // the seam at which another worker takes the run, while this turn goes on
	At       func(seam string) // called at each seam, may be nil
	Stage    func(context.Context) (casework.Stage, error)
	Halt     func(context.Context) error
	Event    func(context.Context, string, time.Time) (bool, error)
	Calendar func(context.Context) (casework.Calendar, error)
	Offers   []casework.Calculation
	Told     func(playbooks.Step, map[string]any)
	Made     []string
	Answers  map[string]casework.Decision
}

// NewBench makes a bench with the built-in unemployment claim.
func NewBench(t *testing.T, pages playbooks.Pages) *Bench {
	t.Helper()
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	pb, _ := library.Playbook("unemployment_claim")
	clock := time.Date(2026, 3, 6, 9, 0, 0, 0, casework.China)
	return &Bench{Book: NewBook(), Pages: pages, Playbook: pb, Systems: library.Systems(), Snapshot: Claim(),
		Now: func() time.Time { return clock }, Answers: map[string]casework.Decision{}}
}

// Claim is a fictional claim with everything in order.
func Claim() casework.Snapshot {
	document := func(kind string, fields ...string) casework.Document {
		d := casework.Document{Type: kind, FileID: "file-" + kind, Confidence: 0.99, Fields: map[string]casework.Field{}}
		for i := 0; i < len(fields); i += 2 {
			d.Fields[fields[i]] = casework.Field{Name: fields[i], Value: fields[i+1], Confidence: 0.99}
		}
		return d
	}
	return casework.Snapshot{Number: "SY-20260306-0001", Matter: "unemployment_claim", Region: "379900", Month: 202603,
		Received:  casework.Date{Year: 2026, Month: 3, Day: 6},
		Applicant: casework.Person{Name: "张明", IDNumber: "379901198503120017", Mobile: "13900000000", Account: "6222020000000000017"},
		Shared:    map[string]string{"leave_reason": "E01"},
		Assessment: casework.Assessment{Verdict: casework.AutoPass, Documents: map[string]casework.Document{
			"id_card_front":      document("id_card_front", "name", "张明", "number", "379901198503120017"),
			"bank_card":          document("bank_card", "number", "6222020000000000017", "holder", "张明", "bank", "海州银行"),
			"termination_notice": document("termination_notice", "reason", "劳动合同期满终止"),
			"claim_form":         document("claim_form", "mobile", "13900000000"),
		}}}
}

// ClickFirst takes the look before the first click out of the playbook, for
// tests of what comes after it.
func (b *Bench) ClickFirst(t *testing.T) {
	t.Helper()
	text := regexp.MustCompile(`(?m)^    before: verify.*\n`).ReplaceAllString(b.Playbook.Source, "")
	pb, problems := playbooks.Parse("click_first.yaml", []byte(text))
	if problems.Broken() || text == b.Playbook.Source {
		t.Fatalf("the playbook has no look before its click: %v", problems)
	}
	b.Playbook = pb
}

// Make implements playbooks.Papers and notes what was asked for.
func (b *Bench) Make(_ context.Context, name string, _ casework.Snapshot, _ map[string]any) ([]playbooks.Shot, error) {
	b.Made = append(b.Made, name)
	return []playbooks.Shot{{Kind: casework.Paper, Name: name + ".pdf", MIME: "application/pdf"}}, nil
}

// Turn runs the run once, under a new fencing number. died says that it came to
// the seam of Crash.
func (b *Bench) Turn(t *testing.T, run string) (result playbooks.Result, err error, died bool) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			if _, ours := r.(crash); !ours {
				panic(r)
			}
			died = true
		}
	}()
	result, err = b.TurnIn(t.Context(), run)
	return result, err, false
}

// Dry carries out a dry run of the playbook with the claim.
func (b *Bench) Dry(t *testing.T) (casework.DryReport, []playbooks.Shot, error) {
	t.Helper()
	return b.runner("dry").Dry(t.Context(), casework.Run{ID: "dry", Attempt: 1}, b.Playbook, b.Snapshot, nil)
}

// TurnIn is Turn under the caller's context, without a crash.
func (b *Bench) TurnIn(ctx context.Context, run string) (playbooks.Result, error) {
	r := b.runner(run)
	return r.Run(ctx, casework.Run{ID: run, CaseID: "case-" + run, Attempt: b.Book.Attempt(run)}, b.Playbook, b.Snapshot, b.Answers)
}

func (b *Bench) runner(run string) *playbooks.Runner {
	return &playbooks.Runner{Journal: b.Book.Hold(run), Pages: b.Pages, Papers: b, Systems: b.Systems, Now: b.Now,
		Stage: b.Stage, Halt: b.Halt, Event: b.Event, Calendar: b.Calendar, Calculations: b.Offers, Told: b.Told,
		EffectID: func(system, action, key string) string {
			sum := sha256.Sum256([]byte(system + "|" + action + "|" + key))
			return hex.EncodeToString(sum[:])
		},
		Files: func(_ context.Context, id string) (playbooks.File, error) {
			return playbooks.File{Name: id + ".jpg", MIME: "image/jpeg", Data: []byte{0xff, 0xd8}}, nil
		},
		Seam: func(name string) {
			if b.At != nil {
				b.At(name)
			}
			if b.Freeze == name {
				b.Freeze = ""
				b.Book.Hold(run)
			}
			if b.Crash == name {
				b.Crash = ""
				panic(crash{name})
			}
		}}
}

// Answer decides the open review.
func (b *Bench) Answer(review *casework.Review, choice string) {
	b.Answers[review.ID] = casework.Decision{ReviewID: review.ID, Choice: choice, By: casework.Actor{Kind: casework.Human, ID: "u1"}}
}

// Confirm runs to the clerk's question and says submit.
func (b *Bench) Confirm(t *testing.T, run string) {
	t.Helper()
	result, err, _ := b.Turn(t, run)
	if err != nil || result.Review == nil || result.Review.Role != "clerk" {
		t.Fatalf("want the clerk's question, got %+v, %v", result, err)
	}
	b.Answer(result.Review, "submit")
}

// Contract proves over a World that a claim is submitted exactly once, wherever
// the worker dies. Its cases run side by side, each in a world of its own.
func Contract(t *testing.T, build func(t *testing.T) World) {
	in := func(name string, f func(t *testing.T, w World)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, build(t))
		})
	}
	for _, lost := range []bool{false, true} {
		for _, seam := range append(Seams(), "") {
			in(name(seam, lost), func(t *testing.T, w World) { contractOnce(t, w, seam, lost) })
		}
	}
	for _, seam := range []string{"before_intent", "after_intent", "before_outcome", "after_outcome", ""} {
		in("entered_by_hand_"+name(seam, false), func(t *testing.T, w World) { contractByHand(t, w, seam) })
	}
	in("second_run_of_the_same_claim_clicks_nothing", func(t *testing.T, w World) {
		b := NewBench(t, w)
		for _, run := range []string{"first", "second"} {
			b.Confirm(t, run)
			Submitted(t, b, run)
		}
		if w.Claims() != 1 {
			t.Errorf("records %d, want 1", w.Claims())
		}
	})
}

func name(seam string, lost bool) string {
	if seam == "" {
		seam = "no_crash"
	}
	if lost {
		return seam + "_reply_lost"
	}
	return seam
}

func contractOnce(t *testing.T, w World, seam string, lost bool) {
	b := NewBench(t, w)
	b.Confirm(t, "run")
	w.LoseReplies(lost)
	guard := seam == "before_sent" || seam == "after_sent" // a browser's guard runs on its gate's goroutine
	if guard {
		b.Freeze = seam
	} else {
		b.Crash = seam
	}
	_, err, died := b.Turn(t, "run")
	if died != (seam != "" && !guard) || guard && !errors.Is(err, playbooks.ErrNotHolder) {
		t.Fatalf("at seam %q: died %v, %v", seam, died, err)
	}
	if n := w.Claims(); seam == "before_sent" && n != 0 {
		t.Fatalf("an old holder submitted %d times", n)
	}
	w.LoseReplies(false)
	Submitted(t, b, "run")
	if w.Claims() != 1 {
		t.Errorf("records %d, want 1", w.Claims())
	}
	kinds := b.Book.Kinds("run", "submit")
	if kinds[len(kinds)-1] != casework.Happened || !slices.Contains(kinds, casework.Sent) {
		t.Errorf("journal %v, want sent and at the end outcome", kinds)
	}
}

// contractByHand has the claim in the books before the robot comes to it.
func contractByHand(t *testing.T, w World, seam string) {
	b := NewBench(t, w)
	b.Confirm(t, "run")
	w.EnterByHand()
	b.Crash = seam
	if _, _, died := b.Turn(t, "run"); died != (seam != "") {
		t.Fatalf("at seam %q: died %v", seam, died)
	}
	Submitted(t, b, "run")
	if w.Claims() != 1 {
		t.Errorf("records %d, want the one entered by hand", w.Claims())
	}
	if kinds := b.Book.Kinds("run", "submit"); slices.Contains(kinds, casework.Sent) || kinds[len(kinds)-1] != casework.Happened {
		t.Errorf("journal %v, want an outcome without sent", kinds)
	}
}

// Submitted takes a turn that must end with the claim submitted and its receipt
// kept.
func Submitted(t *testing.T, b *Bench, run string) {
	t.Helper()
	result, err, died := b.Turn(t, run)
	if err != nil || died || result.State != casework.RunDone || result.End != "submitted" || result.Kept["受理编号"] == "" {
		f, _ := errors.AsType[*casework.Fault](err)
		t.Fatalf("want submitted with a receipt, got %+v, %v (%v)", result, err, f)
	}
}
