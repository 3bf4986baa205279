package materials

import (
	"fmt"

	"github.com/jingban/jingban/casework"
)

// link is one day of a chain that must not run backwards.
type link struct {
	name  Title
	day   casework.Date
	field string // "" for a day that was not read
}

// checkDateOrder looks at the chain contract start ≤ end of employment ≤ issue ≤
// receipt on the certificate, and leaving ≤ claim ≤ receipt on the form, and then
// compares the two days of leaving.
func checkDateOrder(d *desk) {
	d.chain("termination_notice", "contract_start", "contract_end")
	d.chain("termination_notice", "contract_start", "end_date", "issue_date", "")
	d.chain("claim_form", "leave_date", "claim_date", "")
	certificate, form := d.papers["termination_notice"], d.papers["claim_form"]
	if certificate == nil || form == nil || d.foreign[certificate.Type] || d.foreign[form.Type] {
		return
	}
	if d.reported["termination_notice.end_date"] || d.reported["claim_form.leave_date"] {
		return
	}
	end, known := day(certificate.Fields["end_date"])
	if !known || form.Fields["leave_date"].Value == "" {
		return
	}
	d.compare(form, "leave_date", end.String(), "leave_date_mismatch")
	d.vouch(certificate, "end_date", form.Fields["leave_date"].Value == end.String())
}

// chain reports the first pair of a document's days that runs backwards. The
// empty field stands for the day of receipt.
func (d *desk) chain(kind string, fields ...string) {
	p := d.papers[kind]
	if p == nil {
		return
	}
	var last link
	for _, field := range fields {
		next, ok := d.link(p, field)
		if !ok || d.reported[kind+"."+field] {
			continue
		}
		if !last.day.IsZero() && next.day.Before(last.day) {
			d.reportChain(p, last, next)
			return
		}
		last = next
	}
}

func (d *desk) link(p *paper, field string) (link, bool) {
	if field == "" {
		return link{name: Title{Zh: "申请日期", En: "the day of application"}, day: d.in.Received}, !d.in.Received.IsZero()
	}
	when, ok := day(p.Fields[field])
	return link{name: p.kind.field(field).Title, day: when, field: field}, ok
}

func (d *desk) reportChain(p *paper, earlier, later link) {
	doubt := false
	for _, l := range []link{earlier, later} {
		if l.field != "" && p.Fields[l.field].Confidence < d.threshold(Day) {
			d.unclear(p, l.field, "")
			doubt = true
		}
	}
	if doubt {
		return
	}
	reason := Title{
		Zh: fmt.Sprintf("%s（%s）晚于%s（%s）", earlier.name.Zh, dayTitle(earlier.day).Zh, later.name.Zh, dayTitle(later.day).Zh),
		En: fmt.Sprintf("%s (%s) lies after %s (%s)", earlier.name.En, earlier.day, later.name.En, later.day),
	}
	d.add(at("dates_out_of_order", p, earlier.field), words{"reason": reason})
	for _, l := range []link{earlier, later} {
		d.reported[p.Type+"."+l.field] = l.field != ""
	}
}
