package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// Tile is one number that leads to the list it counts.
type Tile struct {
	Label, Value, Hint, Href, Tone string
}

type dashboardView struct {
	Page
	Today   []Tile
	Now     []Tile
	Runs    []Tile
	Cases   []Tile
	Queue   []Tile
	People  []Tile
	Chart   string // JSON for chart.js
	Checks  []Check
	At      time.Time
	Healthy bool
}

func (s *Server) homePage(v *visit) (answer, error) {
	for _, first := range []struct{ permission, to string }{
		{mayDecide, "/inbox"}, {mayNumbers, "/dashboard"}, {mayReadCase, "/cases"},
	} {
		operator := first.permission == mayDecide && v.may[mayNumbers]
		if v.may[first.permission] && !operator {
			return redirect(first.to)
		}
	}
	return answer{}, refuse(403, "not_allowed")
}

func (s *Server) dashboardPage(v *visit) (answer, error) {
	n, err := s.cfg.Store.Numbers(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("numbers: %w", err)
	}
	return page("dashboard", s.dashboard(v, n, s.checks(v.Context())))
}

func (s *Server) dashboard(v *visit, n store.Numbers, checks []Check) dashboardView {
	p := s.page(v, s.words.text(v.lang, "nav.dashboard"), "dashboard")
	view := dashboardView{Page: p, At: s.cfg.Now(), Checks: checks, Healthy: true, Chart: chartData(p, n.Hourly)}
	for _, c := range checks {
		view.Healthy = view.Healthy && c.OK
	}
	view.Today = todayTiles(p, n)
	view.Now = nowTiles(p, n)
	for _, state := range []casework.RunState{casework.RunWaiting, casework.RunRunning, casework.RunParked, casework.RunDone, casework.RunFailed, casework.RunWithdrawn} {
		view.Runs = append(view.Runs, stateTile(p, "state.run", string(state), "/runs?state=", n.RunsByState[state]))
	}
	for _, state := range caseStates() {
		view.Cases = append(view.Cases, stateTile(p, "state.case", string(state), "/cases?state=", n.CasesByState[state]))
	}
	for _, task := range slices.Sorted(maps.Keys(n.Queue)) {
		view.Queue = append(view.Queue, Tile{Label: p.Word("task", task), Value: strconv.Itoa(n.Queue[task]), Href: taskList(task)})
	}
	for _, role := range slices.Sorted(maps.Keys(n.WaitingPerson)) {
		view.People = append(view.People, Tile{Label: p.Word("role", role), Value: strconv.Itoa(n.WaitingPerson[role]), Href: "/inbox?role=" + role, Tone: "warn"})
	}
	return view
}

func caseStates() []casework.CaseState {
	return []casework.CaseState{
		casework.CaseCreated, casework.CaseMaterialsChecking, casework.CaseDataChecking, casework.CaseReturned,
		casework.CaseEntered, casework.CaseDone, casework.CaseFailed, casework.CaseCancelled,
	}
}

func taskList(task string) string {
	if task == "work_run" {
		return "/runs?state=waiting"
	}
	return "/cases?state=created,materials_checking"
}

func stateTile(p Page, family, state, href string, count int) Tile {
	t := Tile{Label: p.Word(family, state), Value: strconv.Itoa(count), Href: href + state, Tone: tone(state)}
	if count == 0 {
		t.Tone = "mute"
	}
	return t
}

func todayTiles(p Page, n store.Numbers) []Tile {
	num := strconv.Itoa
	return []Tile{
		{Label: p.T("dash.received"), Value: num(n.Today.Received), Href: "/cases?today=1"},
		{Label: p.T("dash.read"), Value: num(n.Today.Read), Href: "/cases?today=1&state=materials_checking,data_checking,returned,entered,done,failed"},
		{Label: p.T("dash.passed"), Value: num(n.Today.Passed), Href: "/cases?today=1&verdict=AUTO_PASS", Tone: "ok"},
		{Label: p.T("dash.returned"), Value: num(n.Today.Returned), Href: "/cases?today=1&outcome=returned", Tone: "warn"},
		{Label: p.T("dash.submitted"), Value: num(n.Today.Submitted), Href: "/cases?today=1&outcome=submitted", Tone: "ok"},
		{Label: p.T("dash.failed"), Value: num(n.Today.Failed), Href: "/cases?today=1&state=failed", Tone: alarm(n.Today.Failed)},
	}
}

func nowTiles(p Page, n store.Numbers) []Tile {
	num := strconv.Itoa
	depth, people := n.RunsByState[casework.RunWaiting], 0
	for _, count := range n.Queue {
		depth += count
	}
	for _, count := range n.WaitingPerson {
		people += count
	}
	return []Tile{
		{Label: p.T("dash.depth"), Value: num(depth), Hint: p.T("dash.oldest", span(p, n.OldestWaiting)), Href: "/runs?state=waiting"},
		{Label: p.T("dash.people"), Value: num(people), Hint: p.T("dash.people.hint"), Href: "/inbox"},
		{Label: p.T("dash.late"), Value: num(n.Late), Hint: p.T("dash.soon", n.DueSoon), Href: "/cases?late=1", Tone: alarm(n.Late)},
		{Label: p.T("dash.doubt"), Value: num(n.Doubt), Hint: p.T("dash.doubt.hint"), Href: "/runs?state=parked,failed", Tone: alarm(n.Doubt)},
	}
}

func alarm(count int) string {
	if count > 0 {
		return "bad"
	}
	return ""
}

// span shows a duration in its largest unit.
func span(p Page, d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return p.T("span.days", int(d/(24*time.Hour)))
	case d >= 2*time.Hour:
		return p.T("span.hours", int(d/time.Hour))
	case d >= 2*time.Minute:
		return p.T("span.minutes", int(d/time.Minute))
	}
	return p.T("span.seconds", int(d/time.Second))
}

// chartData is what chart.js draws: the last 24 hours.
func chartData(p Page, hours []store.HourCount) string {
	type line struct {
		Name string `json:"name"`
		Tone string `json:"tone"`
		Data []int  `json:"data"`
	}
	labels := []string{}
	lines := []line{
		{Name: p.T("dash.received"), Tone: "info", Data: []int{}},
		{Name: p.T("dash.returned"), Tone: "warn", Data: []int{}},
		{Name: p.T("dash.submitted"), Tone: "ok", Data: []int{}},
	}
	for _, h := range hours {
		labels = append(labels, h.Hour.In(casework.China).Format("15:04"))
		lines[0].Data = append(lines[0].Data, h.Received)
		lines[1].Data = append(lines[1].Data, h.Returned)
		lines[2].Data = append(lines[2].Data, h.Submitted)
	}
	data, err := json.Marshal(map[string]any{"labels": labels, "lines": lines})
	if err != nil {
		panic(err) // numbers and strings only: cannot happen
	}
	return string(data)
}
