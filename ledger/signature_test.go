package ledger

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"testing"
)

func TestSignatureIsCheckedBeforeAnythingElse(t *testing.T) {
	rsaKey, err1 := rsa.GenerateKey(rand.Reader, 2048)
	ecKey, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, edKey, err3 := ed25519.GenerateKey(rand.Reader)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(goodCSV))
	for name, c := range map[string]struct {
		key  crypto.Signer
		text []byte
		how  crypto.SignerOpts
	}{
		"RSA": {rsaKey, digest[:], crypto.SHA256}, "RSA-PSS": {rsaKey, digest[:], &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256}},
		"ECDSA": {ecKey, digest[:], crypto.SHA256}, "Ed25519": {edKey, []byte(goodCSV), crypto.Hash(0)},
	} {
		t.Run(name, func(t *testing.T) {
			signature, err := c.key.Sign(rand.Reader, c.text, c.how)
			if err != nil {
				t.Fatal(err)
			}
			der, err := x509.MarshalPKIXPublicKey(c.key.Public())
			if err != nil {
				t.Fatal(err)
			}
			key, err := ParseKey(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
			if err != nil {
				t.Fatal(err)
			}
			for _, form := range [][]byte{signature, []byte(base64.StdEncoding.EncodeToString(signature) + "\n")} {
				if err := key.Verify(input("f", []byte(goodCSV)), form); err != nil {
					t.Errorf("a good signature: %v", err)
				}
			}
			changed := []byte(goodCSV)
			changed[len(changed)-10] ^= 1
			err = key.Verify(input("f", changed), signature)
			if refusal, ok := errors.AsType[*Refusal](err); !ok || refusal.Problems[0].Code != "signature" {
				t.Errorf("one byte changed: %v", err)
			}
			if key.Verify(input("f", []byte(goodCSV)), nil) == nil {
				t.Error("no signature is as good as one")
			}
		})
	}
}
