package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// scheduleOut is a schedule as the API shows it.
type scheduleOut struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Title       string           `json:"title"`
	Rule        string           `json:"rule"`
	Hours       string           `json:"hours"`
	Playbook    string           `json:"playbook"`
	Subject     string           `json:"subject"`
	CatchUp     casework.CatchUp `json:"catch_up"`
	Paused      bool             `json:"paused"`
	PauseReason string           `json:"pause_reason"`
	Blocked     string           `json:"blocked"`
	Rev         int64            `json:"rev"`
	CreatedAt   time.Time        `json:"created_at"`
	UpdatedAt   time.Time        `json:"updated_at"`
}

type scheduleWithNext struct {
	scheduleOut
	Next []time.Time `json:"next"`
	Ends string      `json:"ends"` // why there are fewer than ten: "calendar_missing", "never"
}

type scheduleIn struct {
	Name     string           `json:"name"`
	Title    string           `json:"title"`
	Rule     string           `json:"rule"` // 每个工作日 8:30, or a cron expression
	Hours    string           `json:"hours,omitempty"`
	Playbook string           `json:"playbook"`
	Subject  string           `json:"subject,omitempty"`
	CatchUp  casework.CatchUp `json:"catch_up"`
	Rev      int64            `json:"rev,omitempty"` // of the schedule that is changed, as it was read
}

type tickOut struct {
	ScheduleID string             `json:"schedule_id"`
	At         time.Time          `json:"at"`
	State      casework.TickState `json:"state"`
	RunID      string             `json:"run_id"`
	Reason     string             `json:"reason"`
	DecidedAt  time.Time          `json:"decided_at"`
}

type previewOut struct {
	Next []time.Time `json:"next"`
	Ends string      `json:"ends"`
}

func showSchedule(v casework.Schedule) scheduleOut {
	return scheduleOut{
		ID: v.ID, Name: v.Name, Title: v.Title, Rule: v.Rule, Hours: v.Hours, Playbook: v.Playbook, Subject: v.Subject, CatchUp: v.CatchUp,
		Paused: v.Paused, PauseReason: v.PauseReason, Blocked: v.Blocked, Rev: v.Rev, CreatedAt: v.Created, UpdatedAt: v.Updated,
	}
}

func showTick(t casework.Tick) tickOut {
	return tickOut{ScheduleID: t.ScheduleID, At: t.At, State: t.State, RunID: t.RunID, Reason: t.Reason, DecidedAt: t.Decided}
}

// nextShown is how many coming moments people see.
const nextShown = 10

// ends names why there are no more moments.
func ends(err error) string {
	switch {
	case errors.Is(err, casework.ErrNoCalendar):
		return "calendar_missing"
	case errors.Is(err, casework.ErrNever):
		return "never"
	}
	return ""
}

func (s *Server) apiSchedules(v *visit) (answer, error) {
	all, err := s.cfg.Store.Schedules(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("schedules: %w", err)
	}
	return listed(all, "", showSchedule)
}

func (s *Server) apiSchedule(v *visit) (answer, error) {
	schedule, err := s.cfg.Store.Schedule(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("schedule: %w", err)
	}
	next, end, err := s.preview(v.Context(), schedule)
	if err != nil {
		return answer{}, err
	}
	return reply(scheduleWithNext{scheduleOut: showSchedule(schedule), Next: next, Ends: end})
}

// preview gives the next moments of a schedule whose rule is known to be good.
func (s *Server) preview(ctx context.Context, schedule casework.Schedule) (next []time.Time, end string, err error) {
	calendar, err := s.cfg.Store.Calendar(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("calendar: %w", err)
	}
	next, err = schedule.Preview(s.cfg.Now(), nextShown, calendar)
	if end = ends(err); err != nil && end == "" {
		return nil, "", err
	}
	if next == nil {
		next = []time.Time{}
	}
	return next, end, nil
}

func (s *Server) apiPreview(v *visit) (answer, error) {
	q := v.URL.Query()
	next, end, err := s.preview(v.Context(), casework.Schedule{Rule: q.Get("rule"), Hours: q.Get("hours")})
	if wrong, ok := errors.AsType[*casework.RuleError](err); ok {
		r := refuse(http.StatusUnprocessableEntity, "input_invalid").with("fields", "rule")
		r.Fields = []string{wrong.Error()}
		return answer{}, r
	}
	if err != nil {
		return answer{}, err
	}
	return reply(previewOut{Next: next, Ends: end})
}

func (s *Server) apiTicks(v *visit) (answer, error) {
	schedule, err := s.cfg.Store.Schedule(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("schedule: %w", err)
	}
	ticks, next, err := s.cfg.Store.Ticks(v.Context(), store.TickFilter{ScheduleID: schedule.ID, After: v.URL.Query().Get("after"), Limit: v.limit()})
	if err != nil {
		return answer{}, fmt.Errorf("ticks: %w", err)
	}
	return listed(ticks, next, showTick)
}

// mistake is what is wrong with one field, in both languages.
type mistake struct{ Field, Zh, En string }

// scheduleMistakes looks at everything a person may get wrong, so that they
// learn all of it at once.
func (s *Server) scheduleMistakes(ctx context.Context, in scheduleIn) ([]mistake, error) {
	var wrong []mistake
	add := func(field string) {
		wrong = append(wrong, mistake{field, s.words.text("zh", "wrong."+field), s.words.text("en", "wrong."+field)})
	}
	if !plainName(in.Name) {
		add("schedule_name")
	}
	if in.Title == "" || len(in.Title) > 120 {
		add("title")
	}
	if !in.CatchUp.Known() {
		add("catch_up")
	}
	if known, err := s.playbookKnown(ctx, in.Playbook); err != nil {
		return nil, err
	} else if !known {
		add("playbook")
	}
	calendar, err := s.cfg.Store.Calendar(ctx)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	_, err = casework.Schedule{Rule: in.Rule, Hours: in.Hours}.Preview(s.cfg.Now(), 1, calendar)
	if bad, ok := errors.AsType[*casework.RuleError](err); ok {
		field := "rule"
		if bad.Rule == in.Hours && in.Hours != "" {
			field = "hours"
		}
		wrong = append(wrong, mistake{field, bad.Chinese(), bad.Error()})
	} else if errors.Is(err, casework.ErrNever) {
		add("never")
	}
	return wrong, nil
}

// plainName says that commands can call it so: small letters, digits and
// underscores.
func plainName(name string) bool {
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }
	return name != "" && len(name) <= 60 && name[0] >= 'a' && name[0] <= 'z' && !strings.ContainsFunc(name, other)
}

func (s *Server) playbookKnown(ctx context.Context, name string) (bool, error) {
	if _, ok := s.cfg.Library.Playbook(name); ok {
		return true, nil
	}
	if name == "" {
		return false, nil
	}
	versions, err := s.cfg.Store.Versions(ctx, name)
	if err != nil {
		return false, fmt.Errorf("versions: %w", err)
	}
	return len(versions) > 0, nil
}

// saveSchedule makes a schedule, or changes the one with the id.
func (s *Server) saveSchedule(v *visit, id string, in scheduleIn) (casework.Schedule, error) {
	wrong, err := s.scheduleMistakes(v.Context(), in)
	if err != nil {
		return casework.Schedule{}, err
	}
	if len(wrong) > 0 {
		return casework.Schedule{}, mistaken(wrong)
	}
	schedule := casework.Schedule{Name: in.Name, Title: in.Title, Rule: in.Rule, Hours: in.Hours, Playbook: in.Playbook, Subject: in.Subject, CatchUp: in.CatchUp}
	if id == "" {
		schedule, err = s.cfg.Store.AddSchedule(v.Context(), v.actor, schedule)
	} else {
		schedule.ID, schedule.Rev = id, in.Rev
		err = s.cfg.Store.ChangeSchedule(v.Context(), v.actor, schedule)
	}
	if err != nil {
		return schedule, fmt.Errorf("schedule %s: %w", in.Name, err)
	}
	return s.cfg.Store.Schedule(v.Context(), schedule.ID)
}

func mistaken(wrong []mistake) *refusal {
	var names []string
	r := refuse(http.StatusUnprocessableEntity, "input_invalid")
	for _, m := range wrong {
		names = append(names, m.Field)
		r.Fields = append(r.Fields, m.Field+": "+m.En)
	}
	return r.with("fields", strings.Join(names, ", "))
}

func (s *Server) apiAddSchedule(v *visit) (answer, error) {
	var in scheduleIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	schedule, err := s.saveSchedule(v, "", in)
	if err != nil {
		return answer{}, err
	}
	return reply(showSchedule(schedule))
}

func (s *Server) apiChangeSchedule(v *visit) (answer, error) {
	var in scheduleIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	known, err := s.cfg.Store.Schedule(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("schedule: %w", err)
	}
	schedule, err := s.saveSchedule(v, known.ID, in)
	if err != nil {
		return answer{}, err
	}
	return reply(showSchedule(schedule))
}

func (s *Server) pauseSchedule(v *visit) (answer, error) {
	var in reasonIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	reason, err := grounds(in.Reason)
	if err != nil {
		return answer{}, err
	}
	return s.scheduleDone(v, "flash.schedule_paused", s.cfg.Store.PauseSchedule(v.Context(), v.actor, v.PathValue("id"), reason))
}

func (s *Server) resumeSchedule(v *visit) (answer, error) {
	return s.scheduleDone(v, "flash.schedule_resumed", s.cfg.Store.ResumeSchedule(v.Context(), v.actor, v.PathValue("id")))
}

func (s *Server) scheduleDone(v *visit, flash string, err error) (answer, error) {
	if err != nil {
		return answer{}, fmt.Errorf("schedule: %w", err)
	}
	schedule, err := s.cfg.Store.Schedule(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("schedule: %w", err)
	}
	return s.done(v, flash, "/schedules/"+schedule.ID, showSchedule(schedule))
}

// calendarIn is a text as params/calendar.yaml is written.
type calendarIn struct {
	Text string `json:"text"`
}

type importedOut struct {
	Years []int `json:"years"`
	Cases int   `json:"cases"` // whose due date moved or was set
}

func (s *Server) apiCalendar(v *visit) (answer, error) {
	years, err := s.cfg.Store.CalendarYears(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("calendar: %w", err)
	}
	return listed(years, "", func(y casework.CalendarYear) casework.CalendarYear { return y })
}

// importCalendar keeps the years of a text. Its mistakes are told as they stand,
// with line and column.
func (s *Server) importCalendar(v *visit, in calendarIn) (importedOut, error) {
	years, err := casework.ParseCalendarYears("calendar.yaml", []byte(strings.ReplaceAll(in.Text, "\r\n", "\n")))
	if err != nil {
		r := refuse(http.StatusUnprocessableEntity, "calendar_wrong")
		r.Fields = []string{err.Error()}
		return importedOut{}, r
	}
	out := importedOut{Years: []int{}}
	for _, y := range years {
		out.Years = append(out.Years, y.Year)
	}
	if out.Cases, err = s.cfg.Store.ImportCalendar(v.Context(), v.actor, years); err != nil {
		return out, fmt.Errorf("calendar: %w", err)
	}
	return out, nil
}

func (s *Server) apiImportCalendar(v *visit) (answer, error) {
	var in calendarIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	out, err := s.importCalendar(v, in)
	if err != nil {
		return answer{}, err
	}
	return reply(out)
}

// monthAsked reads ?month=2026-11; anything else is this month.
func (s *Server) monthAsked(v *visit) casework.Date {
	today := casework.DateOf(s.cfg.Now())
	text := v.URL.Query().Get("month")
	year, month, ok := strings.Cut(text, "-")
	y, errY := strconv.Atoi(year)
	m, errM := strconv.Atoi(month)
	if !ok || errY != nil || errM != nil || m < 1 || m > 12 || y < 2000 || y > 2199 {
		return casework.Date{Year: today.Year, Month: today.Month, Day: 1}
	}
	return casework.Date{Year: y, Month: time.Month(m), Day: 1}
}
