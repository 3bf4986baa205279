package store

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/jingban/jingban/casework"
)

// People search by case number, by full ID number or by (part of) a name. The
// database knows ID numbers and names only as keyed hashes: of the whole, and of
// every two neighbouring characters of the name.

// plainName is the name as names are compared: NFKC, no spaces, one kind of
// middle dot (domain/00-overview §3).
func plainName(name string) string {
	return strings.NewReplacer(" ", "", "\t", "", "•", "·", "・", "·", ".", "·", "‧", "·").Replace(norm.NFKC.String(name))
}

// plainID is the ID number with half-width digits and a capital X.
func plainID(id string) string {
	return strings.ToUpper(strings.ReplaceAll(norm.NFKC.String(id), " ", ""))
}

// bigrams are the neighbouring pairs of a name, each once.
func bigrams(name string) []string {
	r := []rune(name)
	var pairs []string
	for i := range max(0, len(r)-1) {
		pairs = append(pairs, string(r[i:i+2]))
	}
	slices.Sort(pairs)
	return slices.Compact(pairs)
}

func (k keys) bigramHashes(name string) []string {
	pairs := bigrams(name)
	for i, pair := range pairs {
		pairs[i] = k.hash("search", "bigram", pair)
	}
	return pairs
}

// index writes the hashes a case is found by.
func (t *tx) index(ctx context.Context, caseID string, p casework.Person) error {
	name := plainName(p.Name)
	hashes := t.store.keys.bigramHashes(name)
	if name != "" {
		hashes = append(hashes, t.store.keys.hash("search", "name", name))
	}
	if p.IDNumber != "" {
		hashes = append(hashes, t.store.keys.hash("search", "id", plainID(p.IDNumber)))
	}
	for _, hash := range hashes {
		_, err := t.update(ctx, "INSERT INTO search (hash, case_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", hash, caseID)
		if err != nil {
			return err
		}
	}
	return nil
}

// found asks for cases whose number begins with the text, or whose person has
// it as ID number, as name, or in the name.
func (s *Store) found(w *where, text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	number := strings.NewReplacer("%", "", "_", "").Replace(plainID(text))
	whole := []string{s.keys.hash("search", "id", plainID(text)), s.keys.hash("search", "name", plainName(text))}
	condition := "(id IN (SELECT case_id FROM search WHERE hash IN (" + w.marks(whole) + "))"
	if number != "" {
		condition += " OR number LIKE " + w.mark(number+"%")
	}
	if pairs := s.keys.bigramHashes(plainName(text)); len(pairs) > 0 {
		condition += " OR id IN (SELECT case_id FROM search WHERE hash IN (" + w.marks(pairs) +
			") GROUP BY case_id HAVING COUNT(*) = " + w.mark(len(pairs)) + ")"
	}
	w.conditions = append(w.conditions, condition+")")
}
