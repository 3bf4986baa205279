package playbooks

import "context"

// Window is the sign-in page of a system that a person works on from afar: they see
// the very tab, and what they do reaches it as mouse and keys. Nothing that is seen or
// typed is kept. It is for one goroutine; its errors are those of Page.
type Window interface {
	// Look gives what the tab shows now.
	Look(ctx context.Context) (View, error)

	// Touch does what the person did.
	Touch(ctx context.Context, touch Touch) error

	// SignedIn says whether the system shows the text that says so. From then on the
	// seat is a signed-in session.
	SignedIn(ctx context.Context) (bool, error)

	// Close gives the seat back, signed in or not.
	Close() error
}

// View is one look at a Window.
type View struct {
	Picture []byte   `json:"picture"` // JPEG
	Said    []string `json:"said"`    // message boxes since the page was opened; they are closed already
}

// Touch is one thing a person does. X and Y are shares of the picture's width and height.
type Touch struct {
	Kind TouchKind `json:"kind"`
	X    float64   `json:"x,omitempty"`
	Y    float64   `json:"y,omitempty"`
	Text string    `json:"text,omitempty"` // text: what is typed; key: one of the keys of a press, "Enter"
	By   float64   `json:"by,omitempty"`   // wheel: CSS pixels downwards
}

// TouchKind says what a touch is.
type TouchKind string

// The kinds of touch.
const (
	TouchPress TouchKind = "press" // of the left mouse button
	TouchText  TouchKind = "text"
	TouchKey   TouchKind = "key"
	TouchWheel TouchKind = "wheel"

	TouchReload TouchKind = "reload" // open the page anew, account and password filled in again
)
