package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/store"
)

// sampleCommand is the sample audit (事后抽检): cases of the agency's own, judged
// blind by two people on the page, what differs settled by a third.
type sampleCommand struct {
	Draw   sampleDraw   `cmd:"" help:"Draw cases by strata of matter and verdict; people judge them on the page /samples."`
	List   sampleList   `cmd:"" help:"List the samples and how far they are."`
	Report sampleReport `cmd:"" help:"Wrong blocks, missed faults and accuracy of a sample, and how fields were read, with 95 % intervals."`
}

type sampleDraw struct {
	Cases int           `default:"200" help:"So many cases; fewer when there are no more."`
	Since casework.Date `help:"First day of the check; without it 30 days ago." placeholder:"DAY"`
	Until casework.Date `help:"Last day of the check; without it today." placeholder:"DAY"`
	Seed  uint64        `default:"1" help:"Another seed draws other cases, the same one the same."`
}

// Run draws and prints where people judge.
func (c sampleDraw) Run(ctx context.Context, t console, cfg *Config) error {
	if c.Until.IsZero() {
		c.Until = casework.DateOf(time.Now())
	}
	if c.Since.IsZero() {
		c.Since = c.Until.AddDays(-29)
	}
	return withBooks(ctx, t, cfg, func(s *store.Store) error {
		sample, err := s.DrawSample(ctx, atTerminal(), store.SampleOrder{Size: c.Cases, Since: c.Since.Time(), Until: c.Until.AddDays(1).Time(), Seed: c.Seed})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(t.out, t.say(fmt.Sprintf("从 %d 件中抽取 %d 件，请两人分别在 /samples/%s 判定", sample.From, sample.Size, sample.ID),
			fmt.Sprintf("%d of %d cases drawn; two people judge them at /samples/%s", sample.Size, sample.From, sample.ID)))
		return err
	})
}

type sampleList struct{}

// Run prints one sample a line.
func (sampleList) Run(ctx context.Context, t console, cfg *Config) error {
	return withBooks(ctx, t, cfg, func(s *store.Store) error {
		all, err := s.Samples(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		for _, v := range all {
			fmt.Fprintf(w, "%s\t%s\t%d / %d\t%s\n", v.ID, inChina(v.At), v.Settled, v.Size, v.By)
		}
		return w.Flush()
	})
}

type sampleReport struct {
	ID   string `arg:"" help:"Sample, as list shows it."`
	JSON bool   `help:"Print JSON."`
}

// auditOut is a report for programs. It names rules and counts, never a person.
type auditOut struct {
	Sample string                `json:"sample"`
	Cases  int                   `json:"drawn_from"`
	Audit  materials.AuditReport `json:"audit"`
	Fields []fieldAudit          `json:"fields"`
}

// fieldAudit is how often a kind of reading was right in people's eyes.
type fieldAudit struct {
	Status string  `json:"read_as"`
	Seen   int     `json:"seen"`
	Right  int     `json:"right"`
	Share  float64 `json:"share"`
	Low    float64 `json:"low_95"`
	High   float64 `json:"high_95"`
}

// Run prints the rates with their intervals.
func (c sampleReport) Run(ctx context.Context, t console, cfg *Config) error {
	return withBooks(ctx, t, cfg, func(s *store.Store) error {
		out, err := auditOf(ctx, s, c.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(out)
		}
		return out.print(t.out, t)
	})
}

func auditOf(ctx context.Context, s *store.Store, id string) (auditOut, error) {
	sample, err := s.Sample(ctx, id)
	if err != nil {
		return auditOut{}, err
	}
	cases, err := s.SampleCases(ctx, id)
	if err != nil {
		return auditOut{}, err
	}
	fields, err := s.FieldCounts(ctx, sample.Since, sample.Until)
	if err != nil {
		return auditOut{}, err
	}
	return auditOut{Sample: id, Cases: sample.From, Audit: materials.Audit(store.AuditCases(cases)), Fields: fieldAudits(fields)}, nil
}

// fieldAudits sums up by how a field had been read: verified, read, doubtful.
func fieldAudits(counts []store.FieldCount) []fieldAudit {
	by := map[string]fieldAudit{}
	for _, c := range counts {
		a := by[string(c.Status)]
		a.Status, a.Seen, a.Right = string(c.Status), a.Seen+c.Seen, a.Right+c.Seen-c.Corrected
		by[a.Status] = a
	}
	var out []fieldAudit
	for _, status := range slices.Sorted(maps.Keys(by)) {
		a := by[status]
		a.Share = float64(a.Right) / float64(a.Seen)
		a.Low, a.High = materials.Wilson(a.Share, float64(a.Seen))
		out = append(out, a)
	}
	return out
}

func (o auditOut) print(out io.Writer, t console) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%d / %d\n", t.say("已定案件", "settled cases"), o.Audit.Settled, o.Audit.Sampled)
	line := func(what string, s materials.Share) {
		fmt.Fprintf(w, "%s\t%d / %d\t%.4f\t[%.4f, %.4f]\n", what, s.Part, s.Of, s.Value, s.Low, s.High)
	}
	line(t.say("准确率", "verdicts equal"), o.Audit.Accuracy)
	line(t.say("误判率", "wrong blocks"), o.Audit.WrongBlocks)
	line(t.say("漏判率", "missed faults"), o.Audit.Missed)
	line(t.say("错误放行", "wrongly passed"), o.Audit.WrongPassed)
	for _, r := range o.Audit.Rules {
		if r.Blocks.Part > 0 {
			line(r.Rule+t.say(" 误判", " wrong"), r.Blocks)
		}
		if r.Faults.Part > 0 {
			line(r.Rule+t.say(" 漏判", " missed"), r.Faults)
		}
	}
	for _, f := range o.Fields {
		fmt.Fprintf(w, "%s %s\t%d / %d\t%.4f\t[%.4f, %.4f]\n", t.say("字段识读正确", "fields right, read as"), f.Status, f.Right, f.Seen, f.Share, f.Low, f.High)
	}
	return w.Flush()
}
