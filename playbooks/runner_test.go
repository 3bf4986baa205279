package playbooks_test

import (
	"testing"

	"github.com/jingban/jingban/playbooks/pagetest"
)

func TestScriptedPageKeepsTheContract(t *testing.T) {
	pagetest.Contract(t, func(*testing.T) pagetest.World { return &pagetest.Legacy{} })
}
