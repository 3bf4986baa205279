package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// sheet is one page of a material in the document viewer. Marks are drawn over
// the picture in the pixels of the reading, whatever size it is shown at.
type sheet struct {
	ID            string // "m-<material>-<page>"
	Material      string
	Page          int
	Title         string
	File          string
	Picture       string // address
	Width, Height int    // of the reading; 0 when there is none
	Marks         []mark
	State         Pill
	Fault         sentences
	Bad           bool
	Quality       []Pill
	Engine        string
	Visible       bool // false: only the places are shown, not the picture
}

// BlankWidth and BlankHeight give a hidden page the shape of the real one.
func (s sheet) BlankWidth() int { return cmp.Or(s.Width, 86) }

// BlankHeight is explained at BlankWidth.
func (s sheet) BlankHeight() int { return cmp.Or(s.Height, 54) }

// mark is a box drawn over a page: a field or a finding.
type mark struct {
	Key   string // "f-id_card_front-name": the row with the same key lights up with it
	Kind  string // "field", "BLOCK", "WARN" or "INFO"
	Title string
	Box   casework.Box
}

// fieldRow is one value found, beside the picture.
type fieldRow struct {
	Key, Document, Name, Title string
	Value                      string
	Percent                    int
	Tone                       string
	Edited                     bool
	Status                     Pill
	Hand                       bool   // it may be handwriting
	Accept                     bool   // a person may take the suggestion over as it is
	Look                       bool   // a person compares it with the picture
	Second                     string // what the second reader makes of it, in words
	Offer                      string // a value whose check digit is right; only offered
}

type documentRows struct {
	Type, Title string
	Percent     int
	Fields      []fieldRow
}

// findingRow is one broken rule, for people.
type findingRow struct {
	Key, Rule, Text, Basis, Fix string
	Severity                    Pill
	Material, Field             string
	Found, Expected             string
}

// dossier is what the viewer shows of a case.
type dossier struct {
	Sheets    []sheet
	Documents []documentRows
	Findings  []findingRow
	Earlier   []earlierRound // of a case that came again
}

// dossier lays out the pages, fields and findings of a case. found must already
// be masked where it has to be.
func (s *Server) dossier(ctx context.Context, p Page, c casework.Case, found casework.Assessment) (dossier, error) {
	materials, err := s.cfg.Store.Materials(ctx, c.ID)
	if err != nil {
		return dossier{}, fmt.Errorf("materials of case %s: %w", c.ID, err)
	}
	d := dossier{Documents: s.documentRows(p, found), Findings: s.findingRows(p, found)}
	for _, m := range materials {
		if m.Replaced {
			continue
		}
		readings, err := s.cfg.Store.Readings(ctx, m.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return dossier{}, fmt.Errorf("readings of material %s: %w", m.ID, err)
		}
		if len(readings) == 0 {
			readings = []casework.Reading{{Page: 1}}
		}
		for _, r := range readings {
			d.Sheets = append(d.Sheets, s.sheet(p, m, r, found))
		}
	}
	return d, nil
}

func (s *Server) sheet(p Page, m casework.Material, r casework.Reading, found casework.Assessment) sheet {
	out := sheet{
		ID: "m-" + m.ID + "-" + strconv.Itoa(r.Page), Material: m.ID, Page: r.Page, File: maskDigits(m.FileName),
		Title: s.sheetTitle(p, m, r.Page, found), Picture: fmt.Sprintf("/files/materials/%s/%d", m.ID, r.Page),
		Width: r.Width, Height: r.Height, State: p.pill("state.material", string(m.State)), Engine: r.Engine, Visible: p.May(mayReveal),
	}
	if m.Fault != "" {
		out.Fault, out.Bad = s.words.sentences(p.Lang, m.Fault, nil), true
	}
	for _, q := range r.Quality {
		severity := "warn"
		if q.Retake {
			severity = "bad"
		}
		out.Quality = append(out.Quality, Pill{Tone: severity, Text: strings.TrimRight(s.words.sentences(p.Lang, q.Code, nil).What, "。.")})
	}
	if r.Width > 0 {
		out.Marks = s.marks(p, m, r.Page, found)
	}
	return out
}

// belongs reports whether a file id of an assessment means this material; it
// may be the material's id or the hash of its bytes.
func belongs(m casework.Material, fileID string) bool {
	return fileID != "" && (fileID == m.ID || fileID == m.SHA256)
}

func (s *Server) sheetTitle(p Page, m casework.Material, n int, found casework.Assessment) string {
	for kind, doc := range found.Documents {
		if belongs(m, doc.FileID) && doc.Page == n {
			return s.documentTitle(p, kind)
		}
	}
	if m.Slot != "" {
		return s.documentTitle(p, m.Slot)
	}
	return p.T("viewer.unknown")
}

func (s *Server) documentTitle(p Page, kind string) string {
	if slot, ok := s.slot(kind); ok {
		return p.pick(slot.Zh, slot.En)
	}
	return kind
}

func (s *Server) marks(p Page, m casework.Material, n int, found casework.Assessment) []mark {
	var out []mark
	for kind, doc := range found.Documents {
		for name, f := range doc.Fields {
			if belongs(m, doc.FileID) && f.Page == n && !f.Box.Empty() {
				out = append(out, mark{Key: "f-" + kind + "-" + name, Kind: "field", Title: s.fieldTitle(p, kind, name), Box: f.Box})
			}
		}
	}
	slices.SortFunc(out, func(a, b mark) int { return a.Box.Y - b.Box.Y })
	for i, f := range found.Findings {
		if belongs(m, f.FileID) && f.Page == n && !f.Box.Empty() {
			out = append(out, mark{Key: findingKey(i), Kind: string(f.Severity), Title: p.pick(f.Zh, f.En), Box: f.Box})
		}
	}
	return out
}

func findingKey(i int) string { return "x-" + strconv.Itoa(i) }

func (s *Server) fieldTitle(p Page, document, name string) string {
	if f, ok := s.field(document, name); ok {
		return p.pick(f.Zh, f.En)
	}
	return p.Word("form", name)
}

// documentRows lists documents and fields in the order of the matter, then
// whatever else was found.
func (s *Server) documentRows(p Page, found casework.Assessment) []documentRows {
	var out []documentRows
	for _, kind := range s.inOrder(found) {
		doc := found.Documents[kind]
		rows := documentRows{Type: kind, Title: s.documentTitle(p, kind), Percent: percent(doc.Confidence)}
		for _, name := range s.fieldsInOrder(kind, doc) {
			f := doc.Fields[name]
			rows.Fields = append(rows.Fields, fieldRow{
				Key: "f-" + kind + "-" + name, Document: kind, Name: name, Title: s.fieldTitle(p, kind, name), Value: f.Value,
				Percent: percent(f.Confidence), Tone: confidenceTone(f.Confidence),
				Status: p.fieldPill(f.Status), Hand: f.Hand, Accept: f.Hand && f.Value != "" && f.Status == casework.FieldDoubtful,
				Look: f.Hand || f.Status == casework.FieldDoubtful, Second: p.secondText(f.Second), Offer: f.Offer,
			})
		}
		out = append(out, rows)
	}
	return out
}

// fieldPill says how far a value may be believed.
func (p Page) fieldPill(status casework.FieldStatus) Pill {
	tones := map[casework.FieldStatus]string{casework.FieldVerified: "ok", casework.FieldRead: "mute", casework.FieldDoubtful: "warn"}
	if tones[status] == "" {
		return Pill{}
	}
	return Pill{Tone: tones[status], Text: p.Word("state.field", string(status))}
}

func (p Page) secondText(value string) string {
	if value == "" {
		return ""
	}
	return p.T("field.second", value)
}

// confidenceTone follows domain/50-materials §1: below 0.90 a person reads the
// picture.
func confidenceTone(confidence float64) string {
	switch {
	case confidence >= 0.90:
		return "ok"
	case confidence >= 0.70:
		return "warn"
	}
	return "bad"
}

func (s *Server) inOrder(found casework.Assessment) []string {
	var out, rest []string
	for _, m := range s.cfg.Matters {
		for _, slot := range m.Materials {
			if _, ok := found.Documents[slot.Type]; ok && !slices.Contains(out, slot.Type) {
				out = append(out, slot.Type)
			}
		}
	}
	for kind := range found.Documents {
		if !slices.Contains(out, kind) {
			rest = append(rest, kind)
		}
	}
	slices.Sort(rest)
	return append(out, rest...)
}

func (s *Server) fieldsInOrder(kind string, doc casework.Document) []string {
	var out, rest []string
	slot, _ := s.slot(kind)
	for _, f := range slot.Fields {
		if _, ok := doc.Fields[f.Name]; ok {
			out = append(out, f.Name)
		}
	}
	for name := range doc.Fields {
		if !slices.Contains(out, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	return append(out, rest...)
}

func (s *Server) findingRows(p Page, found casework.Assessment) []findingRow {
	var out []findingRow
	for i, f := range found.Findings {
		out = append(out, findingRow{
			Key: findingKey(i), Rule: f.Rule, Text: p.pick(f.Zh, f.En), Basis: f.Basis, Fix: f.Fix,
			Severity: p.pill("severity", string(f.Severity)), Material: s.documentTitle(p, f.Material),
			Field: s.fieldTitle(p, f.Material, f.Field), Found: f.Found, Expected: f.Expected,
		})
	}
	weight := map[string]int{"bad": 0, "warn": 1, "info": 2}
	slices.SortStableFunc(out, func(a, b findingRow) int { return weight[a.Severity.Tone] - weight[b.Severity.Tone] })
	return out
}
