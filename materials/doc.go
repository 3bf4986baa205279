// Package materials answers: what is this document, what does it say, and is it
// in order? It turns readings (words with their places) into fields and findings
// and does no input or output beyond its embedded data.
//
// # Vocabulary
//
//	Type         材料种类  how one kind of paper is recognised and read (types/*.yaml)
//	anchor       特征词    words that tell a type from the others
//	Matter       事项      which types a request needs, and which checks compare them (matters/*.yaml)
//	requirement  必需材料  a type a matter asks for, with its law, unless shared data answers it
//	relation     勾稽关系  a rule between values, as data: in order, equal, a sum, a count of months
//	finding      问题      one broken rule, said in a sentence of sentences/*.yaml
//	spoiled      不能使用  a picture nobody can read; nothing else is said about it
//
// # The way
//
// [Catalog.Assess] sorts pages to types, lays their lines out in rows, finds
// fields by geometry and label, lets the type's checks look at each document
// and the matter's checks compare them, and sums up in a verdict.
//
// # One defect, one finding
//
// Whatever is unreadable is never compared; a type that is spoiled or in the
// wrong slot is not also missing; a number that is wrong everywhere is named
// once with all its places. Doubt about the reading is a warning, so that a
// person looks: only a sure reading may send a citizen home.
//
// A picture of several papers is taken apart where a gap leaves a whole paper on
// each side. The ring of one seal must name the issuer; where none could be read a
// person looks. Of several papers of one type the applicant's counts, and another
// person's goes to a person. What is never a material, a screenshot, is refused
// whatever else it shows. Whether another person's case holds the same file, nearly
// the same picture or the same number is the caller's to know ([File].Elsewhere,
// [File].Near, [Input].Elsewhere); of which types two people's pictures differ enough
// to say so, the types know ([Type].Alike).
//
// A verdict is PROPOSE_REJECT when nothing is open but a ground of the law that
// fails; a person signs it.
//
// # Agency folders
//
// An agency's folder may hold types/, matters/, sentences/ (or one sentences.yaml),
// reasons.yaml, bins.yaml and params/. A type, matter, sentence or parameter of the
// name of ours replaces ours, any other is added, without a build.
//
// Lists are dated and regional: the city's own holds, else the province's, else the
// country's. 依据待核 marks a rule whose basis the domain sheets do not give.
//
// Sources of the rules: domain sheets 10, 20, 30, 50, 60, 80; GB 11643, GB 32100, 居民身份证法 art. 5, 劳动合同法 art. 50,
// 失业保险条例 art. 16, 社会保险经办条例 art. 31.
package materials
