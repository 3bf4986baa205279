package native

// numberLeast is the chance of the best digit from which a small letter within a
// number is that digit. Where 9 was read as q it had 0.0046 or more, on 120 pages;
// where a letter stood, no digit had more than 0.0034.
const numberLeast = 0.004

// numbersOf takes the digit where a small letter was read within a number, or all
// alone, and the reader held a digit for possible: numbers have no small letters. The
// sign keeps the digit's own chance, which is low.
func (r recognizer) numbersOf(line []sign) {
	for from := 0; from < len(line); {
		to := from
		for to < len(line) && inNumber(line[to].text) {
			to++
		}
		if word := line[from:to]; isNumber(word) {
			for i := range word {
				r.digitFor(&word[i])
			}
		}
		from = max(to, from+1)
	}
}

func (r recognizer) digitFor(c *sign) {
	if !isSmall(c.text) || c.text == "x" { // x is the last sign of an ID number
		return
	}
	digit, chance := "", float32(numberLeast)
	for class, p := range c.column {
		if p >= chance && isDigit(r.alphabet[class]) {
			digit, chance = r.alphabet[class], p
		}
	}
	if digit != "" {
		c.text, c.sure = digit, chance
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

func isDigit(s string) bool   { return len(s) == 1 && s[0] >= '0' && s[0] <= '9' }
func isSmall(s string) bool   { return len(s) == 1 && s[0] >= 'a' && s[0] <= 'z' }
func isCapital(s string) bool { return len(s) == 1 && s[0] >= 'A' && s[0] <= 'Z' }
func isMark(s string) bool    { return s == "." || s == "," || s == "-" || s == "/" }

// inNumber says that a sign may stand within a number or a code.
func inNumber(s string) bool { return isDigit(s) || isSmall(s) || isCapital(s) || isMark(s) }
