package playbooks

import (
	"context"
	"time"

	"github.com/jingban/jingban/casework"
)

// Page is one signed-in tab of a legacy system (implemented by browser.Tab).
// Its errors are *casework.Fault: element_missing, element_ambiguous,
// element_covered, element_disabled, element_moving, element_offscreen,
// dialog_unexpected, value_not_kept, value_not_encodable, no_download, found_by_sight,
// no_popup, commit_outside (NeedsHuman), page_down, signed_out, timeout
// (Transient).
type Page interface {
	// Do carries out one verb that may be repeated freely. What the system's file
	// names as committing is refused with commit_outside, however it is reached.
	Do(ctx context.Context, act Act) (Seen, error)

	// Commit clicks the one irreversible button. The guard runs when the first
	// changing request stands at the gate, before a byte of it leaves; if it
	// returns an error nothing is sent. An error for which casework says nothing
	// else means doubt: the caller must verify, never click again.
	Commit(ctx context.Context, order Commit, guard Guard) (Seen, error)

	// Shoot takes the evidence of this moment: a screenshot of the page and the
	// DOM of every frame.
	Shoot(ctx context.Context, name string) ([]Shot, error)

	// Close gives the tab back. The session stays signed in for the next run.
	Close() error
}

// SeatNeeded is the code of the Transient fault that ends a turn which has no
// seat on the system it comes to: the run waits for one as a row. Nothing was
// looked at.
const SeatNeeded = "seat_needed"

// SignInDue is the code of the Transient fault that ends a turn on a system where a
// person must sign in first: the run waits for that as a row. Nothing was looked at.
const SignInDue = "sign_in_due"

// PutOff says that a fault ends a turn for a reason that is neither the run's
// failure nor a look at a page: the run waits again as it was, as long as the
// fault asks for.
func PutOff(code string) bool {
	switch code {
	case SeatNeeded, SignInDue, casework.Waiting, casework.WaitingMaterial, "worker_stopped", "paused", "cancelled", "target_killed", "target_stopped", "target_busy", "signed_in_elsewhere":
		return true
	}
	return false
}

// Pages hands out pages. It blocks until a page stands signed in, or returns a
// Fault: SeatNeeded, SignInDue, system_down, sign_in_refused, chromium_missing.
type Pages interface {
	Page(ctx context.Context, system System) (Page, error)
}

// Guard is called with the first changing request of a commit, while the gate
// holds it. It writes "sent" to the journal and re-checks the holder.
type Guard func(ctx context.Context, req Request) error

// Request is what is about to leave the gate.
type Request struct {
	Method   string
	Path     string // without the query: a URL may hold personal data
	BodyHash string // "sha256:…"
	At       time.Time
}

// Act is one verb with its object.
type Act struct {
	Verb  Verb
	Menu  []string // open: the menu path by visible text, or one path below the base URL ("/list")
	At    Locator  // fill, click, attach, read
	Value string   // fill; press: the key ("Enter"); wait: the text
	File  File     // attach
	Want  string   // read: "text" (of a label's value), "rows" (of a table) or "marks" (of the page); wait: "gone" waits for the end of the text

	Keys    bool          // fill: with real keys, one by one
	Confirm string        // click: text of the one question that is answered with yes
	Dismiss string        // click: text of the one question that is expected and answered with no
	Answer  string        // click: what the prompt named by Confirm is told
	Within  time.Duration // wait: at most so long; 0 is the verb's own limit
}

// Verb names what is done to a page. Commit is not a verb of Do.
type Verb string

// The verbs of Page.Do.
const (
	Open   Verb = "open"
	Fill   Verb = "fill"
	Click  Verb = "click"
	Attach Verb = "attach"
	Read   Verb = "read"

	Hover    Verb = "hover"    // lay the mouse on something, so that what it opens is there
	Press    Verb = "press"    // press one key
	Wait     Verb = "wait"     // until the page says something
	Download Verb = "download" // click, and take the one file that comes
	Close    Verb = "close"    // close the pop-up in front
)

// Locator says what a person would look for. Exactly one of Label, Button, Link,
// Text and Table is the main key, Near and Row narrow it down; CSS is the last resort.
type Locator struct {
	Label  string   `json:"label,omitempty"`
	Button string   `json:"button,omitempty"`
	Link   string   `json:"link,omitempty"`
	Text   string   `json:"text,omitempty"`  // anything that says exactly this
	Table  string   `json:"table,omitempty"` // caption or heading
	Row    string   `json:"row,omitempty"`   // text that the row holds
	Column string   `json:"column,omitempty"`
	Near   string   `json:"near,omitempty"`
	CSS    string   `json:"css,omitempty"`
	Alias  []string `json:"alias,omitempty"` // other spellings, from the system file

	AliasOf map[string][]string `json:"alias_of,omitempty"` // other spellings of Near and Column
}

// File is an upload.
type File struct {
	Name string
	MIME string
	Data []byte
}

// Row is one table row by column heading.
type Row map[string]string

// Seen is what a verb brought back.
type Seen struct {
	Text     string   // read text; fill: the value read back
	Rows     []Row    // read rows
	Columns  []string // read rows: the headings in order
	Dialogs  []string // texts of the dialogs that came up, in order
	Fallback bool     // the locator matched only by a fallback
	Sight    []string // texts that were found only in pixels, a fallback
	Files    []File   // download
	Saved    bool     // commit: the text that says "saved" was seen
	Page     string   // visible text of the page afterwards, all frames
	Marks    Marks    // read marks: what the page is told by
}

// Commit is the order to press the irreversible button.
type Commit struct {
	Button  string              // its visible text
	Link    string              // instead of a button
	Near    string              // narrows it down, as in a Locator
	Row     string              // narrows it down
	Alias   []string            // other spellings of the button
	AliasOf map[string][]string // of what narrows it down
	Confirm string              // text of the one dialog that may be accepted, "" for none
	Answer  string              // what the dialog is told, if it is a prompt
	Saved   string              // text that says it was saved
	Within  time.Duration       // from click to answer
	Freed   bool                // a person has freed a button that is found only by sight
}

// Shot is one piece of evidence before it is stored.
type Shot = casework.Shot
