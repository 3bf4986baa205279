package casework

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ParamKind groups the parameters that one notice usually changes.
type ParamKind string

// The kinds that an agency changes by a set.
const (
	UnemploymentParams ParamKind = "unemployment"
	WageParams         ParamKind = "wages"
	RetirementParams   ParamKind = "retirement"
	PensionParams      ParamKind = "pension"
	InjuryParams       ParamKind = "injury"
)

// ParamKinds lists them in the order in which people look for them.
func ParamKinds() []ParamKind {
	return []ParamKind{WageParams, UnemploymentParams, RetirementParams, PensionParams, InjuryParams}
}

// KindOfParam gives the kind of a parameter, "" for one that no set may change:
// how sure a reading must be, or how long evidence is kept, say.
func KindOfParam(name string) ParamKind {
	for _, k := range []struct {
		prefix string
		kind   ParamKind
	}{
		{"unemployment_benefit.", UnemploymentParams}, {"wage.", WageParams}, {"subsistence.", WageParams}, {"income.", WageParams}, {"contribution.", WageParams},
		{"retirement.", RetirementParams}, {"pension.", PensionParams}, {"pension_transfer.", PensionParams}, {"injury.", InjuryParams},
	} {
		if strings.HasPrefix(name, k.prefix) {
			return k.kind
		}
	}
	return ""
}

// ParamSet is what one notice puts in force: values of one kind in one region
// from one day on. What it does not name stays as it was.
type ParamSet struct {
	Region   string            `json:"region"`
	Kind     ParamKind         `json:"kind"`
	From     Date              `json:"from"`
	To       Date              `json:"to"` // last day; zero: until the next row begins
	Document string            `json:"document"`
	Values   map[string]string `json:"values"` // by the parameter's name
}

// Names lists the parameters of the set, sorted.
func (s ParamSet) Names() []string { return slices.Sorted(maps.Keys(s.Values)) }

// Hash names the set by what it says, "sha256:…".
func (s ParamSet) Hash() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts and days always have a JSON
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// With gives the parameters with sets laid over them, in order: a row of a set
// replaces the row of an earlier text with the same name, region and first day,
// and adds itself otherwise. p stays as it is.
func (p Params) With(sets ...ParamSet) (Params, error) {
	out := Params{rows: map[string][]Param{}, hash: p.hash}
	for name, rows := range p.rows {
		out.rows[name] = slices.Clone(rows)
	}
	for i, set := range sets {
		for _, name := range set.Names() {
			row := Param{Region: set.Region, From: set.From, To: set.To, Value: set.Values[name], Document: set.Document, layer: agencyLayer + 1 + i}
			err := out.addRow(name, row)
			if err == nil && (set.Kind == "" || KindOfParam(name) != set.Kind) {
				err = fmt.Errorf("it is no parameter of kind %q", set.Kind)
			}
			if err != nil {
				return Params{}, fmt.Errorf("set %s, parameter %q: %w", set.Document, name, err)
			}
		}
		sum := sha256.Sum256([]byte(out.hash + set.Hash()))
		out.hash = "sha256:" + hex.EncodeToString(sum[:])
	}
	return out, nil
}

// agencyLayer is the last layer that comes from files.
const agencyLayer = 1
