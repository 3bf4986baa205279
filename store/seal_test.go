package store

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func testKeys(t *testing.T, b byte) keys {
	t.Helper()
	k, err := newKeys(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealedValueOpensOnlyInItsPlace(t *testing.T) {
	k := testKeys(t, 1)
	sealed := k.sealText("cases/applicant/1", "379901198503120017")
	if !strings.HasPrefix(sealed, "v1.aesgcm."+k.id+".") {
		t.Errorf("format: %s", sealed)
	}
	if again := k.sealText("cases/applicant/1", "379901198503120017"); again == sealed {
		t.Error("the same value was sealed the same way twice")
	}
	clear, err := k.openText("cases/applicant/1", sealed)
	if err != nil || clear != "379901198503120017" {
		t.Errorf("have %q %v", clear, err)
	}
	for _, place := range []string{"cases/applicant/2", "cases/shared/1"} {
		if _, err := k.openText(place, sealed); err == nil {
			t.Errorf("opened at %s", place)
		}
	}
	for _, strange := range []string{"", "v1.aesgcm.", "v2.sm4gcm.x.y", "v1.aesgcm." + k.id + ".!", "v1.aesgcm." + k.id + ".AA", sealed[:len(sealed)-2] + "AA"} {
		if _, err := k.openText("cases/applicant/1", strange); err == nil || strings.Contains(err.Error(), "3799") {
			t.Errorf("%q: %v", strange, err)
		}
	}
}

func TestOtherMasterKeyIsNamed(t *testing.T) {
	sealed := testKeys(t, 1).sealText("cases/applicant/1", "x")
	other := testKeys(t, 2)
	_, err := other.openText("cases/applicant/1", sealed)
	if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), other.id) {
		t.Errorf("have %v", err)
	}
}

func TestHashesDifferByPurposeKeyAndCut(t *testing.T) {
	k, seen := testKeys(t, 1), map[string]bool{}
	for _, h := range []string{
		k.hash("person", "ab", "c"), k.hash("person", "a", "bc"), k.hash("person", "abc"), k.hash("effect", "ab", "c"),
		testKeys(t, 2).hash("person", "ab", "c"),
	} {
		if seen[h] || !strings.HasPrefix(h, "hmac-sha256:") {
			t.Errorf("hash %s", h)
		}
		seen[h] = true
	}
	if k.hash("person", "ab", "c") != k.hash("person", "ab", "c") {
		t.Error("the hash of the same differs")
	}
}

func TestNamesAreComparedPlain(t *testing.T) {
	for given, want := range map[string]string{
		"张 明": "张明", "张　明": "张明", "买买提•阿不都": "买买提·阿不都", "买买提.阿不都": "买买提·阿不都", "": "",
	} {
		if have := plainName(given); have != want {
			t.Errorf("%q: have %q, want %q", given, have, want)
		}
	}
}
