package web

import (
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// A change is one use case behind the form of a page and the API: it reads its
// input with read and answers with done, so that both do the same.

// read takes the input of a change: the JSON body of an API call, else the form
// of a page, whose fields have the names of the JSON.
func (v *visit) read(into any) error {
	if v.api {
		return v.decode(into)
	}
	return fillForm(v.form, reflect.ValueOf(into).Elem())
}

// fillForm fills texts, whole numbers, yes-or-no and days of a struct.
func fillForm(form url.Values, into reflect.Value) error {
	var wrong []string
	for _, field := range reflect.VisibleFields(into.Type()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		text := strings.TrimSpace(form.Get(name))
		if name == "" || text == "" {
			continue
		}
		if !fillField(into.FieldByIndex(field.Index), text) {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		r := refuse(http.StatusUnprocessableEntity, "input_invalid").with("fields", strings.Join(wrong, ", "))
		r.Fields = wrong
		return r
	}
	return nil
}

func fillField(value reflect.Value, text string) bool {
	switch into := value.Addr().Interface().(type) {
	case *casework.Date:
		return into.UnmarshalText([]byte(text)) == nil
	case *int:
		n, err := strconv.Atoi(text)
		*into = n
		return err == nil
	case *int64:
		n, err := strconv.ParseInt(text, 10, 64)
		*into = n
		return err == nil
	case *bool:
		*into = true
		return true
	}
	if value.Kind() == reflect.String {
		value.SetString(text)
	}
	return true
}

// done answers a change that went well: JSON to the API; to a person the page
// they came from or belong on, with one line that says so.
func (s *Server) done(v *visit, flash, to string, out any) (answer, error) {
	if v.api {
		return reply(out)
	}
	s.flash(v, "ok", flash)
	return redirect(to)
}

// grounds tidies the reason of a change. Every change by an operator needs one,
// because it is audited.
func grounds(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return "", refuse(http.StatusUnprocessableEntity, "reason_empty")
	case len(reason) > 2000:
		return "", refuse(http.StatusUnprocessableEntity, "reason_long")
	}
	return reason, nil
}
