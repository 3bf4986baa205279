package playbooks

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"

	"github.com/expr-lang/expr/types"

	"github.com/jingban/jingban/casework"
)

// like gives a value the type of zero: a number that went through the journal is
// a number of another type by then, and so are lists.
func like(zero, value any) (any, error) {
	if reflect.TypeOf(zero) == reflect.TypeOf(value) {
		return value, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	typed := reflect.New(reflect.TypeOf(zero))
	if err := json.Unmarshal(text, typed.Interface()); err != nil {
		return nil, err
	}
	return typed.Elem().Interface(), nil
}

// typed lays a step's results over the empty ones. A result of another type than
// the playbook's today is left empty.
func typed(empty, values map[string]any) map[string]any {
	results := maps.Clone(empty)
	for name, value := range values {
		zero, known := empty[name]
		if !known {
			results[name] = value
			continue
		}
		if v, err := like(zero, value); err == nil {
			results[name] = v
		}
	}
	return results
}

// typeOf is the type of a result for the linter.
func typeOf(zero any) types.Type {
	if _, rows := zero.([]map[string]string); rows {
		return rowsType()
	}
	return types.TypeOf(zero)
}

// functions are what every expression may call: amounts are fen.
func functions() map[string]any {
	return map[string]any{
		"yuan": func(fen int) string { return casework.Fen(fen).String() },
		"fen": func(text string) (int, error) {
			fen, err := casework.ParseFen(text)
			if err != nil {
				return 0, fmt.Errorf("an amount: %w", err)
			}
			return int(fen), nil
		},
	}
}
