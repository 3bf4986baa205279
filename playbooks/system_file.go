package playbooks

import (
	"slices"
	"strings"
	"time"
)

// minSettles is the shortest time after which "absent" may be believed: below a
// minute, a slow server is more likely than a lost record.
const minSettles = time.Minute

// ParseSystem reads a system file.
func ParseSystem(name string, text []byte) (System, Problems) {
	d := &decoder{report: newReport(name, text)}
	system := System{Version: version(text)}
	if root := d.document(text); root != nil {
		at := placeOf(root)
		fields := d.record(root, "system", "system", "title", "base", "account", "sign_in", "looks", "seats", "limits", "settles", "commits", "locks_on_open", "aliases", "codes", "hosts", "certificate", "shims")
		d.systemHead(&system, fields, at)
		d.systemRules(&system, fields)
	}
	return system, d.problems()
}

// systemHead reads who and where the system is.
func (d *decoder) systemHead(s *System, fields map[string]field, at place) {
	if f, ok := d.need(fields, at, "system", "system"); ok {
		s.Name = d.name(f, "system")
	}
	if f, ok := d.need(fields, at, "system", "title"); ok {
		s.Title = d.title(f)
	}
	for _, key := range []string{"base", "sign_in"} {
		d.need(fields, at, "system", key)
	}
	s.Base, s.Account = d.optional(fields, "base"), d.optional(fields, "account")
	if f, ok := fields["sign_in"]; ok {
		s.SignIn = d.signIn(f)
	}
	if len(s.SignIn.Fill) > 0 || s.SignIn.Basic {
		d.need(fields, at, "system", "account")
	}
	if f, ok := fields["looks"]; ok {
		looks := d.record(f.value, "looks", "signed_out", "elsewhere", "maintenance", "error")
		s.Looks = Looks{SignedOut: d.optionalWords(looks, "signed_out"), Elsewhere: d.optionalWords(looks, "elsewhere"),
			Maintenance: d.optionalWords(looks, "maintenance"), Error: d.optionalWords(looks, "error")}
	}
}

func (d *decoder) signIn(f field) SignIn {
	fields := d.record(f.value, "sign_in", "open", "fill", "click", "done", "refused", "basic", "attended")
	need := []string{"open", "done"}
	if _, fills := fields["fill"]; fills {
		need = append(need, "click") // neither: the page is open to everybody, or basic
	}
	for _, key := range need {
		d.need(fields, f.at, "sign_in", key)
	}
	s := SignIn{Open: d.optional(fields, "open"), Done: d.optional(fields, "done"), Refused: d.optionalWords(fields, "refused"), Fill: map[string]string{}}
	if basic, ok := fields["basic"]; ok {
		s.Basic = d.yes(basic, "basic")
	}
	if fill, ok := fields["fill"]; ok {
		for _, p := range d.pairs(fill.value, "fill") {
			secret := d.text(p, "fill")
			if secret != "account" && secret != "password" {
				d.errorf(placeOf(p.value), "bad_secret", "sign_in: want the word account or password; the secret itself comes from the vault")
			}
			s.Fill[p.key] = secret
		}
	}
	if click, ok := fields["click"]; ok {
		s.Click = d.locator(click).Locator
	}
	if attended, ok := fields["attended"]; ok {
		s.Attended = d.attended(attended)
	}
	return s
}

// attended reads how a person signs in. Where nothing is said, the session is used every
// ten minutes, lasts nine hours, and people are asked at 8:20 and twenty minutes before
// its end.
func (d *decoder) attended(f field) *Attended {
	fields := d.record(f.value, "attended", "for", "keep", "every", "lasts", "ask", "before")
	a := &Attended{For: d.optionalWords(fields, "for"), Every: 10 * time.Minute, Lasts: 9 * time.Hour, Ask: "08:20", Before: 20 * time.Minute}
	if keep, ok := d.need(fields, f.at, "attended", "keep"); ok {
		if a.Keep = d.text(keep, "keep"); !strings.HasPrefix(a.Keep, "/") {
			d.errorf(placeOf(keep.value), "bad_path", "keep: want the path of a page that only shows, like /welcome")
		}
	}
	if len(a.For) == 0 {
		d.need(fields, f.at, "attended", "for")
	}
	for _, why := range a.For {
		if !slices.Contains(AttendedFor(), why) {
			d.errorf(f.at, "bad_reason", "for: there is no %q, want some of: %s", why, strings.Join(AttendedFor(), ", "))
		}
	}
	for key, into := range map[string]*time.Duration{"every": &a.Every, "lasts": &a.Lasts, "before": &a.Before} {
		if given, ok := fields[key]; ok {
			*into = d.duration(given, key)
		}
	}
	if ask, ok := fields["ask"]; ok {
		if a.Ask = d.text(ask, "ask"); !clockTime(a.Ask) {
			d.errorf(placeOf(ask.value), "bad_clock", "ask: want a time of day like 08:20")
		}
	}
	return a
}

func clockTime(text string) bool {
	_, err := time.Parse("15:04", text)
	return err == nil
}

// systemRules reads how the system may be used.
func (d *decoder) systemRules(s *System, fields map[string]field) {
	s.Seats = 1
	if f, ok := fields["seats"]; ok {
		s.Seats = d.count(f, "seats")
	}
	if s.SignIn.Attended != nil && s.Seats > 1 {
		d.errorf(fields["seats"].at, "attended_seats", "seats: a person signs in to one session; with attended it is 1")
	}
	s.Limits.Seats = s.Seats
	if f, ok := fields["limits"]; ok {
		d.limits(s, f)
	}
	if f, ok := fields["settles"]; ok {
		s.Settles = d.duration(f, "settles")
		if s.Settles < minSettles {
			d.errorf(placeOf(f.value), "settles_short", "settles: want at least %s, or leave it out and a person decides", minSettles)
		}
	}
	s.Commits = d.optionalWords(fields, "commits")
	d.technique(s, fields)
	if f, ok := fields["locks_on_open"]; ok {
		s.Locks = d.locks(f)
	}
	s.Aliases = map[string][]string{}
	if f, ok := fields["aliases"]; ok {
		for _, p := range d.pairs(f.value, "aliases") {
			s.Aliases[p.key] = d.words(p, "aliases")
		}
	}
	s.Codes = map[string]map[string]string{}
	if f, ok := fields["codes"]; ok {
		for _, list := range d.pairs(f.value, "codes") {
			s.Codes[list.key] = d.table(list)
		}
	}
}

// technique reads what the system's pages need that others don't.
func (d *decoder) technique(s *System, fields map[string]field) {
	s.Hosts = d.optionalWords(fields, "hosts")
	if f, ok := fields["certificate"]; ok {
		s.Certificate = d.text(f, "certificate")
		if sum, named := strings.CutPrefix(s.Certificate, "sha256:"); !named || len(sum) != 64 || strings.Trim(sum, "0123456789abcdefABCDEF") != "" {
			d.errorf(placeOf(f.value), "bad_certificate", "certificate: want sha256: and the 64 hex digits of the certificate's hash")
		}
	}
	for _, host := range s.Hosts {
		if strings.ContainsAny(host, "/*? ") {
			d.errorf(fields["hosts"].at, "bad_host", "hosts: want a name or name:port, not %q", host)
		}
	}
	s.Shims = d.optionalWords(fields, "shims")
	for _, name := range s.Shims {
		if !slices.Contains(ShimNames(), name) {
			d.errorf(fields["shims"].at, "unknown_shim", "shims: there is no %q, want some of: %s", name, strings.Join(ShimNames(), ", "))
		}
	}
}

// yes reads the word true or false.
func (d *decoder) yes(f field, what string) bool {
	word := d.text(f, what)
	if word != "true" && word != "false" {
		d.errorf(placeOf(f.value), "want_bool", "%s: want true or false", what)
	}
	return word == "true"
}

// limits reads how much the system takes and when. An agency may set others.
func (d *decoder) limits(s *System, f field) {
	fields := d.record(f.value, "limits", "per_minute", "per_day", "hours", "last_start", "canary", "pause")
	for key, into := range map[string]*int{"per_minute": &s.Limits.PerMinute, "per_day": &s.Limits.PerDay} {
		if n, ok := fields[key]; ok {
			*into = d.number(n, key, 100_000)
		}
	}
	s.Limits.Hours = d.optionalWords(fields, "hours")
	if last, ok := fields["last_start"]; ok {
		s.Limits.LastStart = int(d.duration(last, "last_start") / time.Minute)
	}
	if pause, ok := fields["pause"]; ok {
		s.Limits.Pause = int(d.duration(pause, "pause") / time.Second)
	}
	if canary := d.optional(fields, "canary"); canary != "" {
		s.Limits.Canary = true
		for part := range strings.SplitSeq(canary, "/") {
			s.Canary = append(s.Canary, strings.TrimSpace(part))
		}
	}
	if err := s.Limits.Check(); err != nil {
		d.errorf(placeOf(f.value), "bad_limits", "limits: %v", err)
	}
}

func (d *decoder) table(f field) map[string]string {
	table := map[string]string{}
	for _, p := range d.pairs(f.value, f.key) {
		table[p.key] = d.text(p, f.key)
	}
	return table
}

// count reads a whole number from 1 to 99.
func (d *decoder) count(f field, what string) int { return d.number(f, what, 99) }

// number reads a whole number from 1 to most.
func (d *decoder) number(f field, what string, most int) int {
	n := 0
	for _, c := range d.text(f, what) {
		if n = n*10 + int(c-'0'); c < '0' || c > '9' || n > most {
			n = 0
			break
		}
	}
	if n == 0 {
		d.errorf(placeOf(f.value), "bad_number", "%s: want a whole number from 1 to %d", what, most)
	}
	return n
}
