package materials

import "strconv"

// checkFace looks at the score of a comparison that the channel made between the
// applicant's live photo and the card's (0..1, shared.face_score). We compare no
// faces ourselves. A low score is never a refusal: a person looks.
func checkFace(d *desk) {
	text, p := d.in.Shared["face_score"], d.papers["id_card_front"]
	if text == "" || p == nil {
		return
	}
	score, err := strconv.ParseFloat(text, 64)
	enough, known := d.values.Ratio("face.same")
	low, given := d.values.Ratio("face.other")
	w := words{"found": same(text)}
	switch {
	case err != nil || !(score >= 0 && score <= 1) || known != nil || given != nil:
		d.add(at("face_unclear", p, ""), w)
	case score < low:
		d.add(at("face_differs", p, ""), w)
	case score < enough:
		d.add(at("face_unclear", p, ""), w)
	}
}
