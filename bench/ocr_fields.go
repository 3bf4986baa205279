package bench

import (
	"regexp"
	"strings"
)

// fieldGroup sorts a field by what its value looks like; "other" is no key field.
func fieldGroup(name, value string) string {
	for _, g := range []struct {
		group string
		form  *regexp.Regexp
	}{
		{"id number", regexp.MustCompile(`^\d{17}[\dX]$`)},
		{"account", regexp.MustCompile(`^\d[\d ]{15,23}$`)},
		{"date", regexp.MustCompile(`^\d{4}([-.年\n])\d{1,2}([-.月\n])\d{1,2}`)},
		{"amount", regexp.MustCompile(`^¥?[\d,]+\.\d\d$|[元角][整零]|[角元分]$`)},
		{"code", regexp.MustCompile(`^[0-9A-Z]{6,20}$|号$`)},
	} {
		if g.form.MatchString(value) {
			return g.group
		}
	}
	if name == "name" || name == "holder" || strings.Contains(name, "worker_name") {
		return "name"
	}
	return "other"
}
