package survey

import (
	"cmp"
	"crypto/tls"
	"slices"
	"strings"
	"time"
)

// Verdict is what all findings come to.
type Verdict string

// The verdicts.
const (
	Ready    Verdict = "ready"     // as it stands
	WithHelp Verdict = "with_help" // once the named things are set up, or a person signs in
	InPart   Verdict = "in_part"   // some pages only by hand
	ByHand   Verdict = "by_hand"   // not even the way in works
	Unseen   Verdict = "unseen"    // nothing to read was found
)

// Report is what a survey found.
type Report struct {
	Host      string    `json:"host"`
	Path      string    `json:"path"`
	At        time.Time `json:"at"`
	Verdict   Verdict   `json:"verdict"`
	Pages     int       `json:"pages"`
	Depth     int       `json:"frame_depth"`
	Failed    int       `json:"failed"`    // addresses that gave no answer
	Avoided   int       `json:"avoided"`   // links that read like a change
	Alike     int       `json:"alike"`     // links left out because many were alike
	Truncated int       `json:"truncated"` // pages longer than they may be
	Cut       string    `json:"cut,omitempty"`
	Findings  []Finding `json:"findings"`
}

// Finding is a sign with where it was found.
type Finding struct {
	Code    string   `json:"code"`
	Level   Level    `json:"level"`
	Zh      string   `json:"zh"`
	En      string   `json:"en"`
	NeedsZh string   `json:"needs_zh"`
	NeedsEn string   `json:"needs_en"`
	Details []string `json:"details,omitempty"` // class ids, modes, encodings, function names
	Pages   int      `json:"pages"`
	Where   []string `json:"where"` // paths without queries, the first five

	places map[string]bool
}

// finish judges what was found.
func (w *walk) finish() {
	w.line()
	for _, f := range w.found {
		w.report.Findings = append(w.report.Findings, *f)
	}
	order := []Level{Blocks, Attended, Needs, Minds}
	slices.SortFunc(w.report.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Level), slices.Index(order, b.Level)), cmp.Compare(a.Code, b.Code))
	})
	w.report.Verdict = w.judge()
}

// line notes what the connection itself tells.
func (w *walk) line() {
	if w.start.Scheme == "http" {
		w.note("http", w.start.Path, "")
	}
	if reason := w.guard.untrusted(w.config.Roots, w.config.Now()); reason != "" {
		w.note("certificate", w.start.Path, reason)
	}
	w.guard.mu.Lock()
	defer w.guard.mu.Unlock()
	if v := w.guard.version; v != 0 && v < tls.VersionTLS12 {
		w.note("old_tls", w.start.Path, tls.VersionName(v))
	}
	weak := slices.ContainsFunc(tls.InsecureCipherSuites(), func(c *tls.CipherSuite) bool { return c.ID == w.guard.cipher })
	if weak {
		w.note("old_tls", w.start.Path, tls.CipherSuiteName(w.guard.cipher))
	}
	if w.guard.clientCert {
		w.note("client_certificate", w.start.Path, "")
	}
}

// judge weighs: what stops the way in stops everything, what stops other pages
// stops those.
func (w *walk) judge() Verdict {
	if w.report.Pages == 0 && len(w.found) < 2 {
		return Unseen
	}
	entry, verdict := cmp.Or(w.start.Path, "/"), Ready
	signIn := w.found["sign_in"]
	for _, f := range w.found {
		switch {
		case f.Level == Blocks && (f.places[entry] || signIn != nil && shared(f.places, signIn.places)):
			return ByHand
		case f.Level == Blocks:
			verdict = InPart
		case f.Level != Minds && verdict == Ready:
			verdict = WithHelp
		}
	}
	return verdict
}

func shared(a, b map[string]bool) bool {
	for place := range a {
		if b[place] {
			return true
		}
	}
	return false
}

// Places is where a finding was made, for one line of text.
func (f Finding) Places() string {
	text := strings.Join(f.Where, " ")
	if f.Pages > len(f.Where) {
		text += " …"
	}
	return text
}
