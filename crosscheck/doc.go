// Package crosscheck finds what does not fit: lists held against each other, and
// the risk rules (风控规则) over payments.
//
// # Vocabulary
//
//	Payee   收款人   a person and the account that is paid
//	Shared  共用账户  one account that pays several persons
//
// Results are sorted, so that the same lists give the same findings. A finding
// is a question for a person, never a verdict.
//
// # Source
//
// The rules are numbered R-01 … in the agency's rule list; 社会保险经办条例
// articles 44 to 46 say what follows from them.
package crosscheck
