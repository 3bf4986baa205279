package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/playbooks"
)

const zhangMing = "379901198503120017"

// office is the built-in playbooks at work on the fake systems, with a real
// browser, real papers and the parameters of the release.
type office struct {
	t        *testing.T
	browsing *browsing
	library  playbooks.Library
	catalog  *materials.Catalog
	access   map[string]playbooks.Access
	now      time.Time
	journal  *tryJournal
	told     map[string]map[string]any
	note     string            // what the clerk writes with an answer
	tell     func(step string) // told of each finished step; nil: nobody is
}

func newOffice(t *testing.T) *office {
	t.Helper()
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	offers, err := calculations()
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, library: library.Offering(offers), catalog: catalog, access: map[string]playbooks.Access{}, now: time.Date(2026, 3, 6, 9, 30, 0, 0, casework.China)}
	cfg := &Config{}
	o.browsing = newBrowsing(cfg, nil, slog.New(slog.NewTextHandler(io.Discard, nil)), o.clock)
	t.Cleanup(func() {
		if err := o.browsing.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := o.browsing.alive(t.Context()); err != nil {
		if f := casework.AsFault(err); f.Code == "chromium_missing" && os.Getenv("REQUIRE_REAL") != "1" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	return o
}

func (o *office) clock() time.Time { return o.now }

// calendar knows the years of the examples, without holidays.
func (o *office) calendar(context.Context) (casework.Calendar, error) {
	return casework.NewCalendar(casework.CalendarYear{Year: 2022}, casework.CalendarYear{Year: 2026})
}

// serve lets a fake system answer on loopback for as long as the test runs.
func (o *office) serve(name string, serve func(context.Context, net.Listener) error, end func() error) {
	o.t.Helper()
	o.access[name] = playbooks.Access{URL: serveFake(o.t, serve, end), Account: benefits.DefaultAccount, Password: benefits.DefaultPassword}
}

// Page signs in on the one seat.
func (o *office) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	return o.browsing.Seat(ctx, system, o.access[system.Name], 1)
}

// Make renders and prints a paper as the workers do.
func (o *office) Make(ctx context.Context, name string, snapshot casework.Snapshot, extra map[string]any) ([]playbooks.Shot, error) {
	calendar, err := o.calendar(ctx)
	if err != nil {
		return nil, err
	}
	view, err := papers.NewView(snapshot, o.catalog, calendar, casework.DateOf(o.now))
	if err != nil {
		return nil, err
	}
	view.Agency, view.Number = sampleAgency(), papers.Mark(name)+"〔2026〕1号"
	view.Facts, _ = extra[playbooks.FactsKey].(map[string]string)
	view.Note = view.Facts["note"]
	html, err := papers.Render(name, view)
	if err != nil {
		return nil, err
	}
	pdf, err := o.browsing.PDF(ctx, html)
	return []playbooks.Shot{{Kind: casework.Paper, Name: name + ".html", MIME: "text/html", Data: html}, {Kind: casework.Paper, Name: name + ".pdf", MIME: "application/pdf", Data: pdf}}, err
}

// run begins a run of a playbook; every question is answered by the choice given
// for its step, and a step without one ends the run as parked.
func (o *office) run(name string, snapshot casework.Snapshot, answers map[string]string) (casework.Result, error) {
	o.t.Helper()
	o.journal, o.told = &tryJournal{effects: map[string]casework.Effect{}}, map[string]map[string]any{}
	return o.goOn(name, snapshot, answers)
}

// goOn takes up the run where its journal ends.
func (o *office) goOn(name string, snapshot casework.Snapshot, answers map[string]string) (casework.Result, error) {
	o.t.Helper()
	pb, ok := o.library.Playbook(name)
	if !ok {
		o.t.Fatalf("no playbook %s", name)
	}
	runner := &playbooks.Runner{Journal: o.journal, Pages: o, Papers: o, Systems: o.library.Systems(), Calculations: o.library.Calculations(), Now: o.clock,
		EffectID: func(system, action, key string) string { return fmt.Sprintf("%q %q %q", system, action, key) },
		Calendar: o.calendar,
		Told: func(step playbooks.Step, values map[string]any) {
			o.told[step.ID] = values
			if o.tell != nil {
				o.tell(step.ID)
			}
		}}
	decisions := map[string]casework.Decision{}
	run := casework.Run{ID: "run", Playbook: name, Attempt: 1, Created: o.now}
	for range 10 {
		result, err := runner.Run(o.t.Context(), run, pb, snapshot, decisions)
		if err != nil || result.State != casework.RunParked || result.Review.Reason != "" || answers[result.Step] == "" {
			return result, err
		}
		decisions[result.Review.ID] = casework.Decision{ReviewID: result.Review.ID, Choice: answers[result.Step], Note: o.note}
	}
	o.t.Fatal("asked ten times")
	return casework.Result{}, nil
}

// paper is the text of the newest paper of a name.
func (o *office) paper(name string) string {
	for _, s := range slices.Backward(o.journal.shots) {
		if s.Name == name {
			return string(s.Data)
		}
	}
	return ""
}

// benefitsOffice is an office with the benefits system, in whose books the
// insured person of the acceptance examples stands.
func benefitsOffice(t *testing.T) (*office, *benefits.System) {
	o := newOffice(t)
	system, err := benefits.Open(benefits.Config{Dir: t.TempDir(), Now: o.clock})
	if err != nil {
		t.Fatal(err)
	}
	o.serve("benefits", func(ctx context.Context, ln net.Listener) error { return benefits.Serve(ctx, ln, system) }, system.Close)
	return o, system
}

// insured writes months of one insurance into the books.
func insured(t *testing.T, s *benefits.System, insurance, idNumber string, months ...casework.Month) {
	t.Helper()
	var all []benefits.Contribution
	for _, m := range months {
		all = append(all, benefits.Contribution{IDNumber: idNumber, Insurance: insurance, Month: m.String(), Base: 520000, Arrived: "已到账", Employer: "海州示例机械有限公司"})
	}
	if err := s.AddContributions(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
}

func monthsFrom(first casework.Month, n int) []casework.Month {
	var all []casework.Month
	for i := range n {
		all = append(all, first.Add(i))
	}
	return all
}

// read is a page as it was read, label by label.
func read(kind string, lines ...string) materials.File {
	r := casework.Reading{Page: 1, Width: 1000, Height: 1400, Engine: "hand"}
	for i, text := range lines {
		y, wide := float64(60+50*i), float64(20*len([]rune(text)))
		r.Lines = append(r.Lines, casework.Line{Text: text, Confidence: 0.995, Engine: "hand", Quad: casework.Quad{{X: 80, Y: y}, {X: 80 + wide, Y: y}, {X: 80 + wide, Y: y + 24}, {X: 80, Y: y + 24}}})
	}
	if kind == "termination_notice" {
		r.Seals = []casework.Seal{{Box: casework.Box{X: 600, Y: 850, W: 160, H: 160}, Colour: "red", Shape: "round", Text: "海州示例机械有限公司", Confidence: 0.99}}
	}
	return materials.File{ID: "file-" + kind, Slot: kind, FileName: kind + ".jpg", Readings: []casework.Reading{r}}
}

// claimPapers are the papers of the acceptance examples: the certificate's end and the
// name on the form may differ.
func claimPapers(end, nameOnForm string) []materials.File {
	return []materials.File{
		read("id_card_front", "姓名 张明", "性别 男 民族 汉", "出生 1985年3月12日", "住址 山东省海州市示例县样板路1号2单元", "公民身份号码 "+zhangMing),
		read("id_card_back", "中华人民共和国", "居民身份证", "签发机关 海州市公安局示例分局", "有效期限 2016.03.05-2036.03.05"),
		read("termination_notice", "解除（终止）劳动合同证明书", "姓名：张明", "公民身份号码："+zhangMing, "单位名称：海州示例机械有限公司", "劳动合同期限：2019年3月1日至2026年2月28日",
			"工作岗位：车工", "本单位工作年限：7年", "解除（终止）日期："+end, "解除（终止）原因：劳动合同期满终止", "双方劳动关系就此结束，特此证明。", "出具日期：2026年3月2日"),
		read("claim_form", "失业保险金申领表", "姓名 "+nameOnForm, "手机号码 13800000001", "公民身份号码 "+zhangMing, "原单位名称 海州示例机械有限公司", "失业原因 劳动合同期满",
			"失业时间 2026年2月28日", "申领日期 2026年3月6日", "开户银行 中国农业银行", "银行账号 6228480000000000018", "求职意愿 有求职要求", "承诺 本人承诺以上填写的内容真实", "申领人签名：张明"),
	}
}

// claimOf assesses the papers of the acceptance examples: the certificate's end
// and the name on the form may differ.
func (o *office) claimOf(end, nameOnForm string) casework.Snapshot {
	in := materials.Input{Matter: "unemployment_award", Region: "379900", Month: 202603, Received: casework.Date{Year: 2026, Month: 3, Day: 6},
		Applicant: casework.Person{Name: "张明", IDNumber: zhangMing, Mobile: "13800000001", Account: "6228480000000000018"},
		Shared:    map[string]string{"leave_reason": "E01", "registered_on": "2026-03-05", "job_wish": "yes", "benefit_account": "yes"},
		Files:     claimPapers(end, nameOnForm)}
	return casework.Snapshot{Number: "SY-20260306-0001", Matter: in.Matter, Region: in.Region, Applicant: in.Applicant, Month: in.Month, Received: in.Received, Shared: in.Shared, Assessment: o.catalog.Assess(in)}
}

func holds(t *testing.T, what, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %q", what, want)
		}
	}
}

// The acceptance examples UE-1, UE-2 and UE-4, one after the other in one system.
func TestUnemploymentAcceptanceExamples(t *testing.T) {
	o, system := benefitsOffice(t)
	insured(t, system, "失业保险", zhangMing, monthsFrom(201903, 84)...)
	insured(t, system, "职工养老", zhangMing, monthsFrom(201903, 84)...)
	snapshot := o.claimOf("2026年2月28日", "张 明") // UE-2: the space on the form is none
	if snapshot.Assessment.Verdict != casework.AutoPass {
		t.Fatalf("verdict %s: %+v", snapshot.Assessment.Verdict, snapshot.Assessment.Findings)
	}
	result, err := o.run("unemployment_award", snapshot, nil)
	if err != nil || result.End != "submitted" || o.told["decision"]["outcome"] != "AUTO_PASS" || result.Kept["状态"] != "待复核" {
		t.Fatalf("%+v %+v, %v, decided %v, claim %v, system %v", result, result.Review, err, o.told["decision"], o.told["claim"], o.told["system"])
	}
	for name, want := range map[string]any{"paid": 84, "months": 16, "first": "202603", "last": "202706", "monthly": 176000, "total": 2816000, "capitals": "贰万捌仟壹佰陆拾元整"} {
		if got := o.told["claim"][name]; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	awards, err := system.Awards(t.Context())
	if err != nil || len(awards) != 1 || awards[0].Months != 16 || awards[0].First != "202603" || awards[0].Last != "202706" || awards[0].Monthly != 176000 || awards[0].Status != benefits.AwardToReview || awards[0].Reason != "11" {
		t.Fatalf("awards %+v, %v", awards, err)
	}
	holds(t, "the notice", o.paper("award_notice.html"), "84个月", "16个月", "2026年3月", "2027年6月", "1760.00元", "28160.00元（贰万捌仟壹佰陆拾元整）")
	if pdf := o.paper("award_notice.pdf"); !strings.HasPrefix(pdf, "%PDF") {
		t.Error("the notice was not printed")
	}
	holds(t, "the calculation", o.paper("calculation.txt"), "退休")
	keepPaper(t, o)

	// UE-4: three months later somebody employs him again.
	running := awards[0]
	if err := system.SetAward(t.Context(), running.Number, benefits.AwardRunning, 3); err != nil {
		t.Fatal(err)
	}
	check := casework.Snapshot{Number: "TF-202606", Matter: "unemployment_award", Region: "379900", Month: 202606, Received: casework.Date{Year: 2026, Month: 6, Day: 10}, Applicant: snapshot.Applicant}
	o.now = time.Date(2026, 6, 10, 9, 0, 0, 0, casework.China)
	if result, err := o.run("unemployment_stop", check, nil); err != nil || result.End != "goes_on" {
		t.Fatalf("%+v, %v", result, err)
	}
	insured(t, system, "职工养老", zhangMing, 202605)
	if result, err = o.run("unemployment_stop", check, nil); err != nil || result.End != "stopped" {
		t.Fatalf("%+v, %v", result, err)
	}
	if s := o.told["stop"]; s["undue"] != "202606" || s["owed"] != 3 || s["carry_over"] != 13 {
		t.Errorf("stop %v", s)
	}
	if awards, err = system.Awards(t.Context()); err != nil || awards[0].Status != benefits.AwardStopped || awards[0].Undue != "202606" || awards[0].StoppedFor != "1" {
		t.Errorf("awards %+v, %v", awards, err)
	}
	holds(t, "the notice", o.paper("stop_notice.html"), "2026年6月", "应发3个月", "13个月予以保留")
}

// UE-3, and every way in which a claim must not come to an award by itself.
func TestUnemploymentClaimsThatEndWithAPerson(t *testing.T) {
	o, system := benefitsOffice(t)
	late := o.claimOf("2026年3月28日", "张明")
	if result, err := o.run("unemployment_award", late, nil); err != nil || result.End != "returned" || late.Assessment.Verdict != casework.ReturnForCorrection {
		t.Fatalf("UE-3: %+v, %v, %+v", result, err, late.Assessment)
	}
	if n := len(slices.Collect(papersOf(o, "correction_notice.pdf"))); n != 1 {
		t.Errorf("UE-3: %d notices, want one", n)
	}
	for i, c := range []struct {
		name   string
		spoil  func(s *casework.Snapshot, id string)
		ground string
		answer string
		end    string
		paper  string
	}{
		{"month twice", func(s *casework.Snapshot, id string) { insured(t, system, "失业保险", id, 202502) }, "WRONG_DATA", "manual", "manual", ""},
		{"month ahead", func(s *casework.Snapshot, id string) { insured(t, system, "失业保险", id, 202704) }, "WRONG_DATA", "manual", "manual", ""},
		{"two open awards", func(s *casework.Snapshot, id string) {
			for range 2 {
				if _, err := system.AddAward(t.Context(), benefits.Award{IDNumber: id, First: "202603", Last: "202706", Months: 16, Status: benefits.AwardToReview}); err != nil {
					t.Fatal(err)
				}
			}
		}, "OPEN_AWARD", "manual", "manual", ""},
		{"unknown reason", func(s *casework.Snapshot, id string) {
			s.Shared["leave_reason"] = "X77"
			delete(s.Assessment.Documents, "termination_notice")
		}, "REASON_UNCLEAR", "manual", "manual", ""},
		{"reasons differ", func(s *casework.Snapshot, id string) { s.Shared["leave_reason"] = "E06" }, "REASON_CONFLICT", "manual", "manual", ""},
		{"own resignation", func(s *casework.Snapshot, id string) {
			s.Shared["leave_reason"] = "V01"
			delete(s.Assessment.Documents, "termination_notice")
		}, "VOLUNTARY", "refuse", "refused", "第四十五条第二项"},
		{"draws a pension", func(s *casework.Snapshot, id string) { s.Shared["pension"] = "yes" }, "PENSION", "manual", "manual", "第五十一条第四项"},
		{"not registered", func(s *casework.Snapshot, id string) { delete(s.Shared, "registered_on") }, "NOT_REGISTERED", "returned", "returned", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := o.claimOf("2026年2月28日", "张明")
			id := fmt.Sprintf("3799011985031%02d017", i+10)[:17] + "X"
			s.Applicant.IDNumber = id
			insured(t, system, "失业保险", id, monthsFrom(202501, 14)...)
			before, err := system.Awards(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c.spoil(&s, id)
			answers := map[string]string{"stuck": c.answer, "confirm": c.answer, "refuse": c.answer, "back": c.answer}
			result, err := o.run("unemployment_award", s, answers)
			if err != nil || result.End != c.end || o.told["decision"]["ground"] != c.ground {
				t.Fatalf("%+v, %v, decided %v", result, err, o.told["decision"])
			}
			holds(t, "the evidence", o.paper("calculation.txt"), "岁")
			holds(t, "the refusal", o.paper("refusal_notice.html"), c.paper)
			after, err := system.Awards(t.Context())
			if err != nil || len(after) > len(before) && c.ground != "OPEN_AWARD" {
				t.Errorf("%d awards before, %d after, %v", len(before), len(after), err)
			}
			posts, err := system.Posts(t.Context(), "/sydy/dyhd_save.do")
			if err != nil || posts != 0 {
				t.Errorf("%d awards were sent, %v", posts, err)
			}
		})
	}
}

// papersOf gives every paper of a name.
func papersOf(o *office, name string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, s := range o.journal.shots {
			if s.Name == name && !yield(string(s.Data)) {
				return
			}
		}
	}
}

// keepPaper writes the printed papers where KEEP_PAPERS says, for those who want
// to look at them.
func keepPaper(t *testing.T, o *office) {
	t.Helper()
	folder := os.Getenv("KEEP_PAPERS")
	if folder == "" {
		return
	}
	for _, s := range o.journal.shots {
		if s.Kind == casework.Paper || s.Kind == casework.Screenshot {
			if err := os.WriteFile(folder+"/"+s.Name, s.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Every cause that shared data can show, the region's reading of prison, and what only
// a person may judge.
func TestStopChecksKnowEveryCause(t *testing.T) {
	o, system := benefitsOffice(t)
	for i, c := range []struct {
		kind, month, region string
		end, status, code   string
		says                []string
	}{
		{"享受养老待遇", "202605", "379900", "stopped", benefits.AwardStopped, "4", []string{"2026年5月享受养老待遇", "第五十一条第四项", "起停止发放"}},
		{"死亡", "202604", "379900", "stopped", benefits.AwardStopped, "9", []string{"第四十九条"}},
		{"服刑", "202604", "379900", "stopped", benefits.AwardStopped, "5", []string{"《失业保险条例》第十五条第五项"}},
		{"服刑", "202604", "440106", "stopped", benefits.AwardSuspended, "7", []string{"《广东省失业保险条例》第二十八条", "起暂停发放"}},
		{"移居境外", "202604", "379900", "manual", benefits.AwardRunning, "", nil},
		{"享受养老待遇", "202601", "379900", "manual", benefits.AwardRunning, "", nil}, // before the benefit began
	} {
		t.Run(c.kind+c.region, func(t *testing.T) {
			id := fmt.Sprintf("3799011985031200%02d", 40+i)
			number, err := system.AddAward(t.Context(), benefits.Award{IDNumber: id, Name: "张明", First: "202603", Last: "202706", Months: 16, Monthly: 176000, Status: benefits.AwardRunning})
			if err != nil {
				t.Fatal(err)
			}
			if err := system.AddFact(t.Context(), benefits.Fact{IDNumber: id, Kind: c.kind, Month: c.month, Source: "共享"}); err != nil {
				t.Fatal(err)
			}
			check := casework.Snapshot{Number: "TF-1", Matter: "unemployment_stop", Region: c.region, Month: 202606, Received: casework.Date{Year: 2026, Month: 6, Day: 10}, Applicant: casework.Person{Name: "张明", IDNumber: id}}
			result, err := o.run("unemployment_stop", check, map[string]string{"unclear": "manual"})
			if err != nil || result.End != c.end {
				t.Fatalf("%+v %+v, %v, stop %v", result, result.Review, err, o.told["stop"])
			}
			awards, err := system.Awards(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			a := awards[slices.IndexFunc(awards, func(a benefits.Award) bool { return a.Number == number })]
			if a.Status != c.status || a.StoppedFor != c.code {
				t.Errorf("the award is %s for %q", a.Status, a.StoppedFor)
			}
			holds(t, "the notice", o.paper("stop_notice.html"), c.says...)
		})
	}
}
