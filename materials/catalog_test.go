package materials_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

func folder(files ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		out[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return out
}

func TestSchemaNamesTheFieldsPlaybooksUse(t *testing.T) {
	want := map[string][]string{
		"id_card_front":      {"name", "sex", "ethnicity", "birth", "address", "number"},
		"id_card_back":       {"authority", "valid_from", "valid_to"},
		"bank_card":          {"bank", "number", "holder"},
		"termination_notice": {"name", "id_number", "employer", "contract_start", "contract_end", "end_date", "post", "years", "reason", "sex", "issue_date"},
		"claim_form":         {"name", "id_number", "mobile", "account", "bank", "employer", "reason", "leave_date", "claim_date", "promise", "applicant_signature"},
	}
	got := catalog(t).Schema()
	for kind, fields := range want {
		slices.Sort(fields)
		slices.Sort(got[kind])
		if !slices.Equal(got[kind], fields) {
			t.Errorf("%s: %v; want %v", kind, got[kind], fields)
		}
	}
}

func TestFieldsCarryTitlesAndKinds(t *testing.T) {
	c := catalog(t)
	fields := c.Fields("id_card_front")
	if len(fields) != 6 || fields[5].Kind != materials.IDNumber || fields[4].Kind != materials.Address || fields[0].Title.Zh != "姓名" {
		t.Errorf("fields = %+v", fields)
	}
	if c.Fields("love_letter") != nil {
		t.Error("an unknown type has fields")
	}
}

const socialCard = `type: social_card
title: {zh: 社会保障卡, en: Social security card}
from: 2011-01-01
basis: 《社会保险法》第五十八条
need: 2
anchors: [{text: 社会保障卡, weight: 4}]
fields:
  - {name: number, title: {zh: 社会保障号码, en: number}, kind: id_number, required: true, find: [{cell: [社会保障号码]}]}
  - {name: name, title: {zh: 姓名, en: name}, kind: name, required: true, find: [{cell: [姓名]}]}
`

const ownMatter = `matter: unemployment_claim
title: {zh: 失业保险金申领, en: Unemployment benefit claim}
from: 2026-01-01
basis: 本市规定
materials:
  - {type: id_card_front, or: [social_card], required: true, basis: 本市规定第一条}
checks: [id_number, name_same]
`

func TestAnAgencyAddsATypeAndItsOwnListWithoutABuild(t *testing.T) {
	agency := folder("types/social_card.yaml", socialCard, "matters/claim.yaml", ownMatter)
	c, err := materials.Load(agency)
	if err != nil {
		t.Fatal(err)
	}
	in := claim()
	in.Files = []materials.File{file("", page(
		at{100, 60, "社会保障卡"}, at{80, 120, "姓名"}, at{200, 120, "张明"}, at{80, 180, "社会保障号码"}, at{230, 180, "379901198503120017"}, at{700, 180, "发卡日期"},
	))}
	a := c.Assess(in)
	if a.Verdict != casework.AutoPass || a.Documents["social_card"].Fields["number"].Value != "379901198503120017" {
		t.Errorf("verdict %s, findings:\n%s\n%v", a.Verdict, rules(a), a.Documents)
	}
	in.Files = nil
	a = c.Assess(in)
	if len(a.Findings) != 1 || !strings.Contains(a.Findings[0].Zh, "居民身份证（人像面）或者社会保障卡") || a.Findings[0].Basis != "本市规定第一条" {
		t.Errorf("findings:\n%s %+v", rules(a), a.Findings)
	}
	in.Received = casework.Date{Year: 2025, Month: 12, Day: 31}
	if a = c.Assess(in); len(a.Findings) != 5 {
		t.Errorf("before 2026 the national list holds; findings:\n%s", rules(a))
	}
	plain := catalog(t).Assess(claim())
	if plain.Rules == c.Assess(claim()).Rules {
		t.Error("the agency's files do not change the hash of the rules")
	}
}

func TestAnAgencyChangesSeverityAndWords(t *testing.T) {
	c, err := materials.Load(folder("sentences.yaml", `rules:
  seal_missing: {severity: BLOCK, zh: "{material}没有公章。", en: "No seal on {material}.", basis: 本市规定, fix: 请盖章。}
`))
	if err != nil {
		t.Fatal(err)
	}
	in := claim()
	r := certificate()
	r.Seals = nil
	replace(&in, "termination_notice", r)
	a := c.Assess(in)
	if a.Verdict != casework.ReturnForCorrection || a.Findings[0].Zh != "解除（终止）劳动合同证明没有公章。" {
		t.Errorf("verdict %s, findings %+v", a.Verdict, a.Findings)
	}
}

func TestThresholdsAreTheRegions(t *testing.T) {
	c, err := materials.Load(folder("params/ours.yaml", `params:
  - name: reading.confidence
    rows: [{region: "379900", from: 2026-01-01, value: "0.999", document: 本市规定}]
`))
	if err != nil {
		t.Fatal(err)
	}
	if a := c.Assess(claim()); a.Verdict != casework.ManualReview {
		t.Errorf("verdict %s although everything lies below the region's threshold", a.Verdict)
	}
	in := claim()
	in.Region = "370100"
	if a := c.Assess(in); a.Verdict != casework.AutoPass {
		t.Errorf("another region: %s\n%s", a.Verdict, rules(a))
	}
}

func TestLoadNamesFileLineAndMistake(t *testing.T) {
	edit := func(text, old, with string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("no %q", old)
		}
		return strings.Replace(text, old, with, 1)
	}
	cases := map[string]struct {
		files fs.FS
		want  string
	}{
		"unknown key":        {folder("types/a.yaml", edit(socialCard, "need: 2", "needs: 2")), `types/a.yaml:5:1: unknown field "needs"`},
		"no name":            {folder("types/a.yaml", edit(socialCard, "type: social_card", "type: ''")), "needs a name"},
		"no title":           {folder("types/a.yaml", edit(socialCard, ", en: Social security card", "")), "types/a.yaml:1: type social_card: it needs a title"},
		"no basis":           {folder("types/a.yaml", edit(socialCard, "basis: 《社会保险法》第五十八条", "basis: ''")), "legal basis"},
		"nothing to reach":   {folder("types/a.yaml", edit(socialCard, "need: 2", "need: 0")), "weight above 0"},
		"anchor twice":       {folder("types/a.yaml", edit(socialCard, "{text: 社会保障卡,", "{text: 社会保障卡, pattern: x,")), "types/a.yaml:6: anchor"},
		"bad anchor":         {folder("types/a.yaml", edit(socialCard, "{text: 社会保障卡,", "{pattern: '(',")), "types/a.yaml:6: anchor: error parsing regexp"},
		"unknown kind":       {folder("types/a.yaml", edit(socialCard, "kind: name", "kind: nom")), `types/a.yaml:9: field name: kind "nom"`},
		"field twice":        {folder("types/a.yaml", edit(socialCard, "name: name", "name: number")), `types/a.yaml:9: field "number"`},
		"no way to find":     {folder("types/a.yaml", edit(socialCard, "find: [{cell: [姓名]}]", "find: []")), "a way to find it"},
		"two ways in one":    {folder("types/a.yaml", edit(socialCard, "{cell: [姓名]}", "{cell: [姓名], below: [姓名]}")), "exactly one of"},
		"pattern, no group":  {folder("types/a.yaml", edit(socialCard, "{cell: [姓名]}", "{pattern: x}")), "(?P<value>"},
		"bad pattern":        {folder("types/a.yaml", edit(socialCard, "{cell: [姓名]}", "{pattern: '('}")), "types/a.yaml:9: field name: find: error parsing regexp"},
		"unknown type check": {folder("types/a.yaml", socialCard+"checks: [magic]\n"), `types/a.yaml:10: check "magic" does not exist`},
		"unknown type":       {folder("matters/m.yaml", edit(ownMatter, "social_card", "library_card")), `matters/m.yaml:6: matter unemployment_claim: type "library_card" does not exist`},
		"unknown region":     {folder("matters/m.yaml", "region: abc\n"+ownMatter), "want six digits"},
		"no field":           {folder("matters/m.yaml", ownMatter+"relates: [{equal: [id_card_front.name, id_card_front.shoe_size]}]\n"), `"id_card_front.shoe_size" is no field`},
		"two relations":      {folder("types/a.yaml", socialCard+"relates: [{equal: [name, number], order: [name, today]}]\n"), "exactly one of order, equal, sum, months"},
		"half a relation":    {folder("types/a.yaml", socialCard+"relates: [{months: [name, number]}]\n"), "months wants a count"},
		"one value":          {folder("types/a.yaml", socialCard+"relates: [{order: [name]}]\n"), "two values at least"},
		"a rule unsaid":      {folder("types/a.yaml", socialCard+"relates: [{equal: [name, number], rule: magic}]\n"), `rule "magic" has no sentence`},
		"refused unsaid":     {folder("types/a.yaml", socialCard+"refuse: magic\n"), `rule "magic" has no sentence`},
		"matter, no title":   {folder("types/a.yaml", socialCard, "matters/m.yaml", edit(ownMatter, "zh: 失业保险金申领, ", "")), "matters/m.yaml:1: matter"},
		"matter, no law":     {folder("types/a.yaml", socialCard, "matters/m.yaml", edit(ownMatter, ", basis: 本市规定第一条", "")), "needs its legal basis"},
		"unknown case check": {folder("types/a.yaml", socialCard, "matters/m.yaml", edit(ownMatter, "name_same", "magic")), `check "magic" does not exist`},
		"bad severity":       {folder("sentences.yaml", "rules:\n  x: {severity: HIGH, zh: a, en: a, basis: a, fix: a}\n"), "sentences.yaml:2: rule x: severity"},
		"unknown blank":      {folder("sentences.yaml", "rules:\n  x: {severity: WARN, zh: '{who}', en: a, basis: a, fix: a}\n"), "{who} is nothing"},
		"half a sentence":    {folder("sentences.yaml", "rules:\n  x: {severity: WARN, zh: a, basis: a, fix: a}\n"), "needs zh, en, basis and fix"},
		"bad reason":         {folder("reasons.yaml", "reasons:\n  - {code: X, involuntary: maybe, zh: a}\n"), "reasons.yaml:2: reason"},
		"bad parameter":      {folder("params/p.yaml", "params:\n  - name: a\n    rows: [{region: x}]\n"), "params/p.yaml:3"},
		"stray file":         {folder("type.yaml", "a: 1"), "type.yaml: want sentences.yaml"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := materials.Load(c.files)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error = %v; want it to hold %q", err, c.want)
			}
		})
	}
}

// ownRules are the rules that have a sentence of ours, each once.
func ownRules(t *testing.T) map[string]bool {
	t.Helper()
	rooms, err := fs.Glob(os.DirFS("."), "sentences/*.yaml")
	if err != nil || len(rooms) < 4 {
		t.Fatalf("%v, %v", rooms, err)
	}
	known := map[string]bool{}
	for _, room := range rooms {
		text, err := os.ReadFile(room)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^  ([a-z_0-9]+):$`).FindAllStringSubmatch(string(text), -1) {
			if known[m[1]] {
				t.Errorf("%s: rule %s has a sentence in another file, too", room, m[1])
			}
			known[m[1]] = true
		}
	}
	return known
}

// TestEveryRuleHasItsSentence reads the rules out of the code.
func TestEveryRuleHasItsSentence(t *testing.T) {
	used := regexp.MustCompile(`(?:at\(|Rule:\s*|rule:\s*|rule = |Rule = |, )"([a-z]+(?:_[a-z]+)+)"`)
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := ownRules(t)
	seen := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(code), -1) {
			if known[m[1]] {
				seen[m[1]] = true
			} else if strings.Contains(m[0], "at(") || strings.Contains(strings.ToLower(m[0]), "rule") {
				t.Errorf("%s uses rule %s, which has no sentence", name, m[1])
			}
		}
		for rule := range known {
			if strings.Contains(string(code), `"`+rule+`"`) {
				seen[rule] = true
			}
		}
	}
	for _, pattern := range []string{"types/*.yaml", "matters/*.yaml"} {
		lists, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range lists {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?:rule|refuse): ([a-z_]+)`).FindAllStringSubmatch(string(text), -1) {
				seen[m[1]] = true
			}
		}
	}
	for rule := range known {
		if !seen[rule] {
			t.Errorf("rule %s has a sentence and is used nowhere", rule)
		}
	}
}
