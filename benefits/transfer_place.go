package benefits

import (
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// PlaceTerms say how long one must have paid somewhere to draw the pension there.
type PlaceTerms struct {
	Months   int
	Document string
}

// Relation is one stay in an insurance, oldest first in a list.
type Relation struct {
	Province  string
	Months    int // with recognised 视同缴费
	Temporary bool
}

// Place is where the pension is drawn (待遇领取地).
type Place struct {
	Terms     PlaceTerms
	Home      string // province of the household
	Current   string // province of the last relation
	Relations []Relation
	Province  string
	Rule      string // R1 to R4, see [PlaceTerms.Place]
	months    map[string]int
}

// Place decides by the rules of 国办发〔2009〕66号 article 6. R1: the relation is
// at home. R2: long enough where it is. R3: the latest earlier place with enough
// months. R4: home. Stays in one province add up, temporary accounts count for
// nothing.
func (t PlaceTerms) Place(home, current string, relations []Relation) Place {
	p := Place{Terms: t, Home: home, Current: current, Relations: relations, months: map[string]int{}}
	for _, r := range relations {
		if !r.Temporary {
			p.months[r.Province] += r.Months
		}
	}
	p.Province, p.Rule = p.decide()
	return p
}

func (p Place) decide() (province, rule string) {
	if p.Current == p.Home {
		return p.Home, "R1"
	}
	if p.months[p.Current] >= p.Terms.Months {
		return p.Current, "R2"
	}
	for _, r := range slices.Backward(p.Relations) {
		if !r.Temporary && p.months[r.Province] >= p.Terms.Months {
			return r.Province, "R3"
		}
	}
	return p.Home, "R4"
}

// Derivation explains the place.
func (p Place) Derivation() Derivation {
	d := Derivation{Title: "养老保险待遇领取地"}
	d.add(Given, "户籍所在地%s，现参保地%s", p.Home, p.Current)
	for _, r := range p.Relations {
		d.add(Given, "%s %d个月，临时账户：%s", r.Province, r.Months, yesNo(r.Temporary))
	}
	why := map[string]string{
		"R1": "关系在户籍所在地，由户籍所在地办理",
		"R2": "现参保地累计缴费满规定月数，由现参保地办理",
		"R3": "现参保地不满规定月数，转回上一个满规定月数的参保地",
		"R4": "各参保地均不满规定月数，归集到户籍所在地",
	}
	d.add(Step, "规定月数%d个月：%s", p.Terms.Months, why[p.Rule])
	d.add(Result, "待遇领取地为%s", p.Province)
	d.basis(p.Terms.Document)
	return d
}

// AccountTerms are the ages from which a new relation outside home is temporary.
type AccountTerms struct {
	Men, Women int
	Document   string
}

// AccountKind is how a relation is held.
type AccountKind string

// The kinds.
const (
	General   AccountKind = "GENERAL"   // 一般账户
	Temporary AccountKind = "TEMPORARY" // 临时缴费账户: the relation stays where it was
)

// NewRelation is what decides how a relation is held.
type NewRelation struct {
	Sex         string // "M" or "F"
	Birth       casework.Date
	Established casework.Date // day it is opened
	Home        string
	Province    string
	HadGeneral  bool // a general relation was there before
}

// Account is how a new relation is held.
type Account struct {
	Terms AccountTerms
	In    NewRelation
	Age   int // full years on the day it is opened
	Kind  AccountKind
}

// Account decides by 国办发〔2009〕66号 article 5. A transfer arranged by a county's
// organisation department is general whatever the age: a person decides that.
func (t AccountTerms) Account(in NewRelation) (Account, error) {
	if in.Sex != "M" && in.Sex != "F" || in.Birth.IsZero() || in.Established.Before(in.Birth) {
		return Account{}, fmt.Errorf("relation of %s: want sex M or F and a birth before it", in.Established)
	}
	a := Account{Terms: t, In: in, Age: in.Birth.YearsUntil(in.Established), Kind: General}
	if in.Home != in.Province && !in.HadGeneral && a.Age >= a.limit() {
		a.Kind = Temporary
	}
	return a, nil
}

func (a Account) limit() int {
	if a.In.Sex == "F" {
		return a.Terms.Women
	}
	return a.Terms.Men
}

// Derivation explains the kind.
func (a Account) Derivation() Derivation {
	d := Derivation{Title: "养老保险账户类别"}
	d.add(Given, "%s建立关系时年满%d周岁，规定年龄%d周岁", a.In.Established, a.Age, a.limit())
	d.add(Given, "户籍%s，参保地%s，当地已有一般账户：%s", a.In.Home, a.In.Province, yesNo(a.In.HadGeneral))
	d.add(Result, "%s", map[AccountKind]string{General: "一般账户", Temporary: "临时缴费账户，原关系保留"}[a.Kind])
	d.basis(a.Terms.Document)
	return d
}
