package playbooks

import (
	"fmt"
	"slices"
	"strings"
)

// Weight is how bad a problem is.
type Weight string

// The weights: a playbook with an error does not run.
const (
	Error   Weight = "error"
	Warning Weight = "warning"
)

// Problem is one mistake in a playbook or system file. Line and Column count
// from 1, columns in characters.
type Problem struct {
	File     string
	Line     int
	Column   int
	Severity Weight
	Code     string // stable, snake_case
	Message  string
	Snippet  string // the line, and a caret under the mistake
}

// String formats the problem as file:line:column, message and snippet.
func (p Problem) String() string {
	head := fmt.Sprintf("%s:%d:%d: %s: %s (%s)", p.File, p.Line, p.Column, p.Severity, p.Message, p.Code)
	if p.Snippet == "" {
		return head
	}
	return head + "\n" + p.Snippet
}

// Problems are the mistakes of one file, in order. As an error it names the
// first one.
type Problems []Problem

// Error gives the first problem and how many more there are.
func (p Problems) Error() string {
	if len(p) == 1 {
		return p[0].String()
	}
	return fmt.Sprintf("%s\n(and %d more)", p[0], len(p)-1)
}

// Broken says that at least one problem is an error.
func (p Problems) Broken() bool {
	return slices.ContainsFunc(p, func(q Problem) bool { return q.Severity == Error })
}

// Counts gives how many errors and how many warnings there are.
func (p Problems) Counts() (errors, warnings int) {
	for _, q := range p {
		if q.Severity == Error {
			errors++
		}
	}
	return errors, len(p) - errors
}

// place is a position in a file, both from 1.
type place struct{ line, column int }

// report collects the problems of one file.
type report struct {
	file  string
	lines []string
	found Problems
}

func newReport(file string, text []byte) *report {
	return &report{file: file, lines: strings.Split(string(text), "\n")}
}

func (r *report) errorf(at place, code, format string, args ...any) {
	r.add(Error, at, code, fmt.Sprintf(format, args...))
}

func (r *report) warnf(at place, code, format string, args ...any) {
	r.add(Warning, at, code, fmt.Sprintf(format, args...))
}

func (r *report) add(weight Weight, at place, code, message string) {
	at.line, at.column = max(at.line, 1), max(at.column, 1)
	if n := len(r.found); n > 0 && r.found[n-1].Code == "want_mapping" && r.found[n-1].Line == at.line {
		return // its missing keys follow from it
	}
	r.found = append(r.found, Problem{File: r.file, Line: at.line, Column: at.column, Severity: weight,
		Code: code, Message: message, Snippet: r.snippet(at)})
}

// problems gives what was found in the order of the file.
func (r *report) problems() Problems {
	slices.SortStableFunc(r.found, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return r.found
}

// snippet shows the line with a caret. Wide characters are padded by the wide
// space, so that the caret stands under its character on a terminal.
func (r *report) snippet(at place) string {
	if at.line > len(r.lines) {
		return ""
	}
	line := strings.TrimRight(r.lines[at.line-1], "\r")
	var pad strings.Builder
	for i, c := range []rune(line) {
		if i >= at.column-1 {
			break
		}
		switch {
		case c == '\t':
			pad.WriteRune('\t')
		case c >= 0x1100:
			pad.WriteRune('\u3000')
		default:
			pad.WriteRune(' ')
		}
	}
	return "  " + line + "\n  " + pad.String() + "^"
}
