package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/jingban/jingban/casework"
)

// Checker judges materials before anybody applies with them (事前预防).
type Checker interface {
	// Knows says whether a matter has a list of materials.
	Knows(matter string) bool

	// Check reads the files and judges them as those of the case. A file that
	// can't be read is a finding; an error means that nobody could judge.
	Check(ctx context.Context, c casework.Case, files []Upload) (casework.Assessment, error)
}

const (
	checksAtOnce = 4               // more would keep the readers from the cases that were brought
	checkFiles   = 8               // of MaxUpload each; smaller ones may be more,
	checkMost    = 24              // but not more than any matter asks for
	checkWithin  = 5 * time.Minute // after its files have come
)

// oneOfFew takes one of the few places for what is not kept, before its files
// come in: those who have none must not fill the memory. free gives it back.
func (s *Server) oneOfFew(v *visit) (free func(), err error) {
	select {
	case s.checking <- struct{}{}:
	default:
		v.w.Header().Set("Retry-After", "10")
		return nil, refuse(http.StatusServiceUnavailable, "checks_busy")
	}
	return func() { <-s.checking }, nil
}

// checkIn describes the parts of the multipart body of a check: about, and the
// files as of an upload, "file" or "file:id_card_front".
type checkIn struct {
	About checkAbout `json:"about"`
	File  []byte     `json:"file"`
}

// checkAbout is a case that may never come. What is left out is taken from the
// papers; a wrong value is a finding, not a refusal.
type checkAbout struct {
	Case string `json:"case,omitempty"` // the asker's own name for it, given back
	caseIn
}

// The lines of the answer, one JSON object each: what is seen at the door comes
// at once, the verdict when everything has been read.
type (
	checkDoor struct {
		Door []checkedFile `json:"door"`
	}
	checkedFile struct {
		File    string       `json:"file"`
		Slot    string       `json:"slot"`
		Looked  bool         `json:"looked"`            // false: nobody could look in time
		Seen    []doorOut    `json:"seen"`              // empty where somebody looked: fit to be read
		Problem *problemJSON `json:"problem,omitempty"` // nobody will ever be able to open it
	}
	checkFailed struct {
		Problem problemJSON `json:"problem"`
	}
)

// apiCheck keeps nothing: neither the files nor the verdict. Whoever hangs up
// ends the check.
func (s *Server) apiCheck(v *visit) (answer, error) {
	about, err := v.checkAbout()
	if err != nil {
		return answer{}, err
	}
	about.caseIn = about.tidy(s.cfg.Region)
	switch {
	case s.cfg.Checker == nil || !s.cfg.Checker.Knows(about.Matter):
		return answer{}, refuse(http.StatusUnprocessableEntity, "matter_unknown")
	case len(v.files) == 0:
		return answer{}, refuse(http.StatusUnprocessableEntity, "nothing_to_check")
	case len(v.files) > checkMost:
		return answer{}, refuse(http.StatusUnprocessableEntity, "too_many_files").with("limit", strconv.Itoa(checkMost))
	}
	return answer{Status: http.StatusOK, Lines: func(write func(line any)) {
		ctx, cancel := context.WithTimeout(v.Context(), checkWithin)
		defer cancel()
		write(checkDoor{s.seenAtTheDoor(ctx, v.files)})
		write(s.judged(ctx, v.files, about))
	}}, nil
}

// judged is the last line: the verdict, or why there is none.
func (s *Server) judged(ctx context.Context, files []Upload, about checkAbout) any {
	found, err := s.cfg.Checker.Check(ctx, casework.Case{
		Matter: about.Matter, Region: about.Region, Applicant: about.Applicant, Month: about.Month, Shared: about.Shared, ReceivedAt: s.cfg.Now(),
	}, files)
	if err != nil {
		r := asRefusal(err)
		s.cfg.Log.WarnContext(ctx, "check", "code", r.Code, "error", err)
		return checkFailed{s.problem(r)}
	}
	return found.Checked(about.Case)
}

// checkAbout reads the part "about" as strictly as any other JSON body.
func (v *visit) checkAbout() (checkAbout, error) {
	var about checkAbout
	part := *v
	part.body = []byte(v.form.Get("about"))
	return about, part.decode(&about)
}

func (s *Server) seenAtTheDoor(ctx context.Context, files []Upload) []checkedFile {
	ctx, cancel := context.WithTimeout(ctx, doorWithin) // for all of them
	defer cancel()
	var seen []checkedFile
	for _, f := range files {
		looks, err := s.look(ctx, f.Data)
		file := checkedFile{File: fileName(f.Name), Slot: f.Slot, Looked: len(looks) > 0 || err != nil, Seen: s.doorOut(s.lookNotes(f.Slot, looks))}
		if err != nil {
			problem := s.problem(asRefusal(err))
			file.Problem = &problem
		}
		seen = append(seen, file)
	}
	return seen
}

// sendLines writes each line as soon as it is there.
func sendLines(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	w.WriteHeader(a.Status)
	a.Lines(func(line any) {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(line); err != nil {
			panic(err) // strings and numbers only: cannot happen
		}
		_, _ = w.Write(text.Bytes()) // the reader is gone: its context ends the work
		_ = http.NewResponseController(w).Flush()
	})
}
