package materials

import "strings"

// checkEmployerSame compares the employer on the form with the certificate's.
// People shorten names, so a difference is a person's to judge.
func checkEmployerSame(d *desk) {
	certificate, form := d.papers["termination_notice"], d.papers["claim_form"]
	if certificate == nil || form == nil || d.foreign[certificate.Type] || d.foreign[form.Type] {
		return
	}
	left, right := form.Fields["employer"], certificate.Fields["employer"]
	switch {
	case left.Value == "" || right.Value == "":
	case employerName(left.Value) == employerName(right.Value):
		d.vouch(form, "employer", true)
		d.vouch(certificate, "employer", true)
	case maybeMisread(left, right.Value):
		d.unclear(form, "employer", right.Value)
	case maybeMisread(right, left.Value):
		d.unclear(certificate, "employer", left.Value)
	default:
		d.add(at("employer_mismatch", form, "employer"), words{"found": same(left.Value), "expected": same(right.Value)})
	}
}

// employerName folds the kinds of brackets and dots.
func employerName(name string) string {
	return strings.NewReplacer("（", "(", "）", ")", "【", "(", "】", ")", "·", "", ".", "").Replace(plain(name))
}
