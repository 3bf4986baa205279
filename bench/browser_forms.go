package bench

import (
	"fmt"
	"html/template"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
)

// formSite is the system of the form benchmark: one form of ten fields, one page
// that says it was saved, and its own books.
type formSite struct {
	mu    sync.Mutex
	books map[string]map[string]string // by receipt
}

func newFormSite() *formSite { return &formSite{books: map[string]map[string]string{}} }

// formField is one field of a benchmark's form.
type formField struct {
	Key, Label, Kind string // kind: text, date, select, radio or area
	Options          []string
}

func formFields() []formField {
	return []formField{
		{Key: "id", Label: "证件号码", Kind: "text"}, {Key: "name", Label: "姓名", Kind: "text"},
		{Key: "sex", Label: "性别", Kind: "radio", Options: []string{"男", "女"}},
		{Key: "born", Label: "出生日期", Kind: "date"},
		{Key: "kind", Label: "申领类型", Kind: "select", Options: []string{"首次申领", "恢复申领", "一次性生活补助"}},
		{Key: "bank", Label: "开户银行", Kind: "select", Options: []string{"海州银行", "云台银行", "连云银行"}},
		{Key: "account", Label: "银行账号", Kind: "text"}, {Key: "mobile", Label: "联系电话", Kind: "text"},
		{Key: "amount", Label: "月标准", Kind: "text"}, {Key: "memo", Label: "备注", Kind: "area"},
	}
}

// formValues draws a fictional person's values.
func formValues(r *rand.Rand) map[string]string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	born := fmt.Sprintf("%04d-%02d-%02d", 1965+r.IntN(35), 1+r.IntN(12), 1+r.IntN(28))
	return map[string]string{
		"id": "379901" + strings.ReplaceAll(born, "-", "") + fmt.Sprintf("%04d", r.IntN(10000)), "name": pick("张", "李", "王", "赵") + pick("明", "华", "芳", "建国", "丽丽"),
		"sex": pick("男", "女"), "born": born, "kind": pick(formFields()[4].Options...), "bank": pick(formFields()[5].Options...),
		"account": fmt.Sprintf("622202%013d", r.Int64N(1e13)), "mobile": fmt.Sprintf("139%08d", r.IntN(1e8)),
		"amount": fmt.Sprintf("%d.00", 1500+r.IntN(900)), "memo": "第" + fmt.Sprint(r.IntN(1000)) + "号",
	}
}

const formSaved = "保存成功"

// ServeHTTP serves the form and saves what is sent.
func (s *formSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if r.URL.Path != "/save" || r.Method != http.MethodPost {
		fmt.Fprint(w, formPage(formFields()))
		return
	}
	row := map[string]string{}
	for _, f := range formFields() {
		row[f.Key] = r.PostFormValue(f.Key)
	}
	s.mu.Lock()
	receipt := fmt.Sprintf("SY%08d", len(s.books)+1)
	s.books[receipt] = row
	s.mu.Unlock()
	fmt.Fprintf(w, `<!doctype html><meta charset="utf-8"><title>结果</title><h3>%s</h3><table><tr><td>受理编号：</td><td id="receipt">%s</td></tr></table>`, formSaved, receipt)
}

// holds says whether the books have a receipt with these values.
func (s *formSite) holds(receipt string, values map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	row, ok := s.books[receipt]
	if !ok {
		return fmt.Errorf("form benchmark: the books know no receipt %q", receipt)
	}
	for key, want := range values {
		if row[key] != want {
			return fmt.Errorf("form benchmark: the books hold another %s", key)
		}
	}
	return nil
}

// formPage is the form, with labels for every driver's way to find a field.
func formPage(fields []formField) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><meta charset="utf-8"><title>申领登记</title><h3>业务系统 申领登记</h3><form method="post" action="/save"><table border="1">`)
	esc := template.HTMLEscapeString
	for _, f := range fields {
		fmt.Fprintf(&b, `<tr><td><label for="%s">%s：</label></td><td>`, f.Key, esc(f.Label))
		switch f.Kind {
		case "select":
			fmt.Fprintf(&b, `<select id="%s" name="%s"><option value="">请选择</option>`, f.Key, f.Key)
			for _, o := range f.Options {
				fmt.Fprintf(&b, `<option>%s</option>`, esc(o))
			}
			b.WriteString(`</select>`)
		case "radio":
			for i, o := range f.Options {
				fmt.Fprintf(&b, `<input type="radio" id="%s%d" name="%s" value="%s"><label for="%s%d">%s</label>`, f.Key, i, f.Key, esc(o), f.Key, i, esc(o))
			}
		case "area":
			fmt.Fprintf(&b, `<textarea id="%s" name="%s"></textarea>`, f.Key, f.Key)
		default:
			fmt.Fprintf(&b, `<input type="%s" id="%s" name="%s">`, f.Kind, f.Key, f.Key)
		}
		b.WriteString(`</td></tr>`)
	}
	b.WriteString(`</table><input type="submit" value="提交"></form>`)
	return b.String()
}
