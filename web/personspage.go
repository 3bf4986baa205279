package web

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons/link"
	"github.com/jingban/jingban/store"
)

// pairRow is one pair of the queue.
type pairRow struct {
	Href, A, B, Name    string
	Level, Rule, Months string
	Fen, Chance, Value  string
	Zone, State         Pill
}

type mergeRow struct {
	Main, Sub, At, Run string
	State              Pill
	Undoable           bool
}

type personsView struct {
	Page
	Chips    []Chip
	Pairs    []pairRow
	Next     string
	Searches []searchRow
	Merges   []mergeRow
}

type searchRow struct {
	At, Name, Way, Records, Added, Gone, Pairs, Opened, Closed string
	Run                                                        string // whose step searched, "" for none
	State                                                      Pill
	Why                                                        string
}

// How many searches and merges the page of persons shows.
const (
	searchesShown = 8
	mergesShown   = 20
)

func (s *Server) personsPage(v *visit) (answer, error) {
	p := s.page(v, s.words.text(v.lang, "nav.persons"), "persons")
	view := personsView{Page: p}
	state := pairState(v)
	counts, err := s.cfg.Store.PairCounts(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("pairs: %w", err)
	}
	for _, one := range []store.PairState{store.PairOpen, store.PairUnsure, store.PairSame, store.PairTwo} {
		view.Chips = append(view.Chips, Chip{Text: p.Word("state.pair", string(one)), Href: "/persons?state=" + string(one), Count: strconv.Itoa(counts[one]), Active: one == state})
	}
	pairs, next, err := s.cfg.Store.PersonPairs(v.Context(), state, v.URL.Query().Get("after"), v.limit())
	if err != nil {
		return answer{}, fmt.Errorf("pairs: %w", err)
	}
	for _, pair := range pairs {
		view.Pairs = append(view.Pairs, s.pairRow(p, pair))
	}
	if next != "" {
		view.Next = "/persons?state=" + string(state) + "&after=" + next
	}
	if view.Searches, err = s.searchRows(v, p); err != nil {
		return answer{}, err
	}
	if view.Merges, err = s.mergeRows(v, p); err != nil {
		return answer{}, err
	}
	return page("persons", view)
}

func (s *Server) pairRow(p Page, pair store.PersonPair) pairRow {
	row := pairRow{Href: "/persons/" + pair.Key, A: casework.MaskAccount(pair.Shown.A), B: casework.MaskAccount(pair.Shown.B), Level: pair.Level,
		Rule: p.Word("linkrule", pair.Rule), Months: strconv.FormatInt(pair.Months, 10), Fen: pair.Fen.String(), Chance: chanceText(pair.Shown.Chance),
		Value: casework.Fen(pair.Value).String(), Zone: p.zonePill(pair.Zone), State: p.pairPill(pair.State)}
	for _, f := range pair.Shown.Fields {
		if f.Field == "name" {
			row.Name = casework.MaskName(f.A)
		}
	}
	return row
}

func (p Page) zonePill(zone string) Pill {
	return Pill{Tone: map[string]string{string(link.Automatic): "ok", string(link.Review): "warn"}[zone], Text: p.Word("zone", zone)}
}

func (p Page) pairPill(state store.PairState) Pill {
	return Pill{Tone: map[store.PairState]string{store.PairOpen: "info", store.PairSame: "ok", store.PairTwo: "bad", store.PairUnsure: "mute"}[state],
		Text: p.Word("state.pair", string(state))}
}

// chanceText shows a probability; sure is what rounds to it only.
func chanceText(chance float64) string { return strconv.FormatFloat(100*chance, 'f', 2, 64) + " %" }

func (s *Server) searchRows(v *visit, p Page) ([]searchRow, error) {
	all, err := s.cfg.Store.PersonSearches(v.Context(), searchesShown)
	if err != nil {
		return nil, fmt.Errorf("searches of persons: %w", err)
	}
	var rows []searchRow
	for _, one := range all {
		tones := map[store.PersonSearchState]string{store.PersonsOrdered: "info", store.PersonsSearched: "ok", store.PersonsRefused: "bad"}
		row := searchRow{At: p.Time(one.At), Run: one.RunID, Name: maskDigits(one.Name), State: Pill{Tone: tones[one.State], Text: p.Word("state.search", string(one.State))}}
		if one.State == store.PersonsSearched {
			row.Way, row.Records, row.Added, row.Gone = p.Word("searchway", one.Way), strconv.Itoa(one.Records), strconv.Itoa(one.Added), strconv.Itoa(one.Gone)
			row.Pairs, row.Opened, row.Closed = strconv.Itoa(one.Pairs), strconv.Itoa(one.Opened), strconv.Itoa(one.Closed)
		}
		if one.Code != "" {
			row.Why = s.words.sentences(p.Lang, one.Code, nil).Do
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (s *Server) mergeRows(v *visit, p Page) ([]mergeRow, error) {
	all, err := s.cfg.Store.PersonMerges(v.Context(), mergesShown)
	if err != nil {
		return nil, fmt.Errorf("merges: %w", err)
	}
	var rows []mergeRow
	for _, m := range all {
		state, tone := "stands", "ok"
		switch {
		case m.Exact():
			state, tone = "undone", "mute"
		case !m.Undone.IsZero():
			state, tone = "undone_otherwise", "bad"
		}
		rows = append(rows, mergeRow{Main: casework.MaskAccount(m.Main), Sub: casework.MaskAccount(m.Sub), At: p.Time(m.At), Run: m.RunID,
			State: Pill{Tone: tone, Text: p.Word("state.merge", state)}, Undoable: m.Undone.IsZero() && p.May(mayRulePerson)})
	}
	return rows, nil
}

// bar is one step of the waterfall: where it begins and how far it goes, on a
// scale of barWide.
type bar struct {
	X, Wide float64
	For     bool
	Bits    string
}

const barWide = 240.0

type linkRow struct {
	Field, A, B string
	Level       string
	Agrees      string // tone
	Bar         bar
}

type pairView struct {
	Page
	Row      pairRow
	Key      string
	Was      string
	A, B     string
	Fields   []linkRow
	Prior    bar
	Rarity   bar
	Sum      bar
	Zero     float64
	Doubt    string
	History  []rulingRow
	Revealed bool
	Name     string
	IDNumber string
	CaseID   string
	Answers  bool // may still be answered
	Undo     bool // an answer may be taken back
	Gone     bool
}

type rulingRow struct{ At, Who, Text, Note string }

func (s *Server) pairPage(v *visit) (answer, error) {
	pair, err := s.cfg.Store.PersonPair(v.Context(), v.PathValue("key"))
	if err != nil {
		return answer{}, fmt.Errorf("pair: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "persons.pair"), "persons")
	view := pairView{Page: p, Row: s.pairRow(p, pair), Key: pair.Key, Was: string(pair.State), CaseID: pair.CaseID, Gone: pair.Gone,
		Doubt: chanceText(float64(pair.Doubt) / 10000), Revealed: v.URL.Query().Get("reveal") == "1",
		Answers: p.May(mayRulePerson) && pair.State != store.PairSame, Undo: pair.State == store.PairTwo || pair.State == store.PairUnsure}
	if view.Revealed {
		if err := s.reveal(v, pair.Key, "person pair"); err != nil {
			return answer{}, err
		}
	}
	view.lay(pair)
	rulings, err := s.cfg.Store.PairRulings(v.Context(), pair.Key)
	if err != nil {
		return answer{}, fmt.Errorf("pair: %w", err)
	}
	for _, r := range rulings {
		view.History = append(view.History, rulingRow{p.Time(r.At), r.By, p.Word("state.pair", string(r.Ruling)), r.Note})
	}
	return page("personpair", view)
}

// lay fills the field table and the waterfall.
func (view *pairView) lay(pair store.PersonPair) {
	p, shown := view.Page, pair.Shown
	mask := func(field, value string) string { return maskField(field, value) }
	view.A, view.B = casework.MaskAccount(shown.A), casework.MaskAccount(shown.B)
	if view.Revealed {
		mask, view.A, view.B = func(_, value string) string { return value }, shown.A, shown.B
	}
	low, high, at := 0.0, 0.0, 0.0
	steps := append([]float64{shown.Prior}, make([]float64, 0, len(shown.Fields)+1)...)
	for _, f := range shown.Fields {
		steps = append(steps, f.Weight)
	}
	steps = append(steps, shown.Rarity)
	for _, step := range steps {
		at += step
		low, high = min(low, at), max(high, at)
	}
	scale := barWide / max(high-low, 1)
	at = 0
	next := func(step float64) bar {
		one := bar{X: (min(at, at+step) - low) * scale, Wide: max(math.Abs(step)*scale, 1), For: step >= 0, Bits: fmt.Sprintf("%+.1f", step)}
		at += step
		return one
	}
	view.Zero = -low * scale
	view.Prior = next(shown.Prior)
	for _, f := range shown.Fields {
		row := linkRow{Field: p.Word("linkfield", f.Field), A: mask(f.Field, f.A), B: mask(f.Field, f.B), Level: p.Word("linklevel", f.Level), Bar: next(f.Weight)}
		row.Agrees = levelTone(f.Level)
		view.Fields = append(view.Fields, row)
		if view.Revealed && f.Field == "name" {
			view.Name = f.A
		}
		if view.Revealed && f.Field == "number" {
			view.IDNumber = f.A
		}
	}
	view.Rarity = next(shown.Rarity)
	at = 0
	view.Sum = next(shown.Weight)
}

func levelTone(level string) string {
	switch {
	case level == "same":
		return "ok"
	case level == "missing":
		return "mute"
	case slices.Contains([]string{"different", "other", "unlike", "neighbour"}, level):
		return "bad"
	}
	return "warn"
}

// maskField hides what names a person; what does not tell a person stays.
func maskField(field, value string) string {
	switch field {
	case "name":
		return casework.MaskName(value)
	case "number":
		return casework.MaskID(value)
	case "mobile":
		return casework.MaskMobile(value)
	case "sex", "employer":
		return value
	case "birth":
		if len(value) > 4 {
			return value[:4] + "-**-**"
		}
	}
	return casework.MaskAccount(value)
}
