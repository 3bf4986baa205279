package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"

	"github.com/jingban/jingban/casework"
)

// How near two pictures must be to count as one photo or scan, in bits of their
// hashes. More bands than that: two such hashes agree in at least one.
const (
	nearBits = 16
	bands    = nearBits + 1
	bandBits = 15 // 17 x 15 bits are the 255 that say something
)

func looksText(looks []casework.Look) (string, error) {
	if len(looks) == 0 {
		return "", nil
	}
	text, err := json.Marshal(looks)
	if err != nil {
		return "", fmt.Errorf("looks: %w", err)
	}
	return string(text), nil
}

func looksFrom(text string) (looks []casework.Look, err error) {
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &looks); err != nil {
		return nil, fmt.Errorf("looks: %w", err)
	}
	return looks, nil
}

// insertLooks files the pages' hashes, so that near ones are found.
func (t *tx) insertLooks(ctx context.Context, m casework.Material) error {
	for _, look := range m.Looks {
		for band, value := range bandsOf(look.Hash) {
			_, err := t.update(ctx, "INSERT INTO material_looks (material_id, page, band, bits, hash) VALUES ($1, $2, $3, $4, $5)",
				m.ID, look.Page, band, value, hex.EncodeToString(look.Hash))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// bandsOf cuts a hash into numbers; a hash that is too short has none.
func bandsOf(hash []byte) []int64 {
	if len(hash)*8 < bands*bandBits {
		return nil
	}
	values := make([]int64, bands)
	for i := range bands * bandBits {
		if hash[i/8]>>(i%8)&1 == 1 {
			values[i/bandBits] |= 1 << (i % bandBits)
		}
	}
	return values
}

// Alike is another material that shows nearly the same picture.
type Alike struct {
	MaterialID string
	CaseID     string
	Page       int // of this material
	Distance   int // bits of 255
}

// Alikes gives the materials one of whose pages is nearly the same picture as a
// page of this one, the nearest page of each. ErrNotFound when there is no such
// material.
func (s *Store) Alikes(ctx context.Context, id string) ([]Alike, error) {
	m, err := s.Material(ctx, id)
	if err != nil {
		return nil, err
	}
	var all []Alike
	seen := map[string]int{} // material → place in all
	for _, look := range m.Looks {
		found, err := s.alikeTo(ctx, look.Hash, id)
		if err != nil {
			return nil, explain("find near pictures", err)
		}
		for _, a := range found {
			a.Page = look.Page
			if at, known := seen[a.MaterialID]; !known {
				seen[a.MaterialID] = len(all)
				all = append(all, a)
			} else if a.Distance < all[at].Distance {
				all[at] = a
			}
		}
	}
	return all, nil
}

// NearElsewhere gives the pages of a material of which nearly the same picture lies
// in a case of another person, with the bits in which the nearest differs.
func (s *Store) NearElsewhere(ctx context.Context, own casework.Case, m casework.Material) (map[int]int, error) {
	pages := map[int]int{}
	for _, look := range m.Looks {
		found, err := s.alikeTo(ctx, look.Hash, m.ID)
		if err != nil {
			return nil, explain("find near pictures", err)
		}
		for _, a := range found {
			if best, known := pages[look.Page]; a.CaseID == own.ID || known && best <= a.Distance {
				continue
			}
			strange, err := s.ofAnother(ctx, own, []string{a.CaseID})
			if err != nil {
				return nil, err
			}
			if strange {
				pages[look.Page] = a.Distance
			}
		}
	}
	return pages, nil
}

func (s *Store) alikeTo(ctx context.Context, hash []byte, except string) ([]Alike, error) {
	var all []Alike
	seen := map[string]bool{}
	for band, value := range bandsOf(hash) {
		found, err := list(ctx, s.reader, func(r row) (a Alike, err error) {
			var text string
			if err = r.Scan(&a.MaterialID, &a.CaseID, &text); err != nil {
				return a, err
			}
			a.Distance, err = distance(hash, text)
			return a, err
		}, `SELECT l.material_id, m.case_id, l.hash FROM material_looks l JOIN materials m ON m.id = l.material_id
			WHERE l.band = $1 AND l.bits = $2 AND l.material_id <> $3 ORDER BY m.uploaded_at DESC LIMIT 200`, band, value, except)
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			if a.Distance <= nearBits && !seen[a.MaterialID] {
				seen[a.MaterialID] = true
				all = append(all, a)
			}
		}
	}
	return all, nil
}

func distance(hash []byte, text string) (int, error) {
	other, err := hex.DecodeString(text)
	if err != nil {
		return 0, fmt.Errorf("picture hash: %w", err)
	}
	if len(other) != len(hash) {
		return len(hash) * 8, nil // of another release: nothing can be said
	}
	n := 0
	for i := range hash {
		n += bits.OnesCount8(hash[i] ^ other[i])
	}
	return n, nil
}
