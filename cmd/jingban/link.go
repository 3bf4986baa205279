package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/jingban/jingban/persons/link"
)

// linkCommand finds the records of one person in one CSV, or across two.
type linkCommand struct {
	File   string `arg:"" help:"CSV with a header, UTF-8 or GB18030." type:"existingfile"`
	Other  string `arg:"" optional:"" help:"Second CSV: only pairs across the two are looked for." type:"existingfile"`
	Config string `help:"fields.yaml; guessed from the names of the columns without." type:"existingfile" placeholder:"FILE"`
	Out    string `required:"" help:"Folder for pairs.csv, clusters.csv, evidence.csv, model.json and report.html." placeholder:"DIR"`
	Model  string `help:"model.json of an earlier run: use its weights instead of learning them." type:"existingfile" placeholder:"FILE"`
}

// Run prints the summary.
func (c linkCommand) Run(ctx context.Context, t console, _ *Config) error {
	job, closeAll, err := c.job()
	if err != nil {
		return fmt.Errorf("link: %w", err)
	}
	defer closeAll()
	debug.SetGCPercent(tightHeap)
	found, err := link.Run(ctx, job)
	if err != nil {
		return fmt.Errorf("link: %w", err)
	}
	if err := c.write(found); err != nil {
		return fmt.Errorf("link: %w", err)
	}
	s := found.Summary
	if len(s.Missing) > 0 {
		fmt.Fprintf(t.err, "%s: %v\n", t.say("文件中没有这些可选字段", "optional fields the file does not have"), s.Missing)
	}
	if found.Model.Refused {
		fmt.Fprintln(t.err, t.say("学到的权重与确定规则不符，已弃用，改用起始权重。", "the learnt weights claimed more than the data supports and were refused; the starting ones were used."))
	}
	_, err = fmt.Fprintf(t.out, t.say("%d 条记录，比较 %d 对：自动建议 %d，人工核对 %d，否决 %d；%d 个分组\n", "%d records, %d pairs compared: %d automatic, %d for review, %d vetoed; %d clusters\n"),
		s.Records, s.Candidates, s.Zones[link.Automatic], s.Zones[link.Review], s.Zones[link.Veto], s.Clusters)
	return err
}

func (c linkCommand) job() (link.Job, func(), error) {
	var job link.Job
	var opened []*os.File
	closeAll := func() {
		for _, f := range opened {
			f.Close()
		}
	}
	for _, path := range []string{c.File, c.Other} {
		if path == "" {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			closeAll()
			return job, nil, err
		}
		opened = append(opened, f)
		job.Inputs = append(job.Inputs, link.Input{Name: filepath.Base(path), Data: f})
	}
	var err error
	if job.Config, err = c.config(); err == nil {
		job.Model, err = c.model()
	}
	if err != nil {
		closeAll()
	}
	return job, closeAll, err
}

func (c linkCommand) config() (link.Config, error) {
	if c.Config != "" {
		text, err := os.ReadFile(c.Config)
		if err != nil {
			return link.Config{}, err
		}
		return link.ReadConfig(c.Config, text)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return link.Config{}, err
	}
	defer f.Close()
	header, err := link.Header(link.Input{Name: filepath.Base(c.File), Data: f})
	if err != nil {
		return link.Config{}, err
	}
	return link.Guess(header)
}

func (c linkCommand) model() (*link.Model, error) {
	if c.Model == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.Model)
	if err != nil {
		return nil, err
	}
	model, err := link.ReadModel(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Model, err)
	}
	return model, nil
}

func (c linkCommand) write(found *link.Result) error {
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return err
	}
	var errs []error
	for name, write := range map[string]func(io.Writer) error{
		"pairs.csv": found.WritePairs, "clusters.csv": found.WriteClusters, "evidence.csv": found.WriteEvidence,
		"model.json": found.WriteModel, "report.html": found.WriteHTML,
	} {
		if err := writeFile(filepath.Join(c.Out, name), write); err != nil {
			errs = append(errs, fmt.Errorf("write %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}
