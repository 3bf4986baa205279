package casework

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// phrase is what is left to read of a plain rule, without spaces.
type phrase struct{ rest string }

// compact folds full-width forms and takes the spaces out.
func compact(text string) string {
	return strings.TrimRight(strings.Join(strings.Fields(norm.NFKC.String(text)), ""), "。.;")
}

// cut takes the first of the words that stands next.
func (p *phrase) cut(words ...string) bool {
	for _, w := range words {
		if rest, ok := strings.CutPrefix(p.rest, w); ok {
			p.rest = rest
			return true
		}
	}
	return false
}

// digits takes a number of at most two digits.
func (p *phrase) digits() (int, bool) {
	n, length := 0, 0
	for length < len(p.rest) && length < 2 && p.rest[length] >= '0' && p.rest[length] <= '9' {
		n = n*10 + int(p.rest[length]-'0')
		length++
	}
	p.rest = p.rest[length:]
	return n, length > 0
}

// number takes digits or Chinese numerals up to 31 (三十一).
func (p *phrase) number() (int, bool) {
	if n, ok := p.digits(); ok {
		return n, true
	}
	tens, units, ten := 0, p.numeral(), p.cut("十")
	if !ten {
		return units, units > 0
	}
	tens, units = max(units, 1), p.numeral()
	return tens*10 + units, true
}

func (p *phrase) numeral() int {
	r, size := utf8.DecodeRuneInString(p.rest)
	i := slices.Index([]rune("一二三四五六七八九"), r)
	if i < 0 {
		return 0
	}
	p.rest = p.rest[size:]
	return i + 1
}

func (p *phrase) separator() bool { return p.cut("、", ",", "和", "及", "与") }

func parsePlain(text string) (Rule, error) {
	body, exception, moved := strings.Cut(compact(text), "遇")
	p := phrase{rest: strings.TrimRight(body, ",;、")}
	r := Rule{text: text}
	every, err := p.interval(text)
	if err != nil {
		return Rule{}, err
	}
	if every > 0 {
		r.day = everyDay
		for minute := 0; minute < 24*60; minute += every {
			r.times = append(r.times, minute)
		}
	} else {
		if r.day, err = p.days(text); err != nil {
			return Rule{}, err
		}
		if r.times, err = p.times(text); err != nil {
			return Rule{}, err
		}
	}
	if moved {
		r.shift, err = parseShift(text, body, exception)
	}
	return r, err
}

// interval reads 每 10 分钟 and 每小时; 0 when the rule is none.
func (p *phrase) interval(rule string) (minutes int, err error) {
	q := *p
	if !q.cut("每个", "每") {
		return 0, nil
	}
	n, counted := q.number()
	switch {
	case !counted && q.cut("半小时", "半个小时"):
		n = 30
	case q.cut("小时", "个小时"):
		n = 60 * max(n, 1)
	case !counted || !q.cut("分钟"):
		return 0, nil
	}
	if n == 0 || 24*60%n != 0 {
		return 0, misread(rule, "间隔要能整除一天，如 5、10、15、30 分钟或 1、2、6 小时", "the interval must divide the day: 5, 10, 15, 30 minutes or 1, 2, 6 hours")
	}
	if q.rest != "" {
		return 0, misread(rule, fmt.Sprintf("看不懂“%s”", q.rest), fmt.Sprintf("%q is not understood", q.rest))
	}
	return n, nil
}

func (p *phrase) days(rule string) (dayRule, error) {
	switch {
	case p.cut("每天", "每日"):
		return everyDay, nil
	case p.cut("每个工作日", "每工作日", "工作日"):
		return everyWorkingDay, nil
	case p.cut("每周", "每个星期", "每星期"):
		return p.weekdays(rule)
	case p.cut("每个月", "每月"):
		return p.daysOfMonth(rule, 0)
	case p.cut("每年"):
		month, ok := p.number()
		if !ok || !p.cut("月") || month < 1 || month > 12 {
			return nil, misread(rule, "“每年”后面要写几月几日", "每年 needs a month and a day, 每年 3 月 1 日 9:00")
		}
		return p.daysOfMonth(rule, month)
	}
	return nil, misread(rule, fmt.Sprintf("看不懂“%s”是哪些天", p.rest), fmt.Sprintf("the days %q are not understood", p.rest))
}

// weekdays reads 一, 一、三, 一三五 and 一至周五.
func (p *phrase) weekdays(rule string) (dayRule, error) {
	days := map[time.Weekday]bool{}
	last, ranged := time.Weekday(-1), false
	for {
		day, ok := p.weekday()
		if !ok {
			break
		}
		days[day] = true
		for d := last; ranged && d != day; d = (d + 1) % 7 {
			days[d] = true
		}
		last = day
		ranged = p.cut("到", "至", "-", "~")
		if !ranged {
			p.separator()
		}
		p.cut("每周", "周", "星期")
	}
	if len(days) == 0 || ranged {
		return nil, misread(rule, "“每周”后面要写星期几", "每周 needs a weekday, 每周一 9:00")
	}
	return onWeekdays(days), nil
}

func (p *phrase) weekday() (time.Weekday, bool) {
	r, size := utf8.DecodeRuneInString(p.rest)
	i := slices.Index([]rune("日一二三四五六天"), r)
	if i < 0 {
		return 0, false
	}
	p.rest = p.rest[size:]
	return time.Weekday(i % 7), true
}

func (p *phrase) daysOfMonth(rule string, month int) (dayRule, error) {
	if month == 0 {
		if day, ok, err := p.countedDay(rule); ok || err != nil {
			return day, err
		}
	}
	days := map[int]bool{}
	for marked := false; ; {
		n, ok := p.number()
		if !ok || n < 1 || n > 31 {
			return nil, misread(rule, "日期要写 1 到 28 日", "days of the month are 1 to 28, 每月 5 日 9:00")
		}
		if n > 28 {
			return nil, misread(rule, fmt.Sprintf("不是每个月都有 %d 日，请写“每月最后一天”", n),
				fmt.Sprintf("not every month has a day %d; write 每月最后一天, the last day", n))
		}
		days[n] = true
		marked = p.cut("日", "号")
		if p.separator() {
			continue
		}
		if !marked {
			return nil, misread(rule, "日期后面要写“日”", "a day of the month ends in 日, 每月 5 日 9:00")
		}
		return onDays(month, days), nil
	}
}

// countedDay reads the last day and the n-th working day of the month.
func (p *phrase) countedDay(rule string) (dayRule, bool, error) {
	switch {
	case p.cut("最后一天", "最后一日", "最后1天", "月末", "月底"):
		return onLastDay, true, nil
	case p.cut("最后一个工作日", "最后1个工作日"):
		return onNthWorkingDay(-1), true, nil
	case p.cut("首个工作日"):
		return onNthWorkingDay(1), true, nil
	}
	sign := 1
	if p.cut("倒数") {
		sign = -1
	} else if !strings.HasPrefix(p.rest, "第") {
		return nil, false, nil
	}
	p.cut("第")
	n, ok := p.number()
	if !ok || !p.cut("个工作日") {
		return nil, false, misread(rule, "“第”后面要写几个工作日", "第 needs a count of working days, 每月第 3 个工作日 10:00")
	}
	if n < 1 || n > 15 {
		return nil, false, misread(rule, fmt.Sprintf("不是每个月都有第 %d 个工作日", n), fmt.Sprintf("not every month has %d working days", n))
	}
	return onNthWorkingDay(sign * n), true, nil
}

func (p *phrase) times(rule string) ([]int, error) {
	if p.rest == "" {
		return nil, misread(rule, "还没有写时间", "the time of day is missing")
	}
	var times []int
	for p.rest != "" {
		before := p.rest
		minute, ok := p.timeOfDay()
		if !ok || p.rest != "" && !p.separator() {
			return nil, misread(rule, fmt.Sprintf("看不懂时间“%s”", before), fmt.Sprintf("the time %q is not understood", before))
		}
		times = append(times, minute)
	}
	slices.Sort(times)
	return slices.Compact(times), nil
}

// timeOfDay takes 8:30, 8点半, 8点30分 or 下午3点 as minutes after midnight.
func (p *phrase) timeOfDay() (int, bool) {
	afternoon := p.cut("下午", "晚上", "傍晚")
	if !afternoon {
		p.cut("上午", "早上", "凌晨", "中午")
	}
	hour, ok := p.digits()
	if !ok || hour > 23 {
		return 0, false
	}
	if afternoon && hour < 12 {
		hour += 12
	}
	minute := 0
	switch {
	case p.cut(":"):
		before := len(p.rest)
		if minute, ok = p.digits(); !ok || before-len(p.rest) != 2 {
			return 0, false
		}
	case !p.cut("点整", "点钟", "点", "时整", "时"):
		return 0, false
	case p.cut("半"):
		minute = 30
	default:
		if n, there := p.digits(); there {
			minute = n
			p.cut("分")
		}
	}
	return hour*60 + minute, minute < 60
}

// parseShift reads what follows 遇.
func parseShift(rule, body, exception string) (shift, error) {
	p := phrase{rest: exception}
	known := p.cut("法定节假日", "节假日和休息日", "节假日、休息日", "节假日", "休息日", "非工作日")
	p.cut("则", "就")
	ways := map[string]shift{"顺延": later, "延后": later, "提前": earlier, "跳过": dropped, "不执行": dropped}
	way, ok := ways[p.rest]
	if !known || !ok {
		return stays, misread(rule, fmt.Sprintf("看不懂“遇%s”", exception), fmt.Sprintf("%q is not understood", "遇"+exception))
	}
	if !strings.HasPrefix(body, "每周") && !strings.HasPrefix(body, "每星期") && !strings.HasPrefix(body, "每月") &&
		!strings.HasPrefix(body, "每个月") && !strings.HasPrefix(body, "每年") || strings.Contains(body, "工作日") {
		return stays, misread(rule, "“遇节假日”只能用在每周、每月、每年的日子上", "遇节假日 goes with weekdays and days of the month only")
	}
	return way, nil
}
