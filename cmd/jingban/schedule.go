package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// scheduleCommand starts playbooks by the clock.
type scheduleCommand struct {
	List   scheduleList   `cmd:"" help:"List the schedules and when each comes due next."`
	Next   scheduleNext   `cmd:"" help:"Show the next moments of a schedule."`
	Add    scheduleAdd    `cmd:"" help:"Add a schedule; it begins now."`
	Pause  schedulePause  `cmd:"" help:"Stop a schedule; what comes due meanwhile falls out."`
	Resume scheduleResume `cmd:"" help:"Let a paused schedule go on from now."`
}

type scheduleList struct{}

// Run prints one schedule a line.
func (scheduleList) Run(ctx context.Context, term console, cfg *Config) error {
	return withBooks(ctx, term, cfg, func(s *store.Store) error {
		all, err := s.Schedules(ctx)
		if err != nil {
			return err
		}
		calendar, err := s.Calendar(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
		for _, v := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", v.Name, scheduleState(term, v, calendar), v.Playbook, v.Rule)
		}
		return w.Flush()
	})
}

// scheduleState says when a schedule comes due next, or why it does not.
func scheduleState(term console, v casework.Schedule, calendar casework.Calendar) string {
	if v.Paused {
		return term.say("已暂停", "paused")
	}
	moments, err := v.Preview(time.Now(), 1, calendar)
	if err != nil {
		return term.say("待定：", "open: ") + whyItEnds(term, err)
	}
	return inChina(moments[0])
}

func inChina(at time.Time) string { return at.In(casework.China).Format("2006-01-02 15:04") }

// whyItEnds says why no later moment is known.
func whyItEnds(term console, err error) string {
	if errors.Is(err, casework.ErrNoCalendar) {
		return term.say("之后的工作日历尚未导入，请用 jingban calendar import 导入", err.Error()+"; bring it in with jingban calendar import")
	}
	return saidBy(term, err).Error()
}

// saidBy gives a complaint about a rule in the language of the terminal.
func saidBy(term console, err error) error {
	if rule, ok := errors.AsType[*casework.RuleError](err); ok && term.chinese {
		return errors.New(rule.Chinese())
	}
	return err
}

type scheduleNext struct {
	Name  string `arg:""`
	Count int    `short:"n" default:"10" help:"How many moments."`
}

// Run prints one moment a line, and why there are no more.
func (n scheduleNext) Run(ctx context.Context, term console, cfg *Config) error {
	return withBooks(ctx, term, cfg, func(s *store.Store) error {
		v, err := s.Schedule(ctx, n.Name)
		if err != nil {
			return err
		}
		calendar, err := s.Calendar(ctx)
		if err != nil {
			return err
		}
		moments, err := v.Preview(time.Now(), n.Count, calendar)
		for _, at := range moments {
			fmt.Fprintln(term.out, inChina(at))
		}
		if err != nil {
			fmt.Fprintln(term.out, whyItEnds(term, err))
		}
		return nil
	})
}

type scheduleAdd struct {
	Name     string `arg:"" help:"What commands call it."`
	Rule     string `arg:"" help:"每个工作日 8:30, 每月最后一个工作日 17:00, 每月 5 日 9:00，遇节假日顺延, or a cron expression."`
	Playbook string `required:"" help:"The playbook to start."`
	Subject  string `help:"The batch it works on."`
	Title    string `help:"What people call it."`
	Hours    string `help:"Open hours: 8:30-17:00, or 工作日 8:30-17:00."`
	CatchUp  string `default:"run_once" enum:"run_once,run_all,skip" help:"After downtime: run_once, run_all or skip."`
}

// Run adds the schedule and shows its first moments.
func (a scheduleAdd) Run(ctx context.Context, term console, cfg *Config) error {
	v := casework.Schedule{Name: a.Name, Title: a.Title, Rule: a.Rule, Hours: a.Hours, Playbook: a.Playbook, Subject: a.Subject,
		CatchUp: casework.CatchUp(a.CatchUp)}
	err := withBooks(ctx, term, cfg, func(s *store.Store) error {
		if err := knownPlaybook(ctx, s, cfg, a.Playbook); err != nil {
			return err
		}
		_, err := s.AddSchedule(ctx, atTerminal(), v)
		return saidBy(term, err)
	})
	if err != nil {
		return err
	}
	return scheduleNext{Name: a.Name, Count: 3}.Run(ctx, term, cfg)
}

// knownPlaybook refuses a playbook that neither came with the program nor was
// released here.
func knownPlaybook(ctx context.Context, s *store.Store, cfg *Config, name string) error {
	library, err := playbooks.Load(cfg.Playbooks)
	if err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	if _, ok := library.Playbook(name); ok {
		return nil
	}
	_, err = s.PickVersion(ctx, name)
	return err
}

type schedulePause struct {
	Name   string `arg:""`
	Reason string `required:"" help:"Why; kept in the audit trail."`
}

// Run pauses the schedule.
func (p schedulePause) Run(ctx context.Context, term console, cfg *Config) error {
	return withSchedule(ctx, term, cfg, p.Name, func(s *store.Store, v casework.Schedule) error {
		return s.PauseSchedule(ctx, atTerminal(), v.ID, p.Reason)
	})
}

type scheduleResume struct {
	Name string `arg:""`
}

// Run resumes the schedule.
func (r scheduleResume) Run(ctx context.Context, term console, cfg *Config) error {
	return withSchedule(ctx, term, cfg, r.Name, func(s *store.Store, v casework.Schedule) error {
		return s.ResumeSchedule(ctx, atTerminal(), v.ID)
	})
}

func withSchedule(ctx context.Context, term console, cfg *Config, name string, do func(*store.Store, casework.Schedule) error) error {
	return withBooks(ctx, term, cfg, func(s *store.Store) error {
		v, err := s.Schedule(ctx, name)
		if err != nil {
			return err
		}
		return do(s, v)
	})
}

// withBooks opens the database beside a running process.
func withBooks(ctx context.Context, term console, cfg *Config, do func(*store.Store) error) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	return errors.Join(do(h.store), h.Close())
}
