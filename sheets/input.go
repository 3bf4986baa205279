package sheets

import (
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Input is one thing a playbook wants to know of each row. Name is as its
// expressions say it, without "case." for what every case has.
type Input struct {
	Name     string // "id_number", "month", "shared.leave_reason"
	Required bool
	Zh, En   string
}

// CaseInput gives the input of a value that every case has, with its usual title.
// Known is false for a value that the house itself gives.
func CaseInput(name string) (in Input, known bool) {
	i := slices.IndexFunc(caseInputs(), func(in Input) bool { return in.Name == name })
	if i < 0 {
		return Input{}, false
	}
	return caseInputs()[i], true
}

func caseInputs() []Input {
	return []Input{
		{Name: "name", Zh: "姓名", En: "Name"},
		{Name: "id_number", Zh: "身份证号", En: "ID number"},
		{Name: "mobile", Zh: "手机号码", En: "Mobile"},
		{Name: "account", Zh: "银行账号", En: "Account"},
		{Name: "month", Zh: "待遇月份", En: "Benefit month"},
		{Name: "region", Zh: "地区代码", En: "Region"},
	}
}

// papers names the input that says where the papers of a row lie.
const papers = "papers"

// PapersInput is the column that names the folder with the papers of a row.
func PapersInput() Input { return Input{Name: papers, Zh: "材料目录", En: "Folder of papers"} }

// aliases are other titles by which people call a value of every case.
func aliases(name string) []string {
	return map[string][]string{
		"name":      {"申请人", "申请人姓名", "参保人", "参保人姓名", "人员姓名"},
		"id_number": {"证件号码", "公民身份号码", "身份证号码", "居民身份证号码", "社会保障号码", "社会保障号"},
		"mobile":    {"手机", "手机号", "联系电话"},
		"account":   {"账号", "银行卡号", "社保卡银行账号", "银行账户"},
		"month":     {"月份", "年月", "申领月份", "费款所属期"},
		papers:      {"材料", "材料文件夹", "附件目录"},
		"region":    {"地区", "行政区划代码", "统筹区"},
	}[name]
}

// titles are all names of an input.
func (in Input) titles() []string {
	return append([]string{in.Zh, in.En, in.Name, strings.TrimPrefix(in.Name, "shared.")}, aliases(in.Name)...)
}

// Knows tells whether a title names one of the inputs.
func Knows(inputs []Input) func(title string) bool {
	known := map[string]bool{}
	for _, in := range inputs {
		for _, title := range in.titles() {
			known[plain(title)] = true
		}
	}
	delete(known, "")
	return func(title string) bool { return known[plain(title)] }
}

// columns finds the column of each input, -1 for none.
func (b *Book) columns(inputs []Input) map[string]int {
	at := map[string]int{}
	for _, in := range inputs {
		at[in.Name] = -1
		for _, title := range in.titles() {
			i := slices.IndexFunc(b.Head, func(h string) bool { return plain(h) == plain(title) && plain(title) != "" })
			if i >= 0 {
				at[in.Name] = i
				break
			}
		}
	}
	return at
}

// put writes a value into the case.
func put(c *casework.Case, name, value string, month casework.Month) {
	switch name {
	case "name":
		c.Applicant.Name = value
	case "id_number":
		c.Applicant.IDNumber = value
	case "mobile":
		c.Applicant.Mobile = value
	case "account":
		c.Applicant.Account = value
	case "month":
		c.Month = month
	case "region":
		c.Region = value
	default:
		c.Shared[strings.TrimPrefix(name, "shared.")] = value
	}
}
