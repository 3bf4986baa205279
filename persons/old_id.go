package persons

import "github.com/jingban/jingban/casework"

// oldIDLength is that of the numbers given out before 1999: region 6, birth
// without the century 6, sequence 3, no check digit.
const oldIDLength = 15

// UpgradedID is the 18-character number of a 15-digit one.
type UpgradedID struct {
	Number     string
	BirthValid bool // the day of birth exists; without it a person has to look
	Before1900 bool // sequence 996 to 999: given to the very old, the century is not known
}

// ID15to18 puts the century 19 into a 15-digit number and adds the check digit.
// It returns Length or Charset for anything else.
func ID15to18(text string) (UpgradedID, error) {
	number := plain(text)
	if len([]rune(number)) != oldIDLength {
		return UpgradedID{}, Length
	}
	if !isDigits(number) {
		return UpgradedID{}, Charset
	}
	long := number[:6] + "19" + number[6:]
	upgraded := UpgradedID{Number: long + string(idCheck(long)), Before1900: number[12:] >= "996"}
	_, upgraded.BirthValid = birthOf(upgraded.Number, casework.Date{})
	return upgraded, nil
}
