package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const fe1 = "../../ledger/testdata/fe1-"

// jingban runs the command line and gives status, output and complaints.
func jingban(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, complaints bytes.Buffer
	code := run(t.Context(), args, nil, strings.NewReader(""), &out, &complaints)
	return code, out.String(), complaints.String()
}

func TestReconcileEndsWithOneAndWritesEveryPaper(t *testing.T) {
	dir := t.TempDir()
	code, out, complaints := jingban(t, "reconcile", "--bank", fe1+"bank.csv", "--ledger", fe1+"journal.csv", "--batch", fe1+"batch.txt", "--until", "2026-03-31", "--out", dir)
	if code != 1 || !strings.Contains(out, "adjusted bank 1240097.50, adjusted ledger 1240097.50") {
		t.Fatalf("status %d, %s%s", code, out, complaints)
	}
	rows, err := os.ReadFile(filepath.Join(dir, "rows.csv"))
	if err != nil || !strings.HasPrefix(string(rows), "side,file,line,fen,state,group,rule,reason\n") || strings.Count(string(rows), "\n") != 1+3+2+5 {
		t.Errorf("rows.csv: %v\n%s", err, rows)
	}
	for _, name := range []string{"summary.json", "对账日报.xlsx", "银行存款余额调节表.xlsx", "对账结果.html"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if strings.Contains(complaints, "no PDF") {
		t.Skip("no Chromium to print with")
	}
	for _, name := range []string{"对账日报.pdf", "银行存款余额调节表.pdf"} {
		if pdf, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReconcileWithABankKeyRefusesAnUnsignedStatement(t *testing.T) {
	key := filepath.Join(t.TempDir(), "bank.pem")
	const public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"
	if err := os.WriteFile(key, []byte(public), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, complaints := jingban(t, "reconcile", "--bank", fe1+"bank.csv", "--ledger", fe1+"journal.csv", "--bank-key", key)
	if code != 2 || !strings.Contains(complaints, "signature") || out != "" {
		t.Errorf("status %d, %s%s", code, out, complaints)
	}
}

func TestReconcileEndsWithZeroWhenAllIsMatchedAndTwoWhenRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bank := write("bank.csv", "交易日期,借方发生额,贷方发生额,余额,流水号\n2026-03-30,10.00,,90.00,S1\n2026-03-31,20.00,,70.00,S2\n")
	book := write("book.csv", "日期,借方金额,贷方金额,余额,业务单号\n2026-03-30,,10.00,90.00,S1\n2026-03-31,,20.00,70.00,S2\n")
	bad := write("bad.csv", "交易日期,借方发生额,贷方发生额,余额,流水号\n2026-03-30,10.00,,90.00,S1\n2026-03-31,20.00,,60.00,S2\n")
	if code, out, complaints := jingban(t, "reconcile", "--bank", bank, "--ledger", book); code != 0 {
		t.Errorf("status %d, %s%s", code, out, complaints)
	}
	if code, _, complaints := jingban(t, "reconcile", "--bank", bad, bank, "--ledger", book); code != 2 || !strings.Contains(complaints, "bad.csv:3") {
		t.Errorf("status %d, %s", code, complaints)
	}
	if code, out, _ := jingban(t, "reconcile", "--force", "--bank", bad, "--ledger", book); code != 1 || !strings.HasPrefix(out, "FORCED: bad.csv:3") {
		t.Errorf("status %d, %s", code, out)
	}
}

func TestStatementSaysWhatTheFileSays(t *testing.T) {
	code, out, _ := jingban(t, "statement", "--json", fe1+"bank.csv")
	var said map[string]any
	if err := json.Unmarshal([]byte(out), &said); code != 0 || err != nil {
		t.Fatalf("status %d, %v", code, err)
	}
	for key, want := range map[string]any{"opening_fen": 5e6, "closing_fen": 124183000.0, "entries": 4.0, "sum_debit_fen": 990250.0, "sum_credit_fen": 120173250.0, "balanced": true, "gap_fen": 0.0, "suspect_line": 0.0} {
		if said[key] != want {
			t.Errorf("%s is %v, want %v", key, said[key], want)
		}
	}
}
