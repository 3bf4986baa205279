package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

// baseYear is one year of contribution wages, by the month's number.
type baseYear struct {
	Year  int                     `json:"year"`
	Rate  string                  `json:"interest_rate"`
	Bases map[string]casework.Fen `json:"month_base_fen"`
}

func (y baseYear) contributions() ([]benefits.Contribution, error) {
	var list []benefits.Contribution
	for text, base := range y.Bases {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 || number > 12 {
			return nil, fmt.Errorf("month %q of %d: want 1 to 12", text, y.Year)
		}
		list = append(list, benefits.Contribution{Month: casework.Month(y.Year*100 + number), Base: base, Arrived: true})
	}
	return list, nil
}

func transferAmount(r benefits.Region, in struct {
	Pre1998 casework.Fen `json:"pre1998_account_fen"`
	Years   []baseYear   `json:"years"`
	Current baseYear     `json:"current_year"`
}) (values, explained, error) {
	terms, err := r.Transfer()
	if err != nil {
		return nil, nil, err
	}
	var list []benefits.Contribution
	rates := map[int]string{}
	for _, y := range append(slices.Clone(in.Years), in.Current) {
		months, err := y.contributions()
		if err != nil {
			return nil, nil, err
		}
		list = append(list, months...)
		rates[y.Year] = y.Rate
		if y.Rate != "" {
			rate, err := benefits.ParseRate(y.Rate)
			if err != nil {
				return nil, nil, err
			}
			terms = terms.WithCrediting(y.Year, rate)
		}
	}
	t, err := terms.Transfer(list, in.Pre1998, in.Current.Year)
	rows := []values{}
	for _, y := range t.Rows {
		rows = append(rows, values{
			"year": y.Year, "rate": rates[y.Year], "months": y.Months, "base_sum": y.BaseSum,
			"interest_prev": y.OnOpening, "interest_cur": y.OnNew, "principal": y.Principal, "end": y.Closing,
		})
	}
	return values{
		"rows": rows, "pre1998": t.Pre1998, "acc_to_last_year_end": t.Balance, "current_year_principal": t.Current,
		"account_transfer": t.Account, "pooled_base": t.PooledBase, "pooled_transfer": t.Pooled, "total": t.Total,
	}, t, err
}

func receivingPlace(r benefits.Region, in struct {
	Home      string `json:"hukou"`
	Current   string `json:"current"`
	Relations []struct {
		Province  string `json:"province"`
		Months    int    `json:"months"`
		Temporary bool   `json:"temporary"`
	} `json:"relations"`
}) (values, explained, error) {
	terms, err := r.Place()
	if err != nil {
		return nil, nil, err
	}
	var relations []benefits.Relation
	for _, relation := range in.Relations {
		relations = append(relations, benefits.Relation(relation))
	}
	p := terms.Place(in.Home, in.Current, relations)
	return values{"place": p.Province, "rule": p.Rule}, p, nil
}

func accountType(r benefits.Region, in struct {
	Sex         string        `json:"sex"`
	Birth       casework.Date `json:"birth"`
	Established casework.Date `json:"established"`
	Home        string        `json:"hukou"`
	Province    string        `json:"province"`
	HadGeneral  bool          `json:"already_had_general_account_there"`
}) (values, explained, error) {
	terms, err := r.Account()
	if err != nil {
		return nil, nil, err
	}
	a, err := terms.Account(benefits.NewRelation(in))
	return values{"account_type": a.Kind}, a, err
}

func duplicateCleanup(r benefits.Region, in struct {
	Keep map[casework.Month]casework.Fen `json:"keep"`
	Drop map[casework.Month]casework.Fen `json:"drop"`
}) (values, explained, error) {
	terms, err := r.Duplicate()
	if err != nil {
		return nil, nil, err
	}
	d, err := terms.Duplicate(in.Keep, in.Drop)
	overlap := append([]casework.Month{}, d.Overlap...)
	return values{"overlap_months": overlap, "count": len(overlap), "refund_principal_fen": d.Refund, "counted_months": d.Counted}, d, err
}
