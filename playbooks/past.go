package playbooks

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// past is what the journal says about one step.
type past struct {
	begun   bool
	attempt int       // that last began it, or went on with it
	since   time.Time // it was first begun
	done    *outcome
	asked   *casework.Review  // asked, and not answered
	answer  *given            // the answer in effect
	looks   []looked          // looks since the last sent
	read    map[string]string // what stood on the page after the reply to the last sent
	voided  int               // times the runner itself freed the effect
	reason  string            // of the last question
	shown   string            // digest of the filled form that the last question showed
	anyway  bool              // a person wants the change made whatever a look before says; ends with sent
}

// given is a person's answer as the journal keeps it.
type given struct {
	Review string            `json:"review"`
	Choice string            `json:"choice"`
	Edits  map[string]string `json:"edits,omitempty"`
	Note   string            `json:"note,omitempty"`
	By     string            `json:"by,omitempty"`
}

// looked is the journal's line about one look.
type looked struct {
	Answer answer `json:"answer,omitempty"`
	Rows   int    `json:"rows"`
	Error  string `json:"error,omitempty"` // fault code: the look saw nothing
	Void   bool   `json:"void,omitempty"`  // the effect was freed
	Person bool   `json:"person,omitempty"`
	Before bool   `json:"before,omitempty"` // a look before anything was sent: it speaks of no click

	Read map[string]string `json:"read,omitempty"` // what stood on the page after the reply
}

// asking is the journal's line about a question.
type asking struct {
	Review casework.Review `json:"review"`
	Cause  string          `json:"cause,omitempty"`
	Shown  string          `json:"shown,omitempty"` // digest of the filled form
}

// began is the journal's line about the start, or the going on, of a step.
type began struct {
	Answer *given `json:"answer,omitempty"`
}

// note takes one more journal line in.
func (p *past) note(e casework.Entry) error {
	var err error
	switch e.Kind {
	case casework.Begun:
		var b began
		err = decodeData(e, &b)
		p.begun, p.attempt = true, e.Attempt
		if p.since.IsZero() {
			p.since = e.At
		}
		if b.Answer != nil {
			p.asked, p.answer = nil, b.Answer
			p.anyway = p.anyway || b.Answer.Choice == anywayChoice
		}
	case casework.Sent:
		p.looks, p.answer, p.read, p.anyway = nil, nil, nil, false // none of them speaks of a later click
	case casework.Verified:
		var l looked
		err = decodeData(e, &l)
		p.noteLook(l)
	case casework.Parked:
		var a asking
		err = decodeData(e, &a)
		p.asked, p.answer, p.reason, p.shown = &a.Review, nil, a.Review.Reason, a.Shown
	case casework.Happened:
		p.done = &outcome{}
		err = decodeData(e, p.done)
	}
	return err
}

func (p *past) noteLook(l looked) {
	if l.Before {
		return
	}
	if len(l.Read) > 0 {
		p.read = l.Read
	}
	p.looks = append(p.looks, l)
	if l.Void && !l.Person {
		p.voided++
	}
}

// blind counts the looks since sent that saw nothing.
func (p *past) blind() int {
	n := 0
	for _, l := range p.looks {
		if l.Error != "" {
			n++
		}
	}
	return n
}

func decodeData(e casework.Entry, to any) error {
	if len(e.Data) == 0 {
		return nil
	}
	if err := json.Unmarshal(e.Data, to); err != nil {
		return fmt.Errorf("journal line %d (%s of step %s): %w", e.Seq, e.Kind, e.Step, err)
	}
	return nil
}
