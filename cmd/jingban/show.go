package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/drill"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/fixtures/materials"
)

// demoWithin ends a demo that hangs.
const demoWithin = 10 * time.Minute

// show is one performance of the demo: a portal that sends claims in, a clerk
// who answers, and the counts at the end.
type show struct {
	term    console
	house   *house
	legacy  *benefits.System
	base    string
	picture string

	portal, clerk drill.Client
	people        [][3]string       // login, role, password
	names         map[string]string // case id → the claim's name
	stuck         map[string]string // case id → why it waits for an operator
	wrong         bool
}

// furnish adds the demo's people, the portal's token and the legacy system's
// address and account.
func (s *show) furnish(ctx context.Context, legacyURL string) error {
	for _, role := range []string{"clerk", "operator", "manager"} {
		password := "Demo-" + casework.NewID()[28:] + "!"
		if err := s.house.addUser(ctx, role, map[string]string{"clerk": "窗口经办", "operator": "流程管理", "manager": "业务主管"}[role], role, password); err != nil {
			return err
		}
		s.people = append(s.people, [3]string{role, role, password})
	}
	token, err := s.house.store.NewToken(ctx, atTerminal(), "demo-portal", "portal")
	if err != nil {
		return err
	}
	s.portal, s.clerk = drill.Client{Base: s.base, Token: token}, drill.Client{Base: s.base}
	for name, value := range map[string]string{
		"systems.benefits.url":              legacyURL,
		"systems.benefits.account.login":    benefits.DefaultAccount,
		"systems.benefits.account.password": benefits.DefaultPassword,
	} {
		if err := s.house.store.SetSecret(ctx, atTerminal(), name, value); err != nil {
			return err
		}
	}
	return nil
}

// perform uploads every claim, answers what waits for the clerk and returns once
// every case has ended.
func (s *show) perform(ctx context.Context, claims []materials.Claim) error {
	ctx, cancel := context.WithTimeout(ctx, demoWithin)
	defer cancel()
	s.names = map[string]string{}
	if err := s.clerk.SignIn(ctx, "clerk", s.people[0][2]); err != nil {
		return fmt.Errorf("the clerk signs in: %w", err)
	}
	for _, c := range claims {
		id, err := s.portal.BringIn(ctx, c)
		if err != nil {
			return err
		}
		s.names[id] = c.Name
	}
	fmt.Fprintf(s.term.err, s.term.say("已受理 %d 件，正在识读、核验、录入…\n", "%d claims brought in: reading, checking, entering…\n"), len(claims))
	bar := progress(s.term, len(claims))
	for {
		open, err := s.open(ctx)
		if err != nil {
			return err
		}
		if err := bar.Set(len(claims) - open); err != nil {
			return err
		}
		if open == 0 {
			return bar.Finish()
		}
		if err := s.decide(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d claims have not ended: %w", open, ctx.Err())
		case <-time.After(300 * time.Millisecond):
		}
	}
}

func (s *show) cases(ctx context.Context) ([]drill.Case, error) {
	var list drill.Page[drill.Case]
	err := s.clerk.Get(ctx, "/api/v1/cases?limit=100", &list)
	slices.SortFunc(list.Items, func(a, b drill.Case) int { return cmp.Compare(a.Number, b.Number) })
	return list.Items, err
}

// open counts the cases that have not ended. One that waits for an operator has
// ended as far as the demo goes: nobody plays the operator.
func (s *show) open(ctx context.Context) (int, error) {
	cases, err := s.cases(ctx)
	if err != nil {
		return 0, err
	}
	var stuck drill.Page[drill.Review]
	if err := s.clerk.Get(ctx, "/api/v1/reviews?state=open&role=operator&limit=100", &stuck); err != nil {
		return 0, err
	}
	s.stuck = map[string]string{}
	for _, review := range stuck.Items {
		s.stuck[review.CaseID] = review.Reason
	}
	n := 0
	for _, c := range cases {
		if !ended(c.State) && s.stuck[c.ID] == "" {
			n++
		}
	}
	return n, nil
}

func ended(state casework.CaseState) bool {
	switch state {
	case casework.CaseReturned, casework.CaseEntered, casework.CaseFailed, casework.CaseDone, casework.CaseCancelled:
		return true
	default:
		return false
	}
}

// decide answers what waits for the clerk: everything is pre-checked, so it is
// submitted. Before that the inbox has its picture taken, if one is wanted.
func (s *show) decide(ctx context.Context) error {
	if s.picture != "" {
		var list drill.Page[drill.Review]
		if err := s.clerk.Get(ctx, "/api/v1/reviews?state=open&role=clerk&limit=100", &list); err != nil {
			return err
		}
		if len(list.Items) < 6 {
			return nil // a full inbox makes the better picture
		}
		if err := s.takePicture(ctx); err != nil {
			return err
		}
		s.picture = ""
	}
	_, err := s.clerk.DecideAll(ctx, "clerk", "submit")
	return err
}

// report prints a line a claim and the counts from the legacy system's own books.
func (s *show) report(ctx context.Context) error {
	cases, err := s.cases(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(s.term.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, s.term.say("受理编号\t姓名\t发现\t结果\t业务流水号", "case\tname\tfound\toutcome\treceipt"))
	returned := 0
	for _, c := range cases {
		var a casework.Assessment
		if err := s.clerk.Get(ctx, "/api/v1/cases/"+c.ID+"/assessment", &a); err != nil {
			return err
		}
		if c.State == casework.CaseReturned {
			returned++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.Number, c.Applicant.Name, rulesOf(a), cmp.Or(c.Outcome, s.stuck[c.ID], string(c.State)), cmp.Or(c.Receipt, "–"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	claims, err := s.legacy.Claims(ctx)
	if err != nil {
		return err
	}
	doubles, err := s.legacy.Doubles(ctx)
	if err != nil {
		return err
	}
	submitted := len(claims) - doubles
	lost := len(cases) - submitted - returned
	fmt.Fprintf(s.term.out, "claims %d · submitted %d · returned %d · lost %d · submitted twice %d\n", len(cases), submitted, returned, lost, doubles)
	s.wrong = len(cases) != 12 || submitted != 6 || returned != 6 || lost != 0 || doubles != 0
	return nil
}

// verdict turns wrong counts into an exit status.
func (s *show) verdict() error {
	if s.wrong {
		return status(1)
	}
	return nil
}

func rulesOf(a casework.Assessment) string {
	var rules []string
	for _, f := range a.Findings {
		if !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	return cmp.Or(strings.Join(rules, ", "), "–")
}

// invite tells how to look around.
func (s *show) invite() {
	fmt.Fprintf(s.term.out, "\n%s%s\n", s.term.say("请打开 ", "Look around at "), s.base)
	for _, p := range s.people {
		fmt.Fprintf(s.term.out, "  %-9s %s\n", p[0], p[2])
	}
	fmt.Fprintln(s.term.out, s.term.say("按 Ctrl-C 结束。", "Ctrl-C ends it."))
}

// writeClaim writes a claim's pictures and its case.json.
func writeClaim(dir string, c materials.Claim) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	month, err := strconv.Atoi(c.Month)
	if err != nil {
		return fmt.Errorf("export %s: month: %w", c.Name, err)
	}
	about := claim{Applicant: drill.Applicant(c), Month: casework.Month(month), Received: casework.DateOf(time.Now()), Shared: c.Shared, Slots: map[string]string{}}
	for _, file := range c.Files {
		about.Slots[file.FileName] = file.Slot
		if err := os.WriteFile(filepath.Join(dir, file.FileName), file.Data, 0o600); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	text, err := json.MarshalIndent(about, "", "  ")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "case.json"), text, 0o600)
}
