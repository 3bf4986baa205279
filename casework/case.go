package casework

import (
	"time"

	"github.com/google/uuid"
)

// NewID makes an identifier that sorts by the time of its making (UUIDv7).
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Person is the insured person (参保人) a case is about. Every field is personal
// data: sealed in storage, masked on screens, never in Redis, logs or URLs.
type Person struct {
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
	Mobile   string `json:"mobile,omitempty"`
	Account  string `json:"account,omitempty"`
	Address  string `json:"address,omitempty"`
}

// CaseState is where a case stands (domain/00-overview §6).
type CaseState string

// The states of a case, in the order of a good day.
const (
	CaseCreated           CaseState = "created"            // open for uploads
	CaseMaterialsChecking CaseState = "materials_checking" // submitted, being read and checked
	CaseReturned          CaseState = "returned"           // back with the citizen, one complete notice
	CaseDataChecking      CaseState = "data_checking"      // materials fine, waiting for the clerk or the robot
	CaseEntered           CaseState = "entered"            // written to the legacy system, receipt kept
	CaseDone              CaseState = "done"
	CaseFailed            CaseState = "failed" // a person must take it over
	CaseCancelled         CaseState = "cancelled"
)

// Case is one person's request in one matter.
type Case struct {
	ID         string
	Number     string // 受理编号, what people call it: "SY-20260306-0007"
	Matter     string // "unemployment_claim"
	Region     string // region code of the parameters, "379900"
	Applicant  Person
	Month      Month             // benefit month (待遇月份) the claim begins with
	Shared     map[string]string // facts fetched by data sharing, "leave_reason": "E01"; no personal data
	State      CaseState
	Outcome    string  // how it ended: "submitted", "returned", or a fault's code
	Receipt    string  // 业务流水号 of the legacy system
	Verdict    Verdict // of the last assessment, "" before it
	ReceivedAt time.Time
	Due        Date // zero while the calendar of that year is not imported
	UpdatedAt  time.Time
}

// ActorKind tells humans from machines.
type ActorKind string

// The kinds of actors.
const (
	Human  ActorKind = "human"
	Robot  ActorKind = "robot"
	Portal ActorKind = "portal" // another system, by token
)

// Actor is who did something, as the audit trail records it.
type Actor struct {
	Kind ActorKind
	ID   string // user id, worker name or token id
	Name string // login name, shown to people
	Role string
	From string // IP address or terminal, "" for the robot
}
