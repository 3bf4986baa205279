package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// uploadIn describes the parts of the multipart body of an upload.
type uploadIn struct {
	Slot string `json:"slot"`
	File []byte `json:"file"`
}

// materialOut is an uploaded file as the API shows it.
type materialOut struct {
	ID         string                 `json:"id"`
	CaseID     string                 `json:"case_id"`
	Slot       string                 `json:"slot"`
	FileName   string                 `json:"file_name"` // long digit runs are masked
	MIME       string                 `json:"mime"`
	Bytes      int64                  `json:"bytes"`
	Pages      int                    `json:"pages"`
	State      casework.MaterialState `json:"state"`
	Fault      string                 `json:"fault"`
	UploadedAt time.Time              `json:"uploaded_at"`
	Door       []doorOut              `json:"door"` // what was seen at once, in the answer to the upload; empty: fit to be read
}

func showMaterial(m casework.Material) materialOut {
	return materialOut{
		ID: m.ID, CaseID: m.CaseID, Slot: m.Slot, FileName: maskDigits(m.FileName), MIME: m.MIME, Bytes: m.Bytes,
		Pages: m.Pages, State: m.State, Fault: m.Fault, UploadedAt: m.UploadedAt, Door: []doorOut{},
	}
}

// maskDigits hides runs of seven and more digits: people name their files after
// ID numbers and mobiles.
func maskDigits(name string) string {
	text := []byte(name)
	for start := 0; start < len(text); start++ {
		end := start
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		if end-start >= 7 {
			copy(text[start:end], strings.Repeat("*", end-start))
		}
		start = max(start, end)
	}
	return string(text)
}

// addMaterial is the use case behind the upload page and the API.
func (s *Server) addMaterial(ctx context.Context, by casework.Actor, caseID string, part Upload) (casework.Material, error) {
	c, err := s.cfg.Store.Case(ctx, caseID)
	if err != nil {
		return casework.Material{}, fmt.Errorf("case: %w", err)
	}
	if part.Slot != "" && !s.hasSlot(c.Matter, part.Slot) {
		return casework.Material{}, refuse(http.StatusUnprocessableEntity, "slot_unknown")
	}
	if len(part.Data) == 0 {
		return casework.Material{}, refuse(http.StatusUnprocessableEntity, "file_empty")
	}
	kind := casework.FileKind(part.Data)
	if kind == "" {
		return casework.Material{}, refuse(http.StatusUnsupportedMediaType, "file_type")
	}
	looks, err := s.look(ctx, part.Data)
	if err != nil {
		return casework.Material{}, err
	}
	m, err := s.cfg.Store.AddMaterial(ctx, by, casework.Material{
		CaseID: c.ID, Slot: part.Slot, FileName: fileName(part.Name), MIME: kind, Bytes: int64(len(part.Data)), UploadedAt: s.cfg.Now(),
		Looks: looks,
	}, part.Data)
	if err != nil {
		return m, fmt.Errorf("material of case %s: %w", c.ID, closed(err))
	}
	return m, nil
}

// closed says what a lost compare-and-set means while materials come in.
func closed(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return refuse(http.StatusConflict, "case_closed")
	}
	return err
}

func (s *Server) hasSlot(matter, slot string) bool {
	m, _ := s.matter(matter)
	for _, known := range m.Materials {
		if known.Type == slot {
			return true
		}
	}
	return false
}

// fileName keeps the last part of a name, for people only.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	if r := []rune(name); len(r) > 120 {
		name = string(r[:120])
	}
	return name
}

func (s *Server) apiUpload(v *visit) (answer, error) {
	if len(v.files) != 1 {
		return answer{}, refuse(http.StatusUnprocessableEntity, "file_missing")
	}
	m, err := s.addMaterial(v.Context(), v.actor, v.PathValue("id"), v.files[0])
	if err != nil {
		return answer{}, err
	}
	out := showMaterial(m)
	notes, err := s.doorNotes(v.Context(), m)
	if err != nil { // the file is in: an error now would have it sent again
		s.cfg.Log.ErrorContext(v.Context(), "notes on an upload", "material", m.ID, "error", err)
	}
	out.Door = s.doorOut(notes)
	return reply(out)
}

// defaultSide is the longest side of a page in the viewer: an A4 page stays
// readable at twice the size it is shown.
const defaultSide = 1600

// materialFile shows one page of a material, upright. A picture shows everything
// in full, so it needs the permission to reveal and each look is audited.
func (s *Server) materialFile(v *visit) (answer, error) {
	m, err := s.cfg.Store.Material(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("material: %w", err)
	}
	n, err := strconv.Atoi(v.PathValue("page"))
	if err != nil || n < 1 || n > 999 {
		return answer{}, refuse(http.StatusNotFound, "not_found")
	}
	data, err := s.cfg.Store.File(v.Context(), m.SHA256)
	if err != nil {
		return answer{}, fmt.Errorf("file of material %s: %w", m.ID, err)
	}
	if err := s.noteLook(v, m.ID, m.CaseID); err != nil {
		return answer{}, err
	}
	side, err := strconv.Atoi(v.URL.Query().Get("size"))
	if err != nil || side < 64 || side > 4000 {
		side = defaultSide
	}
	return s.picture(v.Context(), m, data, n, side)
}

func (s *Server) picture(ctx context.Context, m casework.Material, data []byte, n, side int) (answer, error) {
	if s.cfg.Pictures != nil {
		jpeg, _, _, err := s.cfg.Pictures.Picture(ctx, data, n, side)
		if err != nil {
			return answer{}, fmt.Errorf("picture of material %s: %w", m.ID, err)
		}
		return answer{Status: http.StatusOK, File: jpeg, MIME: "image/jpeg"}, nil
	}
	if n == 1 && (m.MIME == "image/jpeg" || m.MIME == "image/png") {
		return answer{Status: http.StatusOK, File: data, MIME: m.MIME}, nil
	}
	return answer{}, refuse(http.StatusUnsupportedMediaType, "no_preview")
}
