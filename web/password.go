package web

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/crypto/argon2"
)

// The cost of weighing one password: 19 MiB and two passes, the smallest pair
// OWASP recommends for argon2id, so that a burst of sign-ins cannot starve the
// machine.
const (
	argonMemoryKiB = 19 * 1024
	argonPasses    = 2
	argonThreads   = 1
	argonKeyBytes  = 32
	argonSaltBytes = 16
)

// ErrWeakPassword says that a password is too short or too uniform (GB/T 22239:
// at least 8 characters, mixed).
var ErrWeakPassword = errors.New("the password needs at least 8 characters with letters and digits")

// HashPassword makes what is stored of a password: argon2id in the usual
// "$argon2id$v=19$m=…,t=…,p=…$salt$key" form. It returns ErrWeakPassword.
func HashPassword(password string) (string, error) {
	letter := strings.ContainsFunc(password, unicode.IsLetter)
	digit := strings.ContainsFunc(password, unicode.IsDigit)
	if len([]rune(password)) < 8 || !letter || !digit {
		return "", ErrWeakPassword
	}
	salt := make([]byte, argonSaltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("password salt: %w", err)
	}
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonMemoryKiB, argonThreads, argonKeyBytes)
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemoryKiB, argonPasses,
		argonThreads, enc(salt), enc(key)), nil
}

// nobodysHash is weighed when there is no such account, so that the time taken
// does not tell.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// SamePassword weighs a password against a stored hash, for those who sign in
// elsewhere than on the pages.
func SamePassword(hash, password string) bool { return samePassword(hash, password) }

// samePassword weighs a password against a stored hash. A hash it cannot read
// matches nothing.
func samePassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	var version, memory, passes, threads int
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	_, errV := fmt.Sscanf(parts[2], "v=%d", &version)
	_, errC := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads)
	salt, errS := base64.RawStdEncoding.DecodeString(parts[4])
	key, errK := base64.RawStdEncoding.DecodeString(parts[5])
	bounded := memory > 0 && memory <= 1<<20 && passes > 0 && passes <= 16 && threads > 0 && threads <= 16
	if errors.Join(errV, errC, errS, errK) != nil || version != argon2.Version || !bounded || len(key) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), uint8(threads), uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1
}
