package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"time"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/web"
)

// examplesCommand lets an agency accept a set of parameters: worked examples in,
// every difference with its derivation out.
type examplesCommand struct {
	File   string `arg:"" name:"file" help:"JSON file with worked examples." type:"existingfile"`
	Params string `help:"Folder that holds the agency's params/*.yaml, to try them." type:"existingdir" placeholder:"DIR"`
	Region string `help:"Six-digit region whose parameters hold." default:"${region}"`
	On     string `help:"Day on which they hold, YYYY-MM-DD; today without." placeholder:"DAY"`
	Show   bool   `help:"Print the derivation of every example, not only of those that differ."`
}

// workedExample is one entry of the file. Only the keys of Expected are compared.
type workedExample struct {
	ID       string                     `json:"id"`
	Module   string                     `json:"module"`
	Inputs   json.RawMessage            `json:"inputs"`
	Expected map[string]json.RawMessage `json:"expected"`
}

// Run evaluates the file. The exit status is 1 when an example differs.
func (c examplesCommand) Run(_ context.Context, t console, _ *Config) error {
	list, err := readExamples(c.File)
	if err != nil {
		return err
	}
	rules, on, err := c.rules()
	if err != nil {
		return err
	}
	n := evaluateExamples(t, list, rules, c.Region, on, c.Show)
	fmt.Fprintf(t.out, "%d passed, %d failed, %d unknown module\n", n.passed, n.failed, n.unknown)
	if n.failed > 0 {
		return status(1)
	}
	return nil
}

// exampleCounts says how examples came out.
type exampleCounts struct{ passed, failed, unknown int }

// evaluateExamples prints every example that differs, or all of them.
func evaluateExamples(t console, list []workedExample, rules benefits.Rules, region string, on casework.Date, show bool) (n exampleCounts) {
	for _, example := range list {
		m, ok := moduleOf(example.Module)
		if !ok {
			n.unknown++
			fmt.Fprintf(t.out, "%s: %s %s\n", example.ID, t.say("没有此模块", "unknown module"), example.Module)
			continue
		}
		outcome := example.evaluate(m, rules.In(cmp.Or(m.region, region), on))
		if outcome.fine() {
			n.passed++
		} else {
			n.failed++
		}
		outcome.print(t, example, show)
	}
	return n
}

// tryExamples is how the page of a parameter set has examples evaluated: those of
// the given file, or the ones that come with the program.
func tryExamples(rules benefits.Rules, region string, on casework.Date, file []byte) (web.Tried, error) {
	if file == nil {
		file = casework.WorkedExamples()
	}
	list, err := parseExamples("examples", file)
	if err != nil {
		return web.Tried{}, err
	}
	var out bytes.Buffer
	n := evaluateExamples(console{out: &out, chinese: true}, list, rules, region, on, false)
	return web.Tried{Passed: n.passed, Failed: n.failed, Unknown: n.unknown, Report: out.String()}, nil
}

func (c examplesCommand) rules() (benefits.Rules, casework.Date, error) {
	on, err := casework.DateOf(time.Now()), error(nil)
	if c.On != "" {
		if on, err = casework.ParseDate(c.On); err != nil {
			return benefits.Rules{}, on, err
		}
	}
	var agency fs.FS
	if c.Params != "" {
		agency = os.DirFS(c.Params)
	}
	params, err := casework.LoadParams(agency)
	if err != nil {
		return benefits.Rules{}, on, fmt.Errorf("parameters: %w", err)
	}
	rules, err := benefits.Load(params)
	return rules, on, err
}

// readExamples refuses a file that would pass without having compared anything.
func readExamples(path string) ([]workedExample, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("examples: %w", err)
	}
	return parseExamples(path, text)
}

func parseExamples(path string, text []byte) ([]workedExample, error) {
	var file struct {
		Examples []workedExample `json:"examples"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("examples %s: %w", path, err)
	}
	if len(file.Examples) == 0 {
		return nil, fmt.Errorf("examples %s: it holds none", path)
	}
	seen := map[string]bool{}
	for i, e := range file.Examples {
		if e.ID == "" || seen[e.ID] || len(e.Expected) == 0 {
			return nil, fmt.Errorf("examples %s: entry %d (%q): want an id of its own and expected values", path, i+1, e.ID)
		}
		seen[e.ID] = true
	}
	return file.Examples, nil
}

// outcome is what became of one example.
type outcome struct {
	err         error
	differences []string
	derivation  string
}

func (o outcome) fine() bool { return o.err == nil && len(o.differences) == 0 }

func (e workedExample) evaluate(m module, region benefits.Region) outcome {
	got, how, err := m.compute(region, e.Inputs)
	if err != nil {
		return outcome{err: err}
	}
	o := outcome{derivation: how.Derivation().String()}
	keys := make([]string, 0, len(e.Expected))
	for key := range e.Expected {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		text, err := json.Marshal(got[key])
		if err != nil {
			return outcome{err: err}
		}
		if _, has := got[key]; !has {
			text = []byte("nothing")
		}
		if !sameJSON(text, e.Expected[key]) {
			o.differences = append(o.differences, fmt.Sprintf("%s: %s ≠ %s", key, text, bytes.TrimSpace(e.Expected[key])))
		}
	}
	return o
}

// sameJSON compares values, not their writing; numbers keep every digit.
func sameJSON(a, b []byte) bool {
	x, xErr := decodeExact(a)
	y, yErr := decodeExact(b)
	return xErr == nil && yErr == nil && reflect.DeepEqual(x, y)
}

func decodeExact(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	err := decoder.Decode(&v)
	return v, err
}

func (o outcome) print(t console, e workedExample, always bool) {
	if o.fine() && !always {
		return
	}
	verdict := t.say("一致", "equal")
	if !o.fine() {
		verdict = t.say("不一致（计算值 ≠ 期望值）", "differs (computed ≠ expected)")
	}
	fmt.Fprintf(t.out, "%s %s: %s\n", e.ID, e.Module, verdict)
	if o.err != nil {
		fmt.Fprintf(t.out, "  %s\n", o.err)
		return
	}
	for _, difference := range o.differences {
		fmt.Fprintf(t.out, "  %s\n", difference)
	}
	fmt.Fprintf(t.out, "%s\n", o.derivation)
}
