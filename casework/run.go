package casework

import (
	"encoding/json"
	"strings"
	"time"
)

// RunState is where a run stands:
//
//	waiting → running → (parked ↔ running) → done | failed | withdrawn
type RunState string

// The states of a run.
const (
	RunWaiting   RunState = "waiting"
	RunRunning   RunState = "running"
	RunParked    RunState = "parked"
	RunDone      RunState = "done"
	RunFailed    RunState = "failed"
	RunWithdrawn RunState = "withdrawn"
)

// Run is one playbook at work on one case. Playbook and system versions are
// pinned by hash. Key and Persons are keyed hashes, never clear values.
type Run struct {
	ID       string
	CaseID   string
	Playbook string // name, "unemployment_claim"
	Version  string // hash of the playbook's text
	Key      string // keyed hash of what "the same claim" means; one live run per (Playbook, Key)
	Persons  []string
	State    RunState
	Step     string // the step it stands at, for people
	End      string // how it ended: "returned", or a fault's code
	Holder   string // worker that holds it, "" when nobody does
	Fence    int64  // grows with every claim; an old number may write nothing
	Attempt  int    // counted by us, from 1
	NextAt   time.Time
	Due      Date
	Priority int    // higher goes first
	Target   string // system its next step works on: it waits for a seat there; "" none
	Created  time.Time
	Updated  time.Time
}

// Live says that the run is not over.
func (r Run) Live() bool {
	return r.State == RunWaiting || r.State == RunRunning || r.State == RunParked
}

// EntryKind is what a journal line says.
type EntryKind string

// The kinds of journal lines. The order intent, sent, outcome is the protocol of
// the irreversible click; see package playbooks.
const (
	Begun    EntryKind = "begun"    // the step was started
	Intent   EntryKind = "intent"   // the click is about to happen; nothing has left yet
	Sent     EntryKind = "sent"     // the first changing request is about to leave the gate
	Happened EntryKind = "outcome"  // the step is finished; Data holds its result
	Parked   EntryKind = "parked"   // waiting for a person
	Verified EntryKind = "verified" // verify looked and Data says what it saw

	// The operator's lines. They are written while nobody holds the run.
	Rewound EntryKind = "rewound" // this step and all after it, or every step for "", are to be done anew
	Skipped EntryKind = "skipped" // the step is passed over
)

// Entry is one append-only journal line of a run. Data may hold personal data
// and is stored sealed.
type Entry struct {
	Seq     int64 // assigned by the store, grows within the run
	RunID   string
	Step    string
	Item    string // for a step that repeats over rows; "" otherwise
	Attempt int
	Effect  string // effect id, for intent, sent and outcome of a commit
	Kind    EntryKind
	At      time.Time
	Data    json.RawMessage
}

// EffectState is how far an irreversible change has come.
type EffectState string

// The states of an effect. Sent without outcome is doubt: verify only.
const (
	EffectIntent  EffectState = "intent"
	EffectSent    EffectState = "sent"
	EffectOutcome EffectState = "outcome"
	EffectVoid    EffectState = "void" // an operator proved it absent and freed it, audited
)

// Effect is one irreversible change in a foreign system: the keyed hash of
// (system, action, business key), one row, unique over all runs and versions.
type Effect struct {
	ID     string // keyed hash
	System string
	Action string
	RunID  string // the run that claimed it
	Step   string
	State  EffectState
	SentAt time.Time
	Data   json.RawMessage // outcome: what was kept from the page
}

// ReviewState is where a question stands.
type ReviewState string

// The states of a review.
const (
	ReviewOpen       ReviewState = "open"
	ReviewDecided    ReviewState = "decided"
	ReviewSuperseded ReviewState = "superseded"
)

// Choice is one answer a person may give.
type Choice struct {
	Name string `json:"name"` // "submit"
	Zh   string `json:"zh"`   // "核对无误，提交"
}

// Review is a question to a person. The run is parked and holds no task, tab or
// seat until it is decided.
type Review struct {
	ID      string
	RunID   string
	CaseID  string
	Step    string
	Role    string   // who may answer: "clerk", "operator"
	Reason  string   // "" for a planned ask, or a fault's code
	Show    []string // what to lay out: material types, "evidence:" and a name, PageShow
	Choices []Choice
	State   ReviewState
	Due     time.Time
	Created time.Time
	Choice  string // once decided
	By      string
	Decided time.Time
}

// PageChanged is the reason of a question about a foreign page that is not as it was
// approved. The approval of the page answers it.
const PageChanged = "page_changed"

const pagePrefix = "page:"

// PageShow names a foreign page among what a question shows.
func PageShow(system, page string) string { return pagePrefix + system + ":" + page }

// ShownPage reads what PageShow has written; ok is false for anything else.
func ShownPage(show string) (system, page string, ok bool) {
	rest, ok := strings.CutPrefix(show, pagePrefix)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}

// Decision is a person's answer. The run goes on with the snapshot and Edits.
type Decision struct {
	ReviewID string
	Choice   string
	Edits    map[string]string // "id_card_front.name": "张明"
	Note     string
	At       time.Time
	By       Actor
}
