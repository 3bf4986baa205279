package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// visit is one request that was let in.
type visit struct {
	*http.Request
	w     http.ResponseWriter
	user  store.User // zero for a portal and before sign-in
	actor casework.Actor
	may   map[string]bool
	lang  string
	api   bool
	body  []byte     // of a POST, read whole
	form  url.Values // of a POSTed form
	files []Upload   // of a multipart POST
}

// Upload is one file of a multipart POST.
type Upload struct {
	Slot string // the material type it was sent as, "" when nothing was said
	Name string // as it came, for people only
	Data []byte
}

// smallBody bounds everything that is no upload: 256 KiB hold any form of ours.
const smallBody = 256 << 10

// sentWithin is how long a body may take to come, on the slow line of a village.
const sentWithin = 5 * time.Minute

// maxParts bounds the parts of one upload form.
const maxParts = 64

// stranger is the visit of somebody who is not known yet.
func (s *Server) stranger(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{
		Request: r, w: w, lang: language(r), may: map[string]bool{},
		api:   strings.HasPrefix(r.URL.Path, apiPrefix),
		actor: casework.Actor{Kind: casework.Human, From: remote(r)},
	}
}

// language is the visitor's: the cookie, else what an API client accepts, else
// Chinese.
func language(r *http.Request) string {
	if c, err := r.Cookie(langCookie); err == nil && (c.Value == "en" || c.Value == "zh") {
		return c.Value
	}
	return "zh"
}

func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// readBody takes the body in, refusing what is too large, and splits forms. An
// upload may hold as many bytes as that many of the largest files.
func (s *Server) readBody(v *visit, files int) error {
	kind, params, _ := mime.ParseMediaType(v.Header.Get("Content-Type"))
	limit := int64(smallBody)
	if kind == "multipart/form-data" && v.actor.ID != "" {
		limit = int64(files)*s.cfg.MaxUpload + smallBody
	}
	connection := http.NewResponseController(v.w)
	_ = connection.SetReadDeadline(time.Now().Add(sentWithin)) // what has no deadlines is a test
	body, err := io.ReadAll(http.MaxBytesReader(v.w, v.Body, limit))
	if err == nil { // otherwise what did not come is not waited for again
		_ = connection.SetReadDeadline(time.Time{})
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refuse(http.StatusRequestEntityTooLarge, "file_too_large").with("limit", sizeText(s.cfg.MaxUpload))
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "body_broken")
	}
	v.body = body
	switch kind {
	case "application/x-www-form-urlencoded":
		if v.form, err = url.ParseQuery(string(body)); err != nil {
			return refuse(http.StatusBadRequest, "body_broken")
		}
	case "multipart/form-data":
		return v.splitParts(params["boundary"], s.cfg.MaxUpload)
	}
	return nil
}

// splitParts reads the parts in order. A part named "file" takes the slot of
// the form field "slot"; a part named "file:<type>" names its own.
func (v *visit) splitParts(boundary string, limit int64) error {
	v.form = url.Values{}
	reader := multipart.NewReader(bytes.NewReader(v.body), boundary)
	for n := 0; ; n++ {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || n == maxParts {
			return refuse(http.StatusBadRequest, "body_broken")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return refuse(http.StatusBadRequest, "body_broken")
		}
		if part.FileName() == "" && !strings.HasPrefix(part.FormName(), "file") {
			v.form.Add(part.FormName(), string(data))
			continue
		}
		if int64(len(data)) > limit {
			return refuse(http.StatusRequestEntityTooLarge, "file_too_large").with("limit", sizeText(limit))
		}
		_, slot, _ := strings.Cut(part.FormName(), ":")
		v.files = append(v.files, Upload{Slot: slot, Name: part.FileName(), Data: data})
	}
	v.files = chosen(v.files, v.form.Get("slot"))
	return nil
}

// chosen drops file inputs that were left empty (no name and no bytes) and
// gives the rest their slot.
func chosen(parts []Upload, slot string) []Upload {
	var out []Upload
	for _, p := range parts {
		if p.Name == "" && len(p.Data) == 0 {
			continue
		}
		if p.Slot == "" {
			p.Slot = slot
		}
		out = append(out, p)
	}
	return out
}

// need refuses a visit without the permission.
func (v *visit) need(permission string) error {
	switch {
	case permission == anyone, v.may[permission]:
		return nil
	case v.actor.ID == "":
		return refuse(http.StatusUnauthorized, "not_signed_in")
	case permission == signedIn:
		return nil
	}
	return refuse(http.StatusForbidden, "not_allowed").with("permission", permission)
}
