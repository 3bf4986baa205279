package casework

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
)

//go:embed params/*.yaml
var paramFiles embed.FS

// calendarFile lies beside the parameter files but has its own shape.
const calendarFile = "params/calendar.yaml"

// National is the region whose rows hold where no province or city has its own.
const National = "000000"

// Param is one dated value of a parameter in one region.
type Param struct {
	Region   string `yaml:"region"` // six digits; "000000" is the whole country
	From     Date   `yaml:"from"`   // first day it holds
	To       Date   `yaml:"to"`     // last day; zero: until the next row of the region begins
	Value    string `yaml:"value"`
	Document string `yaml:"document"` // law, article or 文号 it comes from
	layer    int    // a later text replaces a row of an earlier one: 0 embedded, 1 the agency's, then sets in their order
}

// Params holds every parameter with all its rows: what held where and when.
// The zero value knows no parameter.
type Params struct {
	rows map[string][]Param
	hash string
}

type paramFile struct {
	Params []struct {
		Name string  `yaml:"name"`
		Note string  `yaml:"note"`
		Rows []Param `yaml:"rows"`
	} `yaml:"params"`
}

// LoadParams reads the embedded parameters and then params/*.yaml of the
// agency's folder; fsys may be nil. A row of the agency replaces the embedded
// row with the same name, region and first day, and adds itself otherwise.
// Errors name file and line.
func LoadParams(fsys fs.FS) (Params, error) {
	p := Params{rows: map[string][]Param{}}
	sum := sha256.New()
	for i, source := range []fs.FS{paramFiles, fsys} {
		if source == nil {
			continue
		}
		err := EachYAML(source, "params", func(file string, text []byte) error {
			sum.Write(text)
			if file == calendarFile {
				return nil
			}
			return p.add(file, text, i)
		})
		if err != nil {
			return Params{}, err
		}
	}
	p.hash = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return p, nil
}

func (p *Params) add(file string, text []byte, layer int) error {
	var f paramFile
	if err := DecodeYAML(file, text, &f); err != nil {
		return err
	}
	for i, param := range f.Params {
		for j, row := range param.Rows {
			row.layer = layer
			if err := p.addRow(param.Name, row); err != nil {
				place := PlaceInYAML(file, text, fmt.Sprintf("$.params[%d].rows[%d].region", i, j))
				return fmt.Errorf("%s: parameter %q: %w", place, param.Name, err)
			}
		}
	}
	return nil
}

func (p *Params) addRow(name string, row Param) error {
	if err := row.check(name); err != nil {
		return err
	}
	rows := p.rows[name]
	i := slices.IndexFunc(rows, func(r Param) bool { return r.Region == row.Region && r.From == row.From })
	switch {
	case i < 0:
		p.rows[name] = append(rows, row)
	case row.layer == rows[i].layer:
		return fmt.Errorf("region %s has two rows from %s", row.Region, row.From)
	default:
		rows[i] = row
	}
	return nil
}

func (r Param) check(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("it has no name")
	case !isRegion(r.Region):
		return fmt.Errorf("region %q: want six digits", r.Region)
	case r.From.IsZero():
		return fmt.Errorf("it needs a first day (from)")
	case !r.To.IsZero() && r.To.Before(r.From):
		return fmt.Errorf("it ends on %s before it begins on %s", r.To, r.From)
	case r.Value == "":
		return fmt.Errorf("it has no value")
	case r.Document == "":
		return fmt.Errorf("it needs the document it comes from")
	}
	return nil
}

func isRegion(code string) bool {
	_, err := strconv.ParseUint(code, 10, 32)
	return err == nil && len(code) == 6
}

// Hash names the texts the parameters were read from, "sha256:…".
func (p Params) Hash() string { return p.hash }

// For gives the values that hold in a region on a day: of the city where it has
// its own, else of the province, else of the country. Among the rows of one
// region the one that began last holds.
func (p Params) For(region string, on Date) ParamValues {
	values := ParamValues{region: region, on: on, rows: map[string]Param{}}
	for name, rows := range p.rows {
		for _, place := range regionChain(region) {
			if row, ok := latest(rows, place, on); ok {
				values.rows[name] = row
				break
			}
		}
	}
	return values
}

// regionChain lists a region and what it lies in: 440106, 440100, 440000, 000000.
func regionChain(region string) []string {
	if !isRegion(region) {
		return []string{National}
	}
	return []string{region, region[:4] + "00", region[:2] + "0000", National}
}

func latest(rows []Param, region string, on Date) (Param, bool) {
	best, found := Param{}, false
	for _, row := range rows {
		if row.Region != region || on.Before(row.From) || found && row.From.Before(best.From) {
			continue
		}
		best, found = row, true
	}
	over := found && !best.To.IsZero() && best.To.Before(on)
	return best, found && !over
}

// ParamValues are the parameters of one region on one day.
type ParamValues struct {
	region string
	on     Date
	rows   map[string]Param
}

// Row gives the row that holds, with its document.
func (v ParamValues) Row(name string) (Param, error) {
	row, ok := v.rows[name]
	if !ok {
		return Param{}, fmt.Errorf("parameter %q has no value in region %s on %s", name, v.region, v.on)
	}
	return row, nil
}

// Text gives a value as it is written.
func (v ParamValues) Text(name string) (string, error) {
	row, err := v.Row(name)
	return row.Value, err
}

// Int gives a whole number: days, months, counts.
func (v ParamValues) Int(name string) (int, error) { return parsed(v, name, strconv.Atoi) }

// Fen gives an amount, written in yuan.
func (v ParamValues) Fen(name string) (Fen, error) { return parsed(v, name, ParseFen) }

// Bool gives a switch, "true" or "false".
func (v ParamValues) Bool(name string) (bool, error) { return parsed(v, name, strconv.ParseBool) }

// Ratio gives a share between 0 and 1. Never use it on an amount.
func (v ParamValues) Ratio(name string) (float64, error) {
	return parsed(v, name, func(text string) (float64, error) {
		ratio, err := strconv.ParseFloat(text, 64)
		if err == nil && (ratio < 0 || ratio > 1) {
			err = fmt.Errorf("%s is not between 0 and 1", text)
		}
		return ratio, err
	})
}

// Measure gives a positive number with the unit its note names: pixels, degrees,
// grey levels. Never use it on an amount.
func (v ParamValues) Measure(name string) (float64, error) {
	return parsed(v, name, func(text string) (float64, error) {
		measure, err := strconv.ParseFloat(text, 64)
		if err == nil && (measure <= 0 || measure > 1e6) {
			err = fmt.Errorf("%s is no positive measure", text)
		}
		return measure, err
	})
}

func parsed[T any](v ParamValues, name string, parse func(string) (T, error)) (T, error) {
	var none T
	row, err := v.Row(name)
	if err != nil {
		return none, err
	}
	value, err := parse(row.Value)
	if err != nil {
		return none, fmt.Errorf("parameter %q of region %s from %s: %w", name, row.Region, row.From, err)
	}
	return value, nil
}
