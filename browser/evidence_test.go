package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

func TestNamesOfDownloadsStayInsideTheEvidence(t *testing.T) {
	shots, err := addFiles(nil, []playbooks.Shot{{Kind: casework.Download, Name: "张明379901198503120017.csv"}, {Kind: casework.Download, Name: "没有后缀"}, {Kind: casework.Download, Name: "a.张明"}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range shots {
		names = append(names, s.Name)
	}
	if want := []string{"download_1.csv", "download_2", "download_3", "downloads.json"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	if list := string(shots[3].Data); !strings.Contains(list, "张明379901198503120017.csv") {
		t.Errorf("the list does not say what they were called: %s", list)
	}
}
