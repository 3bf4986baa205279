package casework

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Rule says when a schedule comes due, in China's time: a cron expression of
// five fields, or plain Chinese. See ParseRule.
type Rule struct {
	text  string
	cron  cron.Schedule // nil for a plain rule
	day   dayRule
	shift shift
	times []int // minutes after midnight, ascending
}

// dayRule says whether a rule names the day; ErrNoCalendar when that hangs on a
// year that is not known.
type dayRule func(d Date, c Calendar) (bool, error)

// shift says what becomes of a named day that is not worked.
type shift int

const (
	stays   shift = iota // the rule takes the day as it is
	later                // 顺延: the next working day
	earlier              // 提前: the last working day before
	dropped              // 跳过: not at all
)

// RuleError says what of a rule was not understood, in both languages and with
// examples.
type RuleError struct {
	Rule   string // as it was written
	Zh, En string
}

// Error is the English sentence.
func (e *RuleError) Error() string { return fmt.Sprintf("rule %q: %s", e.Rule, e.En) }

// Chinese is the same for the pages.
func (e *RuleError) Chinese() string { return fmt.Sprintf("规则“%s”：%s", e.Rule, e.Zh) }

// ruleExamples stand at the end of every complaint about a rule.
const ruleExamples = "每天 7:00 | 每个工作日 8:30 | 每周一、三 9:00 | 每月 5 日 9:00，遇节假日顺延（或“提前”“跳过”）| " +
	"每月最后一个工作日 17:00 | 每月第 3 个工作日 10:00 | 每 10 分钟 | 30 8 * * 1-5"

func misread(rule, zh, en string) error {
	return &RuleError{Rule: rule, Zh: zh + "；例如：" + ruleExamples, En: en + "; for example: " + ruleExamples}
}

// ParseRule reads a cron expression (minute hour day month weekday, or @daily,
// @weekly, @monthly, @yearly, @hourly) or a plain rule:
//
//	每天 7:00、19:00            every day
//	每个工作日 8:30             working days, make-up days included
//	每周一至周五 9:00           weekdays by name, whatever the calendar says
//	每月 5、20 日 9:00          days of the month, 1 to 28
//	每月最后一天 23:00          also 每年 3 月 1 日
//	每月最后一个工作日 17:00    also 第 3 个工作日, 倒数第 2 个工作日
//	每 10 分钟, 每小时          counted from midnight
//
// A rule of weekdays or days of the month may end in 遇节假日顺延, 提前 or 跳过:
// on a day that is not worked (weekends are 休息日 and count as well) it moves to the next
// working day, to the last one before, or falls out. The error is a *RuleError.
func ParseRule(text string) (Rule, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Rule{}, misread(text, "还没有写规则", "it is empty")
	}
	if isCron(text) {
		return parseCron(text)
	}
	return parsePlain(text)
}

func isCron(text string) bool {
	return text[0] < 0x80 && !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 })
}

func parseCron(text string) (Rule, error) {
	if strings.Contains(text, "TZ=") || strings.HasPrefix(text, "@every") {
		return Rule{}, misread(text, "不支持时区和 @every（它从程序启动时算起）；请写“每 10 分钟”",
			"time zones and @every (which counts from the start of the program) are not taken; write 每 10 分钟")
	}
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor).Parse(text)
	if err != nil {
		return Rule{}, misread(text, "看不懂这个 cron 表达式（分 时 日 月 周，周日写 0）："+err.Error(),
			"this cron expression is not understood (minute hour day month weekday, Sunday is 0): "+err.Error())
	}
	return Rule{text: text, cron: parsed}, nil
}

// String gives the rule as it was written.
func (r Rule) String() string { return r.text }

const (
	// longestBreak is how many days in a row may be off; an imported year with a
	// longer holiday is refused.
	longestBreak = 31
	// searchDays is how far ahead a plain rule is looked for: each comes at least
	// once a year, and moves by a break at most.
	searchDays = 366 + 2*longestBreak
)

// Next gives the first moment after the given one; ErrNoCalendar when it hangs
// on a year that is not known, and ErrNever for a date that does not exist.
func (r Rule) Next(after time.Time, c Calendar) (time.Time, error) {
	if r.cron != nil {
		next := r.cron.Next(after.In(China))
		if next.IsZero() {
			return next, fmt.Errorf("%s: %w", r.text, ErrNever)
		}
		return next, nil
	}
	today := DateOf(after)
	first := today
	if r.shift != stays {
		first = today.AddDays(-longestBreak)
	}
	for named, last := first, today.AddDays(searchDays); named.Before(last); named = named.AddDays(1) {
		if named.Before(today) && c.startsAfter(named.Year) {
			continue // nothing is moved out of the years before the calendar
		}
		day, ok, err := r.on(named, c)
		if err != nil {
			return time.Time{}, err
		}
		if at, later := r.firstAfter(day, after); ok && later {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s: %w", r.text, ErrNever)
}

// on says whether the rule names a day, and on which day that comes due. Days
// named later never come due earlier, so that the first one found is the next.
func (r Rule) on(named Date, c Calendar) (Date, bool, error) {
	ok, err := r.day(named, c)
	if err != nil || !ok || r.shift == stays {
		return named, ok, err
	}
	step := 1
	if r.shift == earlier {
		step = -1
	}
	for day := named; ; day = day.AddDays(step) {
		worked, err := c.WorkingDay(day)
		if err != nil || worked {
			return day, err == nil, err
		}
		if r.shift == dropped {
			return day, false, nil
		}
	}
}

func (r Rule) firstAfter(day Date, after time.Time) (time.Time, bool) {
	for _, minute := range r.times {
		if at := day.Time().Add(time.Duration(minute) * time.Minute); at.After(after) {
			return at, true
		}
	}
	return time.Time{}, false
}

func everyDay(Date, Calendar) (bool, error) { return true, nil }

func everyWorkingDay(d Date, c Calendar) (bool, error) { return c.WorkingDay(d) }

func onWeekdays(days map[time.Weekday]bool) dayRule {
	return func(d Date, _ Calendar) (bool, error) { return days[d.Time().Weekday()], nil }
}

// onDays takes days of every month, or of one.
func onDays(month int, days map[int]bool) dayRule {
	return func(d Date, _ Calendar) (bool, error) {
		return days[d.Day] && (month == 0 || month == int(d.Month)), nil
	}
}

func onLastDay(d Date, _ Calendar) (bool, error) { return d.AddDays(1).Day == 1, nil }

// onNthWorkingDay counts the working days of the month from its first day, or
// for a negative n back from its last.
func onNthWorkingDay(n int) dayRule {
	return func(d Date, c Calendar) (bool, error) {
		step, left := -1, n
		if n < 0 {
			step, left = 1, -n
		}
		for day := d; day.Month == d.Month; day = day.AddDays(step) {
			worked, err := c.WorkingDay(day)
			if err != nil || day == d && !worked {
				return false, err
			}
			if worked {
				left--
			}
		}
		return left == 0, nil
	}
}
