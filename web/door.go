package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// doorWithin bounds how long an upload waits for the look at its pictures, some
// 0.3 s for a photo. Reading judges the picture again in any case.
const doorWithin = 10 * time.Second

// look gives what is seen of a file at once, nothing when nobody could look. A
// file that nobody will ever be able to open is refused here, where whoever
// sends it can still send another.
func (s *Server) look(ctx context.Context, file []byte) ([]casework.Look, error) {
	if s.cfg.Door == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, doorWithin)
	defer cancel()
	looks, err := s.cfg.Door.Door(ctx, file)
	if fault := casework.AsFault(err); err != nil && fault.Kind == casework.Permanent {
		return nil, fmt.Errorf("look at an upload: %w", err)
	}
	if err != nil {
		s.cfg.Log.Info("nobody looked at an upload", "code", casework.AsFault(err).Code, "error", err)
	}
	return looks, nil
}

// doorNote is one thing seen of an uploaded file, before it was read.
type doorNote struct {
	Code   string // of its sentences
	Page   int
	Retake bool
	Detail map[string]string
}

func (n doorNote) tone() string {
	if n.Retake {
		return "bad"
	}
	return "warn"
}

// seenRow is a doorNote for people.
type seenRow struct {
	Tone string
	Text sentences
}

func (r materialRow) retake() bool {
	return slices.ContainsFunc(r.Seen, func(n seenRow) bool { return n.Tone == "bad" })
}

// doorOut is a doorNote for programs, with the sentences for their users.
type doorOut struct {
	Code    string `json:"code"`
	Page    int    `json:"page"`
	Retake  bool   `json:"retake"` // true: it can't be read, please take it again
	TitleZh string `json:"title_zh"`
	FixZh   string `json:"fix_zh"`
	Title   string `json:"title"`
	FixEn   string `json:"fix_en"`
}

func (s *Server) doorOut(notes []doorNote) []doorOut {
	out := []doorOut{}
	for _, n := range notes {
		zh, en := s.words.sentences("zh", n.Code, n.Detail), s.words.sentences("en", n.Code, n.Detail)
		out = append(out, doorOut{Code: n.Code, Page: n.Page, Retake: n.Retake, TitleZh: zh.What, FixZh: zh.Do, Title: en.What, FixEn: en.Do})
	}
	return out
}

// doorNotes says what is wrong with the pictures of a material, each thing once,
// and which other material shows the same picture.
func (s *Server) doorNotes(ctx context.Context, m casework.Material) ([]doorNote, error) {
	alike, err := s.alikes(ctx, m)
	return append(s.lookNotes(m.Slot, m.Looks), alike...), err
}

// lookNotes names each thing seen of a file's pages once. A portrait has few pixels
// and no rows that could lie askew: of it only what keeps it from being used is said.
func (s *Server) lookNotes(slot string, looks []casework.Look) []doorNote {
	portrait := s.cfg.Catalog != nil && s.cfg.Catalog.Portrait(slot)
	var notes []doorNote
	for _, look := range looks {
		for _, q := range look.Findings {
			if portrait && !q.Retake {
				continue
			}
			if !slices.ContainsFunc(notes, func(n doorNote) bool { return n.Code == q.Code }) {
				notes = append(notes, doorNote{Code: q.Code, Page: look.Page, Retake: q.Retake, Detail: limitOf(q)})
			}
		}
	}
	return notes
}

// limitOf is the limit of a file's size, as people write it.
func limitOf(q casework.Quality) map[string]string {
	switch {
	case !strings.HasPrefix(q.Code, "file_"):
		return nil
	case q.Threshold < 1024:
		return map[string]string{"limit": fmt.Sprintf("%.0f KB", q.Threshold)}
	}
	return map[string]string{"limit": strings.TrimSuffix(fmt.Sprintf("%.1f", q.Threshold/1024), ".0") + " MB"}
}

// surelyOne is how near, in bits of 255, pictures of different cases must be to
// be called the same. It is a judgement on the safe side: scans of one printed
// form that two people filled in lay a few bits apart in the fixtures, and a copy
// that was only saved again lay nearer. No real case was measured; what comes
// out is a note to the clerk and refuses nothing.
const surelyOne = 4

func (s *Server) alikes(ctx context.Context, m casework.Material) ([]doorNote, error) {
	if len(m.Looks) == 0 {
		return nil, nil
	}
	found, err := s.cfg.Store.Alikes(ctx, m.ID)
	if err != nil {
		return nil, fmt.Errorf("pictures like material %s: %w", m.ID, err)
	}
	var notes []doorNote
	elsewhere := map[string]bool{}
	page := 0
	for _, a := range found {
		if a.CaseID != m.CaseID {
			if a.Distance <= surelyOne {
				elsewhere[a.CaseID], page = true, a.Page
			}
			continue
		}
		other, err := s.cfg.Store.Material(ctx, a.MaterialID)
		if err != nil {
			return nil, fmt.Errorf("material %s: %w", a.MaterialID, err)
		}
		if cmp.Or(other.UploadedAt.Compare(m.UploadedAt), cmp.Compare(other.ID, m.ID)) < 0 && len(notes) == 0 {
			notes = append(notes, doorNote{Code: "near_duplicate", Page: a.Page, Detail: map[string]string{"name": maskDigits(other.FileName)}})
		}
	}
	if len(elsewhere) > 0 {
		notes = append(notes, doorNote{Code: "seen_elsewhere", Page: page, Detail: map[string]string{"count": strconv.Itoa(len(elsewhere))}})
	}
	return notes, nil
}
