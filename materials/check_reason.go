package materials

import "github.com/jingban/jingban/casework"

// checkCertificateReason asks for the reason where the region's law demands it.
// Elsewhere a certificate without one is valid.
func checkCertificateReason(d *desk, p *paper) {
	const param = "unemployment_claim.certificate_reason_required"
	required, err := d.values.Bool(param)
	if _, there := p.Fields["reason"]; there || err != nil || !required {
		return
	}
	row, err := d.values.Row(param)
	if err != nil {
		return
	}
	finding := at("field_missing", p, "reason")
	finding.Basis = row.Document
	if !p.blank["reason"] {
		finding.Severity = casework.Warn
	}
	d.add(finding, words{"fields": p.kind.field("reason").Title})
}

// checkLeaveReason compares why employment ended: as shared by the employer's
// declaration, on the certificate, on the form. It never picks one of several.
func checkLeaveReason(d *desk) {
	var known []reason
	var said []Title
	texts := []string{d.in.Shared["leave_reason"], d.own("termination_notice", "reason"), d.own("claim_form", "reason")}
	for i, source := range []Title{{"用人单位申报", "declared"}, {"证明", "certificate"}, {"申领表", "form"}} {
		if r, ok := d.reasonOf(texts[i]); ok && texts[i] != "" {
			known = append(known, r)
			said = append(said, Title{Zh: source.Zh + "为“" + r.Zh + "”", En: source.En + ": " + r.Code})
		}
	}
	finding := casework.Finding{Rule: "reason_unclear"}
	for _, kind := range []string{"claim_form", "termination_notice"} {
		if p := d.papers[kind]; p != nil {
			finding = at("reason_unclear", p, "reason")
		}
	}
	d.judgeReason(finding, known, said)
}

// own is a value of a document that shows no other person.
func (d *desk) own(kind, field string) string {
	if d.foreign[kind] {
		return ""
	}
	return d.value(kind, field)
}

func (d *desk) judgeReason(finding casework.Finding, known []reason, said []Title) {
	if len(known) == 0 {
		// Nothing was said: a certificate that is missing, spoiled or another
		// person's is reported as that.
		own := d.papers["termination_notice"] != nil && !d.foreign["termination_notice"]
		if own || d.in.Shared["leave_reason"] != "" {
			d.add(finding, words{"reason": Title{}})
		}
		return
	}
	for _, r := range known[1:] {
		if r.Code != known[0].Code {
			finding.Rule = "reason_conflict"
			d.addReason(finding, words{"reason": list(said)})
			return
		}
	}
	switch known[0].Involuntary {
	case "no":
		finding.Rule = "reason_voluntary"
		d.addReason(finding, words{"reason": Title{Zh: "“" + known[0].Zh + "”", En: known[0].Code}})
	case "person":
		d.add(finding, words{"reason": Title{Zh: "（" + known[0].Zh + "）", En: " (" + known[0].Code + ")"}})
	}
}

// addReason reports what follows from the reasons, as a doubt where one of them was
// not read for sure.
func (d *desk) addReason(f casework.Finding, w words) {
	for _, kind := range []string{"termination_notice", "claim_form"} {
		if d.own(kind, "reason") != "" && !d.sure(d.papers[kind], "reason") {
			d.addDoubtful(f, w)
			return
		}
	}
	d.add(f, w)
}
