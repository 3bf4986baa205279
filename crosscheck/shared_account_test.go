package crosscheck_test

import (
	"reflect"
	"testing"

	"github.com/jingban/jingban/crosscheck"
)

func TestAccountOfThreePersonsIsFoundHoweverOftenEachIsPaid(t *testing.T) {
	type payee = crosscheck.Payee[string, int]
	list := []payee{{"C", 1}, {"A", 1}, {"A", 1}, {"B", 1}, {"D", 2}, {"D", 2}, {"D", 2}, {"E", 3}, {"F", 3}}
	want := []crosscheck.Shared[string, int]{{Account: 1, Persons: []string{"A", "B", "C"}}}
	if got := crosscheck.SharedAccounts(list, 3); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if got := crosscheck.SharedAccounts(list, 0); len(got) != 2 {
		t.Errorf("one person on an account of his own counts as shared: %v", got)
	}
	if got := crosscheck.SharedAccounts(list, 4); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
