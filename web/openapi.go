package web

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// openAPI describes the API (OpenAPI 3.1), made from the route table, so that it
// cannot say anything else than what is served.
func (s *Server) openAPI(*visit) (answer, error) {
	paths := map[string]map[string]any{}
	for _, r := range s.routes {
		if !strings.HasPrefix(r.Path, apiPrefix) {
			continue
		}
		if paths[r.Path] == nil {
			paths[r.Path] = map[string]any{}
		}
		paths[r.Path][strings.ToLower(r.Method)] = operation(r)
	}
	return reply(map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "Jingban 经办", "version": s.cfg.Version},
		"paths":   paths,
		"components": map[string]any{
			"securitySchemes": map[string]any{"bearer": map[string]any{"type": "http", "scheme": "bearer"}},
			"schemas":         map[string]any{"Problem": schema(reflect.TypeFor[problemJSON]())},
		},
	})
}

func operation(r route) map[string]any {
	status := r.Status
	if status == 0 {
		status = http.StatusOK
	}
	problem := map[string]any{
		"description": "what failed, why, and what to do",
		"content": map[string]any{"application/problem+json": map[string]any{
			"schema": map[string]any{"$ref": "#/components/schemas/Problem"}}},
	}
	op := map[string]any{
		"summary":    r.Summary,
		"parameters": parameters(r),
		"responses":  map[string]any{strconv.Itoa(status): success(r), "default": problem},
	}
	if r.Need != anyone {
		op["security"] = []any{map[string]any{"bearer": []string{}}}
		op["x-permission"] = r.Need
	}
	if r.In != nil {
		op["requestBody"] = map[string]any{"content": map[string]any{bodyKind(r): map[string]any{
			"schema": schema(reflect.TypeOf(r.In))}}}
	}
	return op
}

func bodyKind(r route) string {
	switch r.In.(type) {
	case uploadIn, checkIn:
		return "multipart/form-data"
	}
	return "application/json"
}

func success(r route) map[string]any {
	kind, shape := "application/json", map[string]any{"type": "object"}
	switch {
	case r.Passing > 0:
		kind, shape = "application/x-ndjson", schema(reflect.TypeOf(r.Out)) // its last line
	case r.Out != nil:
		shape = schema(reflect.TypeOf(r.Out))
	case strings.Contains(r.Path, "/files/"):
		kind, shape = "image/*", map[string]any{"type": "string", "format": "binary"}
	}
	return map[string]any{"description": "done", "content": map[string]any{kind: map[string]any{"schema": shape}}}
}

func parameters(r route) []any {
	out := []any{}
	add := func(name, in string, required bool) {
		out = append(out, map[string]any{"name": name, "in": in, "required": required, "schema": map[string]any{"type": "string"}})
	}
	for part := range strings.SplitSeq(r.Path, "/") {
		if strings.HasPrefix(part, "{") {
			add(strings.Trim(part, "{}"), "path", true)
		}
	}
	for _, name := range r.Query {
		add(name, "query", false)
	}
	if r.Method == post {
		add("Idempotency-Key", "header", r.Once)
	}
	return out
}

// schema gives the JSON schema of a Go type of ours.
func schema(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[casework.Date]():
		return map[string]any{"type": "string", "format": "date"}
	case reflect.TypeFor[[]byte]():
		return map[string]any{"type": "string", "format": "binary"}
	}
	switch t.Kind() {
	case reflect.Struct:
		return objectSchema(t)
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schema(t.Elem())}
	case reflect.Slice, reflect.Array:
		return map[string]any{"type": "array", "items": schema(t.Elem())}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Float64, reflect.Float32:
		return map[string]any{"type": "number"}
	}
	return map[string]any{"type": "integer"}
}

func objectSchema(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, field := range reflect.VisibleFields(t) {
		name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous || name == "" || name == "-" {
			continue
		}
		properties[name] = schema(field.Type)
		if option != "omitempty" {
			required = append(required, name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}
