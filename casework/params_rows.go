package casework

import (
	"maps"
	"slices"
)

// Names lists every parameter there is, sorted.
func (p Params) Names() []string { return slices.Sorted(maps.Keys(p.rows)) }

// Rows gives the dated, regional rows of a parameter, by region and first day:
// what a check of the whole set or a page of parameters goes through.
func (p Params) Rows(name string) []Param {
	return slices.SortedFunc(slices.Values(p.rows[name]), func(a, b Param) int {
		switch {
		case a.Region != b.Region && a.Region < b.Region, a.Region == b.Region && a.From.Before(b.From):
			return -1
		case a.Region == b.Region && a.From == b.From:
			return 0
		}
		return 1
	})
}
