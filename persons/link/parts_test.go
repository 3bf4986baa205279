package link

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestGroupsAreThoseOfTheHashes compares with the obvious way, collisions of the
// upper half included.
func TestGroupsAreThoseOfTheHashes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	hashes := make([]uint64, 5000)
	want := map[uint64]int{}
	for i := range hashes {
		hashes[i] = rnd.Uint64N(40)<<40 | rnd.Uint64N(30)
		if hashes[i] != 0 {
			want[hashes[i]]++
		}
	}
	groups(hashes, func(group []entry) {
		h := hashes[group[0].record]
		if len(group) != want[h] || !slices.IsSortedFunc(group, func(a, b entry) int { return int(a.record) - int(b.record) }) {
			t.Errorf("group of %d, want %d, in the order of records", len(group), want[h])
		}
		delete(want, h)
	})
	for h, n := range want {
		if n > 1 {
			t.Errorf("hash %x of %d records was not visited", h, n)
		}
	}
}

func levelOf(comparator, a, b string) string {
	how := comparators()[comparator]
	return how.levels[how.compare(how.normal(a), how.normal(b))]
}

func TestComparators(t *testing.T) {
	for _, c := range []struct{ comparator, a, b, want string }{
		{"name", "Catherine", "catherine ", "same"}, {"name", "O'Brien", "OBrien", "same"}, {"name", "José", "jose", "same"},
		{"name", "catherine", "cathrine", "near"}, {"name", "mac donald", "macdonald", "near"}, {"name", "smith", "smyth", "near"},
		{"name", "james", "olivia", "different"}, {"name", "", "olivia", "missing"},
		{"text", "12 green street", "green street 12", "reordered"}, {"text", "green street", "greene street", "near"},
		{"text", "green street upper mill", "green street lower farm", "close"}, {"text", "rose court", "victoria avenue", "different"},
		{"date", "1985-03-12", "12/03/1985", "same"}, {"date", "19850312", "1985.3.12", "same"}, {"date", "1985年3月12日", "19850312", "same"},
		{"date", "03/25/1985", "19850325", "same"}, {"date", "19850312", "19851203", "swapped"}, {"date", "19850312", "19850313", "slip"},
		{"date", "19850312", "19580312", "slip"}, {"date", "19850312", "19850525", "year"}, {"date", "19850312", "19410525", "different"},
		{"code", "5304218", "5304 218", "same"}, {"code", "5304218", "5304281", "slip"}, {"code", "5304218", "530421", "slip"},
		{"code", "5304218", "5394212", "near"}, {"code", "5304218", "9981234", "different"},
		{"number", "12", "12", "same"}, {"number", "12", "21", "slip"}, {"number", "7", "9", "different"},
		{"phone", "+86 142 0000 0001", "14200000001", "same"}, {"email", "a.b@x.org", "A.B@y.com", "near"},
		{"sex", "男", "M", "same"}, {"sex", "female", "1", "different"}, {"sex", "x", "1", "missing"},
	} {
		if got := levelOf(c.comparator, c.a, c.b); got != c.want {
			t.Errorf("%s %q %q: %s; want %s", c.comparator, c.a, c.b, got, c.want)
		}
		if got := levelOf(c.comparator, c.b, c.a); got != c.want {
			t.Errorf("%s %q %q: %s; want %s", c.comparator, c.b, c.a, got, c.want)
		}
	}
}

func TestNamesInEachOthersColumnsAreSwapped(t *testing.T) {
	config, err := Guess([]string{"rec_id", "given_name", "surname", "date_of_birth"})
	if err != nil {
		t.Fatal(err)
	}
	text := "rec_id, given_name, surname, date_of_birth\n1, emily, smith, 19850312\n2, smith, emily, 19850312\n3, emily, jones, 19700101\n"
	r := searchText(t, config, text)
	fields, _, _ := r.Explain(r.Why(0, 1))
	if fields[0].Level != "swapped" || fields[1].Level != "swapped" || fields[2].Level != "same" {
		t.Errorf("%+v", fields)
	}
	if fields, _, _ := r.Explain(r.Why(0, 2)); fields[0].Level != "same" || fields[1].Level == "swapped" {
		t.Errorf("%+v", fields)
	}
}

func TestGuessReadsTheWordsOfAHeader(t *testing.T) {
	c, err := Guess(strings.Split("rec_id,given_name,surname,street_number,address_1,address_2,suburb,postcode,state,date_of_birth,age,phone_number,soc_sec_id,cluster", ","))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"given_name": "name", "surname": "name", "street_number": "number", "address_1": "text", "address_2": "text", "suburb": "text",
		"postcode": "postcode", "state": "exact", "date_of_birth": "date", "phone_number": "phone", "soc_sec_id": "code"}
	if len(c.Fields) != len(want) || c.ID != "rec_id" || c.Fields["surname"].Swap != "given_name" {
		t.Errorf("id %q, %d fields, %+v", c.ID, len(c.Fields), c.Fields)
	}
	for name, compare := range want {
		if c.Fields[name].Compare != compare {
			t.Errorf("%s is compared as %q; want %s", name, c.Fields[name].Compare, compare)
		}
	}
	if c, err := Guess([]string{"unique_id", "firstName", "Last Name", "dob", "birth_place", "gender"}); err != nil || c.ID != "unique_id" || c.Fields["birth_place"].Compare != "text" || c.Fields["Last Name"].Swap != "firstName" {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := Guess([]string{"序号", "姓名", "身份证号"}); err != nil || len(c.Rules) == 0 {
		t.Errorf("Chinese header: %v", err)
	}
	if _, err := Guess([]string{"foo", "bar"}); err == nil || !strings.Contains(err.Error(), "--config") {
		t.Errorf("nothing to guess: %v", err)
	}
}

func TestConfigurationsThatCannotBeSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		"fields: {a: {compare: nme}}":               `fields.a.compare: "nme" is none of`,
		"fields: {a: {compare: name, colour: red}}": "f.yaml:1:",
		"fields: {}": "want 1 to 16",
		"fields: {a: {compare: name}}\nblocks: [[b]]":                          `blocks[0]: "b" is no field; want one of a`,
		"fields: {a: {compare: name}}\nblocks: [[\"a:tail\"]]":                 "can be cut into sound, start",
		"fields: {a: {compare: name}}\nrules: [{rule: x, zone: maybe}]":        "want automatic, review or veto",
		"fields: {a: {compare: date}}\nrules: [{zone: veto, when: {a: near}}]": `"near" is no level of date; want one of missing, same`,
		"fields: {a: {compare: name}}\nreview: 0.99\nautomatic: 0.9":           "review ≤ automatic",
		"fields: {a: {compare: name, swap: b}, b: {compare: date}}":            "fields.a.swap",
		"fields: {a: {compare: name}}\nrules: [{zone: veto, when: {b: same}}]": "when.b: no such field",
		"fields: {a: {compare: name, shared: 2, shared_by: c}}":                "shared_by",
		"fields: {a: {compare: name}}\nfields: {b: {compare: name}}":           "f.yaml:2:",
	} {
		if _, err := ReadConfig("f.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", text, err, want)
		}
	}
}

func TestFilesThatCannotBeReadSayWhereAndShowNoPerson(t *testing.T) {
	config := insured(t)
	for name, c := range map[string]struct{ text, want string }{
		"empty":          {" \n", "f.csv: the file is empty"},
		"a workbook":     {"PK\x03\x04\x00\x00", "save the table as CSV"},
		"header only":    {insuredHeader, "a header and no records"},
		"no number":      {"个人编号,姓名\n1,张国伟\n", "no column 证件号码 or"},
		"two names":      {"个人编号,姓名,姓名,证件号码\n1,张国伟,张,1\n", "two columns are called"},
		"short row":      {insuredHeader + "1,张国伟\n", "f.csv:2: the row has another number of columns than the header (8)"},
		"open quotation": {insuredHeader + "1,\"张国伟,男\n", "f.csv:"},
		"one column":     {"姓名\n张国伟\n", "one column only"},
		"one record":     {insuredHeader + "1,张国伟,男,1985-03-12,379901198503120017,,,1\n", "one record only"},
	} {
		_, err := Run(t.Context(), Job{Inputs: []Input{{"f.csv", strings.NewReader(c.text)}}, Config: config})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "张国伟") {
			t.Errorf("%s: %v; want %s", name, err, c.want)
		}
	}
}

// TestTheGuardRefusesWeightsThatClaimTooMuch: one field only, in which most
// candidates agree, lets learning call them all matches.
func TestTheGuardRefusesWeightsThatClaimTooMuch(t *testing.T) {
	config := Config{Fields: map[string]Field{"a": {Compare: "name"}, "b": {Compare: "exact"}, "c": {Compare: "exact"}}, Blocks: []Block{{"a"}}}
	if err := config.check(); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 3))
	var text strings.Builder
	text.WriteString("a,b,c\n")
	for range 3000 {
		text.WriteString(strings.Repeat("x", 1+rnd.IntN(40)) + ",")
		kind := rnd.IntN(2)
		text.WriteString(strings.Repeat("y", 1+kind) + "," + strings.Repeat("z", 1+kind) + "\n")
	}
	r := searchText(t, config, text.String())
	if !r.Model.Refused || r.Summary.Zones[Automatic] > 0 {
		t.Errorf("refused %v, prior %.4f, supported %.1f of %d, automatic %d", r.Model.Refused, r.Model.Prior, r.Model.Supported, r.Model.Candidates, r.Summary.Zones[Automatic])
	}
}
