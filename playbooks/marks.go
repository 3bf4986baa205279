package playbooks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Marks are what a page is told by: captions and kinds, never a value. A page whose
// marks are others than those that were approved has changed, and whatever was written
// for it may go wrong.
type Marks struct {
	Fields  []string `json:"fields,omitempty"` // "text 证件号码", in the page's order
	Buttons []string `json:"buttons,omitempty"`
	Tables  []string `json:"tables,omitempty"` // headings, "受理编号 | 姓名"
	Frames  int      `json:"frames"`

	// Boxes are where the marks stand in a picture of the whole page, by kind and mark
	// ("field text 证件号码"). They tell no change.
	Boxes map[string]MarkBox `json:"boxes,omitempty"`

	// Gone is the page's name where its menu entry was not there.
	Gone string `json:"gone,omitempty"`
}

// MarkBox is a place in a page's picture, in CSS pixels from its upper left corner.
type MarkBox struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"w"`
	Height int `json:"h"`
}

// MarkChange is one difference between a page and what was approved.
type MarkChange struct {
	Kind string // "field", "button", "table", "frames" or "menu"
	Old  string // "" is new
	New  string // "" is gone
}

// Renamed says that an old mark seems to stand there under a new name.
func (c MarkChange) Renamed() bool { return c.Old != "" && c.New != "" }

// String is the change on one line.
func (c MarkChange) String() string {
	switch {
	case c.Renamed():
		return fmt.Sprintf("%s %q is now %q", c.Kind, c.Old, c.New)
	case c.New == "":
		return fmt.Sprintf("%s %q is gone", c.Kind, c.Old)
	}
	return fmt.Sprintf("%s %q is new", c.Kind, c.New)
}

// Box gives the place of a mark; ok is false where it is not known.
func (m Marks) Box(kind, mark string) (box MarkBox, ok bool) {
	box, ok = m.Boxes[kind+" "+mark]
	return box, ok
}

// Changes says what is different. Order alone is no change, nor is a count in brackets
// behind a name: people and locators go by names. A table that comes or goes is none
// either, since many show only while they have rows; a step that reads it asks by itself. Of two that stand at the same place, one gone and one new of the same kind, the
// new one is proposed for the old.
func (m Marks) Changes(now Marks) []MarkChange {
	if m.Gone != now.Gone {
		return []MarkChange{{"menu", now.Gone, m.Gone}}
	}
	all := slices.Concat(changes("field", m.Fields, now.Fields), changes("button", m.Buttons, now.Buttons), changes("table", m.Tables, now.Tables))
	if m.Frames != now.Frames {
		all = append(all, MarkChange{"frames", fmt.Sprint(m.Frames), fmt.Sprint(now.Frames)})
	}
	return all
}

func changes(kind string, old, now []string) []MarkChange {
	gone, fresh := missingFrom(kind, now, old), missingFrom(kind, old, now)
	var all []MarkChange
	for _, was := range gone {
		c := MarkChange{Kind: kind, Old: was}
		for i, is := range fresh {
			if alikeMark(kind, was, is) && slices.Index(old, was) == slices.Index(now, is) {
				c.New, fresh = is, slices.Delete(fresh, i, i+1)
				break
			}
		}
		if kind != "table" || c.Renamed() { // a list may stand there only while it has rows
			all = append(all, c)
		}
	}
	for _, is := range fresh {
		if kind == "table" {
			break
		}
		all = append(all, MarkChange{Kind: kind, New: is})
	}
	return all
}

// missingFrom gives those marks that the others lack. Numbers that another day changes
// tell nothing: counts in brackets behind a name, any in what stands over a table.
func missingFrom(kind string, others, marks []string) []string {
	number := regexp.MustCompile(`[(（]\d+[)）]`)
	if kind == "table" {
		number = regexp.MustCompile(`\d+`)
	}
	plain := func(s string) string { return number.ReplaceAllString(s, "#") }
	return slices.DeleteFunc(slices.Clone(marks), func(s string) bool {
		return slices.ContainsFunc(others, func(o string) bool { return plain(o) == plain(s) })
	})
}

// Aliases are the new names of what was renamed, for the system's aliases. Headings
// count one by one, where a table has as many as before.
func (m Marks) Aliases(now Marks) map[string]string {
	all := map[string]string{}
	for _, c := range m.Changes(now) {
		if !c.Renamed() || c.Kind == "frames" || c.Kind == "menu" {
			continue
		}
		old, fresh := []string{c.Old}, []string{c.New}
		switch c.Kind {
		case "field":
			_, old[0], _ = strings.Cut(c.Old, " ")
			_, fresh[0], _ = strings.Cut(c.New, " ")
		case "table":
			old, fresh = strings.Split(c.Old, " | "), strings.Split(c.New, " | ")
		}
		for i := range min(len(old), len(fresh)) {
			if len(old) == len(fresh) && old[i] != fresh[i] && !slices.Contains(old, fresh[i]) && old[i] != "" && fresh[i] != "" {
				all[old[i]] = fresh[i]
			}
		}
	}
	return all
}

// Also gives the system with further spellings of its names.
func (s System) Also(aliases map[string][]string) System {
	if len(aliases) == 0 {
		return s
	}
	if s.Aliases = maps.Clone(s.Aliases); s.Aliases == nil {
		s.Aliases = map[string][]string{}
	}
	for old, more := range aliases {
		s.Aliases[old] = append(slices.Clone(s.Aliases[old]), more...)
	}
	return s
}

// alikeMark says that one field may stand for another: they are of one kind.
func alikeMark(kind, a, b string) bool {
	if kind != "field" {
		return true
	}
	first, _, _ := strings.Cut(a, " ")
	second, _, _ := strings.Cut(b, " ")
	return first == second
}

// LookedAt are the menu paths of a system that its playbooks open, sorted: those of
// steps that only look, and of looks that verify. Where the system's file says which
// pages lock on opening, the other entry pages belong to them, too.
func (l Library) LookedAt(system string) [][]string {
	found := map[string][]string{}
	note := func(lines []line) {
		for _, ln := range lines {
			if open, ok := ln.action.(*openVerb); ok {
				found[strings.Join(open.menu, " / ")] = open.menu
			}
		}
	}
	locks := l.systems[system].Locks
	for _, pb := range l.playbooks {
		for i := range pb.Steps {
			page := pageOf(pb.Steps[i].body)
			if page == nil || page.system != system {
				continue
			}
			if met, err := locks.of(system, page.do); err == nil && len(met) == 0 && (page.commit == nil || len(locks.Pages) > 0) {
				note(page.do)
			}
			if page.verify != nil && !locks.All {
				note(page.verify.do)
			}
		}
	}
	var menus [][]string
	for _, name := range slices.Sorted(maps.Keys(found)) {
		menus = append(menus, found[name])
	}
	return menus
}
