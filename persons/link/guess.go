package link

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed insured.yaml
var insuredText []byte

// Insured is the configuration for the insured of a Chinese agency: the decision
// table of levels L0 to L5.
func Insured() (Config, error) { return ReadConfig("insured.yaml", insuredText) }

// Guess makes a configuration from the names of the columns: [Insured] for a
// file with 姓名 and 证件号码, otherwise what the words in each name say. Columns
// that look like the answer (cluster, truth, label) or like a counter are left out.
func Guess(header []string) (Config, error) {
	insured, err := Insured()
	if err != nil {
		return Config{}, err
	}
	if slices.ContainsFunc(insured.Fields["number"].Column, inside(header)) && slices.ContainsFunc(insured.Fields["name"].Column, inside(header)) {
		insured.ID = firstOf(header, "个人编号", "人员编号", "AAC001", "person_no")
		return insured, nil
	}
	c := Config{Fields: map[string]Field{}}
	for i, column := range header {
		kind := guessKind(words(column))
		switch {
		case kind == "id" && c.ID == "" || i == 0 && strings.HasSuffix(strings.ToLower(column), "id") && kind == "":
			c.ID = column
		case kind != "" && kind != "id" && kind != "no" && len(c.Fields) < maxFields:
			c.Fields[column] = Field{Compare: kind}
		}
	}
	given, family := nameColumn(c, header, "given", "first", "forename"), nameColumn(c, header, "sur", "last", "family")
	if given != "" && family != "" {
		c.Fields[given] = Field{Compare: "name", Swap: family}
		c.Fields[family] = Field{Compare: "name", Swap: given}
	}
	if len(c.Fields) == 0 {
		return Config{}, fmt.Errorf("no column of %s says what it holds; write a fields.yaml and name it by --config", strings.Join(header, ", "))
	}
	return c, c.check()
}

func inside(header []string) func(string) bool {
	return func(name string) bool { return columnIndex(header, name) >= 0 }
}

func firstOf(header []string, names ...string) string {
	for _, name := range names {
		if i := columnIndex(header, name); i >= 0 {
			return header[i]
		}
	}
	return ""
}

func nameColumn(c Config, header []string, starts ...string) string {
	for _, column := range header {
		for _, start := range starts {
			if c.Fields[column].Compare == "name" && strings.HasPrefix(strings.ToLower(column), start) {
				return column
			}
		}
	}
	return ""
}

// words cuts "dateOfBirth", "date_of_birth" and "Date of birth" alike.
func words(column string) []string {
	var spaced strings.Builder
	for i, r := range column {
		if i > 0 && r >= 'A' && r <= 'Z' && column[i-1] >= 'a' && column[i-1] <= 'z' {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(r)
	}
	return strings.FieldsFunc(strings.ToLower(spaced.String()), func(r rune) bool {
		return (r < 'a' || r > 'z') && r < 0x80
	})
}

// guessKind gives a comparator, "id" for a column that names records, "no" for
// one to leave out, "" for one that says nothing. The first line that fits wins.
func guessKind(words []string) string {
	for _, hint := range []struct{ kind, words string }{
		{"no", "cluster label truth entity match source dataset culture age blocking"},
		{"date", "dob birth birthdate birthday born date 出生日期"},
		{"code", "ssn soc ssid medicare passport licence license insurance nhs tax voter"},
		{"phone", "phone mobile tel telephone cell fax 手机"},
		{"email", "email mail"},
		{"postcode", "postcode zip zipcode postal pcode plz"},
		{"sex", "sex gender 性别"},
		{"name", "surname forename lastname firstname familyname middlename"},
		{"text", "full"},
		{"exact", "state country province race title county"},
		{"number", "number no num house"},
		{"text", "address street suburb city town addr place locality road occupation job employer company"},
		{"name", "name first last given family middle maiden 姓名"},
		{"id", "id rec recid key uid uuid unique"},
	} {
		for _, want := range strings.Fields(hint.words) {
			if slices.Contains(words, want) {
				return special(hint.kind, words)
			}
		}
	}
	return ""
}

// special looks again at pairs of words: a place of birth is no date.
func special(kind string, words []string) string {
	if kind == "date" && (slices.Contains(words, "place") || slices.Contains(words, "country") || slices.Contains(words, "city")) {
		return "text"
	}
	if kind == "number" && (slices.Contains(words, "phone") || slices.Contains(words, "account")) {
		return "code"
	}
	return kind
}
