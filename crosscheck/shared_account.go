package crosscheck

import (
	"cmp"
	"maps"
	"slices"
)

// Payee is one person and the account that is paid, by whatever tells persons and
// accounts apart: a keyed hash, or in an example a letter and a number.
type Payee[P, A cmp.Ordered] struct {
	Person  P
	Account A
}

// Shared is one account that pays several persons.
type Shared[P, A cmp.Ordered] struct {
	Account A
	Persons []P // each once, sorted
}

// SharedAccounts finds the accounts that pay at least threshold different persons
// (rule R-07), by account. A person who is paid twice counts once. Families and
// care homes on one account are known to the person who looks, not here.
func SharedAccounts[P, A cmp.Ordered](payees []Payee[P, A], threshold int) []Shared[P, A] {
	persons := map[A]map[P]bool{}
	for _, p := range payees {
		if persons[p.Account] == nil {
			persons[p.Account] = map[P]bool{}
		}
		persons[p.Account][p.Person] = true
	}
	shared := []Shared[P, A]{}
	for _, account := range slices.Sorted(maps.Keys(persons)) {
		if len(persons[account]) >= max(threshold, 2) {
			shared = append(shared, Shared[P, A]{account, slices.Sorted(maps.Keys(persons[account]))})
		}
	}
	return shared
}
