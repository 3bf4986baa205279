package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/workers"
)

// playbookRun tries a playbook in this process, for whoever writes it.
type playbookRun struct {
	What string `arg:"" name:"playbook" help:"Name of a playbook, or a YAML file that is still being written."`
	With string `required:"" name:"run" help:"The run whose values are used; nothing becomes of it." placeholder:"RUN"`
	doer
	Dry      bool          `help:"Fill the form and leave it. Required: a record is only ever made by the service, once."`
	Headed   bool          `help:"Show the browser's window (needs a display)."`
	Slow     time.Duration `help:"Wait so long before each act." placeholder:"1s"`
	Step     bool          `help:"Say each act and wait for Enter before it; q stops."`
	Pictures string        `help:"Put the pictures and pages into this folder; they hold personal data." placeholder:"DIR" type:"path"`
}

// Run prints the table of what would be written. Exit status 1 when a field
// differs.
func (p playbookRun) Run(ctx context.Context, term console, cfg *Config) error {
	if !p.Dry {
		return told{zh: "这里只能试运行（--dry）：真正的录入由服务排队办理，保证只写一次。",
			en: "only a dry run can be watched (--dry): a record is made by the service alone, so that it is made once"}
	}
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	by, err := p.actor(ctx, term, h, "run.dry")
	if err != nil {
		return err
	}
	if h.library, err = playbooks.Load(cfg.Playbooks); err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	pb, err := playbookOrFile(h.library, p.What)
	if err != nil {
		return err
	}
	if err := p.note(ctx, h, by, pb); err != nil {
		return err
	}
	report, shots, err := p.watch(ctx, term, h, pb)
	if kept := p.keep(shots); kept != nil {
		return kept
	}
	if err != nil {
		return err
	}
	return term.dryRun(store.DryRun{ID: pb.Name, State: store.DryDone, Good: report.Agrees(), Report: report})
}

// note writes down who looked at whose values.
func (p playbookRun) note(ctx context.Context, h *house, by casework.Actor, pb *playbooks.Playbook) error {
	run, err := h.store.Run(ctx, p.With)
	if err != nil {
		return err
	}
	detail, err := json.Marshal(map[string]string{"run": run.ID, "version": pb.Version, "reason": p.Why})
	if err != nil {
		return fmt.Errorf("reason: %w", err)
	}
	return h.store.Note(ctx, by, "run.dry.watched", run.CaseID, string(detail))
}

// watch carries it out in a browser of its own.
func (p playbookRun) watch(ctx context.Context, term console, h *house, pb *playbooks.Playbook) (casework.DryReport, []casework.Shot, error) {
	browsing := newBrowsing(h.cfg, nil, h.log, h.now)
	browsing.headed = p.Headed
	read, err := newReader(h.cfg, nil)
	if err != nil {
		return casework.DryReport{}, nil, err
	}
	defer read.Close()
	browsing.sight = read.Sight
	defer browsing.Close()
	crew := &workers.Crew{Name: workerName(), Store: h.store, Library: h.library, Now: h.now, Log: h.log,
		Browser: &watched{browsing, p.pacer(term)}}
	return crew.Rehearse(ctx, p.With, pb)
}

// keep puts the pictures where only this user may look.
func (p playbookRun) keep(shots []casework.Shot) error {
	if p.Pictures == "" {
		return nil
	}
	if err := os.MkdirAll(p.Pictures, 0o700); err != nil {
		return fmt.Errorf("pictures: %w", err)
	}
	for i, s := range shots {
		name := fmt.Sprintf("%02d_%s", i+1, filepath.Base(s.Name))
		if err := os.WriteFile(filepath.Join(p.Pictures, name), s.Data, 0o600); err != nil {
			return fmt.Errorf("pictures: %w", err)
		}
	}
	return nil
}

// pacer is asked before each act; its error stops the run.
type pacer func(ctx context.Context, act playbooks.Act) error

func (p playbookRun) pacer(term console) pacer {
	keys := bufio.NewReader(term.in)
	return func(ctx context.Context, act playbooks.Act) error {
		if p.Step || p.Slow > 0 {
			fmt.Fprintln(term.err, term.act(act))
		}
		if p.Step {
			line, err := keys.ReadString('\n')
			if strings.TrimSpace(line) == "q" || err == io.EOF && line == "" {
				return told{zh: "已在这一步之前停下。", en: "stopped before this act"}
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(p.Slow):
			return nil
		}
	}
}

// act says what is about to be done. The value is not repeated: the screen shows it.
func (t console) act(act playbooks.Act) string {
	where := act.At.Label + act.At.Button + act.At.Link + act.At.Text + act.At.Table + act.At.CSS
	words := map[playbooks.Verb][2]string{
		playbooks.Open: {"打开 ", "open "}, playbooks.Fill: {"填写 ", "fill "}, playbooks.Click: {"点击 ", "click "},
		playbooks.Attach: {"上传 ", "attach "}, playbooks.Read: {"读取 ", "read "}, playbooks.Hover: {"指向 ", "hover over "},
		playbooks.Download: {"下载 ", "download "}, playbooks.Close: {"关闭弹窗", "close the pop-up"},
		playbooks.Press: {"按键 ", "press "}, playbooks.Wait: {"等待 ", "wait for "},
	}
	word := words[act.Verb]
	text := t.say(word[0], word[1])
	switch act.Verb {
	case playbooks.Open:
		return text + strings.Join(act.Menu, " › ")
	case playbooks.Press:
		return strings.TrimSpace(text + act.Value + " " + where)
	case playbooks.Wait:
		return text + act.Value
	}
	return text + where
}

// watched is a browser whose pages ask the pacer first.
type watched struct {
	workers.Browser
	pace pacer
}

// Seat gives a page that is watched.
func (w *watched) Seat(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Page, error) {
	page, err := w.Browser.Seat(ctx, system, access, seat)
	if err != nil {
		return nil, err
	}
	return &watchedPage{page, w.pace}, nil
}

type watchedPage struct {
	playbooks.Page
	pace pacer
}

// Do asks before each verb.
func (w *watchedPage) Do(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	if err := w.pace(ctx, act); err != nil {
		return playbooks.Seen{}, err
	}
	return w.Page.Do(ctx, act)
}
