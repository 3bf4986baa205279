package web

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

// A case that came again shows what it was sent back for, and whether it is mended.
func TestAResubmittedCaseShowsItsEarlierFindings(t *testing.T) {
	w := newSite(t)
	out := w.seed(person(1), "returned")
	w.must(w.store.SubmitCase(t.Context(), cook, out.Case.ID))
	found, err := w.store.Assessment(t.Context(), out.Case.ID)
	w.must(err)
	found.Verdict, found.Findings = casework.ManualReview, found.Findings[:1] // the card is the applicant's own now
	w.work(t.Context(), &out, found, "review")
	for _, path := range []string{"/cases/" + out.Case.ID, "/reviews/" + out.Review} {
		_, body, _ := w.as("clerk").get(path)
		if !strings.Contains(body, "第 1 轮核验意见") || strings.Count(body, ">已补正<") != 1 || strings.Count(body, ">仍存在<") != 1 {
			t.Errorf("%s: mended %d, still %d", path, strings.Count(body, ">已补正<"), strings.Count(body, ">仍存在<"))
		}
		if strings.HasPrefix(path, "/cases") && strings.Contains(body, "周志强") {
			t.Errorf("%s shows a name in full", path)
		}
	}
}
