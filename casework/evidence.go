package casework

import (
	"fmt"
	"time"
)

// EvidenceKind says what a file of evidence shows.
type EvidenceKind string

// The kinds of evidence.
const (
	Screenshot EvidenceKind = "screenshot"
	DOM        EvidenceKind = "dom"
	Values     EvidenceKind = "values" // JSON: written and read back
	Requests   EvidenceKind = "requests"
	Dialog     EvidenceKind = "dialog"
	Paper      EvidenceKind = "paper"    // a notice or form we made
	Download   EvidenceKind = "download" // a file that a system has handed out: a receipt, a statement
)

// KeepClass says how long a file of evidence is kept (保管期限).
type KeepClass string

// The classes. A shot that names none is a page; a paper and what a system has
// handed out belong to the archive.
const (
	KeepDry     KeepClass = "dry"     // of a dry run: nothing became of it
	KeepPage    KeepClass = "page"    // an ordinary page that was looked at
	KeepArchive KeepClass = "archive" // what shows a change that was made: commit, verify, papers
)

// Evidence is one hashed file that shows what was there. Seq and Link are its
// place in its run's chain: Link is a keyed hash of this line and of all before
// it.
type Evidence struct {
	ID      string
	RunID   string
	Seq     int64
	Step    string
	Attempt int
	Kind    EvidenceKind
	Class   KeepClass
	Name    string // "before_commit.png"
	MIME    string
	SHA256  string
	Bytes   int64
	At      time.Time
	Link    string
	Removed time.Time // its time was over and the bytes are gone; zero while they are kept
}

// Shot is one piece of evidence before it is stored.
type Shot struct {
	Kind  EvidenceKind
	Class KeepClass // "" by its kind
	Name  string
	MIME  string
	Data  []byte
}

// Keep is the class of the shot.
func (s Shot) Keep() KeepClass {
	switch {
	case s.Class != "":
		return s.Class
	case s.Kind == Paper, s.Kind == Download:
		return KeepArchive // a receipt shows a change as well as the page of its commit does, whichever step took it
	}
	return KeepPage
}

// InArchive gives the shots the archive's keep-time.
func InArchive(shots []Shot) []Shot {
	kept := make([]Shot, len(shots))
	for i, s := range shots {
		s.Class = KeepArchive
		kept[i] = s
	}
	return kept
}

// KeepTime is how long evidence of a class is kept: Days, or whole calendar
// Years counted from 1 January after it was taken, as archives count. Neither:
// for ever.
type KeepTime struct {
	Days, Years int
	Document    string // where the rule stands
}

// Keep gives the keep-time of a class for a matter: dry and page in days
// (evidence.dry_days, evidence.page_days), the archive in years
// (<matter>.archive_years, else evidence.archive_years; 0 is for ever).
func (v ParamValues) Keep(class KeepClass, matter string) (KeepTime, error) {
	name := "evidence." + string(class) + "_days"
	if class == KeepArchive {
		name = matter + ".archive_years"
		if _, own := v.rows[name]; !own {
			name = "evidence.archive_years"
		}
	}
	n, err := v.Int(name)
	if err == nil && n < 0 {
		err = fmt.Errorf("parameter %q: %d is no keep-time", name, n)
	}
	k := KeepTime{Document: v.rows[name].Document}
	if k.Days = n; class == KeepArchive {
		k.Days, k.Years = 0, n
	}
	return k, err
}

// Over gives the moment before which evidence has to have been taken for its
// time to be over at now; zero for ever.
func (k KeepTime) Over(now time.Time) time.Time {
	switch {
	case k.Years > 0:
		return time.Date(now.In(China).Year()-k.Years, 1, 1, 0, 0, 0, 0, China)
	case k.Days > 0:
		return now.AddDate(0, 0, -k.Days)
	}
	return time.Time{}
}

// String is "30d", "100y" or "for ever".
func (k KeepTime) String() string {
	switch {
	case k.Years > 0:
		return fmt.Sprintf("%dy", k.Years)
	case k.Days > 0:
		return fmt.Sprintf("%dd", k.Days)
	}
	return "for ever"
}
