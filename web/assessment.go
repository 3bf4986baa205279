package web

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// assessmentOut is what the check of the materials found out.
type assessmentOut struct {
	Masked    bool                         `json:"masked"`
	Verdict   casework.Verdict             `json:"verdict"`
	Documents map[string]casework.Document `json:"documents"`
	Findings  []casework.Finding           `json:"findings"`
	Rules     string                       `json:"rules"`
}

func (s *Server) apiAssessment(v *visit) (answer, error) {
	id := v.PathValue("id")
	c, err := s.cfg.Store.Case(v.Context(), id)
	if err != nil {
		return answer{}, fmt.Errorf("case: %w", err)
	}
	found, err := s.cfg.Store.Assessment(v.Context(), c.ID)
	if err != nil {
		return answer{}, fmt.Errorf("assessment of case %s: %w", c.ID, err)
	}
	full, err := s.reveals(v, c.ID)
	if err != nil {
		return answer{}, err
	}
	if !full {
		found = s.maskAssessment(found)
	}
	out := assessmentOut{Masked: !full, Verdict: found.Verdict, Documents: found.Documents, Findings: found.Findings, Rules: found.Rules}
	if out.Findings == nil {
		out.Findings = []casework.Finding{}
	}
	if out.Documents == nil {
		out.Documents = map[string]casework.Document{}
	}
	return reply(out)
}

// assessment reads what was found; a case that has not been checked yet has an
// empty one.
func (s *Server) assessment(v *visit, caseID string) (casework.Assessment, error) {
	found, err := s.cfg.Store.Assessment(v.Context(), caseID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return found, fmt.Errorf("assessment of case %s: %w", caseID, err)
	}
	return found, nil
}

// maskField hides a value by the kind of its field.
func (s *Server) maskField(document, name, value string) string {
	switch s.fieldKind(document, name) {
	case "name":
		return casework.MaskName(value)
	case "id_number":
		return casework.MaskID(value)
	case "mobile":
		return casework.MaskMobile(value)
	case "account":
		return casework.MaskAccount(value)
	case "address":
		return casework.MaskAddress(value)
	}
	return casework.MaskText(value)
}

// fieldKind is what the matter says of a field, else what its name suggests: a
// field nobody described must not slip through unmasked.
func (s *Server) fieldKind(document, name string) string {
	if known, ok := s.field(document, name); ok && known.Kind != "" && known.Kind != "text" {
		return known.Kind
	}
	switch name {
	case "name", "holder", "applicant":
		return "name"
	case "number", "id_number":
		if strings.HasPrefix(document, "bank") {
			return "account"
		}
		return "id_number"
	case "mobile", "phone":
		return "mobile"
	case "account", "card_number":
		return "account"
	case "address":
		return "address"
	}
	return ""
}

func (s *Server) field(document, name string) (FieldTitle, bool) {
	slot, _ := s.slot(document)
	for _, f := range slot.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return FieldTitle{}, false
}

func (s *Server) slot(document string) (Slot, bool) {
	for _, m := range s.cfg.Matters {
		for _, slot := range m.Materials {
			if slot.Type == document {
				return slot, true
			}
		}
	}
	return Slot{}, false
}

// maskAssessment gives a copy in which every personal value is masked, also
// where a finding's sentence quotes it.
func (s *Server) maskAssessment(a casework.Assessment) casework.Assessment {
	out := casework.Assessment{Verdict: a.Verdict, Rules: a.Rules, Documents: map[string]casework.Document{}}
	quoted := quotes{}
	for kind, doc := range a.Documents {
		fields := make(map[string]casework.Field, len(doc.Fields))
		for name, f := range doc.Fields {
			value, raw := s.maskField(kind, name, f.Value), s.maskField(kind, name, f.Raw)
			quoted.add(f.Value, value)
			quoted.add(f.Raw, raw)
			f.Value, f.Raw = value, raw
			f.Second, f.Offer = s.maskField(kind, name, f.Second), s.maskField(kind, name, f.Offer)
			fields[name] = f
		}
		doc.Fields = fields
		out.Documents[kind] = doc
	}
	for _, f := range a.Findings {
		quoted.add(f.Found, s.maskField(f.Material, f.Field, f.Found))
		quoted.add(f.Expected, s.maskField(f.Material, f.Field, f.Expected))
	}
	for _, f := range a.Findings {
		f.Found, f.Expected = quoted.mask(f.Found), quoted.mask(f.Expected)
		f.Zh, f.En, f.Fix = quoted.mask(f.Zh), quoted.mask(f.En), quoted.mask(f.Fix)
		out.Findings = append(out.Findings, f)
	}
	return out
}

// quotes are the clear values that may stand in a sentence, and their masks.
type quotes map[string]string

func (q quotes) add(clear, masked string) {
	if len([]rune(clear)) >= 2 && masked != clear {
		q[clear] = masked
	}
}

// mask replaces the longest values first: one may hold another.
func (q quotes) mask(sentence string) string {
	clear := slices.SortedFunc(maps.Keys(q), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	for _, value := range clear {
		sentence = strings.ReplaceAll(sentence, value, q[value])
	}
	return maskDigits(sentence)
}
