package storetest

import (
	"math/rand/v2"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func looksContract() contract {
	return contract{
		"NearPicturesAreFound": nearPictures,
	}
}

// nearPictures: whichever bits differ, a picture is found among others as long
// as they are few.
func nearPictures(t *testing.T, h *house) {
	rnd := rand.New(rand.NewPCG(4, 7))
	c := h.newCase(t, applicant)
	other := h.newCase(t, casework.Person{Name: "张明", IDNumber: "379902199001010014"})
	add := func(caseID string, hash []byte) casework.Material {
		m, err := h.AddMaterial(t.Context(), clerk, casework.Material{CaseID: caseID, Looks: []casework.Look{
			{Page: 1, Findings: []casework.Quality{{Code: "skewed", Score: 7, Threshold: 6}}}, {Page: 2, Hash: hash},
		}}, append([]byte("picture "), hash...))
		must(t, err)
		return m
	}
	hash := make([]byte, 32)
	for i := range hash {
		hash[i] = byte(rnd.Uint32())
	}
	first := add(c.ID, hash)
	equal(t, "finding at the door", first.Looks[0].Findings[0].Code, "skewed")
	for range 20 {
		foreign := make([]byte, 32)
		for i := range foreign {
			foreign[i] = byte(rnd.Uint32())
		}
		add(other.ID, foreign)
	}
	alikes := func(m casework.Material) []store.Alike {
		found, err := h.Alikes(t.Context(), m.ID)
		must(t, err)
		return found
	}
	equal(t, "alone", len(alikes(first)), 0)
	for _, bits := range []int{0, 1, 8, 16, 17, 40} {
		copied := append([]byte(nil), hash...)
		for _, bit := range rnd.Perm(255)[:bits] {
			copied[bit/8] ^= 1 << (bit % 8)
		}
		m := add(other.ID, copied)
		near := false
		for _, a := range alikes(m) {
			if a.MaterialID == first.ID {
				near = true
				equal(t, "distance", a.Distance, bits)
				equal(t, "page", a.Page, 2)
				equal(t, "case", a.CaseID, c.ID)
			}
		}
		equal(t, "found", near, bits <= 16)
	}
	_, err := h.Alikes(t.Context(), "nobody")
	refused(t, "unknown material", err, store.ErrNotFound)
}
