package casework

import (
	"errors"
	"fmt"
	"time"
)

// Kind answers the one question asked of an error: who can make it right?
type Kind string

// The kinds. An error that is no Fault counts as Transient.
const (
	Transient  Kind = "transient"   // time: the run stays and is tried again at NextAt
	Permanent  Kind = "permanent"   // nobody: the run fails with its reason
	NeedsHuman Kind = "needs_human" // a person: the run is parked with a Review
)

// Fault is an error that knows who can make it right.
type Fault struct {
	Kind  Kind
	Code  string        // stable, snake_case, has a sentence in web/locale: "name_mismatch"
	After time.Duration // Transient only: wait at least this long; 0 leaves it to the engine
	Err   error         // the cause, for operators; never holds personal data
}

// Error gives the code and the cause.
func (f *Fault) Error() string {
	if f.Err == nil {
		return f.Code
	}
	return f.Code + ": " + f.Err.Error()
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Retry makes a Transient fault.
func Retry(code string, format string, args ...any) *Fault {
	return &Fault{Kind: Transient, Code: code, Err: fmt.Errorf(format, args...)}
}

// Fail makes a Permanent fault.
func Fail(code string, format string, args ...any) *Fault {
	return &Fault{Kind: Permanent, Code: code, Err: fmt.Errorf(format, args...)}
}

// AskPerson makes a NeedsHuman fault.
func AskPerson(code string, format string, args ...any) *Fault {
	return &Fault{Kind: NeedsHuman, Code: code, Err: fmt.Errorf(format, args...)}
}

// AsFault finds the Fault in an error's chain; an error without one becomes a
// Transient fault with the code "internal".
func AsFault(err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return &Fault{Kind: f.Kind, Code: f.Code, After: f.After, Err: err}
	}
	return &Fault{Kind: Transient, Code: "internal", Err: err}
}

// The codes of the Transient faults that end the turn of a run in a wait: nothing
// is wrong. The case of a run that waits for an upload takes uploads.
const (
	Waiting         = "waiting"
	WaitingMaterial = "waiting_material"
)

// Waits says that a fault's code is one of a run in a wait.
func Waits(code string) bool { return code == Waiting || code == WaitingMaterial }
