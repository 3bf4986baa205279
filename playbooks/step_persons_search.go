package playbooks

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Persons searches an export of the insured for persons with several numbers
// (implemented by workers over persons/link).
type Persons interface {
	// Search searches, changed rows only where an earlier search allows it, and
	// brings the queue of pairs up to date. No export, one that cannot be searched
	// and a house that searches nothing are NeedsHuman.
	Search(ctx context.Context, order PersonOrder) (PersonAnswer, error)
}

// PersonOrder is what a persons.search step asks for.
type PersonOrder struct {
	RunID  string
	Step   string
	Source string // "folder" or "download"
	Export string // what the name of the file looks like ("insured*.csv"; "" is any), or its SHA-256 as download gives it
}

// PersonAnswer is what later steps see.
type PersonAnswer struct {
	Search  string // its id
	Way     string // "night" looked at changed rows only, "full" at all
	Records int
	Added   int // rows that came since the search before
	Gone    int // rows that went
	Pairs   int // automatic and for review
	Opened  int // pairs that were not there before
	Closed  int // pairs that are gone
}

// personsSearch names the step.
const personsSearch = "persons.search"

// Where exports of the insured come from.
const (
	fromFolder   = "folder"
	fromDownload = "download"
)

// personsSearchStep searches an export of the insured: a step of its own because
// nothing on a page does it. It proposes; no number is merged by it.
type personsSearchStep struct {
	source string
	export *Expr
}

func readPersonsSearch(d *decoder, own field, all map[string]field) body {
	s := &personsSearchStep{source: d.name(own, personsSearch)}
	if !slices.Contains([]string{fromFolder, fromDownload}, s.source) {
		d.errorf(own.at, "unknown_source", "%s: want folder or download, not %q", personsSearch, s.source)
	}
	s.export = &Expr{Source: `""`, want: aText, at: own.at}
	if f, ok := d.need(all, own.at, personsSearch, "export"); ok {
		s.export = d.expr(f, aText)
	}
	return s
}

func (s *personsSearchStep) lint(l *linter, _ *Step) { l.check(s.export, l.env) }

func (s *personsSearchStep) gives([]casework.Calculation) map[string]any {
	return PersonAnswer{}.values()
}

func (a PersonAnswer) values() map[string]any {
	return map[string]any{"search": a.Search, "way": a.Way, "records": a.Records, "added": a.Added, "gone": a.Gone, "pairs": a.Pairs, "opened": a.Opened, "closed": a.Closed}
}

func (s *personsSearchStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	export, err := s.export.text(t.env)
	if err != nil {
		return outcome{}, err
	}
	if t.Persons == nil {
		return outcome{}, casework.AskPerson("persons_not_here", "step %s: no export of the insured is searched here", step.ID)
	}
	a, err := t.Persons.Search(ctx, PersonOrder{RunID: t.run.ID, Step: step.ID, Source: s.source, Export: strings.TrimSpace(export)})
	if err != nil {
		return outcome{}, err
	}
	return outcome{Values: a.values(), Kept: map[string]string{
		"记录": strconv.Itoa(a.Records), "新增或变动": strconv.Itoa(a.Added), "消失或变动": strconv.Itoa(a.Gone),
		"待核线索": strconv.Itoa(a.Pairs), "新线索": strconv.Itoa(a.Opened), "消除线索": strconv.Itoa(a.Closed)}}, nil
}

// explain says what is searched, and that nobody is merged.
func (s *personsSearchStep) explain(t *explainer) []ExplainedPart {
	from := t.say("取目录中最新的导出文件，文件名符合：%s", "Takes the newest export in the folder whose name fits: %s", t.value(s.export))
	if s.source == fromDownload {
		from = t.say("取前面步骤下载的文件：%s", "Takes the file that an earlier step downloaded: %s", t.value(s.export))
	}
	return []ExplainedPart{
		{PartDoes, t.say("在参保人员导出文件中查找一人多号，只查与上一次不同的行，结果与全量检索相同；不向任何系统写入，也不合并任何人：",
			"Searches an export of the insured for persons with several numbers: only the rows that changed since the last search, with the result of a search of all; nothing is written anywhere and nobody is merged:"), []string{from}},
		{PartKeeps, t.say("得出记录数、变动行数、新线索和消除的线索；线索按金额和疑点排入核对队列", "Gives records, changed rows, new pairs and pairs that are gone; the queue lists them by what is at stake and by doubt"), nil}}
}

// TakesExports reports whether a step searches exports that arrive in the watched
// folder: nobody else takes those then.
func (pb *Playbook) TakesExports() bool {
	return slices.ContainsFunc(pb.Steps, func(step Step) bool {
		s, ok := step.body.(*personsSearchStep)
		return ok && s.source == fromFolder
	})
}
