// Package benefits computes what is owed: unemployment benefits, the money of a
// pension transfer, injury benefits and the month of retirement. Everything is a
// pure function of its inputs and of dated, regional parameters.
//
// # Vocabulary
//
//	Rules       参数    the checked parameters of a release and its agency
//	Region      地区    the rules of one region on one day; hands out the terms below
//	Scheme      期限办法  how many benefit months a number of paid months gives
//	Standard    月标准   the amount of one benefit month
//	Schedule    发放计划  one amount for each benefit month
//	Transfer    转移金额  account (个人账户) and pooled (统筹) money that follow a person
//	Derivation  计算过程  inputs, steps and clause of one result, in Chinese, so that a
//	                    clerk can check it by hand and a court can read it
//
// # Shapes
//
// A Region gives terms: small values with the numbers of the law and the document
// they come from. The methods of terms compute; each result keeps its inputs and
// explains itself by its Derivation method.
//
// # Units and rounding
//
// Money is [casework.Fen], a month [casework.Month] (YYYYMM), a share a [Rate] in
// millionths. An amount is rounded half up to fen once, where it becomes a final
// item: a month's benefit, a month's credit to the account, an interest item, a
// pooled sum. Other roundings are a local setting, see [Rounding].
//
// # Errors
//
// [Load] refuses a set of parameters that can't be right, such as a scheme above
// the national ceiling, naming the row and its document. A Region errs when a
// parameter it needs has no value there and then: a person has to decide. The
// computing methods err only on inputs that contradict each other.
//
// # Source
//
// 社会保险法, 失业保险条例, 国办发〔2009〕66号, 工伤保险条例 and the provincial
// regulations; the document of every number stands beside it in
// casework/params/*.yaml.
package benefits
