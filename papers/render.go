package papers

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

//go:embed *.html
var templates embed.FS

// Render makes the paper as one self-contained HTML page for A4. It errs for an
// unknown paper and for a view that lacks what the paper must state; the error
// holds no personal data.
func Render(name string, view View) ([]byte, error) {
	i := slices.IndexFunc(all(), func(p paper) bool { return p.name == name })
	if i < 0 {
		return nil, fmt.Errorf("paper %q: want one of %s", name, strings.Join(Names(), ", "))
	}
	p := all()[i]
	if err := p.ready(view); err != nil {
		return nil, fmt.Errorf("paper %s: %w", name, err)
	}
	t, err := template.New(name).Funcs(template.FuncMap{"day": day, "month": MonthZh, "numeral": func(i int) string { return numeral(i + 1) }}).ParseFS(templates, p.frame(), "remedy.html", name+".html")
	if err != nil {
		return nil, fmt.Errorf("paper %s: %w", name, err)
	}
	var out bytes.Buffer
	page := struct {
		View
		Title string
		Wide  bool
	}{view, p.title.Zh, p.form == aWideForm}
	if err := t.ExecuteTemplate(&out, p.frame(), page); err != nil {
		return nil, fmt.Errorf("paper %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// frame is the file that the paper's body stands in.
func (p paper) frame() string {
	if p.form == aNotice {
		return "frame.html"
	}
	return "form.html"
}

// day writes 2026年3月6日; a day that is not known yet stays open.
func day(d casework.Date) string {
	if d.IsZero() {
		return "（待定）"
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day)
}

// numeral writes 1 to 99 as 一 to 九十九, as official papers number their items.
func numeral(n int) string {
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	tens, ones := n/10, n%10
	switch {
	case n <= 0 || n > 99:
		return fmt.Sprint(n)
	case tens == 0:
		return digits[ones]
	case tens == 1:
		return "十" + digits[ones]
	}
	return digits[tens] + "十" + digits[ones]
}
