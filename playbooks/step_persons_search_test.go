package playbooks_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// onePersons answers every order alike and remembers it.
type onePersons struct {
	answer playbooks.PersonAnswer
	err    error
	asked  []playbooks.PersonOrder
}

func (p *onePersons) Search(_ context.Context, order playbooks.PersonOrder) (playbooks.PersonAnswer, error) {
	p.asked = append(p.asked, order)
	return p.answer, p.err
}

func searchFlow(t *testing.T) *playbooks.Playbook {
	t.Helper()
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	pb, ok := library.Playbook("person_search")
	if !ok {
		t.Fatal("there is no playbook person_search")
	}
	return pb
}

func searchRun(t *testing.T, persons playbooks.Persons) playbooks.Result {
	t.Helper()
	runner := playbooks.Runner{Journal: pagetest.NewBook().Hold("r1"), Persons: persons, Now: time.Now}
	result, err := runner.Run(t.Context(), casework.Run{ID: "r1", Attempt: 1}, searchFlow(t), casework.Snapshot{Shared: map[string]string{"subject": " 参保*.csv ", "day": "2026-03-31"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestPersonSearchHandsOnTheExportAndEndsByWhatIsNew(t *testing.T) {
	persons := &onePersons{answer: playbooks.PersonAnswer{Search: "s1", Way: "night", Records: 100, Added: 3, Pairs: 9, Opened: 2}}
	result := searchRun(t, persons)
	if result.End != "pairs_found" || result.Kept["新线索"] != "2" || result.Kept["记录"] != "100" {
		t.Errorf("two new pairs: %+v", result)
	}
	if !slices.Equal(persons.asked, []playbooks.PersonOrder{{RunID: "r1", Step: "searched", Source: "folder", Export: "参保*.csv"}}) {
		t.Errorf("asked %+v", persons.asked)
	}
	persons.answer.Opened = 0
	if result := searchRun(t, persons); result.End != "nothing_new" {
		t.Errorf("nothing new: %+v", result)
	}
}

func TestPersonSearchAsksAPersonWithoutAnExport(t *testing.T) {
	for want, persons := range map[string]playbooks.Persons{"export_missing": &onePersons{err: casework.AskPerson("export_missing", "none")}, "persons_not_here": nil} {
		if result := searchRun(t, persons); result.State != casework.RunParked || result.Review.Reason != want {
			t.Errorf("%s: %+v", want, result)
		}
	}
}

func TestPersonSearchTakesExportsOfTheFolderOnly(t *testing.T) {
	const text = `playbook: search
title: {zh: 检索, en: Search}
key: shared.subject
steps:
  - id: searched
    persons.search: SOURCE
    export: shared.subject
`
	for source, takes := range map[string]bool{"folder": true, "download": false} {
		pb, problems := playbooks.Parse("search.yaml", []byte(strings.Replace(text, "SOURCE", source, 1)))
		if problems.Broken() || pb.TakesExports() != takes {
			t.Errorf("%s: takes exports %v; %v", source, !takes, problems)
		}
	}
	for name, broken := range map[string]string{"source": strings.Replace(text, "SOURCE", "mail", 1), "export": strings.Replace(text, "    export: shared.subject\n", "", 1)} {
		if problems := playbooks.Lint("search.yaml", []byte(broken), schema(), nil); !problems.Broken() {
			t.Errorf("a wrong %s passed", name)
		}
	}
}

func TestPersonSearchIsExplained(t *testing.T) {
	text := strings.Join(explained(searchFlow(t), "zh", nil), "\n")
	for _, want := range []string{"只查与上一次不同的行", "也不合并任何人", "取目录中最新的导出文件"} {
		if !strings.Contains(text, want) {
			t.Errorf("not said: %s\nsaid: %s", want, text)
		}
	}
}
