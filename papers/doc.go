// Package papers is what we hand out: notices for citizens as HTML pages for A4,
// which a browser prints to PDF elsewhere.
//
// # Vocabulary
//
//	correction_notice  一次性补正告知书  everything that is missing or wrong, once and complete
//	acceptance_notice  受理通知书        receipt of a complete request, with its time limit
//	contribution_certificate, transfer_info_1, transfer_info_2, transfer_payment_order, contact_letter
//	                   参保缴费凭证, 信息表, 拨款单, 联系函: the forms of a pension transfer
//	merge_confirmation 参保信息合并确认书, signed by the person when a month or money is lost
//	refund_form        重复缴费退费申请表, row by row what goes back
//	View               the facts a paper states; a paper never computes a verdict
//
// A notice holds: title, number, person, matter, facts, ground, what is missing
// and how to put it right, by when, remedy, agency, date, place of the seal. The
// person stands in full on the paper, because it is handed to that person alone;
// numbers inside findings arrive masked.
//
// Errors: an unknown paper, or a View that lacks what the paper must state.
package papers
