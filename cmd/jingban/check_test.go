package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

func TestCheckEndsWithAStatusForEveryVerdict(t *testing.T) {
	for verdict, want := range map[casework.Verdict]error{
		casework.AutoPass: nil, casework.ReturnForCorrection: status(1), casework.ManualReview: status(3), casework.ProposeReject: status(4),
	} {
		if got := (checkCommand{}).status(verdict); !errors.Is(got, want) {
			t.Errorf("%s: %v; want %v", verdict, got, want)
		}
	}
}

func TestCheckPrintsTheFindingsInTheAgreedShape(t *testing.T) {
	var out bytes.Buffer
	a := casework.Assessment{Verdict: casework.ReturnForCorrection, Findings: []casework.Finding{{
		Rule: "id_expired", Severity: casework.Block, Material: "id_card_back", FileID: "x.jpg", Field: "valid_to", Page: 1,
		Box: casework.Box{X: 1, Y: 2, W: 3, H: 4}, Found: "2026年1月1日", Zh: "过期。", En: "Expired.", Basis: "《居民身份证法》", Fix: "请换领。",
	}}}
	if err := (checkCommand{JSON: true}).print(console{out: &out}, "case-7", a); err != nil {
		t.Fatal(err)
	}
	want := `{"case":"case-7","verdict":"RETURN_FOR_CORRECTION","findings":[{"rule":"id_expired","severity":"BLOCK","material":"id_card_back","page":1,` +
		`"box":{"x":1,"y":2,"w":3,"h":4},"found":"2026年1月1日","expected":"","zh":"过期。","en":"Expired.","basis":"《居民身份证法》","fix":"请换领。"}]}`
	if got := strings.NewReplacer("\n", "", "  ", "", `": `, `":`).Replace(out.String()); got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

func TestAnUnknownMatterIsRefusedWithTheKnownOnes(t *testing.T) {
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := knownMatter(catalog, "love"); err == nil || !strings.Contains(err.Error(), "injury_recognition") {
		t.Errorf("error = %v", err)
	}
}

func TestAFindingIsDrawnOnItsOwnPageOnly(t *testing.T) {
	findings := []casework.Finding{{Rule: "a", FileID: "f", Page: 2, Box: casework.Box{W: 5, H: 5}}, {Rule: "b", FileID: "other", Page: 1}}
	if _, spoken := pointed(casework.Reading{Page: 1}, "f", findings); spoken {
		t.Error("page 1 is drawn although nothing points there")
	}
	r, spoken := pointed(casework.Reading{Page: 2}, "f", findings)
	if !spoken || len(r.Quality) != 1 || r.Quality[0].Box.W != 5 {
		t.Errorf("page 2: %v", r.Quality)
	}
}
