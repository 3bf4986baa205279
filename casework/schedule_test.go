package casework_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
)

// at reads a moment in China, "2026-03-06 09:30".
func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, casework.China)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func written(moments []time.Time) string {
	var all []string
	for _, m := range moments {
		all = append(all, m.In(casework.China).Format("01-02 15:04"))
	}
	return strings.Join(all, ", ")
}

func TestRulesComeDueOnTheRealCalendar(t *testing.T) {
	c := calendar(t)
	for _, tt := range []struct{ rule, hours, after, want string }{
		{"每天 7:00、19:00", "", "2026-03-06 09:30", "03-06 19:00, 03-07 07:00, 03-07 19:00"},
		{"每个工作日 8:30", "", "2026-09-18 08:30", "09-20 08:30, 09-21 08:30, 09-22 08:30"}, // 20 September is a worked Sunday
		{"工作日 8点半", "", "2026-09-30 09:00", "10-08 08:30, 10-09 08:30, 10-10 08:30"},    // 10 October a worked Saturday
		{"每周一 9:00", "", "2026-03-06 09:30", "03-09 09:00, 03-16 09:00, 03-23 09:00"},
		{"每周一、三和五 下午 3 点", "", "2026-03-06 09:30", "03-06 15:00, 03-09 15:00, 03-11 15:00"},
		{"每周五至周一 9:00", "", "2026-03-06 09:30", "03-07 09:00, 03-08 09:00, 03-09 09:00"},
		{"每周一 9:00，遇节假日顺延", "", "2026-02-10 00:00", "02-24 09:00, 03-02 09:00, 03-09 09:00"}, // 16 and 23 February both move to the 24th
		{"每周一 9:00，遇节假日跳过", "", "2026-02-10 00:00", "03-02 09:00, 03-09 09:00, 03-16 09:00"},
		{"每月 5 日 9:00", "", "2026-03-06 09:30", "04-05 09:00, 05-05 09:00, 06-05 09:00"},
		{"每月 5 日 9:00，遇节假日顺延", "", "2026-03-06 09:30", "04-07 09:00, 05-06 09:00, 06-05 09:00"},
		{"每月 5 日 9:00，遇节假日提前", "", "2026-03-06 09:30", "04-03 09:00, 04-30 09:00, 06-05 09:00"},
		{"每月 1 日 9:00，遇休息日提前", "", "2026-09-01 10:00", "09-30 09:00, 10-30 09:00, 12-01 09:00"},
		{"每月5、20日9:00", "", "2026-03-06 09:30", "03-20 09:00, 04-05 09:00, 04-20 09:00"},
		{"每月十五日 9:00", "", "2026-03-06 09:30", "03-15 09:00, 04-15 09:00, 05-15 09:00"},
		{"每月最后一个工作日 17:00", "", "2026-02-01 00:00", "02-28 17:00, 03-31 17:00, 04-30 17:00"}, // 28 February is a worked Saturday
		{"每月第 3 个工作日 10:00", "", "2026-01-01 00:00", "01-06 10:00, 02-04 10:00, 03-04 10:00"},
		{"每月倒数第二个工作日 10:00", "", "2026-02-01 00:00", "02-27 10:00, 03-30 10:00, 04-29 10:00"},
		{"每月最后一天 23:00", "", "2026-02-01 00:00", "02-28 23:00, 03-31 23:00, 04-30 23:00"},
		{"每年 3 月 1 日 9:00 遇节假日顺延", "", "2026-01-01 00:00", "03-02 09:00"},
		{"每 30 分钟", "", "2026-03-06 23:20", "03-06 23:30, 03-07 00:00, 03-07 00:30"},
		{"每小时", "工作日 8:30-10:00", "2026-03-06 09:30", "03-06 10:00, 03-09 09:00, 03-09 10:00"},
		{"每半小时", "22:00-6:00", "2026-03-06 05:30", "03-06 06:00, 03-06 22:00, 03-06 22:30"},
		{"30 8 * * 1-5", "", "2026-03-06 09:30", "03-09 08:30, 03-10 08:30, 03-11 08:30"}, // cron knows no holidays
		{"*/20 * * * *", "工作日 8:30-17:00", "2026-02-14 17:00", "02-24 08:40, 02-24 09:00, 02-24 09:20"},
		{"@daily", "", "2026-03-06 09:30", "03-07 00:00, 03-08 00:00, 03-09 00:00"},
		{"每个工作日　８：３０。", "", "2026-03-06 09:30", "03-09 08:30, 03-10 08:30, 03-11 08:30"},
	} {
		s := casework.Schedule{Rule: tt.rule, Hours: tt.hours}
		moments, err := s.Preview(at(t, tt.after), 1+strings.Count(tt.want, ","), c)
		if err != nil || written(moments) != tt.want {
			t.Errorf("%s [%s] after %s: %s, %v; want %s", tt.rule, tt.hours, tt.after, written(moments), err, tt.want)
		}
	}
}

func TestPreviewEndsWhereTheCalendarEnds(t *testing.T) {
	c := calendar(t)
	for rule, want := range map[string]string{
		"每个工作日 8:30":          "12-30 08:30, 12-31 08:30",
		"每月最后一个工作日 17:00":     "12-31 17:00",
		"每月 1 日 9:00，遇节假日提前":  "", // 1 January may well move into December: not guessed
		"每月 28 日 9:00，遇节假日顺延": "",
	} {
		moments, err := casework.Schedule{Rule: rule}.Preview(at(t, "2026-12-29 12:00"), 10, c)
		if !errors.Is(err, casework.ErrNoCalendar) || written(moments) != want {
			t.Errorf("%s: %s, %v; want %q and ErrNoCalendar", rule, written(moments), err, want)
		}
	}
	if moments, err := (casework.Schedule{Rule: "每天 8:30"}).Preview(at(t, "2026-12-29 12:00"), 10, c); err != nil || len(moments) != 10 {
		t.Errorf("a rule without working days: %d moments, %v; it hangs on no calendar", len(moments), err)
	}
}

func TestRuleErrorsSayWhatWasNotUnderstood(t *testing.T) {
	for rule, want := range map[string][2]string{
		"":                  {"it is empty", "还没有写规则"},
		"每隔三天 8:30":         {`the days "每隔三天8:30"`, "看不懂“每隔三天8:30”是哪些天"},
		"每天":                {"time of day is missing", "还没有写时间"},
		"每天 25:00":          {`the time "25:00"`, "看不懂时间“25:00”"},
		"每天 8:5":            {`the time "8:5"`, "看不懂时间"},
		"每天 8:60":           {`the time "8:60"`, "看不懂时间"},
		"每周 8:30":           {"每周 needs a weekday", "星期几"},
		"每周一至 8:30":         {"每周 needs a weekday", "星期几"},
		"每月 31 日 9:00":      {"not every month has a day 31", "每月最后一天"},
		"每月 5 下午 3 点":       {"ends in 日", "要写“日”"},
		"每月第 18 个工作日 9:00":  {"not every month has 18 working days", "第 18 个工作日"},
		"每月第 3 天 9:00":      {"第 needs a count", "几个工作日"},
		"每年 13 月 1 日 9:00":  {"month and a day", "几月几日"},
		"每 7 分钟":            {"must divide the day", "整除一天"},
		"每 10 分钟 8:30":      {`"8:30" is not understood`, "看不懂“8:30”"},
		"每月 5 日 9:00，遇下雨顺延": {`"遇下雨顺延"`, "看不懂“遇下雨顺延”"},
		"每天 9:00，遇节假日顺延":    {"goes with weekdays", "只能用在"},
		"每月最后一个工作日 9:00，遇节假日顺延": {"goes with weekdays", "只能用在"},
		"61 8 * * *":          {"cron expression", "cron 表达式"},
		"0 8 * * 7":           {"Sunday is 0", "周日写 0"},
		"CRON_TZ=UTC 0 8 * *": {"time zones", "时区"},
		"TZ=":                 {"time zones", "时区"},
		"@every 5m":           {"@every", "每 10 分钟"},
	} {
		_, err := casework.ParseRule(rule)
		e, ok := errors.AsType[*casework.RuleError](err)
		if !ok {
			t.Errorf("%q: error = %v; want a *RuleError", rule, err)
			continue
		}
		if !strings.Contains(e.Error(), want[0]) || !strings.Contains(e.Chinese(), want[1]) {
			t.Errorf("%q: %s / %s; want %q", rule, e.Error(), e.Chinese(), want)
		}
		if !strings.Contains(e.Error(), "每月最后一个工作日 17:00") || !strings.Contains(e.Chinese(), "每月最后一个工作日 17:00") {
			t.Errorf("%q: the complaint gives no examples", rule)
		}
	}
}

func TestScheduleThatNeverComesDueIsRefused(t *testing.T) {
	c, now := calendar(t), at(t, "2026-12-29 12:00")
	ok := casework.Schedule{Name: "n", Playbook: "p", CatchUp: casework.CatchUpOnce}
	for _, tt := range []struct{ rule, hours, policy, want string }{
		{"每个工作日 8:30", "工作日 8:00-17:00", "run_once", ""}, // next year is not known; that is no mistake
		{"每年 6 月 1 日 8:30 遇节假日顺延", "", "skip", ""},
		{"0 0 30 2 *", "", "run_once", "never comes due"},
		{"每天 3:00", "工作日 8:00-17:00", "run_once", "never comes due"},
		{"0 3 * * *", "工作日 8:00-17:00", "run_once", "never comes due"},
		{"每天 3:00", "8 bis 17", "run_once", "open hours are not understood"},
		{"每天 3:00", "", "sometimes", "run_once, run_all or skip"},
	} {
		s := ok
		s.Rule, s.Hours, s.CatchUp = tt.rule, tt.hours, casework.CatchUp(tt.policy)
		err := s.Check(now, c)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s [%s]: error = %v; want %q", tt.rule, tt.hours, err, tt.want)
		}
	}
	for _, s := range []casework.Schedule{{Playbook: "p"}, {Name: "n"}} {
		if s.Check(now, c) == nil {
			t.Errorf("%+v passes", s)
		}
	}
}

func TestCatchUpPolicies(t *testing.T) {
	now := at(t, "2026-03-06 09:30")
	passed := []time.Time{now.Add(-48 * time.Hour), now.Add(-24 * time.Hour), now.Add(-time.Minute)}
	for _, tt := range []struct {
		policy casework.CatchUp
		more   bool
		want   string
	}{
		{casework.CatchUpAll, false, "yyy"}, {casework.CatchUpAll, true, "yyy"},
		{casework.CatchUpOnce, false, "nny"}, {casework.CatchUpOnce, true, "nnn"}, // a later one has passed as well
		{casework.CatchUpSkip, false, "nny"}, // a minute late is on time
	} {
		got := ""
		for _, start := range tt.policy.Choose(passed, tt.more, now) {
			got += map[bool]string{true: "y", false: "n"}[start]
		}
		if got != tt.want {
			t.Errorf("%s, more %v: %s; want %s", tt.policy, tt.more, got, tt.want)
		}
	}
	if got := casework.CatchUpSkip.Choose(passed[:2], false, now); got[0] || got[1] {
		t.Errorf("skip starts what is a day late: %v", got)
	}
}

func FuzzParseRule(f *testing.F) {
	for _, rule := range []string{"每月 5 日 9:00，遇节假日顺延", "每周一至周五 9:00", "*/5 8-17 * * 1-5", "每 10 分钟", "TZ=x", "每月最后"} {
		f.Add(rule)
	}
	c, err := casework.LoadCalendar(nil)
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 3, 6, 1, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := casework.ParseRule(text)
		if err != nil {
			return
		}
		next, err := rule.Next(now, c)
		if err == nil && !next.After(now) {
			t.Errorf("%q: %s does not lie after %s", text, next, now)
		}
	})
}
