// Package casework is the vocabulary of Jingban: the nouns that every other
// room speaks of, and nothing that reads or writes anything.
//
// # Vocabulary
//
//	Case      件        one person's request in one matter (事项)
//	Material  材料      one uploaded file of a case
//	Reading   识读      what an OCR engine saw on one page of a material
//	Field     字段      one value found in a reading, with its place on the page
//	Finding   问题      one broken rule, with its law, its place and how to fix it
//	Snapshot  快照      the values a run works with, frozen when it starts
//	Run       办理      one playbook at work on one case
//	Entry     流水      one append-only journal line of a run
//	Effect    效果      one irreversible change in a foreign system, unique for ever
//	Review    待办      a question to a person; the run is parked until it is answered
//	Decision  决定      a person's answer
//	Evidence  证据      a hashed file that shows what was on the screen
//	Fault     故障      an error that knows who can make it right
//
// # Units
//
// Money is [Fen] (分, 1/100 yuan). Confidence is 0..1. Boxes are pixels of the
// upright page, origin top left. Times are UTC; a [Date] is a calendar day in
// China; a [Month] is YYYYMM.
package casework
