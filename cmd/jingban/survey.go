package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jingban/jingban/browser/survey"
)

// surveyCommand looks at a target from outside.
type surveyCommand struct {
	URL    string        `arg:"" help:"Where the system begins: its first or its sign-in page."`
	Pages  int           `default:"60" help:"Look at no more pages than this."`
	Within time.Duration `default:"2m" help:"Stop after this time and say what was seen."`
	Pause  time.Duration `default:"200ms" help:"Between two requests; old systems are easily overrun."`
	JSON   bool          `name:"json" help:"Print the report as JSON."`
}

// Run sends GET requests to the one host, and prints one page.
func (s surveyCommand) Run(ctx context.Context, term console) error {
	report, err := survey.Walk(ctx, s.URL, survey.Config{Pages: s.Pages, Within: s.Within, Pause: s.Pause})
	if err != nil {
		return told{zh: "没有看成：地址不对，或连不上该主机。", en: "nothing was seen: the address is wrong, or the host does not answer", err: err}
	}
	if s.JSON {
		return term.json(report)
	}
	term.survey(report)
	return nil
}

// survey prints the report on one page.
func (t console) survey(r survey.Report) {
	verdicts := map[survey.Verdict][2]string{
		survey.Ready:    {"可以操作", "it can be driven as it stands"},
		survey.WithHelp: {"配置好下列各项后可以操作", "it can be driven once the things below are set up"},
		survey.InPart:   {"部分页面可以操作，其余须人工办理（by_hand）", "in part: some pages are done by hand (by_hand)"},
		survey.ByHand:   {"入口就进不去：须人工办理（by_hand），或请厂家提供别的入口", "not even the way in works: by hand (by_hand), or another way in from the maker"},
		survey.Unseen:   {"没有看到可以判断的页面", "no page was seen to judge by"},
	}
	v := verdicts[r.Verdict]
	fmt.Fprintf(t.out, "%s%s\n%s: %s\n", r.Host, r.Path, t.say("结论", "verdict"), t.say(v[0], v[1]))
	fmt.Fprintf(t.out, t.say("只读查看了 %d 个页面，框架最深 %d 层；%d 个像会改动数据的链接没有点，%d 个地址没有回应\n",
		"%d pages read, frames %d deep; %d links that read like a change were left alone, %d addresses gave no answer\n"), r.Pages, r.Depth, r.Avoided, r.Failed)
	t.surveyLimits(r)
	for _, level := range []struct {
		level  survey.Level
		zh, en string
	}{{survey.Blocks, "挡路的", "in the way"}, {survey.Attended, "要人到场的", "wants a person"}, {survey.Needs, "要先配置的", "to be set up first"}, {survey.Minds, "写流程时留意", "to mind when writing a playbook"}} {
		heading := false
		for _, f := range r.Findings {
			if f.Level != level.level {
				continue
			}
			if !heading {
				fmt.Fprintf(t.out, "\n%s\n", t.say(level.zh, level.en))
				heading = true
			}
			t.finding(f)
		}
	}
	fmt.Fprintln(t.out, t.say("\n只看了不登录能看到的页面源码，没有执行脚本；登录后的页面请用只读账号在浏览器里再看。",
		"\nOnly the source of what a stranger sees was read, no script was run; what lies behind the sign-in is to be looked at in a browser."))
}

func (t console) surveyLimits(r survey.Report) {
	switch r.Cut {
	case "time":
		fmt.Fprintln(t.out, t.say("时间到，没有看完（--within）", "the time was over before everything was seen (--within)"))
	case "pages":
		fmt.Fprintln(t.out, t.say("页数到了上限，没有看完（--pages）", "there are more pages than were looked at (--pages)"))
	}
	if r.Alike > 0 || r.Truncated > 0 {
		fmt.Fprintf(t.out, t.say("%d 个雷同的地址略过，%d 个过长的页面只看了开头\n", "%d addresses like others were left out, %d pages were too long and cut\n"), r.Alike, r.Truncated)
	}
}

func (t console) finding(f survey.Finding) {
	line := "  " + t.say(f.Zh, f.En)
	if len(f.Details) > 0 {
		line += t.say("：", ": ") + strings.Join(f.Details, ", ")
	}
	fmt.Fprintln(t.out, line)
	fmt.Fprintf(t.out, "    → %s\n", t.say(f.NeedsZh, f.NeedsEn))
	fmt.Fprintf(t.out, t.say("    %d 个页面：%s\n", "    on %d pages: %s\n"), f.Pages, f.Places())
}
