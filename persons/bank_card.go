package persons

import "strings"

// BankCard is an account number with a valid check digit.
type BankCard struct {
	Number   string // 16 to 19 digits
	UnionPay bool   // begins with 62: such a card always has a Luhn digit
}

// ParseBankCard reads a card number, grouped or not, and returns Length, Charset
// or Checksum. A number with a wrong check digit comes back filled: one that is
// no UnionPay card may be an old passbook without such a digit.
func ParseBankCard(text string) (BankCard, error) {
	number := plain(text)
	card := BankCard{Number: number, UnionPay: strings.HasPrefix(number, "62")}
	switch {
	case !isDigits(number):
		return BankCard{}, Charset
	case len(number) < 16 || len(number) > 19:
		return BankCard{}, Length
	case luhnSum(number)%10 != 0:
		return card, Checksum
	}
	return card, nil
}

// LuhnDigit computes the last digit for the digits before it. It returns Charset
// for anything but digits.
func LuhnDigit(withoutCheck string) (byte, error) {
	if !isDigits(withoutCheck) {
		return 0, Charset
	}
	return byte('0' + (10-luhnSum(withoutCheck+"0")%10)%10), nil
}

// luhnSum doubles every second digit from the right and adds the digits up.
func luhnSum(digits string) int {
	sum := 0
	for i := range digits {
		value := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			value *= 2
		}
		sum += value/10 + value%10
	}
	return sum
}

// ValidMobile reports whether text is a mobile number of the mainland.
func ValidMobile(text string) bool {
	number := plain(text)
	return len(number) == 11 && isDigits(number) && number[0] == '1' && number[1] >= '3'
}
