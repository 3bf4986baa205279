package playbooks_test

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/playbooks"
)

func TestDiffShowsWhatWasTakenAndAdded(t *testing.T) {
	for _, c := range [][3]string{
		{"a\nb\nc\n", "a\nx\nc\n", " a|-b|+x| c"},
		{"", "a\n", "+a"},
		{"a\n", "", "-a"},
		{"a\n", "a\n", " a"},
		{"a\nb\n", "b\na\n", "-a| b|+a"},
	} {
		var got []string
		for _, l := range playbooks.Diff(c[0], c[1]) {
			got = append(got, string(l.Op)+l.Text)
		}
		if strings.Join(got, "|") != c[2] {
			t.Errorf("%q → %q: %v, want %s", c[0], c[1], got, c[2])
		}
	}
}
