package playbooks

import "strings"

// DiffLine is one line of a comparison: Op is ' ' for both, '-' for the old
// text only, '+' for the new one only.
type DiffLine struct {
	Op   byte
	Text string
}

// Diff compares two texts line by line, by their longest common subsequence. A
// playbook has some hundred lines; the table of it is small.
func Diff(old, fresh string) []DiffLine {
	a, b := lines(old), lines(fresh)
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var diff []DiffLine
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			diff = append(diff, DiffLine{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			diff = append(diff, DiffLine{'-', a[i]})
			i++
		default:
			diff = append(diff, DiffLine{'+', b[j]})
			j++
		}
	}
	return diff
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
