// Package ledger answers one question: how do the funds add up? It reads bank
// statements, finance journals and payment batches from streams it is given,
// checks that each file is whole, matches the two sides and explains what is
// left (社保基金财务对账). It keeps nothing and asks nobody.
//
// # Vocabulary
//
//	Input       文件        one file: a name and a stream
//	Entry       分录        one line of money as its file writes it
//	Row         行          the same line as matching needs it: 40 bytes, texts as hashes
//	Scratch     暂存        room outside of memory for rows beyond a bound; the result is the same
//	Statement   对账单      what one file says: opening, closing, sums, problems
//	Side        方          bank (银行对账单), book (银行存款日记账) or batch (报盘/回盘)
//	Rule        规则        one matching pass, named and versioned (rules.go)
//	Decision    结论        the state of one row, its group, rule and reason
//	Table       调节表      银行存款余额调节表
//	Comparison  总额核对    totals of another house by key: A notices, D fiscal account, E treasury
//	Key         公钥        with which a bank signs its files; a statement may need its signature
//
// # States
//
// Each row ends in exactly one state:
//
//	matched                  one row of each side, the same money
//	matched_with_difference  one row of each side, surely the same event, not the same data
//	grouped                  one row against several, or rows that cancel out; the sums agree
//	ambiguous                interchangeable rows: the sums agree, the pairing is not asserted
//	proposed                 a suggestion with its reason; a person decides
//	open_k1 … open_k4        the four kinds of 未达账项
//	rejected                 a line that is no money: exported twice, or unreadable under --force
//
//	K1 银行已收、单位未收   bank received, not booked      + book
//	K2 银行已付、单位未付   bank paid, not booked          − book
//	K3 单位已收、银行未收   booked receipt, not yet bank   + bank
//	K4 单位已付、银行未付   booked payment, not yet bank   − bank
//
// Never is the first of several equals taken, and never a sum of parts that is
// not proven to be the only one.
//
// # Units and directions
//
// Money is [casework.Fen], positive when it comes into our account and negative
// when it leaves it, on both sides. A bank writes from its own side (借 = out of
// our account), our books from ours (借 = in); the readers turn both around.
// Days are [Day], days since 1970-01-01 in China; windows are working days.
//
// # Errors
//
// A file that can't be trusted gives a [Refusal]: its problems with line,
// column, what was found, what was expected and a hint. Nothing of a refused
// file is imported, unless the caller forces it and then sees every bad line.
//
// # Sources
//
// 社会保险基金财务制度 (财社〔2017〕144号), 社会保险基金会计制度 (财会〔2017〕28号):
// the bank journal is checked with the statement at least monthly, differences
// are explained item by item, and the 余额调节表 is drawn up each month.
package ledger
