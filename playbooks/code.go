package playbooks

import "strings"

// code finds the system's own entry for our code in one of its lists: by the
// code itself, or by the words of the list that stand in a longer text. Words
// that lead to different entries, or none, give "".
func (s System) code(list, text string) string {
	table := s.Codes[list]
	if entry, ok := table[text]; ok || text == "" {
		return entry
	}
	found := ""
	for word, entry := range table {
		if !strings.Contains(plain(text), plain(word)) {
			continue
		}
		if found != "" && found != entry {
			return ""
		}
		found = entry
	}
	return found
}
