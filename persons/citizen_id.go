package persons

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
)

// Sex as the 17th character of a CitizenID says: odd is male.
type Sex string

// The sexes a number can say.
const (
	Male   Sex = "M"
	Female Sex = "F"
)

// Zh gives 男 or 女, as printed on the card.
func (s Sex) Zh() string {
	if s == Male {
		return "男"
	}
	return "女"
}

// Holder is the kind of person a number was given to.
type Holder string

// The kinds of holders. The same number rules hold for all of them.
const (
	Citizen         Holder = "citizen"
	HMTResident     Holder = "hmt_resident"     // 港澳台居民居住证, prefix 81, 82 or 83
	ForeignResident Holder = "foreign_resident" // 外国人永久居留身份证, prefix 9
)

// CitizenID is a valid number and what it says.
type CitizenID struct {
	Number string // 18 characters, upper case
	Birth  casework.Date
	Sex    Sex
	Holder Holder
}

const (
	idLength     = 18
	idCheckChars = "10X98765432"
	maxAge       = 120
	provinces    = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 "
)

// ParseCitizenID reads an 18-character number as of the given day and returns a
// [Flaw] for one that cannot be. Only the province prefix is looked at: counties
// come and go, numbers stay. The zero day skips the look at future and age.
func ParseCitizenID(text string, on casework.Date) (CitizenID, error) {
	number := plain(text)
	if utf8.RuneCountInString(number) != idLength {
		return CitizenID{}, Length
	}
	if len(number) != idLength || !isDigits(number[:17]) || !strings.Contains("0123456789X", number[17:]) {
		return CitizenID{}, Charset
	}
	birth, ok := birthOf(number, on)
	switch {
	case !ok:
		return CitizenID{}, BirthDate
	case idCheck(number) != number[17]:
		return CitizenID{}, Checksum
	}
	holder, ok := holderOf(number)
	if !ok {
		return CitizenID{}, Region
	}
	return CitizenID{Number: number, Birth: birth, Sex: sexOf(number), Holder: holder}, nil
}

func birthOf(number string, on casework.Date) (casework.Date, bool) {
	year, _ := strconv.Atoi(number[6:10])
	month, _ := strconv.Atoi(number[10:12])
	dayOfMonth, _ := strconv.Atoi(number[12:14])
	birth := casework.Date{Year: year, Month: time.Month(month), Day: dayOfMonth}
	if year < 1800 || year > 2099 || birth.AddDays(0) != birth {
		return casework.Date{}, false
	}
	if !on.IsZero() && (on.Before(birth) || birth.YearsUntil(on) > maxAge) {
		return casework.Date{}, false
	}
	return birth, true
}

// idCheck computes the 18th character (ISO 7064 MOD 11-2).
func idCheck(number string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(number[i]-'0') * w
	}
	return idCheckChars[sum%11]
}

func sexOf(number string) Sex {
	if number[16]%2 == 1 {
		return Male
	}
	return Female
}

func holderOf(number string) (Holder, bool) {
	switch {
	case number[0] == '9':
		return ForeignResident, true
	case !strings.Contains(provinces, " "+number[:2]+" "):
		return "", false
	case number[0] == '8':
		return HMTResident, true
	}
	return Citizen, true
}
