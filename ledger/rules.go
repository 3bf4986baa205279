package ledger

// rule is one matching pass. It looks at what is left and settles what it can
// prove, or, from the suggestions on, what a person should look at.
type rule struct {
	name    string
	version int
	pass    func(*run)
}

// rulesInOrder lists all passes. The order is part of the meaning: each sees only
// what those before it left.
func rulesInOrder() []rule {
	return []rule{
		{"reference", 1, (*run).byReference},
		{"batch", 1, (*run).byBatch},
		{"swapped", 1, (*run).bySwapped},
		{"account_window", 1, (*run).byAccount},
		{"name_window", 1, (*run).byName},
		{"reversal", 1, (*run).byReversal},
		{"weak", 1, (*run).byAmount},
		{"subset_sum", 1, (*run).bySubset},
		{"suggest_reference", 1, (*run).suggestReference},
		{"suggest_surplus", 1, (*run).suggestSurplus},
		{"suggest_sign", 1, (*run).suggestSign},
		{"suggest_amount", 1, (*run).suggestAmount},
		{"suggest_day", 1, (*run).suggestDay},
		{"suggest_party", 1, (*run).suggestParty},
		{"suggest_batch", 1, (*run).suggestBatch},
		{"suggest_day_sum", 1, (*run).suggestDaySum},
		{"open", 1, (*run).leaveOpen},
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
