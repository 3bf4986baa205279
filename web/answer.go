package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// answer is what a use case gives back. Exactly one of Template, JSON, File,
// Lines and Location is meant; Location may come with JSON (201).
type answer struct {
	Status   int
	Template string
	View     any
	JSON     any
	Lines    func(write func(line any)) // JSON objects that come one by one
	File     []byte
	MIME     string
	Download string // file name: offered for saving, never shown in the page
	Location string
}

func page(template string, view any) (answer, error) {
	return answer{Status: http.StatusOK, Template: template, View: view}, nil
}

func reply(v any) (answer, error) { return answer{Status: http.StatusOK, JSON: v}, nil }

func redirect(to string) (answer, error) {
	return answer{Status: http.StatusSeeOther, Location: to}, nil
}

// send writes the answer and gives back what was written, for idempotency.
func (s *Server) send(v *visit, a answer) error {
	if a.Lines != nil {
		sendLines(v.w, a)
		return nil
	}
	body, kind, err := s.render(a)
	if err != nil {
		return err
	}
	h := v.w.Header()
	if a.Location != "" {
		h.Set("Location", a.Location)
	}
	if kind != "" {
		h.Set("Content-Type", kind)
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if a.File != nil {
		fileHeaders(h, a)
	}
	v.w.WriteHeader(a.Status)
	_, _ = v.w.Write(body) // the reader is gone: nobody to tell
	return nil
}

func (s *Server) render(a answer) (body []byte, kind string, err error) {
	switch {
	case a.Template != "":
		var out bytes.Buffer
		if err := s.pages[a.Template].ExecuteTemplate(&out, "layout", a.View); err != nil {
			return nil, "", fmt.Errorf("page %s: %w", a.Template, err)
		}
		return out.Bytes(), "text/html; charset=utf-8", nil
	case a.JSON != nil:
		body, err := json.Marshal(a.JSON)
		return append(body, '\n'), "application/json; charset=utf-8", err
	}
	return a.File, a.MIME, nil
}

// fileHeaders keep a stored file from acting as a page of ours, whatever is in
// it.
func fileHeaders(h http.Header, a answer) {
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if a.Download != "" {
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", a.Download))
	}
}
