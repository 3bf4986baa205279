package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// dayTick is what comes due on a day: one moment, or so many of one schedule.
type dayTick struct {
	Text, Href, Tone string
}

// dayCell is one day of the month's calendar.
type dayCell struct {
	Day     int
	Kind    string // "work", "rest", "off", "makeup" or "unknown"
	Mark    string // 休, 班
	Holiday string
	Today   bool
	Ticks   []dayTick
}

// monthGrid is a month as a calendar: weeks from Monday, empty cells before the
// first day.
type monthGrid struct {
	Title          string
	Prev, Next     string // address
	Weekdays       []string
	Blank          []int // cells before the first
	Days           []dayCell
	Rest           []int // cells after the last
	Unknown        bool  // the year's notice is not imported
	Year           int
	WorkingDays    int
	HasWorkingDays bool
}

// monthMost bounds the moments of one schedule in a month: every ten minutes is
// 4,464.
const monthMost = 5000

// shownADay is how many single moments of a schedule a cell holds.
const shownADay = 2

// month draws the calendar with what is known of the past and planned for the
// rest of the month.
func (s *Server) month(v *visit, p Page, path string, schedules []casework.Schedule) (monthGrid, error) {
	calendar, err := s.cfg.Store.Calendar(v.Context())
	if err != nil {
		return monthGrid{}, fmt.Errorf("calendar: %w", err)
	}
	years, err := s.cfg.Store.CalendarYears(v.Context())
	if err != nil {
		return monthGrid{}, fmt.Errorf("calendar: %w", err)
	}
	first := s.monthAsked(v)
	grid := emptyMonth(p, path, first, calendar)
	names := holidayNames(years)
	for d := first; d.Month == first.Month; d = d.AddDays(1) {
		cell := dayCell{Day: d.Day, Kind: dayKind(d, calendar), Holiday: names[d], Today: d == casework.DateOf(s.cfg.Now())}
		switch cell.Kind {
		case "off":
			cell.Mark = p.T("month.off")
		case "makeup":
			cell.Mark = p.T("month.makeup")
		}
		if cell.Kind == "work" || cell.Kind == "makeup" {
			grid.WorkingDays++
		}
		grid.Days = append(grid.Days, cell)
	}
	grid.Rest = make([]int, (7-(len(grid.Blank)+len(grid.Days))%7)%7)
	for _, schedule := range schedules {
		if err := s.drawTicks(v.Context(), p, &grid, first, schedule, calendar); err != nil {
			return grid, err
		}
	}
	return grid, nil
}

func emptyMonth(p Page, path string, first casework.Date, calendar casework.Calendar) monthGrid {
	grid := monthGrid{Year: first.Year, Unknown: !calendar.Years[first.Year], HasWorkingDays: calendar.Years[first.Year], Title: p.T("month.title", first.Year, int(first.Month))}
	for i := range 7 {
		grid.Weekdays = append(grid.Weekdays, p.Word("week", fmt.Sprint(i)))
	}
	before := (int(first.Time().Weekday()) + 6) % 7
	grid.Blank = make([]int, before)
	grid.Prev = path + "?month=" + monthKey(first.AddDays(-1))
	grid.Next = path + "?month=" + monthKey(first.AddDays(31))
	return grid
}

func monthKey(d casework.Date) string { return fmt.Sprintf("%04d-%02d", d.Year, int(d.Month)) }

func holidayNames(years []casework.CalendarYear) map[casework.Date]string {
	names := map[casework.Date]string{}
	for _, year := range years {
		for _, h := range year.Holidays {
			for d := h.From; !h.To.Before(d); d = d.AddDays(1) {
				names[d] = h.Name
			}
		}
	}
	return names
}

func dayKind(d casework.Date, c casework.Calendar) string {
	weekend := d.Time().Weekday() == time.Saturday || d.Time().Weekday() == time.Sunday
	switch {
	case !c.Years[d.Year]:
		return "unknown"
	case c.MakeUp[d]:
		return "makeup"
	case c.Holidays[d]:
		return "off"
	case weekend:
		return "rest"
	}
	return "work"
}

// drawTicks puts the moments of one schedule into the cells.
func (s *Server) drawTicks(ctx context.Context, p Page, grid *monthGrid, first casework.Date, schedule casework.Schedule, calendar casework.Calendar) error {
	from, to := first.Time(), first.AddDays(len(grid.Days)).Time().Add(-time.Second)
	count := make([]int, len(grid.Days))
	put := func(at time.Time, tone string) {
		i := casework.DateOf(at).Day - 1
		if count[i]++; count[i] <= shownADay {
			grid.Days[i].Ticks = append(grid.Days[i].Ticks, dayTick{Text: at.In(casework.China).Format("15:04") + " " + schedule.Title, Href: "/schedules/" + schedule.ID, Tone: tone})
		}
	}
	past, _, err := s.cfg.Store.Ticks(ctx, store.TickFilter{ScheduleID: schedule.ID, Limit: 200})
	if err != nil {
		return fmt.Errorf("ticks of schedule %s: %w", schedule.Name, err)
	}
	slices.Reverse(past)
	for _, tick := range past {
		if !tick.At.Before(from) && !tick.At.After(to) {
			put(tick.At, tickTone(tick.State))
		}
	}
	plan, err := schedule.Plan()
	if err != nil || schedule.Paused {
		return nil // a rule that no longer parses, or a paused one, has no future
	}
	if now := s.cfg.Now(); now.After(from) {
		from = now
	}
	ahead, _, err := plan.Between(from.Add(-time.Second), to, monthMost, calendar)
	if err != nil && ends(err) == "" {
		return fmt.Errorf("schedule %s: %w", schedule.Name, err)
	}
	for _, at := range ahead {
		put(at, "info")
	}
	for i, n := range count {
		if n > shownADay {
			grid.Days[i].Ticks = append(grid.Days[i].Ticks, dayTick{Text: p.T("month.more", n), Href: "/schedules/" + schedule.ID, Tone: "mute"})
		}
	}
	return nil
}

func tickTone(state casework.TickState) string {
	if state == casework.TickStarted {
		return "ok"
	}
	return "mute"
}

// scheduleRow is one schedule in a list.
type scheduleRow struct {
	ID, Name, Title, Rule, Hours, Playbook, Subject, CatchUp string
	Next                                                     string
	State                                                    Pill
	Reason                                                   string
}

func (s *Server) scheduleRow(v *visit, p Page, schedule casework.Schedule) (scheduleRow, error) {
	row := scheduleRow{
		ID: schedule.ID, Name: schedule.Name, Title: schedule.Title, Rule: schedule.Rule, Hours: schedule.Hours, Playbook: s.flowTitle(p, schedule.Playbook),
		Subject: schedule.Subject, CatchUp: p.Word("catchup", string(schedule.CatchUp)), State: Pill{Tone: "ok", Text: p.T("schedule.active")}, Next: "—",
	}
	switch {
	case schedule.Paused:
		row.State, row.Reason = Pill{Tone: "warn", Text: p.T("schedule.paused")}, schedule.PauseReason
		return row, nil
	case schedule.Blocked != "":
		row.State, row.Reason = Pill{Tone: "bad", Text: p.T("schedule.blocked")}, p.Word("ends", schedule.Blocked)
	}
	next, end, err := s.preview(v.Context(), schedule)
	if _, bad := errors.AsType[*casework.RuleError](err); bad {
		row.State = Pill{Tone: "bad", Text: p.T("schedule.unreadable")}
		return row, nil
	}
	if err != nil {
		return row, err
	}
	if len(next) > 0 {
		row.Next = dayTime(p, next[0])
	} else if row.Reason == "" {
		row.Reason = p.Word("ends", end)
	}
	return row, nil
}

// dayTime shows a coming moment with its weekday.
func dayTime(p Page, at time.Time) string {
	local := at.In(casework.China)
	return local.Format("01-02") + " " + p.Word("week", fmt.Sprint((int(local.Weekday())+6)%7)) + " " + local.Format("15:04")
}

type schedulesView struct {
	Page
	Rows  []scheduleRow
	Month monthGrid
}

func (s *Server) schedulesPage(v *visit) (answer, error) {
	all, err := s.cfg.Store.Schedules(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("schedules: %w", err)
	}
	view := schedulesView{Page: s.page(v, s.words.text(v.lang, "nav.schedules"), "schedules")}
	for _, schedule := range all {
		row, err := s.scheduleRow(v, view.Page, schedule)
		if err != nil {
			return answer{}, err
		}
		view.Rows = append(view.Rows, row)
	}
	if view.Month, err = s.month(v, view.Page, "/schedules", all); err != nil {
		return answer{}, err
	}
	return page("schedules", view)
}

type tickRow struct {
	At, Decided, Reason, RunID string
	State                      Pill
}

type scheduleView struct {
	Page
	Schedule scheduleRow
	Month    monthGrid
	Next     []string
	Ends     string
	Ticks    []tickRow
	Paused   bool
}

func (s *Server) schedulePage(v *visit) (answer, error) {
	schedule, err := s.cfg.Store.Schedule(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("schedule: %w", err)
	}
	p := s.page(v, schedule.Title, "schedules")
	view := scheduleView{Page: p, Paused: schedule.Paused}
	if view.Schedule, err = s.scheduleRow(v, p, schedule); err != nil {
		return answer{}, err
	}
	if view.Month, err = s.month(v, p, "/schedules/"+schedule.ID, []casework.Schedule{schedule}); err != nil {
		return answer{}, err
	}
	if !schedule.Paused {
		next, end, err := s.preview(v.Context(), schedule)
		if err != nil {
			return answer{}, err
		}
		view.setNext(next, end)
	}
	ticks, _, err := s.cfg.Store.Ticks(v.Context(), store.TickFilter{ScheduleID: schedule.ID, Limit: 20})
	if err != nil {
		return answer{}, fmt.Errorf("ticks: %w", err)
	}
	for _, tick := range ticks {
		view.Ticks = append(view.Ticks, tickRow{At: dayTime(p, tick.At), Decided: p.Time(tick.Decided), Reason: p.Word("catchup", tick.Reason), RunID: tick.RunID,
			State: Pill{Tone: tickTone(tick.State), Text: p.Word("state.tick", string(tick.State))}})
	}
	return page("schedule", view)
}

func (view *scheduleView) setNext(next []time.Time, end string) {
	for _, at := range next {
		view.Next = append(view.Next, dayTime(view.Page, at))
	}
	if end != "" {
		view.Ends = view.Word("ends", end)
	}
}

// scheduleForm is the form of a schedule; ID is "" for a new one.
type scheduleForm struct {
	Page
	ID        string
	In        scheduleIn
	Playbooks []Option
	CatchUps  []Option
	Next      []string
	Ends      string
	Bad       string // what is wrong with rule or hours
	Wrong     map[string]string
	Text      sentences
}

func (s *Server) newSchedulePage(v *visit) (answer, error) {
	q := v.URL.Query()
	in := scheduleIn{Rule: q.Get("rule"), Hours: q.Get("hours"), CatchUp: casework.CatchUpOnce}
	view, err := s.scheduleForm(v, "", in)
	if err != nil {
		return answer{}, err
	}
	return page("scheduleedit", view)
}

// editSchedulePage shows the form of a schedule. Rule and hours may be in the
// address: then it previews those.
func (s *Server) editSchedulePage(v *visit) (answer, error) {
	schedule, err := s.cfg.Store.Schedule(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("schedule: %w", err)
	}
	in := scheduleIn{Name: schedule.Name, Title: schedule.Title, Rule: schedule.Rule, Hours: schedule.Hours, Playbook: schedule.Playbook, Subject: schedule.Subject, CatchUp: schedule.CatchUp, Rev: schedule.Rev}
	if q := v.URL.Query(); q.Has("rule") {
		in.Rule, in.Hours = q.Get("rule"), q.Get("hours")
	}
	view, err := s.scheduleForm(v, schedule.ID, in)
	if err != nil {
		return answer{}, err
	}
	return page("scheduleedit", view)
}

func (s *Server) scheduleForm(v *visit, id string, in scheduleIn) (scheduleForm, error) {
	title := "schedule.new"
	if id != "" {
		title = "schedule.edit"
	}
	p := s.page(v, s.words.text(v.lang, title), "schedules")
	view := scheduleForm{Page: p, ID: id, In: in, Wrong: map[string]string{}}
	for _, pb := range s.cfg.Library.Playbooks() {
		view.Playbooks = append(view.Playbooks, Option{Value: pb.Name, Text: s.flowTitle(p, pb.Name), Chosen: pb.Name == in.Playbook})
	}
	for _, c := range []casework.CatchUp{casework.CatchUpOnce, casework.CatchUpAll, casework.CatchUpSkip} {
		view.CatchUps = append(view.CatchUps, Option{Value: string(c), Text: p.Word("catchup", string(c)), Chosen: c == in.CatchUp})
	}
	if strings.TrimSpace(in.Rule) == "" {
		return view, nil
	}
	next, end, err := s.preview(v.Context(), casework.Schedule{Rule: in.Rule, Hours: in.Hours})
	if bad, ok := errors.AsType[*casework.RuleError](err); ok {
		view.Bad = p.pick(bad.Chinese(), bad.Error())
		return view, nil
	}
	if err != nil {
		return view, err
	}
	for _, at := range next {
		view.Next = append(view.Next, dayTime(p, at))
	}
	if end != "" {
		view.Ends = p.Word("ends", end)
	}
	return view, nil
}

// scheduleSave takes the form of a new or a changed schedule.
func (s *Server) scheduleSave(v *visit) (answer, error) {
	var in scheduleIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	id := v.PathValue("id")
	saved, err := s.saveSchedule(v, id, in)
	if r := asRefusal(err); err != nil && r.Status < 500 && r.Status != 404 {
		return s.scheduleAgain(v, id, in, r)
	}
	if err != nil {
		return answer{}, err
	}
	s.flash(v, "ok", "flash.schedule")
	return redirect("/schedules/" + saved.ID)
}

func (s *Server) scheduleAgain(v *visit, id string, in scheduleIn, r *refusal) (answer, error) {
	view, err := s.scheduleForm(v, id, in)
	if err != nil {
		return answer{}, err
	}
	wrong, err := s.scheduleMistakes(v.Context(), in)
	if err != nil {
		return answer{}, err
	}
	var names []string
	for _, m := range wrong {
		view.Wrong[m.Field] = view.pick(m.Zh, m.En)
		names = append(names, m.Field)
	}
	if id != "" {
		view.Path = "/schedules/" + id + "/edit"
	}
	view.Text = s.words.sentences(v.lang, r.Code, map[string]string{"fields": view.fieldNames(names)})
	return answer{Status: r.Status, Template: "scheduleedit", View: view}, nil
}

type yearRow struct {
	Year, Days int
	Document   string
	Holidays   []string
	MakeUp     []string
}

type calendarView struct {
	Page
	Years   []yearRow
	Missing []int
	Text    string
	Wrong   string
	Done    string
}

func (s *Server) calendarPage(v *visit) (answer, error) {
	view, err := s.calendarView(v)
	if err != nil {
		return answer{}, err
	}
	return page("calendar", view)
}

func (s *Server) calendarView(v *visit) (calendarView, error) {
	years, err := s.cfg.Store.CalendarYears(v.Context())
	if err != nil {
		return calendarView{}, fmt.Errorf("calendar: %w", err)
	}
	view := calendarView{Page: s.page(v, s.words.text(v.lang, "calendar.title"), "schedules")}
	view.Path = "/calendar"
	now := casework.DateOf(s.cfg.Now()).Year
	for _, y := range []int{now, now + 1} {
		if !slices.ContainsFunc(years, func(c casework.CalendarYear) bool { return c.Year == y }) {
			view.Missing = append(view.Missing, y)
		}
	}
	slices.Reverse(years)
	for _, y := range years {
		days, err := y.WorkingDays()
		if err != nil {
			return view, fmt.Errorf("calendar: %w", err)
		}
		row := yearRow{Year: y.Year, Document: y.Document, Days: days}
		for _, h := range y.Holidays {
			row.Holidays = append(row.Holidays, fmt.Sprintf("%s %s–%s", h.Name, h.From.String()[5:], h.To.String()[5:]))
		}
		for _, d := range y.MakeUp {
			row.MakeUp = append(row.MakeUp, d.String()[5:])
		}
		view.Years = append(view.Years, row)
	}
	return view, nil
}

func (s *Server) calendarForm(v *visit) (answer, error) {
	in := calendarIn{Text: v.form.Get("text")}
	out, err := s.importCalendar(v, in)
	if r, ok := errors.AsType[*refusal](err); ok {
		view, err := s.calendarView(v)
		if err != nil {
			return answer{}, err
		}
		view.Text, view.Wrong = in.Text, strings.Join(r.Fields, "\n")
		return answer{Status: r.Status, Template: "calendar", View: view}, nil
	}
	if err != nil {
		return answer{}, err
	}
	view, err := s.calendarView(v)
	if err != nil {
		return answer{}, err
	}
	view.Done = view.T("calendar.done", len(out.Years), out.Cases)
	return page("calendar", view)
}
