package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/workers"
)

// canaryCommand walks a target before the day's first run would.
type canaryCommand struct {
	System string   `arg:"" help:"Name of the system, as its file says."`
	Accept []string `help:"Take this page as it is now (\"menu / entry\"); the second of two people approves it." placeholder:"PAGE"`
	As     string   `help:"Login of the person who accepts; the password is read from standard input. Without it: the console." placeholder:"LOGIN"`
}

// Run prints what has changed. Exit status 1 when a page has, and nobody approved it.
func (c canaryCommand) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	if h.library, err = playbooks.Load(cfg.Playbooks); err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	if len(c.Accept) > 0 {
		return c.accept(ctx, term, h)
	}
	browsing := newBrowsing(h.cfg, nil, h.log, h.now)
	defer browsing.Close()
	crew := &workers.Crew{Name: workerName(), Store: h.store, Library: h.library, Now: h.now, Log: h.log, Browser: browsing}
	pages, err := crew.Canary(ctx, c.System)
	if err != nil {
		return err
	}
	if term.pages(pages, h.library) {
		return status(1)
	}
	return nil
}

// accept takes changed pages for one person.
func (c canaryCommand) accept(ctx context.Context, term console, h *house) error {
	by, err := doer{As: c.As}.actor(ctx, term, h, "target.write")
	if err != nil {
		return err
	}
	pages, err := h.store.PageMarks(ctx, c.System)
	if err != nil {
		return err
	}
	for _, name := range c.Accept {
		i := slices.IndexFunc(pages, func(p store.PageMarks) bool { return p.Page == name && p.Found != "" })
		if i < 0 {
			return told{zh: "没有改动的页面：" + name, en: "no page of that name has changed: " + name}
		}
		old, now, _ := marksOf(pages[i]) // unreadable ones bring no names
		approved, err := h.store.AcceptPage(ctx, by, c.System, name, pages[i].Found, old.Aliases(now))
		if err != nil {
			return fmt.Errorf("page %s: %w", name, err)
		}
		if approved {
			fmt.Fprintf(term.out, term.say("%s：已按现在的样子批准\n", "%s: approved as it is now\n"), name)
		} else {
			fmt.Fprintf(term.out, term.say("%s：已记下，须由另一人批准\n", "%s: noted; a second person must approve it\n"), name)
		}
	}
	return nil
}

// pages prints what each page is told by now, where it has changed, and says whether any
// has. A changed page names the steps it stops.
func (t console) pages(pages []store.PageMarks, library playbooks.Library) bool {
	changed := false
	for _, p := range pages {
		if p.Found == "" {
			fmt.Fprintf(t.out, t.say("%s：没有变化\n", "%s: as approved\n"), p.Page)
			continue
		}
		changed = true
		fmt.Fprintf(t.out, t.say("%s：有变化\n", "%s: has changed\n"), p.Page)
		for _, use := range library.Uses(p.Target, p.Page) {
			fmt.Fprintf(t.out, t.say("    停下：%s（%s）\n", "    stopped: %s (%s)\n"), use.Playbook, strings.Join(use.Steps, ", "))
		}
		old, now, err := marksOf(p)
		if err != nil {
			continue // written by another release: changed is all there is to say
		}
		for _, change := range old.Changes(now) {
			fmt.Fprintln(t.out, "   ", change)
		}
		for was, is := range old.Aliases(now) {
			fmt.Fprintf(t.out, t.say("    修复建议：%s 今后也叫 %s\n", "    proposed repair: %s is also called %s\n"), was, is)
		}
		if p.Accepted != "" {
			fmt.Fprintf(t.out, t.say("    %s 已同意，等另一人批准\n", "    accepted by %s; a second person must approve\n"), p.Accepted)
		}
	}
	return changed
}

// marksOf reads what a page is told by, as approved and as it is now.
func marksOf(p store.PageMarks) (old, now playbooks.Marks, err error) {
	return old, now, errors.Join(json.Unmarshal([]byte(p.Marks), &old), json.Unmarshal([]byte(p.Found), &now))
}
