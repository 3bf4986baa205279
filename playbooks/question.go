package playbooks

import (
	"context"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// The choices that the runner itself offers.
const (
	retryChoice    = "retry"    // nothing has left: do it again
	doneChoice     = "done"     // a person did it by hand
	stopChoice     = "stop"     // the run fails; an effect in doubt stays in doubt
	verifyChoice   = "verify"   // in doubt: look again
	happenedChoice = "happened" // in doubt: a person saw the record
	absentChoice   = "absent"   // in doubt: a person says it is not there; verify must agree
	freeChoice     = "free"     // supervised: commit what was shown
	anywayChoice   = "anyway"   // a look before was unclear: a person wants the change made
)

// question is an error that parks the run.
type question struct {
	role    string
	reason  string // "" for a planned ask, or a fault's code
	cause   string // for operators, without personal data
	show    []string
	choices []casework.Choice
	due     time.Duration
	shown   string // digest of the filled form that is shown
}

// Error says what is asked.
func (q *question) Error() string {
	return fmt.Sprintf("a question for role %s: %s %s", q.role, q.reason, q.cause)
}

// retryQuestion asks what to do about a fault before anything has left.
func retryQuestion(f *casework.Fault) *question {
	return operatorQuestion(f.Code, f.Error(), retryChoice, doneChoice, stopChoice)
}

// doubtQuestion asks about an effect that was sent: it never offers a retry.
func doubtQuestion(reason, cause string) *question {
	return operatorQuestion(reason, cause, verifyChoice, happenedChoice, absentChoice, stopChoice)
}

func operatorQuestion(reason, cause string, names ...string) *question {
	words := map[string]string{
		retryChoice: "再试一次", doneChoice: "已人工办理", stopChoice: "终止办理",
		verifyChoice: "重新核查", happenedChoice: "系统中已有记录", absentChoice: "系统中没有记录，核实后重新提交",
		freeChoice: "核对无误，放行提交", anywayChoice: "仍然提交",
	}
	q := &question{role: "operator", reason: reason, cause: cause, due: reviewDue}
	for _, name := range names {
		q.choices = append(q.choices, casework.Choice{Name: name, Zh: words[name]})
	}
	return q
}

// park writes the question down and ends the turn with it.
func (t *turn) park(ctx context.Context, step *Step, q *question) (Result, error) {
	if err := t.exhibit(ctx, step, q); err != nil {
		return Result{}, err
	}
	now := t.Now().UTC()
	review := casework.Review{ID: casework.NewID(), RunID: t.run.ID, CaseID: t.run.CaseID, Step: step.ID, Role: q.role,
		Reason: q.reason, Show: q.show, Choices: q.choices, State: casework.ReviewOpen, Created: now, Due: now.Add(q.due)}
	if err := t.append(ctx, step, casework.Parked, asking{review, q.cause, q.shown}); err != nil {
		return Result{}, err
	}
	return Result{State: casework.RunParked, Step: step.ID, Review: &review, Kept: t.kept}, nil
}
