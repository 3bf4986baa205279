package materials_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// card puts another account on the card, the form and into the application.
func card(in *materials.Input, number, bank string) {
	replace(in, "bank_card", with(with(with(bankCard(), "6228 4800 0000", number[:12]), "0000 018", number[12:]), "中国农业银行", bank))
	replace(in, "claim_form", with(with(form(), "6228480000000000018", number), "中国农业银行", bank))
	in.Applicant.Account = number
}

func TestTheCardsPrefixGivesItsBankAndKind(t *testing.T) {
	for name, c := range map[string]struct{ number, bank, want string }{
		"a debit card of the bank it names":  {"6228480000000000018", "中国农业银行", ""},
		"another debit card of the sheet":    {"6217000000000000020", "中国建设银行", ""},
		"the branch and the long name":       {"6222020000000000034", "中国工商银行股份有限公司海州支行", ""},
		"a credit card":                      {"6228360000000000005", "中国农业银行", "BLOCK account_credit bank_card.number"},
		"another bank than the card's":       {"6217000000000000020", "中国农业银行", "WARN account_bank_differs bank_card.bank"},
		"a bank that nobody has listed":      {"6217000000000000020", "海州农村商业银行", ""},
		"a prefix nobody has listed":         {"6299990000000000004", "海州农村商业银行", "INFO account_bin_unknown bank_card.number"},
		"a number that begins with no 62":    {"4000000000000000006", "海州农村商业银行", "INFO account_bin_unknown bank_card.number"},
		"a wrong check digit, whatever bank": {"6228360000000000004", "中国农业银行", "BLOCK account_luhn bank_card.number"},
	} {
		t.Run(name, func(t *testing.T) {
			in := claim()
			card(&in, c.number, c.bank)
			a := catalog(t).Assess(in)
			if got := rules(a); got != c.want {
				t.Errorf("findings:\n%s\nwant %s", got, c.want)
			}
			if strings.HasPrefix(c.want, "INFO") && a.Verdict != pass {
				t.Errorf("an unknown prefix must not stop anybody: %s", a.Verdict)
			}
		})
	}
}

func TestAnAgencyAddsItsBankWithoutABuild(t *testing.T) {
	own := fstest.MapFS{"bins.yaml": {Data: []byte(`bins:
  - {bank: 海州农村商业银行, kind: credit, from: 2020-01-01, to: 2026-03-05, source: 本地清单, prefixes: ["629999"]}
  - {bank: 海州农村商业银行, kind: debit, from: 2026-03-06, source: 本地清单, prefixes: ["629999"]}
`)}}
	c, err := materials.Load(own)
	if err != nil {
		t.Fatal(err)
	}
	in := claim()
	card(&in, "6299990000000000004", "海州农村商业银行")
	if got := rules(c.Assess(in)); got != "" {
		t.Errorf("on the day it became a debit card: %s", got)
	}
	in.Received = in.Received.AddDays(-1) // the form is of the day after
	if got := rules(c.Assess(in)); !strings.Contains(got, "BLOCK account_credit") {
		t.Errorf("the day before: %s", got)
	}
	bad := fstest.MapFS{"bins.yaml": {Data: []byte("bins:\n  - {bank: 示例银行, kind: gift, from: 2020-01-01, source: 本地, prefixes: [\"629999\"]}\n")}}
	if _, err := materials.Load(bad); err == nil || !strings.Contains(err.Error(), "bins.yaml:2") {
		t.Errorf("a kind nobody knows: %v", err)
	}
}

func TestAFaceIsNeverARefusal(t *testing.T) {
	for score, want := range map[string]string{
		"": "", "0.97": "", "0.85": "", "0.84": "WARN face_unclear id_card_front.", "0.60": "WARN face_unclear id_card_front.",
		"0.31": "WARN face_differs id_card_front.", "n/a": "WARN face_unclear id_card_front.", "7": "WARN face_unclear id_card_front.", "NaN": "WARN face_unclear id_card_front.",
	} {
		in := claim()
		in.Shared["face_score"] = score
		a := catalog(t).Assess(in)
		if got := rules(a); got != want {
			t.Errorf("score %q: %q, want %q", score, got, want)
		}
		if want != "" && a.Verdict != review {
			t.Errorf("score %q: %s", score, a.Verdict)
		}
	}
}

func TestNamesThatSystemsLoseGoToAPerson(t *testing.T) {
	for name, special := range map[string]bool{
		"张明": false, "买买提·吐尔逊": false, "阿卜杜热西提·阿卜杜外力": false, "王𬱖": true, "李\ue863": true,
		"阿里木江·买买提艾力·阿卜杜热合曼": true,
	} {
		in := claim()
		in.Applicant.Name = name
		for i, f := range in.Files {
			for j, r := range f.Readings {
				r.Lines = slices.Clone(r.Lines)
				for k := range r.Lines {
					r.Lines[k].Text = strings.NewReplacer("张明", name, "张 明", name).Replace(r.Lines[k].Text)
				}
				in.Files[i].Readings[j] = r
			}
		}
		got := rules(catalog(t).Assess(in))
		if strings.Contains(got, "WARN name_special id_card_front.name") != special || strings.Contains(got, "BLOCK") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// withLines gives the page with more lines on it.
func withLines(r casework.Reading, more ...at) casework.Reading {
	r.Lines = append(slices.Clone(r.Lines), page(more...).Lines...)
	return r
}

func TestTheClaimFormIsSignedAndItsBoxTicked(t *testing.T) {
	blank := claim()
	replace(&blank, "claim_form", without(form(), "张明"))
	unticked := claim()
	replace(&unticked, "claim_form", withLines(form(), at{80, 900, "承诺事项"}, at{260, 900, "□ 本人承诺所填内容真实"}))
	ticked := claim()
	replace(&ticked, "claim_form", withLines(form(), at{80, 900, "承诺事项"}, at{260, 900, "√ 本人承诺所填内容真实"}))
	for name, c := range map[string]struct {
		in   materials.Input
		want string
	}{
		"not signed": {blank, "WARN signature_missing claim_form.applicant_signature"}, "unticked": {unticked, "WARN promise_not_ticked claim_form.promise"}, "ticked": {ticked, ""},
	} {
		if got := rules(catalog(t).Assess(c.in)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
