package playbooks_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

func TestBuiltinLibrary(t *testing.T) {
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	pb, ok := library.Playbook("unemployment_claim")
	if !ok || !strings.HasPrefix(pb.Version, "sha256:") || len(pb.Version) != 71 || pb.Title.Zh != "失业保险金申领" {
		t.Errorf("playbook %+v", pb)
	}
	if !slices.Equal(pb.Systems(), []string{"benefits"}) {
		t.Errorf("systems %v", pb.Systems())
	}
	key, err := pb.KeyOf(pagetest.Claim())
	if err != nil || key != "379901198503120017/202603" {
		t.Errorf("key %q, %v", key, err)
	}
	system := library.Systems()["benefits"]
	if system.SignIn.Fill["密码"] != "password" || system.Seats != 1 || system.Settles != 0 || !slices.Contains(system.Commits, "提交") {
		t.Errorf("system %+v", system)
	}
}

func TestOwnFolderLiesOverTheBuiltInFiles(t *testing.T) {
	own := t.TempDir()
	if err := os.Mkdir(filepath.Join(own, "systems"), 0o700); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("systems/benefits.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "seats: 1", "seats: 3", 1))
	if err := os.WriteFile(filepath.Join(own, "systems", "benefits.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	library, err := playbooks.Load(own)
	if err != nil {
		t.Fatal(err)
	}
	if seats := library.Systems()["benefits"].Seats; seats != 3 {
		t.Errorf("%d seats, the own file says 3", seats)
	}
	if _, ok := library.Playbook("unemployment_claim"); !ok {
		t.Error("the built-in playbook is gone")
	}
	if _, err := playbooks.Load(filepath.Join(own, "missing")); err == nil {
		t.Error("a folder that is not there was accepted")
	}
}

func TestLibraryNamesTheBrokenFile(t *testing.T) {
	for _, c := range []struct{ flows, systems map[string][]byte }{
		{map[string][]byte{"bad.yaml": []byte("playbook: [")}, nil},
		{nil, map[string][]byte{"bad.yaml": []byte("sytem: x")}},
	} {
		if _, err := playbooks.NewLibrary(c.flows, c.systems); err == nil || !strings.Contains(err.Error(), "bad.yaml:1:") {
			t.Errorf("got %v", err)
		}
	}
}

// look is a playbook without a commit.
const look = `playbook: look
title: {zh: 查询, en: Look}
key: case.number
steps:
  - id: seen
    page: benefits
    do:
      - open: 失业待遇 / 申领查询
      - fill: {证件号码: case.id_number}
      - read: {rows: {table: 申领记录}}
    keep:
      笔数: {or: string(len(rows))}
  - id: many
    when: seen.笔数 != "0"
    check: [{that: seen.笔数 == "1", else: too_many}, {that: case.mobile == "", else: has_mobile}]
  - id: asked
    when: '"too_many" in many.failed'
    ask: clerk
    choices: {go: 继续}
    due: 90m
    end: asked
  - id: looked
    check: [{that: 'true', else: never}]
    end: looked
`

func TestStepsWithoutACommit(t *testing.T) {
	if problems := playbooks.Lint("look.yaml", []byte(look), schema(), systems(t)); len(problems) > 0 {
		t.Fatal(problems)
	}
	pb, _ := playbooks.Parse("look.yaml", []byte(look))
	for records, want := range []string{"looked", "looked", "asked"} {
		legacy := &pagetest.Legacy{}
		for range records {
			legacy.Add(playbooks.Row{"证件号码": "379901198503120017"})
		}
		b := pagetest.NewBench(t, legacy)
		b.Playbook = pb
		result, err, _ := b.Turn(t, "run")
		if records == 2 {
			if err != nil || result.Review == nil || result.Review.Due.Sub(b.Now()) != 90*time.Minute {
				t.Fatalf("got %+v, %v", result, err)
			}
			b.Answer(result.Review, "go")
			result, err, _ = b.Turn(t, "run")
		}
		if err != nil || result.End != want || result.Kept["笔数"] != string(rune('0'+records)) || legacy.Open() != 0 {
			t.Errorf("%d records: %+v, %v", records, result, err)
		}
	}
}

func TestFailedLookIsAskedAboutAndDoneByHand(t *testing.T) {
	pb, _ := playbooks.Parse("look.yaml", []byte(look))
	legacy := &pagetest.Legacy{Switches: pagetest.Switches{BlindVerify: casework.AskPerson("element_missing", "no table")}}
	b := pagetest.NewBench(t, legacy)
	b.Playbook = pb
	review := parked(t, b, "run", "element_missing")
	b.Answers[review.ID] = casework.Decision{ReviewID: review.ID, Choice: "done", Edits: map[string]string{"笔数": "1"}}
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.End != "looked" || result.Kept["笔数"] != "1" {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestStepsOfTheBuiltinPlaybooksAreNamedForPeople(t *testing.T) {
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, pb := range library.Playbooks() {
		for _, step := range pb.Steps {
			if step.Title.Zh == "" || step.Title.En == "" {
				t.Errorf("%s: step %s has no title in both languages", pb.Name, step.ID)
			}
		}
	}
}
