package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jingban/jingban/ledger"
)

// printPapers puts the papers of the result into the folder as PDF, as Chromium prints
// them. Without Chromium the other forms remain, and it is said.
func (c reconcileCommand) printPapers(ctx context.Context, t console, cfg *Config, result *ledger.Result) error {
	if c.Out == "" || !c.PDF {
		return nil
	}
	chromium := newBrowsing(cfg, nil, slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn})), time.Now)
	defer chromium.Close()
	papers := map[string]func(io.Writer) error{"对账日报.pdf": result.WriteDailyHTML, "银行存款余额调节表.pdf": result.WriteAdjustmentHTML}
	for name, write := range papers {
		var html bytes.Buffer
		if err := write(&html); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		pdf, err := chromium.PDF(ctx, html.Bytes())
		if err != nil {
			fmt.Fprintf(t.err, "%s: %v\n", t.say("未生成 PDF，其他格式已写入", "no PDF; the other forms are written"), err)
			return ctx.Err()
		}
		if err := os.WriteFile(filepath.Join(c.Out, name), pdf, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// authentic checks the detached signatures of the statements: FILE.sig beside each.
func authentic(keyFile string, files []string, inputs []ledger.Input) error {
	if keyFile == "" {
		return nil
	}
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return fmt.Errorf("bank key: %w", err)
	}
	key, err := ledger.ParseKey(text)
	if err != nil {
		return fmt.Errorf("bank key %s: %w", keyFile, err)
	}
	var refused []*ledger.Refusal
	for i, path := range files {
		signature, err := os.ReadFile(path + ".sig")
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("signature: %w", err)
		}
		err = key.Verify(inputs[i], signature)
		if refusal, ok := errors.AsType[*ledger.Refusal](err); ok {
			refused = append(refused, refusal)
		} else if err != nil {
			return err
		}
	}
	if len(refused) > 0 {
		return &ledger.Unusable{Refusals: refused}
	}
	return nil
}
