package link

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// plan is a configuration made ready for one header.
type plan struct {
	config Config
	fields []plannedField
	blocks [][]plannedKey
	rules  []plannedRule
	empty  []string // optional fields no file has
}

type plannedField struct {
	name   string
	column List
	field  Field
	how    comparator
	swap   int // the field it may have been exchanged with, -1 for none
}

type plannedKey struct {
	field int
	part  string // "" for the value
	key   key
}

// plannedRule is a rule over a pattern: every field's level must be in its mask.
type plannedRule struct {
	Rule
	mask []uint16 // 0: the field does not matter
}

// newPlan orders the fields as the header does.
func newPlan(c Config, header []string) *plan {
	p := &plan{config: c}
	names := slices.Sorted(maps.Keys(c.Fields))
	slices.SortStableFunc(names, func(a, b string) int { return p.placeOf(header, a) - p.placeOf(header, b) })
	for _, name := range names {
		field := c.Fields[name]
		columns := field.Column
		if len(columns) == 0 {
			columns = List{name}
		}
		p.fields = append(p.fields, plannedField{name, columns, field, comparators()[field.Compare], -1})
	}
	for i := range p.fields {
		if swap := p.fields[i].field.Swap; swap != "" {
			p.fields[i].swap = p.index(swap)
			p.fields[p.index(swap)].swap = i
		}
	}
	for _, block := range c.Blocks {
		p.blocks = append(p.blocks, p.block(block))
	}
	for _, rule := range c.Rules {
		p.rules = append(p.rules, p.rule(rule))
	}
	return p
}

func (p *plan) placeOf(header []string, name string) int {
	for _, column := range append(slices.Clone(p.config.Fields[name].Column), name) {
		if i := columnIndex(header, column); i >= 0 {
			return i
		}
	}
	return len(header)
}

func (p *plan) index(name string) int {
	return slices.IndexFunc(p.fields, func(f plannedField) bool { return f.name == name })
}

func (p *plan) block(block Block) []plannedKey {
	var keys []plannedKey
	for _, part := range block {
		name, which, has := strings.Cut(part, ":")
		i := p.index(name)
		keys = append(keys, plannedKey{i, which, hash})
		if has {
			keys[len(keys)-1].key = p.fields[i].how.keys[which]
		}
	}
	return keys
}

func (p *plan) rule(rule Rule) plannedRule {
	planned := plannedRule{rule, make([]uint16, len(p.fields))}
	for name, wanted := range rule.When {
		i := p.index(name)
		planned.mask[i], _ = levelMask(p.fields[i].field.Compare, wanted) // checked when it was read
	}
	return planned
}

// places finds the columns of a file: one per field, and that of the id.
func (p *plan) places(file string, header []string) (places []int, id int, err error) {
	for _, f := range p.fields {
		place := -1
		for _, name := range f.column {
			if place = columnIndex(header, name); place >= 0 {
				break
			}
		}
		if place < 0 && !f.field.Optional {
			return nil, 0, fmt.Errorf("%s: no column %s for field %s; the header has %s", file, strings.Join(f.column, " or "), f.name, strings.Join(header, ", "))
		}
		if place < 0 {
			p.empty = append(p.empty, f.name)
		}
		places = append(places, place)
	}
	id = -1
	if p.config.ID != "" {
		if id = columnIndex(header, p.config.ID); id < 0 {
			return nil, 0, fmt.Errorf("%s: no column %s, which id names; the header has %s", file, p.config.ID, strings.Join(header, ", "))
		}
	}
	return places, id, nil
}
