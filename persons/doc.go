// Package persons knows who is who: identifiers with their check digits, and
// names as they are compared. Everything is a pure function.
//
// # Vocabulary
//
//	CitizenID  公民身份号码      18 characters, GB 11643-1999: region 6, birth 8, sequence 3, check 1
//	USCC       统一社会信用代码  18 characters, GB 32100-2015
//	BankCard   银行卡号          16 to 19 digits, last one by Luhn (ISO/IEC 7812-1)
//	name       姓名              compared after NFKC, without spaces, with one middle dot
//
// # Evidence and merging
//
// [ReadNumber] and [CompareNumbers] say what two numbers are worth against each
// other (old form, one slip apart, two proven ones), [CompareNames] the same for
// names; persons/han folds characters and hears them. [Propose] computes what a
// merge of two records (参保信息合并) would do: who survives, which rows move,
// which overlapping months (YYYYMM) go back, in fen, and why a person must look.
// It never merges.
//
// # Errors
//
// Parsing gives one [Flaw], the first in the order LENGTH, CHARSET, BIRTH_DATE,
// CHECKSUM, REGION. A flaw never holds the number itself: it may be logged.
package persons
