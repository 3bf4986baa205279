package casework_test

import (
	"testing"

	"github.com/jingban/jingban/casework"
)

func TestStagesMoveOneAtATimeAndNeverBelowShadow(t *testing.T) {
	for _, c := range []struct{ stage, next, back casework.Stage }{
		{casework.StageDraft, casework.StageShadow, casework.StageDraft},
		{casework.StageShadow, casework.StageSupervised, casework.StageShadow},
		{casework.StageSupervised, casework.StageLimited, casework.StageShadow},
		{casework.StageLimited, casework.StageFull, casework.StageSupervised},
		{casework.StageFull, casework.StageFull, casework.StageLimited},
	} {
		if c.stage.Next() != c.next || c.stage.Back() != c.back {
			t.Errorf("%s: next %s, back %s", c.stage, c.stage.Next(), c.stage.Back())
		}
	}
}

func TestUnknownStageIsTrustedWithNothing(t *testing.T) {
	if got := casework.Stage("typo").Least(casework.StageFull); got != "typo" {
		t.Errorf("the lesser of a typo and full is %s", got)
	}
	if got := casework.StageFull.Least(casework.StageLimited); got != casework.StageLimited {
		t.Errorf("the lesser of full and limited is %s", got)
	}
}
