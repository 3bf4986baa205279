package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// decode reads the JSON body strictly: an unknown key or a wrong type is a
// refusal that says where.
func (v *visit) decode(into any) error {
	if len(bytes.TrimSpace(v.body)) == 0 {
		v.body = []byte("{}")
	}
	dec := json.NewDecoder(bytes.NewReader(v.body))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			return refuse(http.StatusBadRequest, "bad_json").with("where", v.place(dec.InputOffset()))
		}
		return nil
	}
	where := v.place(dec.InputOffset())
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		where = v.place(e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		where = v.place(e.Offset) + ", " + e.Field
	}
	if _, key, unknown := strings.Cut(err.Error(), "json: unknown field "); unknown {
		where += ", " + key
	}
	return refuse(http.StatusBadRequest, "bad_json").with("where", where)
}

// place is the line and column of a byte of the body.
func (v *visit) place(offset int64) string {
	before := v.body[:min(int(offset), len(v.body))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("%d:%d", line, column)
}

// limit reads ?limit=, between 1 and 200; anything else is 50.
func (v *visit) limit() int {
	n, err := strconv.Atoi(v.URL.Query().Get("limit"))
	if err != nil || n < 1 || n > 200 {
		return 50
	}
	return n
}

// list splits a comma-separated query value.
func list[T ~string](text string) []T {
	var out []T
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, T(part))
		}
	}
	return out
}

// sizeText writes a size for people: 20 MB.
func sizeText(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return strconv.FormatInt(bytes>>20, 10) + " MB"
	case bytes >= 1<<10:
		return strconv.FormatInt(bytes>>10, 10) + " KB"
	}
	return strconv.FormatInt(bytes, 10) + " B"
}
