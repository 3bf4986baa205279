// Package link finds the records of one person among many. It proposes; it never
// merges.
//
// # Vocabulary
//
//	field       a column, or the first of several names for it that the file has
//	level       how two values of a field stand to each other: same, slip, different, missing …
//	block       fields that must agree before two records are compared at all
//	candidate   a pair of records that agrees in at least one block
//	weight      log2 of the odds that a candidate is one person; 0 is even odds
//	rule        a line of the decision table: levels in, zone out
//	zone        automatic (propose the merge), review (a person looks), veto (never the same)
//	cluster     records joined by automatic and review pairs, never through a veto
//
// # How it works
//
//	read    CSV in UTF-8 or GB18030 → one normalised text column per field
//	block   a 64-bit hash per record and block; radix sort; pairs inside a group
//	compare each candidate gives one level per field = its pattern
//	model   Fellegi–Sunter weights of the patterns, by expectation maximisation
//	        without labels; a guard refuses weights that claim more matches than
//	        agreement beyond chance supports
//	decide  the first rule that fits; without rules the weight alone
//	cluster strongest pairs first
//
// Weights propose and rules decide: twins and namesakes agree in more fields than
// many a person with himself, and no threshold tells them apart.
//
// # Memory and time
//
// A record costs its normalised text plus 12 bytes a field and 8 bytes a block.
// Everything but the rare exact group is linear in the records.
//
// # Nights
//
// [Kept] searches the same export night by night: rows written as they were are
// not read again. [Kept.Full] freezes a model (a version), [Kept.Night] finds
// what [Kept.Again] would find under it.
//
// # Errors
//
// A file or configuration that cannot be used is refused with its name, line and
// column, and with what would be right. Errors hold no values of the file.
package link
