package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Question is what a person has to look at: one open row, or the rows of one
// suggestion. Its key is made of what the rows say, not of where they stand, so
// that it is the same question the next night and after a new export.
type Question struct {
	Key    string
	State  State
	Rule   string
	Reason string
	Zh, En string
	Rows   []RowResult
	Fen    casework.Fen // the money at stake, positive: the larger of both sides
	Net    casework.Fen // bank minus books
	Doubt  float64      // how likely it is that something is wrong, 0..1; for the order only
	Day    Day          // of the oldest row
	Age    int          // days since then
	Ruling Ruling
}

// Weight orders the questions: money times doubt, in fen.
func (q Question) Weight() float64 { return float64(q.Fen) * q.Doubt }

// Rulable says which answers the question takes.
func (q Question) Rulable() []Ruling {
	if len(q.Rows) > 1 {
		return []Ruling{Accepted, Refused}
	}
	return []Ruling{Explained}
}

// identity is what a row says. Rows that say the same are numbered.
func identity(side Side, d Detail) string {
	return strings.Join([]string{side.String(), d.Day.String(), strconv.FormatInt(int64(d.Fen), 10), d.Serial, d.Client, d.Voucher, d.Account, d.Party, d.Batch, d.Summary, d.Note}, "\x1f")
}

// ask makes the questions of what is left and hears what was said of them
// before. Rows that were left out ask nothing.
func (res *Result) ask(answers []Answer) {
	twins, at := map[string]int{}, map[uint32]int{}
	for i := range res.Differ {
		row := &res.Differ[i]
		if row.State == Rejected {
			continue
		}
		who := identity(row.Side, row.Detail)
		twins[who]++
		row.Key = rowKey(who, twins[who])
		k, known := at[row.Group]
		if row.Group == 0 || !known {
			k = len(res.Questions)
			at[row.Group] = k
			res.Questions = append(res.Questions, Question{State: row.State, Rule: row.Rule, Reason: row.Reason, Zh: row.Zh, En: row.En})
		}
		res.Questions[k].Rows = append(res.Questions[k].Rows, *row)
	}
	res.askAgain(answers)
	rulings, last := map[string]Ruling{}, res.lastDay()
	for _, a := range answers {
		rulings[a.Question] = a.Ruling
	}
	for i := range res.Questions {
		q := &res.Questions[i]
		q.weigh(last)
		q.Ruling = rulings[q.Key]
	}
	slices.SortStableFunc(res.Questions, func(a, b Question) int {
		return cmp.Or(cmp.Compare(b.Weight(), a.Weight()), cmp.Compare(a.Key, b.Key))
	})
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// weigh sums what the rows say.
func (q *Question) weigh(last Day) {
	var keys []string
	var sums [2]casework.Fen
	for _, row := range q.Rows {
		keys = append(keys, row.Key)
		sums[row.Side] += abs(row.Fen)
		q.Net += pick(row.Side == Bank, row.Fen, -row.Fen)
		if q.Day == 0 || row.Detail.Day < q.Day {
			q.Day = row.Detail.Day
		}
	}
	slices.Sort(keys)
	if q.Fen = max(sums[0], sums[1]); q.Key == "" { // a refused one keeps the key it had
		q.Key = keys[0]
		if len(keys) > 1 {
			q.Key = digest(strings.Join(keys, "\x1f"))
		}
	}
	q.Age, q.Doubt = max(int(last)-int(q.Day), 0), doubt(q.State, q.Reason)
	if q.Doubt == 0 {
		return
	}
	if q.Age > EscalateAfter {
		q.Doubt = 1
	} else if q.Age > WarnAfter {
		q.Doubt = max(q.Doubt, 0.8)
	}
}

// doubt is how likely a row of this kind hides a mistake. A fee or interest waits
// for its voucher only; rows without any partner and reversed signs are the worst.
// The numbers only order the queue.
func doubt(state State, why string) float64 {
	switch why {
	case "refused":
		return pick(state.open(), 0.9, 0) // the rows are asked about one by one
	case "accepted":
		return pick(state == MatchedWithDifference, 0.3, 0)
	case "fee", "interest":
		return 0.1
	case "returned", "party_differs", "account_differs":
		return 0.7
	case "no_partner", "sign_reversed", "duplicate", "batch_differs":
		return 0.9
	case "name_differs", "columns_swapped", "reference_differs":
		return 0.3
	}
	switch state {
	case Ambiguous:
		return 0.2
	case MatchedWithDifference, Proposed:
		return 0.5
	}
	return 0.9
}

// settled says that a person vouches for the question and nothing is left of it.
func (q Question) settled() bool { return q.Ruling == Accepted && q.Net == 0 }

// Waits says that the question still wants an answer or a partner: it is not
// settled, and not a refusal that is shown only to be taken back.
func (q Question) Waits() bool { return !q.settled() && q.Ruling != Refused }
