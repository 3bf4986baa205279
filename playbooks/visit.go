package playbooks

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/jingban/jingban/casework"
)

// visit is one passage over a page: what it reads goes into its own
// expressions, what it writes is evidence.
type visit struct {
	turn     *turn
	page     Page
	system   System
	env      map[string]any
	wrote    []writing
	fallback bool                // a locator matched only by a fallback
	sight    []string            // texts that were found only in pixels
	columns  map[string][]string // of the tables read, by the name of the reading
	last     Seen
}

// writing is one value as it was written and as the page gave it back.
type writing struct {
	Label    string `json:"label"`
	Written  string `json:"written"`
	ReadBack string `json:"read_back"`

	file bool // an upload: no page gives it back
}

// visit begins a passage with the values of the run and the system's codes.
func (t *turn) visit(page Page, system System) *visit {
	env := maps.Clone(t.env)
	env["code"] = system.code
	return &visit{turn: t, page: page, system: system, env: env, columns: map[string][]string{}}
}

// act carries out one verb.
func (v *visit) act(ctx context.Context, act Act) (Seen, error) {
	seen, err := v.page.Do(ctx, act)
	if err != nil {
		return Seen{}, err
	}
	v.fallback, v.sight = v.fallback || seen.Fallback, append(v.sight, seen.Sight...)
	v.last = seen
	return seen, nil
}

// all carries out the lines in order.
func (v *visit) all(ctx context.Context, lines []line) error {
	for _, l := range lines {
		if err := l.action.do(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// locate adds the system's other spellings.
func (v *visit) locate(l Locator) Locator { return l.known(v.system) }

// written is the evidence of everything written so far.
func (v *visit) written() (Shot, error) {
	data, err := json.Marshal(v.wrote)
	return Shot{Kind: casework.Values, Name: "values.json", MIME: "application/json", Data: data}, err
}

// plain makes texts comparable: compatibility forms folded, no white space,
// colons or asterisks, no access key like [S] at the end, and no commas between the
// thousands of an amount.
func plain(text string) string {
	text = strings.Join(strings.Fields(norm.NFKC.String(text)), "")
	text = strings.Trim(text, ":*")
	if i := strings.LastIndexByte(text, '['); i > 0 && strings.HasSuffix(text, "]") && len(text)-i == 3 {
		text = text[:i]
	}
	if regexp.MustCompile(`^-?\d{1,3}(,\d{3})+(\.\d+)?$`).MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	return text
}
