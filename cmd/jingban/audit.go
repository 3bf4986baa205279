package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/jingban/jingban/store"
)

// auditCommand proves that the audit trail is whole.
type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Walk the whole chain; with a head kept elsewhere, notice rows cut off at its end, too."`
	Head   auditHead   `cmd:"" help:"Print the end of the chain as JSON, to be kept where nobody who writes the database can write."`
}

type auditVerify struct {
	Head string `help:"A file that audit head printed earlier." placeholder:"FILE" type:"path"`
}

// Run prints the number of rows; the exit status is 1 when the trail was changed.
func (a auditVerify) Run(ctx context.Context, term console, cfg *Config) error {
	kept, err := a.kept()
	if err != nil {
		return err
	}
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	rows, err := h.store.VerifyAuditSince(ctx, kept)
	if errors.Is(err, store.ErrTampered) {
		fmt.Fprintf(term.out, term.say("✗ 审计记录被改动过：%v\n", "✗ %v\n"), err)
		return status(1)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(term.out, term.say("✓ 审计链完整，共 %d 条\n", "✓ the audit chain is whole: %d rows\n"), rows)
	if kept.Rows == 0 {
		fmt.Fprintln(term.out, term.say("  末尾是否被截去只能对照另行保存的链尾：jingban audit head", "  whether rows were cut off at the end shows only against a head kept elsewhere: jingban audit head"))
	}
	return nil
}

func (a auditVerify) kept() (head store.AuditHead, err error) {
	if a.Head == "" {
		return head, nil
	}
	text, err := os.ReadFile(a.Head)
	if err != nil {
		return head, fmt.Errorf("kept head: %w", err)
	}
	if err := json.Unmarshal(text, &head); err != nil || head.Rows < 0 || head == (store.AuditHead{}) {
		return head, told{zh: a.Head + " 不是 jingban audit head 的输出。", en: a.Head + " is not what jingban audit head prints"}
	}
	return head, nil
}

type auditHead struct{}

// Run prints one line of JSON.
func (auditHead) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	head, err := h.store.AuditHead(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(term.out).Encode(head)
}
