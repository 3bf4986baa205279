package ledger

// rule is one matching pass. It looks at what is left and settles what it can
// prove, or, from the suggestions on, what a person should look at.
type rule struct {
	name    string
	version int
	pass    func(*run)
	once    bool // runs once, not again for rows that a person has kept apart
}

// rulesInOrder lists all passes. The order is part of the meaning: each sees only
// what those before it left.
func rulesInOrder() []rule {
	return []rule{
		{"reference", 1, (*run).byReference, true},
		{"batch", 1, (*run).byBatch, false},
		{"swapped", 1, (*run).bySwapped, false},
		{"account_window", 1, (*run).byAccount, false},
		{"name_window", 1, (*run).byName, false},
		{"reversal", 1, (*run).byReversal, false},
		{"weak", 1, (*run).byAmount, false},
		{"subset_sum", 1, (*run).bySubset, false},
		{"suggest_reference", 1, (*run).suggestReference, false},
		{"suggest_surplus", 1, (*run).suggestSurplus, false},
		{"suggest_sign", 1, (*run).suggestSign, false},
		{"suggest_amount", 1, (*run).suggestAmount, false},
		{"suggest_day", 1, (*run).suggestDay, false},
		{"suggest_party", 1, (*run).suggestParty, false},
		{"suggest_batch", 1, (*run).suggestBatch, false},
		{"suggest_day_sum", 1, (*run).suggestDaySum, false},
		{"refused", 1, (*run).byRefusal, true},
		{"open", 1, (*run).leaveOpen, true},
	}
}

// RuleNames lists the passes in their order as name@version; stored with a
// result, it says by which rules it came about.
func RuleNames() []string {
	var names []string
	for _, each := range rulesInOrder() {
		names = append(names, each.name+"@"+itoa(each.version))
	}
	return names
}
