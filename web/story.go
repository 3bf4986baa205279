package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// stepRow is one step of a run with what it left behind.
type stepRow struct {
	Name, Key string
	State     Pill
	Attempt   int
	From, To  time.Time // zero: not begun yet
	Took      string
	Entries   []entryRow
	Shots     []shotRow
	Files     []shotRow
}

type entryRow struct {
	Seq    int64
	Kind   Pill
	At     string
	Effect string
}

type shotRow struct{ Name, Href, At string }

// storyteller groups journal and evidence by step: those of the playbook in its
// order, then any other as it comes.
type storyteller struct {
	page Page
	pb   *playbooks.Playbook
	rows []stepRow
}

func steps(p Page, story runStory) []stepRow {
	t := &storyteller{page: p, pb: story.Playbook}
	if t.pb != nil {
		for _, step := range t.pb.Steps {
			t.at(step.ID)
		}
	}
	for _, e := range story.Entries {
		t.entry(e)
	}
	for _, e := range story.Evidence {
		t.evidence(e)
	}
	if !story.Run.Live() { // what was never begun will never be
		t.rows = slices.DeleteFunc(t.rows, func(r stepRow) bool { return len(r.Entries) == 0 && len(r.Shots)+len(r.Files) == 0 })
	}
	for i := range t.rows {
		t.rows[i].Took = span(p, t.rows[i].To.Sub(t.rows[i].From))
	}
	return t.rows
}

func (t *storyteller) at(id string) *stepRow {
	i := slices.IndexFunc(t.rows, func(s stepRow) bool { return s.Key == id })
	if i < 0 {
		name := stepTitle(t.page, t.pb, id)
		if id == "" {
			name = t.page.T("run.whole")
		}
		t.rows = append(t.rows, stepRow{Key: id, Name: name, State: Pill{Tone: "mute", Text: t.page.T("run.ahead")}})
		i = len(t.rows) - 1
	}
	return &t.rows[i]
}

func (t *storyteller) entry(e casework.Entry) {
	row, kind := t.at(e.Step), string(e.Kind)
	if passedOver(e) {
		kind = string(casework.Skipped)
	}
	pill := t.page.pill("entry", kind)
	if row.From.IsZero() {
		row.From = e.At
	}
	row.To, row.Attempt, row.State = e.At, max(row.Attempt, e.Attempt), pill
	row.Entries = append(row.Entries, entryRow{Seq: e.Seq, Kind: pill, At: t.page.Stamp(e.At), Effect: digest(e.Effect)})
	if e.Kind == casework.Rewound {
		t.rewind(e.Step, pill)
	}
}

// rewind marks a step and all after it, or all steps, as to be done anew.
func (t *storyteller) rewind(from string, pill Pill) {
	reached := from == ""
	for i := range t.rows {
		reached = reached || t.rows[i].Key == from
		if reached && len(t.rows[i].Entries) > 0 {
			t.rows[i].State = pill
		}
	}
}

func (t *storyteller) evidence(e casework.Evidence) {
	row := t.at(cmp.Or(e.Step, "—"))
	shot := shotRow{Name: evidenceName(t.page, e), Href: "/files/runs/" + e.RunID + "/" + e.ID, At: t.page.Time(e.At)}
	if e.Kind == casework.Screenshot {
		row.Shots = append(row.Shots, shot)
	} else {
		row.Files = append(row.Files, shot)
	}
}
