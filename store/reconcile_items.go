package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
)

// maxFundItems bounds what one result writes: the heaviest questions. A
// transaction stays below a second; rows.csv has all of them.
const maxFundItems = 2000

// FundItem is a question that stands open, or stood open until it was cleared.
type FundItem struct {
	Key      string // keyed hash
	Question ledger.Question
	First    string // result that asked it first
	Since    time.Time
	Last     string // result that saw it last
	Cleared  time.Time
	Rulings  []FundRuling // the oldest first; the last one counts
}

// FundRuling is what a person said of an item.
type FundRuling struct {
	Item   string
	Ruling ledger.Ruling // "" takes the one before back
	Note   string        // sealed
	Result string
	By     string
	At     time.Time
}

func fundQuestionOf(account, key string) string { return "fund_items/question/" + account + "." + key }
func fundNoteOf(id string) string               { return "fund_rulings/note/" + id }

// keepFundItems writes the questions of a result and clears what is gone.
func (t *tx) keepFundItems(ctx context.Context, v FundResult, questions []ledger.Question) error {
	k := t.store.keys
	for _, q := range questions[:min(len(questions), maxFundItems)] {
		key := k.hash("fund", v.AccountID, q.Key)
		text, err := k.sealJSON(fundQuestionOf(v.AccountID, key), q)
		if err != nil {
			return err
		}
		err = t.later(ctx, `INSERT INTO fund_items (account_id, key, question, state, reason, fen, net, weight, day, first_result, first_at, last_result, cleared_result, cleared_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10, '', 0)
			ON CONFLICT (account_id, key) DO UPDATE SET question = excluded.question, state = excluded.state, reason = excluded.reason,
			weight = excluded.weight, last_result = excluded.last_result, cleared_result = '', cleared_at = 0`,
			v.AccountID, key, text, q.State.String(), q.Reason, int64(q.Fen), int64(q.Net), int64(q.Weight()), q.Day.String(), v.ID, micros(t.now))
		if err != nil {
			return err
		}
	}
	_, err := t.update(ctx, `UPDATE fund_items SET cleared_result = $1, cleared_at = $2 WHERE account_id = $3 AND last_result <> $1 AND cleared_at = 0`,
		v.ID, micros(t.now), v.AccountID)
	return err
}

const fundItemColumns = "i.account_id, i.key, i.question, i.first_result, i.first_at, i.last_result, i.cleared_at"

func (s *Store) scanFundItem(r row) (v FundItem, err error) {
	var account, text string
	var since, cleared int64
	if err = r.Scan(&account, &v.Key, &text, &v.First, &since, &v.Last, &cleared); err != nil {
		return v, err
	}
	v.Since, v.Cleared = moment(since), moment(cleared)
	return v, s.keys.openJSON(fundQuestionOf(account, v.Key), text, &v.Question)
}

// FundItems gives a page of what is open, by money times doubt, and the cursor of
// the next.
func (s *Store) FundItems(ctx context.Context, accountID, after string, limit int) (items []FundItem, next string, err error) {
	var w where
	w.add("i.account_id = ?", accountID)
	w.add("i.cleared_at = 0")
	if after != "" {
		weight, key, _ := strings.Cut(after, "~")
		at, err := strconv.ParseInt(weight, 10, 64)
		if err != nil {
			return nil, "", fmt.Errorf("list fund items: cursor: %w", ErrInvalid)
		}
		w.add("(i.weight < ? OR i.weight = ? AND i.key > ?)", at, at, key)
	}
	limit = limited(limit)
	items, err = list(ctx, s.reader, s.scanFundItem, "SELECT "+fundItemColumns+" FROM fund_items i"+w.String()+" ORDER BY i.weight DESC, i.key LIMIT "+w.mark(limit+1), w.values...)
	if err != nil {
		return nil, "", explain("list fund items", err)
	}
	items, next = pageOf(items, limit, func(v FundItem) string { return strconv.FormatInt(int64(v.Question.Weight()), 10) + "~" + v.Key })
	return items, next, s.addFundRulings(ctx, accountID, items)
}

func (s *Store) addFundRulings(ctx context.Context, accountID string, items []FundItem) error {
	if len(items) == 0 {
		return nil
	}
	var keys []string
	for _, v := range items {
		keys = append(keys, v.Key)
	}
	var w where
	w.add("account_id = ?", accountID)
	inMany(&w, "item_key", keys)
	all, err := list(ctx, s.reader, s.scanFundRuling, "SELECT id, item_key, ruling, note, result_id, name, at FROM fund_rulings"+w.String()+" ORDER BY id", w.values...)
	if err != nil {
		return explain("list fund rulings", err)
	}
	for _, r := range all {
		i := slices.IndexFunc(items, func(v FundItem) bool { return v.Key == r.Item })
		items[i].Rulings = append(items[i].Rulings, r)
	}
	for i := range items {
		if n := len(items[i].Rulings); n > 0 {
			items[i].Question.Ruling = items[i].Rulings[n-1].Ruling
		} else {
			items[i].Question.Ruling = ledger.Unruled
		}
	}
	return nil
}

func (s *Store) scanFundRuling(r row) (v FundRuling, err error) {
	var id, note string
	var at int64
	if err = r.Scan(&id, &v.Item, &v.Ruling, &note, &v.Result, &v.By, &at); err != nil {
		return v, err
	}
	v.At = moment(at)
	v.Note, err = s.keys.openText(fundNoteOf(id), note)
	return v, err
}

// RuleFundItem keeps what a person says of an open item; ledger.Unruled takes the
// last answer back. ErrConflict when the item is cleared, ErrInvalid for an answer
// it does not take or one that is not there to be taken back.
func (s *Store) RuleFundItem(ctx context.Context, by casework.Actor, accountID, key string, ruling ledger.Ruling, note string) error {
	actor, err := jsonText(by)
	if err != nil {
		return fmt.Errorf("rule: %w", err)
	}
	return s.change(ctx, "rule a fund item", func(t *tx) error {
		item, err := one(ctx, t, s.scanFundItem, "SELECT "+fundItemColumns+" FROM fund_items i WHERE i.account_id = $1 AND i.key = $2", accountID, key)
		if err != nil {
			return err
		}
		before, err := list(ctx, t, scalar[string], "SELECT ruling FROM fund_rulings WHERE account_id = $1 AND item_key = $2 ORDER BY id DESC LIMIT 1", accountID, key)
		if err != nil {
			return err
		}
		nothing := len(before) == 0 || before[0] == string(ledger.Unruled)
		switch {
		case !item.Cleared.IsZero():
			return fmt.Errorf("its partner has come: %w", ErrConflict)
		case ruling == ledger.Unruled && nothing, ruling != ledger.Unruled && !slices.Contains(item.Question.Rulable(), ruling):
			return fmt.Errorf("the answer %q was not offered: %w", ruling, ErrInvalid)
		}
		id := casework.NewID()
		_, err = t.update(ctx, `INSERT INTO fund_rulings (id, account_id, item_key, ruling, result_id, note, actor, name, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, accountID, key, string(ruling), item.Last, s.keys.sealText(fundNoteOf(id), note), actor, by.Name, micros(t.now))
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "fund.rule", key, map[string]string{"ruling": string(ruling), "state": item.Question.State.String(), "reason": item.Question.Reason})
	})
}

// FundAnswers gives the answers that hold for an account as a comparison takes
// them: those of closed books as well, because rows that were carried on are
// still the same rows.
func (s *Store) FundAnswers(ctx context.Context, accountID string) ([]ledger.Answer, error) {
	all, err := list(ctx, s.reader, func(r row) (a ledger.Answer, err error) {
		var key, text string
		if err = r.Scan(&key, &text, &a.Ruling); err != nil {
			return a, err
		}
		var q ledger.Question
		err = s.keys.openJSON(fundQuestionOf(accountID, key), text, &q)
		return q.Answered(a.Ruling), err
	}, `SELECT i.key, i.question, r.ruling FROM fund_rulings r JOIN fund_items i ON i.account_id = r.account_id AND i.key = r.item_key
		WHERE r.account_id = $1 AND r.id = (SELECT MAX(n.id) FROM fund_rulings n WHERE n.account_id = r.account_id AND n.item_key = r.item_key)
		ORDER BY r.id`, accountID)
	return slices.DeleteFunc(all, func(a ledger.Answer) bool { return a.Ruling == ledger.Unruled }), explain("fund answers", err)
}
