package native

// nineLeast is the chance of a 9 from which a q within a number, or all alone, is
// one. Where 9 had been read as q it had 0.0046 or more, on 120 pages; a letter that
// was a letter left no digit more than 0.0034. Other small letters are let alone:
// they are units (g, l) as often as mistakes.
const nineLeast = 0.004

// numbersOf takes the 9 for a q within a number, if the reader held it for possible.
// The sign keeps the 9's own chance, which is low.
func (r recognizer) numbersOf(line []sign) {
	for from := 0; from < len(line); {
		to := from
		for to < len(line) && inNumber(line[to].text) {
			to++
		}
		if word := line[from:to]; isNumber(word) {
			r.nines(word)
		}
		from = max(to, from+1)
	}
}

func (r recognizer) nines(word []sign) {
	for i, c := range word {
		if c.text != "q" {
			continue
		}
		for class, p := range c.column {
			if r.alphabet[class] == "9" && p >= nineLeast {
				word[i].text, word[i].sure = "9", p
			}
		}
	}
}

// isNumber says that the half of a word's letters and digits are digits, or that
// there is but one.
func isNumber(word []sign) bool {
	digits, all := 0, 0
	for _, c := range word {
		switch {
		case isDigit(c.text):
			digits, all = digits+1, all+1
		case !isMark(c.text):
			all++
		}
	}
	return 2*digits >= all || all == 1
}

func isDigit(s string) bool { return len(s) == 1 && s[0] >= '0' && s[0] <= '9' }
func isMark(s string) bool  { return s == "." || s == "," || s == "-" || s == "/" }

// inNumber says that a sign may stand within a number or a code.
func inNumber(s string) bool {
	return isDigit(s) || isMark(s) || len(s) == 1 && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z')
}
