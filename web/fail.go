package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// refusal is an answer that is no success. Its code has three sentences in
// locale/: what happened, why, and what to do.
type refusal struct {
	Status int
	Code   string
	Detail map[string]string // put into the sentences as {name}; no personal data
	Fields []string          // of a form: what is wrong with each, "applicant.name: missing"
}

func refuse(status int, code string) *refusal { return &refusal{Status: status, Code: code} }

func (r *refusal) with(name, value string) *refusal {
	if r.Detail == nil {
		r.Detail = map[string]string{}
	}
	r.Detail[name] = value
	return r
}

// Error gives the code.
func (r *refusal) Error() string { return r.Code }

// faultStatus gives the HTTP status of the faults a file may have.
func faultStatus(f *casework.Fault) int {
	switch {
	case f.Code == "file_too_large":
		return http.StatusRequestEntityTooLarge
	case f.Code == "file_type":
		return http.StatusUnsupportedMediaType
	case f.Kind == casework.Permanent:
		return http.StatusUnprocessableEntity
	}
	return http.StatusServiceUnavailable
}

// asRefusal decides what a visitor is told about an error.
func asRefusal(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if f, ok := errors.AsType[*casework.Fault](err); ok && f.Code != "internal" {
		return refuse(faultStatus(f), f.Code)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return refuse(http.StatusNotFound, "not_found")
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrHeld):
		return refuse(http.StatusConflict, "changed_meanwhile")
	case errors.Is(err, store.ErrTwoPeople):
		return refuse(http.StatusConflict, "two_people")
	case errors.Is(err, store.ErrUnready):
		return refuse(http.StatusConflict, "not_ready")
	case errors.Is(err, store.ErrInvalid):
		return refuse(http.StatusUnprocessableEntity, "not_acceptable")
	case errors.Is(err, store.ErrDuplicate):
		return refuse(http.StatusConflict, "exists_already")
	}
	return refuse(http.StatusInternalServerError, "internal")
}

// fail is the only place where an error becomes HTTP. What a visitor cannot help
// is logged here, once.
func (s *Server) fail(v *visit, err error) {
	r := asRefusal(err)
	if r.Status >= http.StatusInternalServerError {
		s.cfg.Log.ErrorContext(v.Context(), "request", "route", v.Pattern, "code", r.Code, "error", err)
	}
	switch {
	case v.api:
		s.sendProblem(v, r)
	case r.Status == http.StatusUnauthorized && r.Code == "not_signed_in" && v.Method == http.MethodGet:
		http.Redirect(v.w, v.Request, "/signin?to="+safeTarget(v.URL.Path), http.StatusSeeOther)
	default:
		s.sendErrorPage(v, r)
	}
}

// problemJSON is application/problem+json (RFC 9457) in both languages.
type problemJSON struct {
	Type    string   `json:"type"`
	Title   string   `json:"title"`
	TitleZh string   `json:"title_zh"`
	Status  int      `json:"status"`
	Code    string   `json:"code"`
	Detail  string   `json:"detail"`
	FixZh   string   `json:"fix_zh"`
	FixEn   string   `json:"fix_en"`
	Fields  []string `json:"fields,omitempty"`
}

func (s *Server) problem(r *refusal) problemJSON {
	zh, en := s.words.sentences("zh", r.Code, r.Detail), s.words.sentences("en", r.Code, r.Detail)
	return problemJSON{
		Type: "about:blank#" + r.Code, Title: en.What, TitleZh: zh.What, Status: r.Status, Code: r.Code,
		Detail: en.Why, FixZh: zh.Do, FixEn: en.Do, Fields: r.Fields,
	}
}

func (s *Server) sendProblem(v *visit, r *refusal) {
	body, err := json.Marshal(s.problem(r))
	if err != nil {
		panic(err) // strings only: cannot happen
	}
	v.w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	v.w.WriteHeader(r.Status)
	_, _ = v.w.Write(append(body, '\n')) // the reader is gone: nobody to tell
}

// errorView is the page that says what failed, why, and what to do.
type errorView struct {
	Page
	Status int
	Code   string
	Text   sentences
	Fields []string
}

func (s *Server) sendErrorPage(v *visit, r *refusal) {
	text := s.words.sentences(v.lang, r.Code, r.Detail)
	view := errorView{Page: s.page(v, text.What, ""), Status: r.Status, Code: r.Code, Text: text, Fields: r.Fields}
	if err := s.send(v, answer{Status: r.Status, Template: "error", View: view}); err != nil {
		s.cfg.Log.ErrorContext(v.Context(), "error page", "error", err)
		http.Error(v.w, text.What, r.Status)
	}
}
