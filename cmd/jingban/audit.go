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
	Verify auditVerify `cmd:"" help:"Walk the whole chain and every file of evidence; with a head kept elsewhere, notice rows cut off at its end, too."`
	Head   auditHead   `cmd:"" help:"Print the end of the chain as JSON, to be kept where nobody who writes the database can write."`
}

type auditVerify struct {
	Head      string `help:"A file that audit head printed earlier." placeholder:"FILE" type:"path"`
	TrailOnly bool   `help:"Leave the evidence out: its files take time to read."`
}

// Run prints what was looked at and everything that is wrong; the exit status is
// 1 when the trail or the evidence was changed.
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
	whole, err := a.trail(ctx, term, h, kept)
	if err != nil {
		return err
	}
	if !a.TrailOnly {
		sound, err := evidence(ctx, term, h)
		if err != nil {
			return err
		}
		whole = whole && sound
	}
	if !whole {
		return status(1)
	}
	return nil
}

// trail says whether the audit trail is whole.
func (a auditVerify) trail(ctx context.Context, term console, h *house, kept store.AuditHead) (bool, error) {
	rows, err := h.store.VerifyAuditSince(ctx, kept)
	if errors.Is(err, store.ErrTampered) {
		fmt.Fprintf(term.out, term.say("✗ 审计记录被改动过：%v\n", "✗ %v\n"), err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	fmt.Fprintf(term.out, term.say("✓ 审计链完整，共 %d 条\n", "✓ the audit chain is whole: %d rows\n"), rows)
	if kept.Rows == 0 {
		fmt.Fprintln(term.out, term.say("  末尾是否被截去只能对照另行保存的链尾：jingban audit head", "  whether rows were cut off at the end shows only against a head kept elsewhere: jingban audit head"))
	}
	return true, nil
}

// evidence says whether everything that was kept of runs is still there, as it
// was, and nothing else.
func evidence(ctx context.Context, term console, h *house) (bool, error) {
	report, err := h.store.VerifyEvidence(ctx, func(f store.Flaw) { fmt.Fprintln(term.out, term.flaw(f)) })
	if err != nil {
		return false, err
	}
	mark := "✓"
	if report.Flaws > 0 {
		mark = "✗"
	}
	fmt.Fprintf(term.out, term.say("%s 证据：%d 次运行，读取 %d 个文件（%.1f MB），到期已删除 %d 个，问题 %d 处\n",
		"%s evidence: %d runs, %d files read (%.1f MB), %d removed at the end of their time, %d flaws\n"),
		mark, report.Runs, report.Files, float64(report.Bytes)/1e6, report.Removed, report.Flaws)
	if report.Leftover > 0 {
		fmt.Fprintf(term.out, term.say("  另有 %d 个本机封存而无记录的文件：保存途中断电所留，不影响证据\n",
			"  and %d files sealed here that no line names: left by a crash, no harm\n"), report.Leftover)
	}
	return report.Flaws == 0, nil
}

// flaw is one line about one thing that is wrong.
func (t console) flaw(f store.Flaw) string {
	words := map[string][2]string{
		store.FlawFileMissing: {"文件不见了，且没有到期删除的记录", "the file is gone, and no removal is on record"},
		store.FlawFileChanged: {"文件内容与保存时不同", "the file is not the one that was kept"},
		store.FlawFileForeign: {"证据目录里有不是本系统放入的文件", "a file in the folder that this program did not put there"},
		store.FlawLineChanged: {"清单中这一行被改过，或被挪了位置", "this line of the manifest was changed, or moved"},
		store.FlawLineMissing: {"清单缺少这一行", "this line of the manifest is missing"},
		store.FlawLineAdded:   {"清单多出这一行，未经本系统登记", "this line of the manifest was added past the program"},
		store.FlawManifest:    {"清单的末尾不是本系统所写", "the end of the manifest is not the one this program wrote"},
		store.FlawAnchor:      {"审计记录中登记过的证据，清单里已经没有", "the audit trail names evidence that the manifest has lost"},
		store.FlawRemoval:     {"到期删除的记录不是本系统所写", "a removal on record that this program did not make"},
		store.FlawDryRun:      {"试运行的文件清单被改过", "the list of a dry run's files was changed"},
	}
	text := "✗ " + t.say(words[f.Code][0], words[f.Code][1]) + " [" + f.Code + "]"
	for _, part := range [][3]string{{"运行", "run", f.RunID}, {"步骤", "step", f.Step}, {"文件", "file", f.Name}, {"哈希", "sha256", f.SHA256}} {
		if part[2] != "" {
			text += "  " + t.say(part[0], part[1]) + " " + part[2]
		}
	}
	if f.Seq > 0 {
		text += fmt.Sprintf(t.say("  第 %d 行", "  line %d"), f.Seq)
	}
	return text
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
