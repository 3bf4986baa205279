package store

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// sealVersion opens every sealed value and names the algorithm.
const sealVersion = "v1.aesgcm."

// keys are everything derived from the master key.
type keys struct {
	id     string // names the key in sealed values
	seal   cipher.AEAD
	master []byte
}

func newKeys(master []byte) (keys, error) {
	if len(master) != 32 {
		return keys{}, fmt.Errorf("master key: want 32 bytes, have %d: %w", len(master), ErrInvalid)
	}
	k := keys{master: bytes.Clone(master)}
	name, err := k.derive("key id")
	if err != nil {
		return keys{}, err
	}
	k.id = hex.EncodeToString(name[:4])
	secret, err := k.derive("seal")
	if err != nil {
		return keys{}, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return keys{}, fmt.Errorf("master key: %w", err)
	}
	k.seal, err = cipher.NewGCM(block)
	return k, err
}

// derive gives the key for one purpose (HKDF-SHA256, RFC 5869).
func (k keys) derive(purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, k.master, nil, "jingban/"+purpose, 32)
}

// hash is the keyed hash of parts for one purpose. Each part is preceded by its
// length, so that ("ab","c") and ("a","bc") differ.
func (k keys) hash(purpose string, parts ...string) string {
	key, err := k.derive("hash/" + purpose)
	if err != nil {
		panic(err) // 32 bytes are always within HKDF's limit
	}
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return "hmac-sha256:" + hex.EncodeToString(mac.Sum(nil))
}

// hashGiven is the hash of a value for equality, "" for a value not given.
func (k keys) hashGiven(purpose, value string) string {
	if value == "" {
		return ""
	}
	return k.hash(purpose, value)
}

// box seals bytes for one place ("cases/applicant/<id>"); they open only there.
func (k keys) box(place string, clear []byte) []byte {
	nonce := make([]byte, k.seal.NonceSize())
	rand.Read(nonce) // never fails: crypto/rand ends the process instead
	return k.seal.Seal(nonce, nonce, clear, []byte(place))
}

func (k keys) unbox(place, keyID string, sealed []byte) ([]byte, error) {
	if keyID != k.id {
		return nil, fmt.Errorf("%s was sealed with master key %s, this one is %s; give the right master key file: %w",
			table(place), keyID, k.id, ErrInvalid)
	}
	n := k.seal.NonceSize()
	if len(sealed) < n {
		return nil, fmt.Errorf("sealed value of %s: cut short", table(place))
	}
	clear, err := k.seal.Open(nil, sealed[:n], sealed[n:], []byte(place))
	if err != nil {
		return nil, fmt.Errorf("sealed value of %s: damaged, or moved from another row", table(place))
	}
	return clear, nil
}

// table names a place without its row.
func table(place string) string { return place[:max(0, strings.LastIndexByte(place, '/'))] }

// sealText seals text for a TEXT column.
func (k keys) sealText(place, clear string) string {
	return sealVersion + k.id + "." + base64.RawStdEncoding.EncodeToString(k.box(place, []byte(clear)))
}

func (k keys) openText(place, sealed string) (string, error) {
	rest, ok := strings.CutPrefix(sealed, sealVersion)
	keyID, body, found := strings.Cut(rest, ".")
	if !ok || !found {
		return "", fmt.Errorf("sealed value of %s: unknown format", table(place))
	}
	raw, err := base64.RawStdEncoding.DecodeString(body)
	if err != nil {
		return "", fmt.Errorf("sealed value of %s: not base64", table(place))
	}
	clear, err := k.unbox(place, keyID, raw)
	return string(clear), err
}

// sealJSON seals a value as JSON.
func (k keys) sealJSON(place string, v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("seal %s: %w", table(place), err)
	}
	return k.sealText(place, string(b)), nil
}

func (k keys) openJSON(place, sealed string, v any) error {
	clear, err := k.openText(place, sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(clear), v); err != nil {
		return fmt.Errorf("sealed value of %s: not JSON", table(place)) // the cause would quote it
	}
	return nil
}

// Hash is the keyed hash of parts for one purpose ("person", "effect", "key",
// "account", "search"); its algorithm is named in the value: "hmac-sha256:…".
func (s *Store) Hash(purpose string, parts ...string) string { return s.keys.hash(purpose, parts...) }

// proveKey opens the word that the first start sealed, so that a wrong master
// key is told at once and not at the first case.
func (s *Store) proveKey(ctx context.Context) error {
	const place = "settings/value/key_proof"
	sealed, err := one(ctx, s.reader, scalar[string], "SELECT value FROM settings WHERE name = 'key_proof'")
	if errors.Is(err, ErrNotFound) {
		return s.change(ctx, "keep the key proof", func(t *tx) error {
			_, err := t.update(ctx, `INSERT INTO settings (name, value) VALUES ('key_proof', $1)
				ON CONFLICT (name) DO NOTHING`, s.keys.sealText(place, "jingban"))
			return err
		})
	}
	if err == nil {
		_, err = s.keys.openText(place, sealed)
	}
	return explain("prove the master key", err)
}
