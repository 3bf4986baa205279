package web

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// families are keys that data names: states, faults, steps. Each is looked up by
// Word, pill or sentences with a value that is not written in the code.
func families() []string {
	return []string{"action.", "alert.", "alertdo.", "catchup.", "choice.", "ends.", "kind.", "week.", "entry.", "evidence.", "fault.", "form.", "outcome.", "reason.", "role.", "severity.",
		"answer.", "drynote.", "mark.", "control.", "moment.", "shared.", "stage.", "state.", "task.", "verdict.", "why.", "nav.", "filter.", "wrong.", "check.", "flaw.", "keep.", "trace.", "fundkind.", "fundcode.", "fundstep.", "ruling.", "comparison.", "fundpaper.", "linkrule.", "linklevel.", "linkfield.", "zone.", "searchway.", "mergereason.", "sheetwrong.", "sheetstand.", "sheethow.", "sheet.help.", "sign_in.for.", "param.", "paramform.", "paramkind.", "paramaction."}
}

func readWords(t *testing.T) catalogue {
	t.Helper()
	words, err := readCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	return words
}

func TestEverySentenceExistsInBothLanguages(t *testing.T) {
	words := readWords(t)
	hole := regexp.MustCompile(`\{\w+\}`)
	for key, zh := range words["zh"] {
		en, ok := words["en"][key]
		switch {
		case !ok:
			t.Errorf("%s: missing in en.json", key)
		case strings.TrimSpace(zh) == "" || strings.TrimSpace(en) == "":
			t.Errorf("%s: empty", key)
		case !slices.Equal(sorted(hole.FindAllString(zh, -1)), sorted(hole.FindAllString(en, -1))):
			t.Errorf("%s: the languages fill in different things: %q, %q", key, zh, en)
		}
	}
	for key := range words["en"] {
		if _, ok := words["zh"][key]; !ok {
			t.Errorf("%s: missing in zh.json", key)
		}
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

// sources gives the text of all templates and Go files of this package.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
	}
	return all.String()
}

func TestEverySentenceIsUsedAndEveryUsedOneExists(t *testing.T) {
	words, text := readWords(t), sources(t)
	for key := range words["zh"] {
		family := slices.ContainsFunc(families(), func(f string) bool { return strings.HasPrefix(key, f) })
		if !family && !strings.Contains(text, `"`+key+`"`) {
			t.Errorf("%s: nobody uses it", key)
		}
	}
	for _, m := range regexp.MustCompile(`(?:\.T|text\(v\.lang,|flash\(v, "ok",)[ (]+"([a-z_.0-9]+)"`).FindAllStringSubmatch(text, -1) {
		if _, ok := words["zh"][m[1]]; !ok && !strings.HasSuffix(m[1], ".") {
			t.Errorf("%s: used but not in the catalogue", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`refuse\([^,]+, "([a-z_]+)"\)`).FindAllStringSubmatch(text, -1) {
		if _, ok := words["zh"]["fault."+m[1]+".what"]; !ok {
			t.Errorf("refusal %s has no sentences", m[1])
		}
	}
}

// Every fault any room may give has sentences that say what, why and what to do.
func TestEveryFaultOfTheHouseHasSentences(t *testing.T) {
	words := readWords(t)
	codes := map[string]string{}
	made := regexp.MustCompile(`(?:(?:casework\.(?:Retry|Fail|AskPerson)|operatorQuestion|doubtQuestion)\(\s*|casework\.Fault\{[^}]*Code: )"([a-z_]+)"`)
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "fixtures") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range made.FindAllStringSubmatch(string(text), -1) {
			codes[m[1]] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(codes) < 20 {
		t.Fatalf("only %d fault codes found: does the search still fit the code?", len(codes))
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		for _, part := range []string{"what", "why", "do"} {
			if _, ok := words["zh"]["fault."+code+"."+part]; !ok {
				t.Errorf("fault %s (%s): no sentence %q", code, codes[code], part)
			}
		}
	}
}

func TestUnknownFaultShowsItsCode(t *testing.T) {
	got := readWords(t).sentences("zh", "never_heard_of", nil)
	if !strings.Contains(got.What, "never_heard_of") {
		t.Errorf("got %q", got.What)
	}
}
