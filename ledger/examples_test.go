package ledger

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

func TestWorkedExamplesOfReconciliation(t *testing.T) {
	text, err := os.ReadFile("../casework/testdata/worked-examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Examples []struct {
			ID, Module string
			Inputs     json.RawMessage
			Expected   map[string]any
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, e := range file.Examples {
		compute := map[string]func(*testing.T, json.RawMessage) any{"reconcile.adjustment_table": tableExample, "reconcile.payment_batch": batchExample}[e.Module]
		if compute == nil {
			if strings.HasPrefix(e.Module, "reconcile.") {
				t.Errorf("%s: nobody computes %s", e.ID, e.Module)
			}
			continue
		}
		seen++
		t.Run(e.ID, func(t *testing.T) {
			encoded, err := json.Marshal(compute(t, e.Inputs))
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(encoded, &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, e.Expected) {
				t.Errorf("got %v, want %v", got, e.Expected)
			}
		})
	}
	if seen < 4 {
		t.Errorf("only %d examples", seen)
	}
}

func tableExample(t *testing.T, raw json.RawMessage) any {
	var in struct {
		Bank casework.Fen   `json:"bank_balance_fen"`
		Book casework.Fen   `json:"book_balance_fen"`
		K1   []casework.Fen `json:"bank_received_not_booked"`
		K2   []casework.Fen `json:"bank_paid_not_booked"`
		K3   []casework.Fen `json:"entity_received_not_banked"`
		K4   []casework.Fen `json:"entity_paid_not_banked"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		t.Fatal(err)
	}
	lines := func(amounts []casework.Fen) (list []AdjustmentLine) {
		for _, fen := range amounts {
			list = append(list, AdjustmentLine{Fen: fen})
		}
		return list
	}
	a := Adjustment{Bank: in.Bank, Book: in.Book, K1: lines(in.K1), K2: lines(in.K2), K3: lines(in.K3), K4: lines(in.K4)}
	return map[string]any{"adjusted_bank_fen": a.AdjustedBank(), "adjusted_book_fen": a.AdjustedBook(), "difference_fen": a.Difference(), "balanced": a.Balanced()}
}

func batchExample(t *testing.T, raw json.RawMessage) any {
	var in struct {
		Items    map[string]casework.Fen
		Debits   []casework.Fen `json:"bank_debits"`
		Returned []string
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		t.Fatal(err)
	}
	p := &Payment{}
	for _, item := range slices.Sorted(maps.Keys(in.Items)) {
		p.Items = append(p.Items, PaymentItem{Item: item, Fen: in.Items[item], Returned: slices.Contains(in.Returned, item)})
	}
	return p.Result(in.Debits)
}
