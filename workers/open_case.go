package workers

import (
	"context"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/sheets"
)

// cases carries out the case.open steps of playbooks.
type cases struct{ crew *Crew }

// Open implements playbooks.Cases. What makes the case the same is kept as a keyed
// hash; the message of a fault names the value, never what it is.
func (o cases) Open(ctx context.Context, order playbooks.CaseOrder) (number string, fresh bool, err error) {
	c := o.crew
	now := c.Now()
	usual := casework.Case{Matter: order.Matter, Month: casework.MonthOf(casework.DateOf(now)), ReceivedAt: now}
	kase, wrong := sheets.CaseOf(usual, order.Values)
	if wrong != "" {
		return "", false, casework.AskPerson("case_incomplete", "a case of %s cannot be opened: %s", order.Matter, wrong)
	}
	return c.Store.OpenCase(ctx, c.actor(), c.Store.Hash("case.open", order.Matter, order.Key), order.RunID, kase)
}
