package materials

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// issue is a row of card prefixes: whose they are and of what kind.
type issue struct {
	Bank     string        `yaml:"bank"`
	Kind     string        `yaml:"kind"` // debit or credit
	From     casework.Date `yaml:"from"`
	To       casework.Date `yaml:"to"` // zero: still
	Source   string        `yaml:"source"`
	Prefixes []string      `yaml:"prefixes"`
}

func (i *issue) span() (from, to casework.Date) { return i.From, i.To }
func (i *issue) place() string                  { return "" }

// prefixLength is how many digits a prefix of the table has.
const prefixLength = 6

// addBINs files every prefix; the same one of a later folder from the same day
// replaces the earlier one.
func (c *Catalog) addBINs(file string, text []byte) error {
	var f struct {
		BINs []*issue `yaml:"bins"`
	}
	if err := casework.DecodeYAML(file, text, &f); err != nil {
		return err
	}
	digits := regexp.MustCompile(fmt.Sprintf(`^\d{%d}$`, prefixLength))
	for n, i := range f.BINs {
		place := casework.PlaceInYAML(file, text, fmt.Sprintf("$.bins[%d].bank", n))
		if i.Bank == "" || i.Source == "" || i.From.IsZero() || i.Kind != "debit" && i.Kind != "credit" {
			return fmt.Errorf("%s: want bank, kind (debit or credit), from and source", place)
		}
		for _, prefix := range i.Prefixes {
			if !digits.MatchString(prefix) {
				return fmt.Errorf("%s: prefix %q: want %d digits", place, prefix, prefixLength)
			}
			c.bins[prefix] = withVersion(c.bins[prefix], i)
		}
	}
	return nil
}

// issuerOf gives the bank of a card number on a day, nil for a prefix nobody has
// written down.
func (c *Catalog) issuerOf(number string, on casework.Date) *issue {
	return inForce(c.bins[prefix(number, prefixLength)], on)
}

// bankNamed gives the bank of the table that a text names, "" for none.
func (c *Catalog) bankNamed(text string) string {
	said := employerName(text)
	if said == "" {
		return ""
	}
	longest := ""
	for _, versions := range c.bins {
		for _, i := range versions {
			if len(i.Bank) > len(longest) && strings.Contains(said, shortBank(i.Bank)) {
				longest = i.Bank
			}
		}
	}
	return longest
}

// shortBank is how people call a bank: 农业银行. 中国银行 has no shorter name.
func shortBank(name string) string {
	if short, ok := strings.CutPrefix(name, "中国"); ok && short != "银行" {
		return short
	}
	return name
}

// checkIssuer looks at the prefix of a card whose number is right: benefits are
// paid to debit cards only. A credit card is named once, wherever it is written.
func (d *desk) checkIssuer(p *paper, f casework.Field) {
	of := d.issuerOf(f.Value, d.in.Received)
	if f.Confidence < checkedFrom || of != nil && of.Kind == "debit" {
		return // two digits may be wrong; or nothing is
	}
	masked := casework.MaskAccount(f.Value)
	finding, w := at("account_bin_unknown", p, f.Name), words{"found": same(masked)}
	if of != nil {
		finding.Rule, w["expected"] = "account_credit", same(of.Bank)
	}
	if !slices.ContainsFunc(d.findings, func(g casework.Finding) bool { return g.Rule == finding.Rule && g.Found == masked }) {
		d.add(finding, w)
	} else if of != nil {
		d.reported[p.Type+"."+f.Name] = true
	}
}

// checkAccountBank asks whether the bank that a paper names is its card's. Of a
// card that is somebody else's, or wrong, nothing more is said.
func checkAccountBank(d *desk) {
	d.each(Account, func(p *paper, f casework.Field) {
		of, named := d.issuerOf(f.Value, d.in.Received), d.bankNamed(p.Fields["bank"].Value)
		spoken := d.reported[p.Type+"."+f.Name] || d.reported[p.Type+".holder"] || d.foreign[p.Type] || d.broke("account_bank_differs")
		if of == nil || named == "" || named == of.Bank || spoken || !validCard(f.Value) || f.Confidence < checkedFrom {
			return
		}
		d.add(at("account_bank_differs", p, "bank"), words{"found": same(named), "expected": same(of.Bank)})
	})
}
