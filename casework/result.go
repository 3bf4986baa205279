package casework

import "errors"

// ErrNotHolder says that another worker holds the run by now. Whoever gets it
// stops at once and touches nothing more.
var ErrNotHolder = errors.New("the run is held by another worker")

// Result is what became of one turn of a run.
type Result struct {
	State  RunState          // done, failed or parked
	Step   string            // where it stands
	End    string            // done: "submitted", "returned"…; failed: the fault's code
	Kept   map[string]string // values kept from pages: 受理编号 → …
	Review *Review           // parked: the question to ask
}
