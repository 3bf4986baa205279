package casework

import (
	"regexp"
	"strings"
)

// The masks of domain/90-security §3, in this one place. They keep the length,
// one '*' for each hidden character.

// MaskName keeps the first and the last character; of two characters the first.
func MaskName(name string) string {
	r := []rune(name)
	switch {
	case len(r) <= 1:
		return strings.Repeat("*", len(r))
	case len(r) == 2:
		return string(r[0]) + "*"
	}
	return string(r[0]) + strings.Repeat("*", len(r)-2) + string(r[len(r)-1])
}

// MaskID keeps four characters at each end.
func MaskID(id string) string { return maskMiddle(id, 4, 4) }

// MaskText masks every citizen's number that stands in a text.
func MaskText(text string) string {
	return regexp.MustCompile(`\b(\d{17}[\dXx]|\d{15})\b`).ReplaceAllStringFunc(text, MaskID)
}

// MaskMobile keeps three characters in front and four behind.
func MaskMobile(mobile string) string { return maskMiddle(mobile, 3, 4) }

// MaskAccount keeps the last four characters.
func MaskAccount(account string) string { return maskMiddle(account, 0, 4) }

// MaskAddress keeps the address down to the county (县, 区, 市) and hides the rest.
func MaskAddress(address string) string {
	for _, mark := range []string{"县", "区", "旗", "市"} {
		if i := strings.Index(address, mark); i >= 0 {
			keep := i + len(mark)
			return address[:keep] + strings.Repeat("*", len([]rune(address[keep:])))
		}
	}
	return strings.Repeat("*", len([]rune(address)))
}

func maskMiddle(text string, front, back int) string {
	r := []rune(text)
	if len(r) <= front+back {
		return strings.Repeat("*", len(r))
	}
	return string(r[:front]) + strings.Repeat("*", len(r)-front-back) + string(r[len(r)-back:])
}
