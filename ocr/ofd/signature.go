package ofd

import (
	"fmt"
	"path"
	"strings"
)

// maxSignatures bounds the files read for them.
const maxSignatures = 100

type xmlSignatures struct {
	List []struct {
		File string `xml:"BaseLoc,attr"`
	} `xml:"Signature"`
}

type xmlSignature struct {
	Stamps []struct {
		Page     string `xml:"PageRef,attr"`
		Boundary string `xml:"Boundary,attr"`
	} `xml:"SignedInfo>StampAnnot"`
}

// readSignatures lists where digital seals stand; pages maps page IDs to
// numbers. A document without any has an empty location.
func readSignatures(a *Archive, location string, pages map[string]int) ([]Signature, error) {
	if strings.TrimSpace(location) == "" {
		return nil, nil
	}
	at, err := resolve("", location)
	if err != nil {
		return nil, fmt.Errorf("signatures: %w", err)
	}
	var list xmlSignatures
	if err := decodeFile(a, at, &list); err != nil {
		return nil, fmt.Errorf("signatures: %w", err)
	}
	var found []Signature
	for _, s := range list.List[:min(len(list.List), maxSignatures)] {
		file, err := resolve(path.Dir(at), s.File)
		if err != nil {
			return nil, fmt.Errorf("signature: %w", err)
		}
		var one xmlSignature
		if err := decodeFile(a, file, &one); err != nil {
			return nil, fmt.Errorf("signature: %w", err)
		}
		found = append(found, one.shown(pages)...)
	}
	return found, nil
}

func (s xmlSignature) shown(pages map[string]int) []Signature {
	if len(s.Stamps) == 0 {
		return []Signature{{}} // it signs the document and shows nothing
	}
	var found []Signature
	for _, stamp := range s.Stamps[:min(len(s.Stamps), maxSignatures)] {
		box, _ := parseBox(stamp.Boundary) // an unplaced stamp is still one
		found = append(found, Signature{Page: pages[stamp.Page], Box: box})
	}
	return found
}
