package ledger

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
)

// Key is the public key with which a bank signs its files.
type Key struct{ public crypto.PublicKey }

// maxSigned bounds a file signed with Ed25519, which is verified as a whole.
const maxSigned = 512 << 20

// ParseKey reads a public key or a certificate in PEM: RSA, ECDSA or Ed25519.
func ParseKey(text []byte) (Key, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return Key{}, errors.New("public key: want PEM")
	}
	if block.Type == "CERTIFICATE" {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return Key{}, fmt.Errorf("certificate: %w", err)
		}
		return newKey(certificate.PublicKey)
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return Key{}, fmt.Errorf("public key: %w", err)
	}
	return newKey(public)
}

func newKey(public crypto.PublicKey) (Key, error) {
	switch public.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
		return Key{public}, nil
	}
	return Key{}, fmt.Errorf("public key: want RSA, ECDSA or Ed25519, not %T", public)
}

// Verify checks a detached signature of a file: SHA-256 with RSA (PKCS #1 v1.5 or
// PSS) or ECDSA, or Ed25519 over the file itself. The signature is raw or base64.
// A signature that does not fit gives a *Refusal.
func (k Key) Verify(in Input, signature []byte) error {
	if decoded, err := base64.StdEncoding.DecodeString(string(bytes.Join(bytes.Fields(signature), nil))); err == nil {
		signature = decoded
	}
	whole := io.NewSectionReader(in.Data, 0, in.Size)
	good := false
	switch public := k.public.(type) {
	case ed25519.PublicKey:
		if in.Size > maxSigned {
			return fmt.Errorf("verify %s: Ed25519 signs files of at most %d MiB", in.Name, maxSigned>>20)
		}
		text, err := io.ReadAll(whole)
		if err != nil {
			return fmt.Errorf("verify %s: %w", in.Name, err)
		}
		good = ed25519.Verify(public, text, signature)
	default:
		hash := sha256.New()
		if _, err := io.Copy(hash, whole); err != nil {
			return fmt.Errorf("verify %s: %w", in.Name, err)
		}
		good = signs(public, hash.Sum(nil), signature)
	}
	if good {
		return nil
	}
	p := problems{file: in.Name}
	p.add(0, 0, "", "signature", "-")
	return p.refusal()
}

func signs(public crypto.PublicKey, digest, signature []byte) bool {
	switch public := public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, digest, signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest, signature) == nil || rsa.VerifyPSS(public, crypto.SHA256, digest, signature, nil) == nil
	}
	return false
}
