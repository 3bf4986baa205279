package persons_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

func TestOldNumbersMatchTheWorkedExamples(t *testing.T) {
	for _, e := range examples(t, "merge.id15to18", 2) {
		var want struct {
			ID18       string
			BirthValid bool `json:"birth_valid"`
		}
		if err := json.Unmarshal(e.Expected, &want); err != nil {
			t.Fatal(err)
		}
		got, err := persons.ID15to18(e.Inputs["id15"])
		if err != nil || got.Number != want.ID18 || got.BirthValid != want.BirthValid || got.Before1900 {
			t.Errorf("%s: %+v, %v; want %+v", e.ID, got, err, want)
		}
		if _, err := persons.ParseCitizenID(got.Number, casework.Date{}); err != nil {
			t.Errorf("%s: the new number is not valid: %v", e.ID, err)
		}
	}
}

func TestOldNumbersThatNeedAPersonSaySo(t *testing.T) {
	if id, err := persons.ID15to18("379901850231001"); err != nil || id.BirthValid {
		t.Errorf("31 February: %+v, %v", id, err)
	}
	if id, err := persons.ID15to18("379901850312997"); err != nil || !id.Before1900 {
		t.Errorf("sequence 997: %+v, %v", id, err)
	}
	for text, want := range map[string]persons.Flaw{"": persons.Length, "37990185031200": persons.Length, "379901198503120017": persons.Length, "37990185031200X": persons.Charset} {
		if _, err := persons.ID15to18(text); !errors.Is(err, want) {
			t.Errorf("%q: %v; want %s", text, err, want)
		}
	}
}
