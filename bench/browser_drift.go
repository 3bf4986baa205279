package bench

import (
	"context"
	"fmt"
	"html/template"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// DriftReport says what became of forms on pages that had changed since their
// playbook was written.
type DriftReport struct {
	Mutations int                    `json:"mutations"`
	Done      int                    `json:"done"`    // entered, with exactly the values meant
	Stopped   int                    `json:"stopped"` // before the commit: a person is asked
	Wrong     int                    `json:"wrong"`   // entered with other values, or twice
	DoneShare float64                `json:"done_share"`
	Kinds     map[string]DriftCounts `json:"kinds"`
	Codes     map[string]int         `json:"codes"` // why it stopped
	Fakes     *DriftFakes            `json:"legacy_systems,omitempty"`
}

// DriftCounts are the outcomes of the pages that had one kind of change.
type DriftCounts struct {
	Done    int `json:"done"`
	Stopped int `json:"stopped"`
	Wrong   int `json:"wrong"`
}

// driftKinds are the ways in which a page changes. The last two leave no one right
// field: there the only good end is to stop.
func driftKinds() []string {
	return []string{"ids", "rows", "alias", "wrappers", "layout", "hidden_twin", "twin", "renamed"}
}

// driftStyles are the techniques of the four systems.
func driftStyles() []string { return []string{"cells_gbk", "labels", "frames", "grid"} }

// driftAliases are what the system's file knows of other spellings.
func driftAliases() map[string][]string {
	return map[string][]string{"证件号码": {"公民身份号码"}, "姓名": {"申领人姓名"}, "银行账号": {"收款账号"}, "联系电话": {"手机号码"}, "备注": {"说明"}, "月标准": {"月发放标准"}, "开户银行": {"开户行"}}
}

// driftPage is one page as it stands after its changes.
type driftPage struct {
	style  string
	kinds  map[string]bool
	fields []formField // labels and order as they stand
	names  map[string]string
	r      *rand.Rand
}

// newDriftPage draws a page and its one to three changes.
func newDriftPage(r *rand.Rand, n int) *driftPage {
	p := &driftPage{style: driftStyles()[n%4], kinds: map[string]bool{}, fields: formFields(), names: map[string]string{}, r: r}
	all := driftKinds()
	usual := all[:len(all)-2]
	p.kinds[usual[(n/4)%len(usual)]] = true
	for range r.IntN(3) {
		p.kinds[usual[r.IntN(len(usual))]] = true
	}
	if n%25 == 24 { // four in a hundred have no right answer
		p.kinds[all[len(all)-2+(n/25)%2]] = true
	}
	for i := range p.fields {
		f := &p.fields[i]
		p.names[f.Key] = f.Key
		if p.kinds["ids"] {
			p.names[f.Key] = fmt.Sprintf("ctl%d_%x", i, r.Uint32())
		}
		if also := driftAliases()[f.Label]; p.kinds["alias"] && also != nil && r.IntN(2) == 0 {
			f.Label = also[0]
		}
		if p.kinds["renamed"] && f.Key == "account" {
			f.Label = "卡折号"
		}
	}
	if p.kinds["rows"] {
		r.Shuffle(len(p.fields), func(i, j int) { p.fields[i], p.fields[j] = p.fields[j], p.fields[i] })
	}
	return p
}

// control is a field's element.
func (p *driftPage) control(f formField, name string) string {
	esc := template.HTMLEscapeString
	switch f.Kind {
	case "select":
		var b strings.Builder
		fmt.Fprintf(&b, `<select id="%s" name="%s"><option value="">请选择</option>`, name, name)
		for _, o := range f.Options {
			fmt.Fprintf(&b, `<option>%s</option>`, esc(o))
		}
		return b.String() + `</select>`
	case "radio":
		var b strings.Builder
		for _, o := range f.Options {
			fmt.Fprintf(&b, `<input type="radio" name="%s" value="%s">%s `, name, esc(o), esc(o))
		}
		return b.String()
	case "area":
		return fmt.Sprintf(`<textarea id="%s" name="%s"></textarea>`, name, name)
	}
	return fmt.Sprintf(`<input type="%s" id="%s" name="%s">`, f.Kind, name, name)
}

// wrap puts an element into boxes that mean nothing.
func (p *driftPage) wrap(html string) string {
	if !p.kinds["wrappers"] {
		return html
	}
	for range 1 + p.r.IntN(3) {
		html = wrapIn(p.r.IntN(3), html)
	}
	return html
}

func wrapIn(kind int, html string) string {
	switch kind {
	case 0:
		return "<div>" + html + "</div>"
	case 1:
		return `<span class="w">` + html + "</span>"
	}
	return `<div class="box"><div>` + html + "</div></div>"
}

// form is the page's form; layouts differ by style and change with "layout".
func (p *driftPage) form() string {
	cells := make([][2]string, len(p.fields))
	for i, f := range p.fields {
		label := p.wrap(`<font>` + template.HTMLEscapeString(f.Label) + `：</font>`)
		if p.style == "labels" && f.Kind != "radio" {
			label = p.wrap(fmt.Sprintf(`<label for="%s">%s</label>`, p.names[f.Key], template.HTMLEscapeString(f.Label)))
		}
		cells[i] = [2]string{label, p.wrap(p.control(f, p.names[f.Key]))}
	}
	body := p.layout(cells)
	if p.kinds["twin"] { // the same form once more, for another person
		body += `<h4>配偶</h4>` + p.layout(cells)
	}
	hidden := ""
	if p.kinds["hidden_twin"] {
		hidden = `<div style="display:none"><form action="/save" method="post">` + p.layout(cells) + `<input type="submit" value="提交"></form></div>`
	}
	return hidden + `<form action="/save" method="post">` + body + `<p><input type="submit" value="提交"></p></form>`
}

func (p *driftPage) layout(cells [][2]string) string {
	kind := map[string]int{"cells_gbk": 0, "labels": 1, "frames": 2, "grid": 3}[p.style]
	if p.kinds["layout"] {
		kind = (kind + 1 + p.r.IntN(3)) % 4
	}
	var b strings.Builder
	switch kind {
	case 0: // label and field side by side, one or two to a row
		b.WriteString("<table border=1>")
		for i := 0; i < len(cells); i += 2 {
			b.WriteString("<tr>")
			for _, c := range cells[i:min(i+2, len(cells))] {
				b.WriteString("<td>" + c[0] + "</td><td>" + c[1] + "</td>")
			}
			b.WriteString("</tr>")
		}
		b.WriteString("</table>")
	case 1: // a block each
		for _, c := range cells {
			b.WriteString(`<div class="item">` + c[0] + " " + c[1] + "</div>")
		}
	case 2: // a layout table within another, one row each
		b.WriteString("<table><tr><td><table>")
		for _, c := range cells {
			b.WriteString("<tr><th align=right>" + c[0] + "</th><td>" + c[1] + "</td></tr>")
		}
		b.WriteString("</table></td></tr></table>")
	case 3: // the label above its field
		for i := 0; i < len(cells); i += 5 {
			row := cells[i:min(i+5, len(cells))]
			b.WriteString("<table border=1><tr>")
			for _, c := range row {
				b.WriteString("<td>" + c[0] + "</td>")
			}
			b.WriteString("</tr><tr>")
			for _, c := range row {
				b.WriteString("<td>" + c[1] + "</td>")
			}
			b.WriteString("</tr></table>")
		}
	}
	return b.String()
}

// driftSite serves the page of the moment and keeps its books.
type driftSite struct {
	mu    sync.Mutex
	page  *driftPage
	posts []map[string]string
}

func (s *driftSite) show(p *driftPage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page, s.posts = p, nil
}

func (s *driftSite) entered() []map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posts
}

// ServeHTTP serves GBK pages where the style has them.
func (s *driftSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	html := "业务系统"
	switch {
	case s.page == nil:
	case r.Method == http.MethodPost:
		s.posts = append(s.posts, s.record(r))
		html = formSaved
	case r.URL.Path == "/form" && s.page.style == "frames":
		html = `<h3>业务系统</h3><iframe src="/inner" width="1200" height="700"></iframe>`
	case r.URL.Path == "/form" || r.URL.Path == "/inner":
		html = s.page.form()
	}
	charset := "utf-8"
	html = `<!doctype html><meta charset="` + charset + `">` + html
	if s.page != nil && s.page.style == "cells_gbk" {
		charset = "gbk"
		html = strings.Replace(html, "utf-8", charset, 1)
		html, _ = simplifiedchinese.GBK.NewEncoder().String(html) // all of ours can be written in it
	}
	w.Header().Set("Content-Type", "text/html; charset="+charset)
	fmt.Fprint(w, html)
}

// record reads what was sent, by what the fields mean.
func (s *driftSite) record(r *http.Request) map[string]string {
	if err := r.ParseForm(); err != nil {
		return map[string]string{"error": "unreadable"}
	}
	row := map[string]string{}
	for key, name := range s.page.names {
		value := strings.Join(r.PostForm[name], "|")
		if s.page.style == "cells_gbk" {
			value, _ = simplifiedchinese.GBK.NewDecoder().String(value)
		}
		row[key] = value
	}
	return row
}

// drift lets the playbook of the unchanged form work on changed ones.
func (o BrowserOptions) drift(ctx context.Context, b *browser.Browser) (*DriftReport, error) {
	report := &DriftReport{Mutations: o.size(240), Kinds: map[string]DriftCounts{}, Codes: map[string]int{}}
	var err error
	if report.Fakes, err = o.driftFakes(ctx, b); err != nil || report.Fakes.Interrupted {
		report.Mutations = 0
		return report, err
	}
	site := &driftSite{}
	server := httptest.NewServer(site)
	defer server.Close()
	page, err := b.Seat(ctx, formSystem("drift"), playbooks.Access{URL: server.URL}, 1)
	if err != nil {
		return report, fmt.Errorf("drift suite: %w", err)
	}
	defer page.Close() //nolint:errcheck // nothing of it is kept
	r := rand.New(rand.NewPCG(o.Seed, 66))
	o.Begin("drift", report.Mutations)
	for n := range report.Mutations {
		p, values := newDriftPage(r, n), formValues(r)
		site.show(p)
		err := driftForm(ctx, page, values)
		if ctx.Err() != nil {
			return report, ctx.Err()
		}
		report.count(p, driftOutcome(site.entered(), values, err), err)
		o.Done()
	}
	report.DoneShare = float64(report.Done) / float64(report.Mutations)
	return report, nil
}

// driftForm fills and commits as a playbook would, with the system's aliases.
func driftForm(ctx context.Context, page playbooks.Page, values map[string]string) error {
	if _, err := page.Do(ctx, playbooks.Act{Verb: playbooks.Open, Menu: []string{"/form"}}); err != nil {
		return err
	}
	for _, f := range formFields() {
		at := playbooks.Locator{Label: f.Label, Alias: driftAliases()[f.Label]}
		seen, err := page.Do(ctx, playbooks.Act{Verb: playbooks.Fill, At: at, Value: values[f.Key]})
		if err != nil {
			return err
		}
		if seen.Fallback {
			return casework.AskPerson("locator_fallback", "a fallback never commits")
		}
	}
	_, err := page.Commit(ctx, playbooks.Commit{Button: "提交", Saved: formSaved}, func(context.Context, playbooks.Request) error { return nil })
	return err
}

// driftOutcome is the judge: it knows the books only.
func driftOutcome(posts []map[string]string, values map[string]string, err error) string {
	switch {
	case len(posts) == 0 && err != nil:
		return "stopped"
	case len(posts) == 1 && maps.Equal(posts[0], values) && err == nil:
		return "done"
	}
	return "wrong"
}

func (d *DriftReport) count(p *driftPage, outcome string, err error) {
	kinds := slices.Collect(maps.Keys(p.kinds))
	for _, kind := range kinds {
		c := d.Kinds[kind]
		switch outcome {
		case "done":
			c.Done++
		case "stopped":
			c.Stopped++
		default:
			c.Wrong++
		}
		d.Kinds[kind] = c
	}
	switch outcome {
	case "done":
		d.Done++
	case "stopped":
		d.Stopped++
		d.Codes[casework.AsFault(err).Code]++
	default:
		d.Wrong++
	}
}
