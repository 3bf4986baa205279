package playbooks

import (
	"time"

	"github.com/jingban/jingban/casework"
)

// System is a legacy system as its file playbooks/systems/<name>.yaml describes
// it. It holds no address and no secret: those come by configuration key.
type System struct {
	Name    string
	Title   Title
	Version string // hash of the file's text
	Base    string // configuration key of the base URL
	Account string // configuration key of the robot account in the vault

	SignIn  SignIn
	Looks   Looks
	Seats   int             // signed-in sessions the system allows us at once
	Limits  casework.Limits // how it may be used, as far as its file knows; an agency sets its own
	Canary  []string        // menu path that is opened before the first run of a day; nil: signing in is enough
	Settles time.Duration   // ≥ 60 s: after this long "absent" may be believed; 0: a person decides
	Commits []string        // button names, and addresses ("/save.do"), that change something for good; see CommitNames, CommitPaths
	Aliases map[string][]string

	// Locks are the pages that lock a person or save a draft when they are opened.
	// The zero value says that nothing is known of such pages.
	Locks Locks

	Hosts       []string // further hosts its pages need, "name" or "name:port"; all others are refused
	Certificate string   // "sha256:…" of the self-signed certificate it shows; "" for the usual check
	Shims       []string // what its pages still expect of an old browser, see Shims

	// Codes are the system's own code lists: list → our code, or words of a
	// document → the entry its form wants. Page steps use code("list", text).
	Codes map[string]map[string]string
}

// Title is a name in both languages.
type Title struct {
	Zh string `yaml:"zh"`
	En string `yaml:"en"`
}

// ShimNames are what an old page may be given back: dialogs that wait for their
// window, the old way to listen to events, and the old objects.
func ShimNames() []string {
	return []string{"showModalDialog", "attachEvent", "ActiveXObject", "execScript"}
}

// SignIn says how to sign in. Without Fill the first page is open to everybody,
// or Basic has the account sent with each request. The values of Fill are the words "account" and
// "password", which stand for the secrets.
type SignIn struct {
	Open    string            // path of the sign-in page
	Basic   bool              // HTTP basic authentication
	Fill    map[string]string // visible label → "account" or "password"
	Click   Locator
	Done    string   // text seen once signed in
	Refused []string // texts that mean the system refuses the account: never tried again by itself

	Attended *Attended // a person must do it; nil: the robot signs in by itself
}

// Attended says how a sign-in goes that needs a person: account and password are filled
// in, the person does the rest, and the session is then kept for the day.
type Attended struct {
	For    []string      // what the person is needed for, see AttendedFor
	Keep   string        // path of a page that only shows; it is opened again and again to keep the session
	Every  time.Duration // how often
	Lasts  time.Duration // the longest the system lets a session live
	Ask    string        // time of day, "08:20", from which people are asked to sign in
	Before time.Duration // so long before the session's end they are asked again
}

// AttendedFor are the reasons for which a sign-in may need a person. None of them is
// ever worked around.
func AttendedFor() []string { return []string{"captcha", "sms", "qr", "ukey"} }

// Asking is the moment of a day from which people are asked to sign in.
func (a Attended) Asking(day casework.Date) time.Time {
	clock, err := time.Parse("15:04", a.Ask)
	if err != nil {
		return day.Time() // the file's reader let nothing else through
	}
	return day.Time().Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
}

// Looks are texts by which special pages are told.
type Looks struct {
	SignedOut   []string
	Elsewhere   []string // the account has signed in somewhere else
	Maintenance []string
	Error       []string
}

// Access is where a system is and how to get in; it comes from the
// configuration and the vault and is never logged.
type Access struct {
	URL      string
	Account  string
	Password string
}
