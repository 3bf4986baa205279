package web

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
)

// exhibitPrefix marks what a question shows beside materials: the newest file of
// evidence of that name, of the review's run and step.
const exhibitPrefix = "evidence:"

// exhibits are what a question shows of the foreign system: pictures, and what
// was filled in with what the page gave back.
type exhibits struct {
	Pictures []shotRow
	Filled   []dryField
}

// exhibits gathers them. They are personal: only for a visit that reveals.
func (s *Server) exhibits(v *visit, p Page, r casework.Review) (exhibits, error) {
	var out exhibits
	evidence, err := s.cfg.Store.Evidence(v.Context(), r.RunID)
	if err != nil {
		return out, fmt.Errorf("evidence of run %s: %w", r.RunID, err)
	}
	for _, show := range r.Show {
		name, ok := strings.CutPrefix(show, exhibitPrefix)
		if !ok {
			continue
		}
		if e, ok := newest(evidence, r.Step, name); ok {
			if err := s.exhibit(v, p, &out, e); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

func newest(evidence []casework.Evidence, step, name string) (found casework.Evidence, ok bool) {
	for _, e := range evidence {
		if e.Step == step && e.Name == name && !e.At.Before(found.At) {
			found, ok = e, true
		}
	}
	return found, ok
}

func (s *Server) exhibit(v *visit, p Page, out *exhibits, e casework.Evidence) error {
	switch e.Kind {
	case casework.Screenshot:
		out.Pictures = append(out.Pictures, shotRow{Name: evidenceName(p, e), Href: "/files/runs/" + e.RunID + "/" + e.ID, At: p.Time(e.At)})
	case casework.Values:
		data, err := s.cfg.Store.File(v.Context(), e.SHA256)
		if err != nil {
			return fmt.Errorf("file of evidence %s: %w", e.ID, err)
		}
		var filled []struct {
			Label    string `json:"label"`
			Written  string `json:"written"`
			ReadBack string `json:"read_back"`
		}
		if err := json.Unmarshal(data, &filled); err != nil {
			return fmt.Errorf("values of evidence %s: %w", e.ID, err)
		}
		for _, f := range filled {
			out.Filled = append(out.Filled, dryField{Label: f.Label, Written: f.Written, There: f.ReadBack})
		}
	}
	return nil
}
