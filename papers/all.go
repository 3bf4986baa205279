package papers

import "github.com/jingban/jingban/materials"

// paper is one kind of document.
type paper struct {
	name  string // also its file: <name>.html
	mark  string // 代字 of its number
	title materials.Title
	ready func(v View) error // says what the view lacks
	form  formKind           // what it is laid out as
}

// formKind is how a paper is laid out.
type formKind int

const (
	aNotice   formKind = iota // a notice to the person, on frame.html
	aForm                     // a form, on form.html
	aWideForm                 // a form across the page
)

// all lists every paper.
func all() []paper {
	return []paper{
		{"correction_notice", "失保补", materials.Title{Zh: "一次性补正告知书", En: "Notice of correction"}, readyToCorrect, aNotice},
		{"acceptance_notice", "失保受", materials.Title{Zh: "受理通知书", En: "Notice of acceptance"}, readyToAccept, aNotice},
		{"award_notice", "失保核", materials.Title{Zh: "失业保险待遇核定通知书", En: "Notice of an unemployment benefit"},
			stating("months", "monthly", "total", "capitals", "first", "last", "paid", "steps"), aNotice},
		{"grant_notice", "失保核", materials.Title{Zh: "失业保险一次性待遇核定通知书", En: "Notice of a grant"}, stating("what", "months", "monthly", "amount", "capitals", "steps"), aNotice},
		{"refusal_notice", "失保不", materials.Title{Zh: "不予支付失业保险金告知书", En: "Notice of refusal"}, stating("ground"), aNotice},
		{"stop_notice", "失保停", materials.Title{Zh: "停发失业保险金告知书", En: "Notice of the end of a benefit"}, stating("undue", "event", "cause", "basis", "action", "owed", "carry_over", "steps"), aNotice},
		{"contact_letter", "养转联", materials.Title{Zh: "基本养老保险关系转移接续联系函", En: "Contact letter of a transfer"}, formed("letter", "receiver", "kind", "holder", "account"), aForm},
		{"contribution_certificate", "养转凭", materials.Title{Zh: "基本养老保险参保缴费凭证", En: "Certificate of contributions"}, formed("no", "sex", "birth", "first", "last", "months", "account", "region"), aForm},
		{"transfer_info_1", "养转信", materials.Title{Zh: "基本养老保险关系转移接续信息表（一）", En: "Transfer information form, part 1"},
			formed("letter", "no", "first", "last", "months", "before", "balance", "current", "account", "pooled", "total", "capitals"), aForm},
		{"transfer_info_2", "养转信", materials.Title{Zh: "基本养老保险关系转移接续信息表（二）", En: "Transfer information form, part 2"}, formed("letter", "no", "rows", "months", "total", "capitals"), aWideForm},
		{"transfer_payment_order", "养转拨", materials.Title{Zh: "基本养老保险关系转移基金拨款单", En: "Payment order of a transfer"}, formed("letter", "holder", "account_number", "account", "pooled", "total", "capitals"), aForm},
		{"transfer_done_notice", "养转结", materials.Title{Zh: "基本养老保险关系转移办结通知", En: "Notice of a transfer's end"}, stating("letter", "sender", "months", "account", "total"), aNotice},
		{"transfer_reminder", "养转催", materials.Title{Zh: "转移接续催办函", En: "Reminder of a contact letter"}, formed("letter", "receiver"), aForm},
		{"duplicate_confirmation", "养转重", materials.Title{Zh: "重复缴费确认书", En: "Confirmation of months paid twice"}, formed("overlap", "count", "counted", "refund", "sender"), aForm},
		{"arrears_notice", "养转欠", materials.Title{Zh: "欠费情况告知书", En: "Notice of months without money"}, stating("arrears"), aNotice},
		{"merge_confirmation", "参保合", materials.Title{Zh: "参保信息合并确认书", En: "Confirmation of a merge of records"}, stating("main", "sub", "table", "serial"), aNotice},
		{"refund_form", "参保退", materials.Title{Zh: "重复缴费退费申请表", En: "Application for the refund of doubled contributions"}, stating("main", "sub", "refunds", "refund_sum", "refund_capitals"), aNotice},
	}
}

// Names lists the papers that can be rendered, for the playbook linter.
func Names() []string {
	var names []string
	for _, p := range all() {
		names = append(names, p.name)
	}
	return names
}

// Mark is the 代字 that begins a paper's number, "" for an unknown paper.
func Mark(name string) string {
	for _, p := range all() {
		if p.name == name {
			return p.mark
		}
	}
	return ""
}

// Title names a paper in both languages; ok is false for an unknown one.
func Title(name string) (title materials.Title, ok bool) {
	for _, p := range all() {
		if p.name == name {
			return p.title, true
		}
	}
	return materials.Title{}, false
}
