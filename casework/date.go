package casework

import (
	"fmt"
	"time"
)

// Date is a calendar day in China. The zero value means "not known".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// China is the one time zone of the country's agencies (UTC+8, no summer time).
var China = time.FixedZone("CST", 8*3600)

// DateOf gives the day in China at the moment t.
func DateOf(t time.Time) Date {
	y, m, d := t.In(China).Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD and refuses days that do not exist.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want an existing day as YYYY-MM-DD", text)
	}
	return DateOf(t), nil
}

// String formats the day as YYYY-MM-DD, and the zero value as "".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText writes YYYY-MM-DD, or nothing for the zero value.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	*d = parsed
	return err
}

// IsZero says that the day is not known.
func (d Date) IsZero() bool { return d == Date{} }

// Time is the first moment of the day in China.
func (d Date) Time() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, China) }

// AddDays moves by n calendar days, back for negative n.
func (d Date) AddDays(n int) Date { return DateOf(d.Time().AddDate(0, 0, n)) }

// Before reports whether d lies before e.
func (d Date) Before(e Date) bool { return d.Time().Before(e.Time()) }

// YearsUntil counts the full years from d (a birthday, say) to e.
func (d Date) YearsUntil(e Date) int {
	years := e.Year - d.Year
	if e.Month < d.Month || e.Month == d.Month && e.Day < d.Day {
		years--
	}
	return years
}

// Month is YYYYMM, as every legacy system writes it (费款所属期).
type Month int

// MonthOf gives the month of a day.
func MonthOf(d Date) Month { return Month(d.Year*100 + int(d.Month)) }

// Add moves by n months, back for negative n.
func (m Month) Add(n int) Month {
	total := int(m)/100*12 + int(m)%100 - 1 + n
	return Month(total/12*100 + total%12 + 1)
}

// String formats the month as YYYYMM.
func (m Month) String() string { return fmt.Sprintf("%06d", int(m)) }

// Valid says that it is a month of the calendar, from the year 1900 on.
func (m Month) Valid() bool { return m >= 190001 && m <= 299912 && m%100 >= 1 && m%100 <= 12 }

// Year is the year the month lies in.
func (m Month) Year() int { return int(m) / 100 }

// Until counts the months from m to n; it is negative when n lies before m.
func (m Month) Until(n Month) int {
	return (int(n)/100-int(m)/100)*12 + int(n)%100 - int(m)%100
}
