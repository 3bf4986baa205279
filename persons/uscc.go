package persons

import "strings"

// USCC is a valid 统一社会信用代码 and its parts.
type USCC struct {
	Code         string // 18 characters
	Authority    string // 登记管理部门: 1 机构编制, 5 民政, 9 市场监管
	Category     string
	Region       string // six digits
	Organisation string // 组织机构代码, nine characters with its own check character
}

const (
	usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY" // without I O S V Z
	usccLength   = 18
)

// ParseUSCC reads a code and returns a [Flaw] for one that cannot be. Both check
// characters are looked at.
func ParseUSCC(text string) (USCC, error) {
	code := plain(text)
	if len([]rune(code)) != usccLength {
		return USCC{}, Length
	}
	for _, r := range code {
		if !strings.ContainsRune(usccAlphabet, r) {
			return USCC{}, Charset
		}
	}
	if !isDigits(code[2:8]) {
		return USCC{}, Charset
	}
	check, err := USCCCheck(code[:17])
	if err != nil || check != code[17] || !OrganisationOK(code[8:17]) {
		return USCC{}, Checksum
	}
	return USCC{Code: code, Authority: code[:1], Category: code[1:2], Region: code[2:8], Organisation: code[8:17]}, nil
}

// USCCCheck computes the 18th character from the first 17 (GB 32100, MOD 31 of
// powers of 3). It returns Length or Charset for anything else.
func USCCCheck(first17 string) (byte, error) {
	if len(first17) != usccLength-1 {
		return 0, Length
	}
	sum, weight := 0, 1
	for i := range first17 {
		value := strings.IndexByte(usccAlphabet, first17[i])
		if value < 0 {
			return 0, Charset
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	return usccAlphabet[(31-sum%31)%31], nil
}

// OrganisationOK reports whether the check character of a nine-character 组织机构
// 代码 is right (GB 11714).
func OrganisationOK(code string) bool {
	if len(code) != 9 {
		return false
	}
	sum := 0
	for i, weight := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		value := strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", code[i])
		if value < 0 {
			return false
		}
		sum += value * weight
	}
	return "0123456789X0"[11-sum%11] == code[8]
}
