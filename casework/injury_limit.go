package casework

// InjuryLimit is what 工伤保险条例 article 17 makes of an application for an injury
// decision (工伤认定): the employer has 30 days; the worker, a close relative or
// the union a year. A late employer is still heard.
type InjuryLimit struct {
	EmployerDeadline   Date
	IndividualDeadline Date
	Accepted           bool
	Late               bool // the employer's 30 days were over
	// CostsUntil is the day up to which a late employer bears the costs, the day
	// of the application; zero when nobody was late or nothing was accepted.
	CostsUntil Date
}

// The time limits of article 17; the day of the accident is not counted.
const (
	employerDays    = 30
	individualYears = 1
)

// LimitOfInjury judges an application by article 17 of the 工伤保险条例. Extensions
// that the office granted are not known here, and a deadline on a day off stays.
func LimitOfInjury(accident, applied Date) InjuryLimit {
	l := InjuryLimit{
		EmployerDeadline:   accident.AddDays(employerDays),
		IndividualDeadline: accident.addYears(individualYears),
	}
	l.Late = l.EmployerDeadline.Before(applied)
	l.Accepted = !l.IndividualDeadline.Before(applied)
	if l.Late && l.Accepted {
		l.CostsUntil = applied
	}
	return l
}

// addYears moves by n years; a year after 29 February ends on 28 February.
func (d Date) addYears(n int) Date {
	moved := DateOf(Date{d.Year + n, d.Month, d.Day}.Time())
	if moved.Day != d.Day {
		return moved.AddDays(-1)
	}
	return moved
}
