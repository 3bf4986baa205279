package web

import (
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// Page is what every page shows round its content. Views embed it.
type Page struct {
	Title   string
	Lang    string // "zh" or "en"
	Theme   string // "light", "dark" or "auto"
	Who     string // name of who is signed in, "" before
	Role    string
	Nav     []NavItem
	Flash   Notice
	Path    string // where the language switch leads back to
	Version string
	Once    string // idempotency key of the forms of this page
	now     time.Time
	words   catalogue
	may     map[string]bool
}

// NavItem is one entry of the menu.
type NavItem struct {
	Href, Icon, Text string
	Active           bool
	Count            int  // what waits there, 0 shows nothing
	First            bool // of a group
}

// Notice is one line on top of a page. An empty text shows nothing.
type Notice struct{ Tone, Text string }

// Pill is a state as a word with a colour and a mark, never a colour alone.
// Tones: ok, warn, bad, info, mute.
type Pill struct{ Tone, Text string }

// T gives a sentence in the visitor's language.
func (p Page) T(key string, args ...any) string { return p.words.text(p.Lang, key, args...) }

// Word names a value of a family, or shows the value itself.
func (p Page) Word(family, value string) string { return p.words.word(p.Lang, family, value) }

// May reports whether the visitor holds a permission.
func (p Page) May(permission string) bool { return p.may[permission] }

// Time shows a moment in China time; today only the clock.
func (p Page) Time(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	if casework.DateOf(t) == casework.DateOf(p.now) {
		return t.In(casework.China).Format("15:04:05")
	}
	return t.In(casework.China).Format("01-02 15:04")
}

// Stamp shows a moment in full.
func (p Page) Stamp(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(casework.China).Format("2006-01-02 15:04:05")
}

// Day shows a date; one that is not known yet as open.
func (p Page) Day(d casework.Date) string {
	if d.IsZero() {
		return p.T("due.open")
	}
	return d.String()
}

// pick gives the Chinese or the English text, and the other when one is empty.
func (p Page) pick(zh, en string) string {
	if p.Lang == "en" && en != "" || zh == "" {
		return en
	}
	return zh
}

func (s *Server) page(v *visit, title, active string) Page {
	p := Page{
		Title: title, Lang: v.lang, Theme: "auto", Who: v.user.Name, Role: v.user.Role, Path: v.URL.RequestURI(),
		Version: s.cfg.Version, Once: casework.NewID(), now: s.cfg.Now(), words: s.words, may: v.may,
	}
	if p.Who == "" {
		p.Who = v.actor.Name
	}
	if c, err := v.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		p.Theme = c.Value
	}
	if v.Method == post {
		p.Path = "/" // a form shown again has no address of its own
	}
	p.Nav = s.nav(v, p, active)
	p.Flash = s.takeFlash(v, p)
	return p
}

func (s *Server) nav(v *visit, p Page, active string) []NavItem {
	var out []NavItem
	add := func(permission, name, href string) {
		if p.may[permission] {
			out = append(out, NavItem{Href: href, Icon: name, Text: p.T("nav." + name), Active: name == active})
		}
	}
	add(mayNumbers, "dashboard", "/dashboard")
	add(mayReview, "inbox", "/inbox")
	add(mayReadCase, "cases", "/cases")
	add(mayCreate, "new", "/cases/new")
	add(mayReadRun, "runs", "/runs")
	add(mayReadSheet, "sheets", "/sheets")
	add(mayReadFund, "fund", "/fund")
	add(mayReadPerson, "persons", "/persons")
	group := len(out)
	add(mayReadSchedule, "schedules", "/schedules")
	add(mayReadTarget, "targets", "/targets")
	add(mayReadPlaybook, "playbooks", "/playbooks")
	add(mayReadParam, "params", "/params")
	add(mayReadRule, "rules", "/rules")
	add(mayReadSample, "samples", "/samples")
	if p.may[mayReadAlert] {
		add(mayReadAlert, "alerts", "/alerts")
		out[len(out)-1].Count = s.waitingAlerts(v)
	}
	if len(out) > group {
		out[group].First = true
	}
	return out
}

// flash leaves a line for the next page. Only keys of the catalogue are kept, so
// that a cookie cannot put words into our mouth.
func (s *Server) flash(v *visit, tone, key string) { s.setCookie(v, flashCookie, tone+":"+key, 60) }

func (s *Server) takeFlash(v *visit, p Page) Notice {
	c, err := v.Cookie(flashCookie)
	if err != nil {
		return Notice{}
	}
	s.setCookie(v, flashCookie, "", -1)
	tone, key, _ := strings.Cut(c.Value, ":")
	if _, ok := s.words["zh"][key]; !ok || !strings.HasPrefix(key, "flash.") {
		return Notice{}
	}
	return Notice{Tone: tone, Text: p.T(key)}
}

// parsePages parses each page with the layout and the shared parts.
func parsePages() (map[string]*template.Template, error) {
	names, err := fs.Glob(assets, "templates/*.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, name := range names {
		base := strings.TrimSuffix(path.Base(name), ".html")
		if base == "layout" || base == "parts" {
			continue
		}
		t, err := template.New(base).Funcs(functions()).ParseFS(assets, "templates/layout.html", "templates/parts.html", name)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", base, err)
		}
		pages[base] = t
	}
	return pages, nil
}

// functions are the few things templates compute.
func functions() template.FuncMap {
	return template.FuncMap{
		"percent": percent,
		"size":    sizeText,
		"inc":     func(i int) int { return i + 1 },
		"digest":  digest,
	}
}

// percent shows a confidence of 0..1 as 0..100, rounded down: 100 means certain.
func percent(v float64) int { return int(v*100 + 1e-9) }

// digest shortens a hash to what people compare by eye.
func digest(hash string) string {
	_, plain, found := strings.Cut(hash, ":")
	if !found {
		plain = hash
	}
	return plain[:min(12, len(plain))]
}

// tone is the colour of a state, a verdict, a severity or an outcome.
func tone(value string) string {
	switch value {
	case "done", "full", "absent", "entered", "submitted", "AUTO_PASS", "read", "decided", "outcome", "live":
		return "ok"
	case "rewound", "paused", "supervised", "limited", "happened", "returned", "RETURN_FOR_CORRECTION", "MANUAL_REVIEW", "parked", "WARN", "data_checking", "withdrawn", "sent", "open", "due":
		return "warn"
	case "stopped", "failed", "BLOCK", "PROPOSE_REJECT", "unreadable":
		return "bad"
	case "probing", "shadow", "running", "materials_checking", "created", "waiting", "INFO", "received", "intent", "begun", "verified", "wanted":
		return "info"
	}
	return "mute"
}

// pill shows a value of a family; an empty value gives an empty pill, which is
// not drawn.
func (p Page) pill(family, value string) Pill {
	if value == "" {
		return Pill{}
	}
	return Pill{Tone: tone(value), Text: p.Word(family, value)}
}
