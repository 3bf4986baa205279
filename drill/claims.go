package drill

import (
	"context"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/people"
	"github.com/jingban/jingban/store"
)

// claim is one fictional claim of the drill.
type claim struct {
	caseID, runID string
	person        casework.Person
}

// seedClaims puts the claims into the store as submitted cases with a run, as
// they stand once their materials are read and found good. No process runs yet.
func (s *site) seedClaims(ctx context.Context) ([]claim, error) {
	source := people.New(s.cfg.Seed)
	for _, p := range s.library.Playbooks() { // before the runs, so that they start as released
		if _, err := s.store.ImportVersion(ctx, store.Version{Playbook: p.Name, Text: p.Source}, casework.StageFull); err != nil {
			return nil, err
		}
	}
	n := max(s.cfg.Runs, 2*s.cfg.Faults+5)
	claims := make([]claim, 0, n)
	for range n {
		c, err := s.seedClaim(ctx, source.Person())
		if err != nil {
			return nil, fmt.Errorf("seed a claim: %w", err)
		}
		claims = append(claims, c)
	}
	return claims, nil
}

func (s *site) seedClaim(ctx context.Context, p people.Person) (claim, error) {
	person := casework.Person{Name: p.Name, IDNumber: p.IDNumber, Mobile: p.Mobile, Account: p.Account, Address: p.Address}
	now := time.Now()
	month := casework.MonthOf(casework.DateOf(now))
	kase, err := s.store.NewCase(ctx, driller(), casework.Case{Matter: "unemployment_claim", Region: "379900",
		Applicant: person, Month: month, Shared: map[string]string{"leave_reason": "E01"}, ReceivedAt: now})
	if err != nil {
		return claim{}, err
	}
	if err := s.store.SubmitCase(ctx, driller(), kase.ID); err != nil {
		return claim{}, err
	}
	snapshot := casework.Snapshot{Number: kase.Number, Matter: kase.Matter, Region: kase.Region, Applicant: person,
		Month: month, Received: casework.DateOf(now), Shared: kase.Shared, Assessment: passed(p)}
	playbook, ok := s.library.Playbook(kase.Matter)
	if !ok {
		return claim{}, fmt.Errorf("no playbook %s", kase.Matter)
	}
	key, err := playbook.KeyOf(snapshot)
	if err != nil {
		return claim{}, err
	}
	run, err := s.store.StartRun(ctx, driller(), casework.Run{CaseID: kase.ID, Playbook: playbook.Name, Version: playbook.Version,
		Key: s.store.Hash("key", playbook.Name, key), Persons: []string{s.store.Hash("person", person.IDNumber)}}, snapshot)
	return claim{caseID: kase.ID, runID: run.ID, person: person}, err
}

// passed is an assessment of faultless materials.
func passed(p people.Person) casework.Assessment {
	document := func(kind string, values map[string]string) casework.Document {
		fields := map[string]casework.Field{}
		for name, value := range values {
			fields[name] = casework.Field{Name: name, Value: value, Raw: value, Page: 1, Confidence: 0.99}
		}
		return casework.Document{Type: kind, Page: 1, Confidence: 0.99, Fields: fields}
	}
	return casework.Assessment{Verdict: casework.AutoPass, Documents: map[string]casework.Document{
		"id_card_front": document("id_card_front", map[string]string{"name": p.Name, "id_number": p.IDNumber}),
		"id_card_back":  document("id_card_back", map[string]string{"authority": p.Authority}),
		"bank_card":     document("bank_card", map[string]string{"number": p.Account, "bank": p.Bank}),
		"claim_form":    document("claim_form", map[string]string{"mobile": p.Mobile}),
	}}
}
