package casework

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"
)

// CalendarYear is one year's notice (国务院办公厅关于某年部分节假日安排的通知) as data.
type CalendarYear struct {
	Year     int       `yaml:"-" json:"year"`
	Document string    `yaml:"document" json:"document"`
	Holidays []Holiday `yaml:"holidays" json:"holidays"`
	MakeUp   []Date    `yaml:"make_up" json:"make_up"` // Saturdays and Sundays worked
}

// Holiday is a row of days off.
type Holiday struct {
	Name string `yaml:"name" json:"name"`
	From Date   `yaml:"from" json:"from"`
	To   Date   `yaml:"to" json:"to"` // inclusive
}

// Check says what is wrong with a year that somebody wants to import.
func (y CalendarYear) Check() error {
	if y.Document == "" {
		return fmt.Errorf("calendar %d: it needs the document it comes from", y.Year)
	}
	if len(y.Holidays) == 0 {
		return fmt.Errorf("calendar %d: it has no holidays at all", y.Year)
	}
	off := map[Date]string{}
	for _, h := range y.Holidays {
		if err := y.checkHoliday(h, off); err != nil {
			return fmt.Errorf("calendar %d: %w", y.Year, err)
		}
	}
	worked := map[Date]bool{}
	for _, d := range y.MakeUp {
		if err := y.checkMakeUp(d, off, worked); err != nil {
			return fmt.Errorf("calendar %d: make-up day %s: %w", y.Year, d, err)
		}
	}
	return nil
}

func (y CalendarYear) checkHoliday(h Holiday, off map[Date]string) error {
	if h.From.Year != y.Year || h.To.Year != y.Year || h.To.Before(h.From) {
		return fmt.Errorf("holiday %s: want two days of %d in order", h.Name, y.Year)
	}
	if !h.To.Before(h.From.AddDays(longestBreak)) {
		return fmt.Errorf("holiday %s: more than %d days in a row", h.Name, longestBreak)
	}
	for d := h.From; !h.To.Before(d); d = d.AddDays(1) {
		if other, taken := off[d]; taken {
			return fmt.Errorf("holiday %s: %s belongs to %s already", h.Name, d, other)
		}
		off[d] = h.Name
	}
	return nil
}

func (y CalendarYear) checkMakeUp(d Date, off map[Date]string, worked map[Date]bool) error {
	weekday := d.Time().Weekday()
	switch {
	case d.Year != y.Year:
		return fmt.Errorf("it does not lie in %d", y.Year)
	case weekday != time.Saturday && weekday != time.Sunday:
		return errors.New("it is no Saturday or Sunday, and worked anyway")
	case off[d] != "":
		return fmt.Errorf("it is a day off (%s) at the same time", off[d])
	case worked[d]:
		return errors.New("it stands there twice")
	}
	worked[d] = true
	return nil
}

// WorkingDays counts the working days of the year.
func (y CalendarYear) WorkingDays() (int, error) {
	c, err := NewCalendar(y)
	if err != nil {
		return 0, err
	}
	return c.WorkingDaysUntil(Date{y.Year, 1, 1}.AddDays(-1), Date{y.Year, 12, 31})
}

// NewCalendar puts years together; of two with the same number the last holds.
func NewCalendar(years ...CalendarYear) (Calendar, error) {
	last := map[int]CalendarYear{}
	for _, y := range years {
		last[y.Year] = y
	}
	c := Calendar{Years: map[int]bool{}, Holidays: map[Date]bool{}, MakeUp: map[Date]bool{}}
	for year, days := range last {
		if err := c.addYear(year, days); err != nil {
			return Calendar{}, err
		}
	}
	return c, nil
}

// EmbeddedYears are the years that came with this release.
func EmbeddedYears() ([]CalendarYear, error) {
	text, err := paramFiles.ReadFile(calendarFile)
	if err != nil {
		return nil, fmt.Errorf("read the embedded calendar: %w", err)
	}
	return decodeYears(path.Base(calendarFile), text)
}

// ParseCalendarYears reads years to import, written as params/calendar.yaml is,
// and checks each. Errors name file and line.
func ParseCalendarYears(file string, text []byte) ([]CalendarYear, error) {
	years, err := decodeYears(file, text)
	if err != nil {
		return nil, err
	}
	if len(years) == 0 {
		return nil, fmt.Errorf("%s: it holds no year", file)
	}
	for _, y := range years {
		if err := y.Check(); err != nil {
			return nil, fmt.Errorf("%s: %w", PlaceInYAML(file, text, fmt.Sprintf("$.years.%d", y.Year)), err)
		}
	}
	return years, nil
}

// decodeYears gives the years in order.
func decodeYears(file string, text []byte) ([]CalendarYear, error) {
	var f struct {
		Years map[int]CalendarYear `yaml:"years"`
	}
	if err := DecodeYAML(file, text, &f); err != nil {
		return nil, err
	}
	var years []CalendarYear
	for _, number := range slices.Sorted(maps.Keys(f.Years)) {
		y := f.Years[number]
		y.Year = number
		years = append(years, y)
	}
	return years, nil
}

// LoadCalendar reads the embedded working-day calendar and adds the years and
// the local days of the agency's params/calendar.yaml; fsys may be nil.
func LoadCalendar(fsys fs.FS) (Calendar, error) {
	years, err := EmbeddedYears()
	if err != nil {
		return Calendar{}, err
	}
	c, err := NewCalendar(years...)
	if err != nil || fsys == nil {
		return c, err
	}
	own, err := fs.Glob(fsys, calendarFile)
	if err != nil || len(own) == 0 {
		return c, err
	}
	text, err := fs.ReadFile(fsys, calendarFile)
	if err != nil {
		return Calendar{}, fmt.Errorf("read %s: %w", calendarFile, err)
	}
	return c, c.add(calendarFile, text)
}

func (c *Calendar) add(file string, text []byte) error {
	years, err := decodeYears(file, text)
	if err != nil {
		return err
	}
	for _, y := range years {
		if err := c.addYear(y.Year, y); err != nil {
			return fmt.Errorf("%s: %w", PlaceInYAML(file, text, fmt.Sprintf("$.years.%d", y.Year)), err)
		}
	}
	return nil
}

func (c *Calendar) addYear(year int, days CalendarYear) error {
	for _, h := range days.Holidays {
		if h.From.Year != year || h.To.Year != year || h.To.Before(h.From) {
			return fmt.Errorf("holiday %s: want two days of %d in order", h.Name, year)
		}
		for d := h.From; !h.To.Before(d); d = d.AddDays(1) {
			c.Holidays[d] = true
			delete(c.MakeUp, d)
		}
	}
	for _, d := range days.MakeUp {
		if d.Year != year {
			return fmt.Errorf("make-up day %s does not lie in %d", d, year)
		}
		c.MakeUp[d] = true
	}
	c.Years[year] = true
	return nil
}
