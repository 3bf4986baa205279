package browser

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// fieldAtMost bounds what is read of one field of a form. Addresses ask for words.
const fieldAtMost = 4 << 10

// fields are what a request says by name, in its query and in its body. What can't be
// read may say anything.
type fields struct {
	said url.Values
	dark map[string]bool // names whose value can't be read; "" is any name
}

func fieldsOf(r *http.Request, body []byte) fields {
	f := fields{said: url.Values{}, dark: map[string]bool{}}
	f.addPairs(r.URL.RawQuery)
	if len(body) > 0 {
		f.addBody(r.Header.Get("Content-Type"), body)
	}
	return f
}

// may says that a field has, or may have, this value.
func (f fields) may(name, value string) bool {
	return f.dark[""] || f.dark[name] || slices.Contains(f.said[name], value)
}

func (f fields) addBody(contentType string, body []byte) {
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		f.dark[""] = true
	case kind == "application/x-www-form-urlencoded":
		f.addPairs(string(body))
	case kind == "multipart/form-data":
		f.addParts(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		var v any
		if json.Unmarshal(body, &v) != nil {
			f.dark[""] = true
		}
		f.addJSON("", v)
	default:
		f.dark[""] = true
	}
}

// addPairs reads a query or a form that is written like one. Old scripts write some
// of it in ways of their own, so that each pair stands for itself.
func (f fields) addPairs(pairs string) {
	for pair := range strings.FieldsFuncSeq(pairs, func(r rune) bool { return r == '&' || r == ';' }) {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, bad := url.QueryUnescape(rawName)
		value, err := url.QueryUnescape(rawValue)
		switch {
		case bad != nil:
			f.dark[""] = true
		case err != nil:
			f.dark[name] = true
		default:
			f.said.Add(name, value)
		}
	}
}

// addParts reads a form with files; those are passed over.
func (f fields) addParts(form *multipart.Reader) {
	for {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			f.dark[""] = true
			return
		}
		if part.FileName() != "" {
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, fieldAtMost))
		f.dark[part.FormName()] = f.dark[part.FormName()] || err != nil || part.FormName() == ""
		f.said.Add(part.FormName(), string(value))
	}
}

// addJSON reads the fields of an object, however deep they stand.
func (f fields) addJSON(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			f.addJSON(name, inner)
		}
	case []any:
		for _, inner := range v {
			f.addJSON(name, inner)
		}
	default:
		f.said.Add(name, fmt.Sprint(v))
	}
}
