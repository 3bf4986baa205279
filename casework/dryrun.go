package casework

// DryReport is what a dry run came to: the form as it would have been
// committed, and the records that are there already. It holds personal data.
type DryReport struct {
	Step   string     `json:"step"`             // the commit it stopped before; "" when the playbook has none on this path
	End    string     `json:"end"`              // how the run would have ended without a commit
	Fields []DryField `json:"fields"`           // what would be written
	Found  []DryField `json:"found,omitempty"`  // what verify finds there now, against what would be written
	Answer string     `json:"answer,omitempty"` // what verify says now: "absent", "happened", or why it is unclear
	Notes  []DryNote  `json:"notes,omitempty"`  // what was assumed or left out on the way
}

// DryField is one line of the table.
type DryField struct {
	Step    string `json:"step"`
	Label   string `json:"label"`
	Written string `json:"written"` // what would be written
	There   string `json:"there"`   // what the page gave back, or holds
	Same    bool   `json:"same"`
}

// DryNote is a step that a dry run does not carry out as it stands.
type DryNote struct {
	Step string `json:"step"`
	Code string `json:"code"` // "answer_assumed", "paper_left_out"
	What string `json:"what"` // the choice or the paper
}

// Agrees says that every field was read back as it was written.
func (r DryReport) Agrees() bool {
	for _, f := range r.Fields {
		if !f.Same {
			return false
		}
	}
	return true
}
