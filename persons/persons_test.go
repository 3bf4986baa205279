package persons_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

type example struct {
	ID       string
	Module   string
	Inputs   map[string]string
	Expected json.RawMessage
}

// examples reads the worked examples of one module; it fails when there are not
// as many as the domain sheet has.
func examples(t *testing.T, module string, count int) []example {
	t.Helper()
	text, err := os.ReadFile("../casework/testdata/worked-examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var sheet struct{ Examples []json.RawMessage }
	if err := json.Unmarshal(text, &sheet); err != nil {
		t.Fatal(err)
	}
	var found []example
	for _, entry := range sheet.Examples {
		var e example
		_ = json.Unmarshal(entry, &e) // inputs of other modules hold more than text
		if e.Module == module {
			found = append(found, e)
		}
	}
	if len(found) != count {
		t.Fatalf("%d examples of %s; want %d", len(found), module, count)
	}
	return found
}

func TestCitizenIDMatchesTheWorkedExamples(t *testing.T) {
	on := casework.Date{Year: 2026, Month: 3, Day: 6}
	for _, e := range examples(t, "materials.id_number", 7) {
		t.Run(e.ID, func(t *testing.T) {
			var want struct {
				Valid      bool
				Sex, Error string
				Birth      casework.Date
			}
			if err := json.Unmarshal(e.Expected, &want); err != nil {
				t.Fatal(err)
			}
			got, err := persons.ParseCitizenID(e.Inputs["id"], on)
			if !want.Valid {
				if !errors.Is(err, persons.Flaw(want.Error)) {
					t.Fatalf("error = %v; want %s", err, want.Error)
				}
				return
			}
			if err != nil || string(got.Sex) != want.Sex || got.Birth != want.Birth || got.Number != strings.ToUpper(e.Inputs["id"]) {
				t.Fatalf("got %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestUSCCMatchesTheWorkedExamples(t *testing.T) {
	for _, e := range examples(t, "materials.uscc", 3) {
		t.Run(e.ID, func(t *testing.T) {
			var want struct {
				Check, Full string
				OrgCheckOK  bool `json:"org_check_ok"`
			}
			if err := json.Unmarshal(e.Expected, &want); err != nil {
				t.Fatal(err)
			}
			check, err := persons.USCCCheck(e.Inputs["first17"])
			if err != nil || string(check) != want.Check {
				t.Errorf("check = %c, %v; want %s", check, err, want.Check)
			}
			if got := persons.OrganisationOK(want.Full[8:17]); got != want.OrgCheckOK {
				t.Errorf("organisation check = %v; want %v", got, want.OrgCheckOK)
			}
			got, err := persons.ParseUSCC(strings.ToLower(want.Full))
			if err != nil || got.Code != want.Full || got.Region != "379900" {
				t.Errorf("parsed %+v, %v", got, err)
			}
		})
	}
}

func TestBankCardMatchesTheWorkedExamples(t *testing.T) {
	for _, e := range examples(t, "materials.bank_card", 3) {
		t.Run(e.ID, func(t *testing.T) {
			var want struct {
				Full       string
				Length     int
				LuhnOK     bool   `json:"luhn_ok"`
				BadExample string `json:"bad_example"`
			}
			if err := json.Unmarshal(e.Expected, &want); err != nil {
				t.Fatal(err)
			}
			digit, err := persons.LuhnDigit(e.Inputs["without_check"])
			if err != nil || e.Inputs["without_check"]+string(digit) != want.Full {
				t.Errorf("digit = %c, %v; want the last of %s", digit, err, want.Full)
			}
			card, err := persons.ParseBankCard(want.Full)
			if (err == nil) != want.LuhnOK || len(card.Number) != want.Length || !card.UnionPay {
				t.Errorf("parsed %+v, %v", card, err)
			}
			if _, err := persons.ParseBankCard(want.BadExample); !errors.Is(err, persons.Checksum) {
				t.Errorf("bad example: error = %v; want CHECKSUM", err)
			}
		})
	}
}

func TestCitizenIDReportsTheFirstFlawOnly(t *testing.T) {
	on := casework.Date{Year: 2026, Month: 3, Day: 6}
	for name, c := range map[string]struct {
		number string
		want   error
	}{
		"letter and too short": {"3799O119850312", persons.Length},
		"fifteen digits":       {"379901850312001", persons.Length},
		"letter and no day":    {"3799O1198502300010", persons.Charset},
		"X in the middle":      {"37990119850312X017", persons.Charset},
		"Chinese digits":       {"三七九九零一一九八五零三一二零零一七", persons.Charset},
		"no day, no checksum":  {"379901198502300019", persons.BirthDate},
		"year 1700":            {"379901170003120017", persons.BirthDate},
		"born tomorrow":        {"379901202603070010", persons.BirthDate},
		"121 years old":        {"379901190503050010", persons.BirthDate},
		"empty":                {"", persons.Length},
	} {
		if _, err := persons.ParseCitizenID(c.number, on); !errors.Is(err, c.want) {
			t.Errorf("%s: error = %v; want %v", name, err, c.want)
		}
	}
}

func TestCitizenIDAcceptsWhatPeopleType(t *testing.T) {
	for _, text := range []string{" 379901 19850312 0017 ", "３７９９０１１９８５０３１２００１７", "379901-19850312-0017", "379901198503120017\u200b"} {
		got, err := persons.ParseCitizenID(text, casework.Date{})
		if err != nil || got.Number != "379901198503120017" || got.Sex.Zh() != "男" {
			t.Errorf("%q → %+v, %v", text, got, err)
		}
	}
}

// numberWith completes 17 digits by trying the eleven check characters.
func numberWith(t *testing.T, first17 string) string {
	t.Helper()
	var valid []string
	for _, check := range "0123456789X" {
		_, err := persons.ParseCitizenID(first17+string(check), casework.Date{})
		if err == nil || errors.Is(err, persons.Region) {
			valid = append(valid, first17+string(check))
		}
	}
	if len(valid) != 1 {
		t.Fatalf("%d check characters fit; want exactly one", len(valid))
	}
	return valid[0]
}

func TestCitizenIDTellsTheHolder(t *testing.T) {
	for prefix, want := range map[string]persons.Holder{"379901": persons.Citizen, "810000": persons.HMTResident, "830000": persons.HMTResident, "911840": persons.ForeignResident} {
		got, err := persons.ParseCitizenID(numberWith(t, prefix+"19900101002"), casework.Date{})
		if err != nil || got.Holder != want || got.Sex != persons.Female || got.Sex.Zh() != "女" {
			t.Errorf("%s: %+v, %v; want %s", prefix, got, err, want)
		}
	}
	for _, prefix := range []string{"991234", "000000", "160000", "240000", "840000"} {
		_, err := persons.ParseCitizenID(numberWith(t, prefix+"19900101002"), casework.Date{})
		if foreign := prefix[0] == '9'; foreign != (err == nil) {
			t.Errorf("%s: error = %v", prefix, err)
		}
	}
}

func TestEverySingleWrongDigitIsNoticed(t *testing.T) {
	const number = "379901198503120017"
	for i := range 17 {
		for digit := byte('0'); digit <= '9'; digit++ {
			if number[i] == digit {
				continue
			}
			wrong := number[:i] + string(digit) + number[i+1:]
			if _, err := persons.ParseCitizenID(wrong, casework.Date{}); err == nil {
				t.Errorf("digit %d as %c went unnoticed", i+1, digit)
			}
		}
	}
}

func TestFlawsHoldNoNumber(t *testing.T) {
	_, err := persons.ParseCitizenID("379901198503120010", casework.Date{})
	if err == nil || err.Error() != "CHECKSUM" {
		t.Errorf("text = %v; want CHECKSUM alone", err)
	}
}

func TestUSCCNamesItsFlaw(t *testing.T) {
	for code, want := range map[string]error{
		"91379900MA3799010":  persons.Length,
		"9137990OMA37990102": persons.Charset,
		"913799AAMA37990102": persons.Charset,
		"91379900MA37990103": persons.Checksum,
		"91379900MA37990202": persons.Checksum,
	} {
		if _, err := persons.ParseUSCC(code); !errors.Is(err, want) {
			t.Errorf("%s: error = %v; want %v", code, err, want)
		}
	}
	if persons.OrganisationOK("12") || persons.OrganisationOK("中文") {
		t.Error("a short organisation code passed")
	}
	if _, err := persons.USCCCheck("91379900MA37990I0"); !errors.Is(err, persons.Charset) {
		t.Errorf("letter I: error = %v", err)
	}
	if _, err := persons.USCCCheck("9"); !errors.Is(err, persons.Length) {
		t.Errorf("one character: error = %v", err)
	}
}

func TestBankCardNamesItsFlaw(t *testing.T) {
	for number, want := range map[string]error{
		"6228 4800 0000 0000 018": nil,
		"６２２８４８０００００００００００１８":     nil,
		"622848000000000":         persons.Length,
		"62284800000000000180":    persons.Length,
		"622848000000000001O":     persons.Charset,
		"6228480000000000081":     persons.Checksum,
		"1228480000000000019":     persons.Checksum,
	} {
		if _, err := persons.ParseBankCard(number); !errors.Is(err, want) {
			t.Errorf("%s: error = %v; want %v", number, err, want)
		}
	}
	if card, _ := persons.ParseBankCard("1228480000000000019"); card.UnionPay || card.Number == "" {
		t.Errorf("passbook = %+v; want its number and no UnionPay", card)
	}
	if _, err := persons.LuhnDigit("12a"); !errors.Is(err, persons.Charset) {
		t.Errorf("letters: error = %v", err)
	}
}

func TestValidMobile(t *testing.T) {
	for number, want := range map[string]bool{
		"19900000001": true, "199 0000 0001": true, "１９９００００００００１": false, "12900000001": false,
		"1990000000": false, "29900000001": false, "1990000000a": false, "": false,
	} {
		if got := persons.ValidMobile(number); got != want {
			t.Errorf("%q = %v; want %v", number, got, want)
		}
	}
}

func TestNamesAreEqualAfterNormalisationOnly(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"张明", "张 明", true},
		{"张明", "张　明 ", true},
		{"阿依古丽·买买提", "阿依古丽•买买提", true},
		{"阿依古丽·买买提", "阿依古丽.买买提", true},
		{"阿依古丽·买买提", "阿依古丽．买买提", true},
		{"阿依古丽·买买提", "阿依古丽・买买提", true},
		{"阿依古丽·买买提", "阿依古丽买买提", false},
		{"王\ue123", "王 \ue123", true},
		{"王\ue123", "王\ue124", false},
		{"李𬱖", "李𬱖", true},
		{"张明", "张朋", false},
		{"ＺＨＡＮＧ", "ZHANG", true},
	} {
		if got := persons.SameName(c.a, c.b); got != c.same {
			t.Errorf("SameName(%q, %q) = %v; want %v", c.a, c.b, got, c.same)
		}
	}
}

func TestNearNamesDifferInOneCharacter(t *testing.T) {
	for _, c := range []struct {
		a, b string
		near bool
	}{{"张明", "张朋", true}, {"张 明", "张朋", true}, {"张明", "张明", false}, {"张明", "李强", false}, {"张明", "张小明", false}} {
		if got := persons.NearName(c.a, c.b); got != c.near {
			t.Errorf("NearName(%q, %q) = %v; want %v", c.a, c.b, got, c.near)
		}
	}
}

func FuzzParsersNeverPanic(f *testing.F) {
	for _, text := range []string{"379901198503120017", "91379900MA37990102", "6228480000000000018", "张 明", "\xff\xfe", "Ǆ37990119850312001"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		on := casework.Date{Year: 2026, Month: time.March, Day: 6}
		if id, err := persons.ParseCitizenID(text, on); err == nil {
			if again, err := persons.ParseCitizenID(id.Number, on); err != nil || again != id {
				t.Errorf("%q does not parse to itself: %+v, %v", id.Number, again, err)
			}
		}
		if code, err := persons.ParseUSCC(text); err == nil && len(code.Code) != 18 {
			t.Errorf("%q became %+v", text, code)
		}
		if card, err := persons.ParseBankCard(text); err == nil && (len(card.Number) < 16 || len(card.Number) > 19) {
			t.Errorf("%q became %+v", text, card)
		}
		if name := persons.NormalName(text); persons.NormalName(name) != name {
			t.Errorf("%q is not stable under normalisation", name)
		}
	})
}

func BenchmarkParseCitizenID(b *testing.B) {
	on := casework.Date{Year: 2026, Month: 3, Day: 6}
	for b.Loop() {
		_, _ = persons.ParseCitizenID("379901198503120017", on)
	}
}

func BenchmarkParseUSCC(b *testing.B) {
	for b.Loop() {
		_, _ = persons.ParseUSCC("91379900MA37990102")
	}
}

func BenchmarkParseBankCard(b *testing.B) {
	for b.Loop() {
		_, _ = persons.ParseBankCard("6228480000000000018")
	}
}

func BenchmarkNormalName(b *testing.B) {
	for b.Loop() {
		_ = persons.NormalName("阿依古丽 · 买买提")
	}
}
