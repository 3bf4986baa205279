package link

// pattern is the levels of all fields, four bits each, the first field lowest.
type pattern uint64

func (p pattern) level(field int) level { return level(p >> (4 * field) & 15) }

func (p pattern) with(field int, l level) pattern {
	return p&^(15<<(4*field)) | pattern(l)<<(4*field)
}

// compare looks at every field of two records.
func (t *table) compare(a, b uint32) pattern {
	var p pattern
	for i := range t.columns {
		f := &t.plan.fields[i]
		l := f.how.compare(t.columns[i].at(a), t.columns[i].at(b))
		if l == same && f.field.Shared > 0 && t.often[i] != nil && t.often[i][a] > uint32(f.field.Shared) {
			l = codeShared
		}
		p = p.with(i, l)
	}
	for i := range t.plan.fields {
		if other := t.plan.fields[i].swap; other > i {
			p = t.exchanged(p, i, other, a, b)
		}
	}
	return p
}

// exchanged notices that two names stand in each other's column.
func (t *table) exchanged(p pattern, i, j int, a, b uint32) pattern {
	if p.level(i) == same || p.level(j) == same {
		return p
	}
	crossed := func(x, y uint32) level { return compareLatin(t.columns[i].at(x), t.columns[j].at(y)) }
	there, back := crossed(a, b), crossed(b, a)
	ok := func(l level) bool { return l == same || l == nameNear }
	switch {
	case ok(there) && (ok(back) || back == 0), there == 0 && ok(back):
		return p.with(i, nameSwapped).with(j, nameSwapped)
	}
	return p
}
