package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/store"
)

// alertOut is an alert as the API shows it.
type alertOut struct {
	ID             string            `json:"id"`
	Kind           string            `json:"kind"`
	Subject        string            `json:"subject"`
	Code           string            `json:"code"`
	Detail         map[string]string `json:"detail"`
	Since          time.Time         `json:"since"`
	AcknowledgedBy string            `json:"acknowledged_by"`
	AcknowledgedAt time.Time         `json:"acknowledged_at"`
	ClearedAt      time.Time         `json:"cleared_at"`
}

func showAlert(a store.Alert) alertOut {
	return alertOut{ID: a.ID, Kind: a.Kind, Subject: a.Subject, Code: a.Code, Detail: a.Detail, Since: a.Since,
		AcknowledgedBy: a.AcknowledgedBy, AcknowledgedAt: a.Acknowledged, ClearedAt: a.Cleared}
}

func alertFilter(v *visit) store.AlertFilter {
	q := v.URL.Query()
	return store.AlertFilter{Kind: q.Get("kind"), Subject: q.Get("subject"), Cleared: q.Get("cleared") == "1", After: q.Get("after"), Limit: v.limit()}
}

func (s *Server) apiAlerts(v *visit) (answer, error) {
	alerts, next, err := s.cfg.Store.Alerts(v.Context(), alertFilter(v))
	if err != nil {
		return answer{}, fmt.Errorf("alerts: %w", err)
	}
	return listed(alerts, next, showAlert)
}

type acknowledgedOut struct {
	ID string `json:"id"`
}

func (s *Server) acknowledge(v *visit) (answer, error) {
	id := v.PathValue("id")
	if err := s.cfg.Store.AcknowledgeAlert(v.Context(), v.actor, id); err != nil {
		return answer{}, fmt.Errorf("alert %s: %w", id, err)
	}
	return s.done(v, "flash.acknowledged", "/alerts", acknowledgedOut{ID: id})
}

// alertRow is one alert in the list, as a sentence with what to do.
type alertRow struct {
	ID, Kind, Text, Do, Href, Since, By string
	Open                                bool // nobody has acknowledged it
	Cleared                             bool
	Tone                                string
}

type alertsView struct {
	Page
	Chips []Chip
	Rows  []alertRow
	Next  string
}

// alertsLooked bounds what is counted for chips and badge; above it people see
// "200".
const alertsLooked = 200

func (s *Server) alertsPage(v *visit) (answer, error) {
	f := alertFilter(v)
	alerts, next, err := s.cfg.Store.Alerts(v.Context(), f)
	if err != nil {
		return answer{}, fmt.Errorf("alerts: %w", err)
	}
	standing, _, err := s.cfg.Store.Alerts(v.Context(), store.AlertFilter{Limit: alertsLooked})
	if err != nil {
		return answer{}, fmt.Errorf("alerts: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "nav.alerts"), "alerts")
	view := alertsView{Page: p, Chips: alertChips(p, standing, f)}
	for _, a := range alerts {
		view.Rows = append(view.Rows, s.alertRow(p, a))
	}
	if next != "" {
		q := v.URL.Query()
		q.Set("after", next)
		view.Next = "/alerts?" + q.Encode()
	}
	return page("alerts", view)
}

func alertChips(p Page, standing []store.Alert, f store.AlertFilter) []Chip {
	count := map[string]int{}
	for _, a := range standing {
		count[a.Kind]++
	}
	chips := []Chip{{Text: p.T("alert.standing"), Href: "/alerts", Count: strconv.Itoa(len(standing)), Active: f.Kind == "" && !f.Cleared}}
	for _, kind := range []string{"clock", "target", "page", "schedule", "calendar", "password", "account", "fund", "persons"} {
		if count[kind] > 0 || f.Kind == kind {
			chips = append(chips, Chip{Text: p.Word("kind", kind), Href: "/alerts?kind=" + kind, Count: strconv.Itoa(count[kind]), Active: f.Kind == kind && !f.Cleared})
		}
	}
	return append(chips, Chip{Text: p.T("alert.all"), Href: "/alerts?cleared=1", Active: f.Cleared})
}

func (s *Server) alertRow(p Page, a store.Alert) alertRow {
	row := alertRow{ID: a.ID, Kind: p.Word("kind", a.Kind), Since: p.Time(a.Since), By: a.AcknowledgedBy, Open: a.AcknowledgedBy == "" && a.Cleared.IsZero(),
		Cleared: !a.Cleared.IsZero(), Href: subjectPage(a), Tone: alertTone(a.Code)}
	detail := map[string]string{"subject": a.Subject}
	for name, value := range a.Detail {
		detail[name] = value
	}
	switch a.Kind {
	case "target", "page":
		detail["subject"] = s.targetTitle(p, a.Subject)
	case "schedule":
		detail["playbook"] = s.flowTitle(p, a.Detail["playbook"])
	}
	if reason := a.Detail["reason"]; reason != "" {
		detail["reason"] = s.endText(p, reason)
	}
	for _, key := range []string{a.Kind + "_" + a.Code, a.Code} {
		if _, known := s.words["zh"]["alert."+key]; known {
			row.Text, row.Do = filled(p.T("alert."+key), detail), filled(p.T("alertdo."+key), detail)
			return row
		}
	}
	text := s.words.sentences(p.Lang, a.Code, detail) // what stopped a target is a fault
	row.Text, row.Do = text.What, text.Do
	if a.Kind == "target" {
		row.Text = detail["subject"] + p.T("list.colon") + text.What
	}
	return row
}

func filled(text string, detail map[string]string) string {
	for name, value := range detail {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// subjectPage is where people can do something about it.
func subjectPage(a store.Alert) string {
	switch a.Kind {
	case "clock":
		return "/cases/" + a.Subject
	case "schedule":
		return "/schedules/" + a.Subject
	case "target", "page":
		return "/targets/" + a.Subject
	case "calendar":
		return "/calendar"
	case "persons":
		return "/persons"
	case "fund":
		return "/fund/" + a.Detail["account"]
	}
	return "/targets"
}

func alertTone(code string) string {
	switch code {
	case "due_in_3", "password_14", "account_14", "calendar_missing":
		return "warn"
	}
	return "bad"
}

// waitingAlerts counts what nobody has acknowledged, for the badge of the menu.
// A badge is not worth an error page: without a database the page itself says so.
func (s *Server) waitingAlerts(v *visit) int {
	if !v.may[mayReadAlert] {
		return 0
	}
	alerts, _, err := s.cfg.Store.Alerts(v.Context(), store.AlertFilter{Limit: alertsLooked})
	if err != nil {
		return 0
	}
	n := 0
	for _, a := range alerts {
		if a.AcknowledgedBy == "" {
			n++
		}
	}
	return n
}
