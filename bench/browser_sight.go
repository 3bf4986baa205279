package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// SightReport says what became of clicks on texts that stand in pixels.
type SightReport struct {
	Pages       int                    `json:"pages"`
	Right       int                    `json:"right"`       // of those with one right place: the click went there
	Stopped     int                    `json:"stopped"`     // of those: nothing was clicked, a person is asked
	Wrong       int                    `json:"wrong"`       // of those: something else was clicked
	RightShare  float64                `json:"right_share"` // of those
	Ambiguous   int                    `json:"ambiguous"`   // pages with two right places, or none
	AmbiguousOK int                    `json:"ambiguous_stopped"`
	AmbiguousNo int                    `json:"ambiguous_clicked"`
	Kinds       map[string]SightCounts `json:"kinds"`
	Codes       map[string]int         `json:"codes"` // why it stopped
	ClickP50    float64                `json:"click_ms_p50"`
	ReadAgain   int                    `json:"read_again"` // sheets read for a page that had not changed
	Missed      []string               `json:"missed,omitempty"`
}

// SightCounts are the outcomes of one kind of page.
type SightCounts struct {
	Right   int `json:"right"`
	Stopped int `json:"stopped"`
	Wrong   int `json:"wrong"`
}

// sightKinds are the pages: buttons that are pictures in different techniques, a canvas
// that is a grid; and those with two places that say it, or none.
func sightKinds() []string {
	return []string{"images", "inputs", "backgrounds", "canvas_row", "canvas_cell", "frame", "twins", "canvas_twins", "absent"}
}

func sightAmbiguous(kind string) bool {
	return kind == "twins" || kind == "canvas_twins" || kind == "absent"
}

// sightWords are what old pages write on their buttons.
func sightWords() []string {
	return []string{"查询", "查看", "新增", "修改", "删除", "提交", "保存", "返回", "打印", "导出", "审核", "退回", "重置", "登录", "确定", "取消",
		"下一步", "上一步", "下一页", "申领登记", "转移接续", "信息修改", "打印凭证", "人员查询", "单位查询", "清空条件", "导出明细", "生成报盘", "核定待遇", "撤销申请"}
}

// drawnButton is one button as the page draws it.
type drawnButton struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Font   string `json:"font"`
	Size   int    `json:"size"`
	Ink    string `json:"ink"`
	Ground string `json:"ground"`
	Edge   string `json:"edge"`
}

// sightPage is one page and what is asked of it.
type sightPage struct {
	kind    string
	buttons []drawnButton
	grid    [][]string
	look    drawnButton // of the grid
	zoom    float64
	want    playbooks.Locator
	right   string // what a right click says
}

func drawLook(r *rand.Rand, id, text string) drawnButton {
	fonts := []string{"AR PL UMing CN", "AR PL UKai CN", "LXGW WenKai", "Noto Sans CJK SC", "Noto Serif CJK SC", "sans-serif"}
	colours := [][3]string{{"#000", "#ece9d8", "#716f64"}, {"#fff", "#1f5fa8", "#123c6b"}, {"#fff", "#2e8b57", "#1c5435"}, {"#c00000", "#fff", "#c00000"},
		{"#003399", "#d6e4f7", "#7f9db9"}, {"#333", "#f5f5f5", "#999"}, {"#fff", "#c0392b", "#7c241b"}, {"#5a3200", "#ffe8a8", "#c79a2a"}, {"#fff", "#555", "#222"}}
	c := colours[r.IntN(len(colours))]
	return drawnButton{ID: id, Text: text, Font: fonts[r.IntN(len(fonts))], Size: 12 + r.IntN(9), Ink: c[0], Ground: c[1], Edge: c[2]}
}

// newSightPage draws a page.
func newSightPage(r *rand.Rand, n int) *sightPage {
	p := &sightPage{kind: sightKinds()[n%len(sightKinds())], zoom: []float64{1, 1, 1.25, 1.5}[r.IntN(4)]}
	if strings.HasPrefix(p.kind, "canvas") {
		p.drawGrid(r)
		return p
	}
	words := sightWords()
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	for i, word := range words[:4+r.IntN(6)] {
		p.buttons = append(p.buttons, drawLook(r, fmt.Sprintf("b%d", i), word))
	}
	pick := p.buttons[r.IntN(len(p.buttons))]
	p.want, p.right = playbooks.Locator{Button: pick.Text}, pick.ID
	switch p.kind {
	case "twins": // the same word once more, drawn in another way
		p.buttons = append(p.buttons, drawLook(r, "twin", pick.Text))
		r.Shuffle(len(p.buttons), func(i, j int) { p.buttons[i], p.buttons[j] = p.buttons[j], p.buttons[i] })
	case "absent":
		p.want.Button = words[len(words)-1]
	}
	return p
}

// drawGrid draws a canvas of rows, each with what can be done to it.
func (p *sightPage) drawGrid(r *rand.Rand) {
	p.look = drawLook(r, "grid", "")
	p.look.Size = 13 + r.IntN(5)
	names := []string{"张明", "李秀英", "王建国", "陈桂兰", "赵国强", "孙丽华", "周志强", "吴玉梅", "郑海燕", "冯小刚"}
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	p.grid = [][]string{{"姓名", "受理编号", "状态", "办理", "明细"}}
	for _, name := range names[:4+r.IntN(5)] {
		p.grid = append(p.grid, []string{name, fmt.Sprintf("SL2026%04d", 1000+r.IntN(9000)), []string{"待复核", "已办结", "退回"}[r.IntN(3)], "受理", "详情"})
	}
	row := 1 + r.IntN(len(p.grid)-1)
	switch p.kind {
	case "canvas_row":
		p.want, p.right = playbooks.Locator{Text: "受理", Row: p.grid[row][1]}, fmt.Sprintf("r%dc3", row)
	case "canvas_cell":
		p.want, p.right = playbooks.Locator{Table: "待办", Row: p.grid[row][1], Column: "明细"}, fmt.Sprintf("r%dc4", row)
	default:
		p.want = playbooks.Locator{Text: "详情"}
	}
}

// sightScript draws buttons and grids as their page would, and tells the server which
// place was hit.
const sightScript = `
const hit = (id) => { new Image().src = '/hit?id=' + id + '&t=' + Math.random(); };
function draw(b) {
  const c = document.createElement('canvas'), x = c.getContext('2d'), font = b.size + 'px "' + b.font + '"';
  x.font = font;
  c.width = Math.ceil(x.measureText(b.text).width) + 24; c.height = b.size + 12;
  x.fillStyle = b.ground; x.fillRect(0, 0, c.width, c.height);
  x.strokeStyle = b.edge; x.strokeRect(0.5, 0.5, c.width - 1, c.height - 1);
  x.font = font; x.fillStyle = b.ink; x.textBaseline = 'middle'; x.fillText(b.text, 12, c.height / 2 + 1);
  return c;
}
function button(b, kind) {
  const c = draw(b), url = c.toDataURL();
  let e;
  if (kind === 'inputs') { e = document.createElement('input'); e.type = 'image'; e.src = url; e.onclick = (ev) => { ev.preventDefault(); hit(b.id); }; }
  else if (kind === 'backgrounds') { e = document.createElement('a'); e.href = '#'; e.style.cssText = 'display:inline-block;width:' + c.width + 'px;height:' + c.height + 'px;background:url(' + url + ')'; e.onclick = () => { hit(b.id); return false; }; }
  else { e = document.createElement('img'); e.src = url; e.style.cursor = 'pointer'; e.onclick = () => hit(b.id); }
  e.style.margin = '6px';
  return e;
}
function grid(rows, b) {
  const wide = [90, 130, 90, 70, 70], tall = b.size + 12, c = document.createElement('canvas'), x = c.getContext('2d');
  c.width = wide.reduce((a, n) => a + n, 0) + 1; c.height = rows.length * tall + 1;
  x.fillStyle = '#fff'; x.fillRect(0, 0, c.width, c.height);
  rows.forEach((row, y) => { let left = 0; row.forEach((text, i) => {
    x.fillStyle = y ? (y % 2 ? '#fff' : '#f4f7fb') : '#dfe8f3'; x.fillRect(left, y * tall, wide[i], tall);
    x.strokeStyle = '#b8c4d4'; x.strokeRect(left + 0.5, y * tall + 0.5, wide[i], tall);
    x.font = b.size + 'px "' + b.font + '"'; x.textBaseline = 'middle'; x.fillStyle = y && i > 2 ? '#0645ad' : '#222';
    x.fillText(text, left + 8, y * tall + tall / 2 + 1); left += wide[i]; }); });
  c.onclick = (e) => { // in the canvas's own pixels, whatever the page is enlarged by
    const box = c.getBoundingClientRect(), px = (e.clientX - box.left) * c.width / box.width, y = Math.floor((e.clientY - box.top) * c.height / box.height / tall);
    let left = 0, i = 0;
    while (i < wide.length - 1 && px > left + wide[i]) left += wide[i++];
    hit('r' + y + 'c' + i); };
  return c;
}
`

func (p *sightPage) html() string {
	data := func(v any) string { text, _ := json.Marshal(v); return string(text) } // plain values of ours
	what := "const list = " + data(p.buttons) + "; for (const b of list) { document.body.append(button(b, " + data(p.kind) + ")); if (Math.abs(b.size) % 3 === 0) document.body.append(document.createElement('br')); }"
	if p.grid != nil {
		what = "document.body.append(grid(" + data(p.grid) + ", " + data(p.look) + "));"
	}
	return fmt.Sprintf(`<!doctype html><meta charset="utf-8"><style>body{zoom:%.2f}</style><body><h3>业务系统</h3><p>%s</p><script>%s</script>`,
		p.zoom, template.HTMLEscapeString("请点击下方图标办理业务"), sightScript+what)
}

// sightSite serves the page of the moment and notes what is hit.
type sightSite struct {
	mu   sync.Mutex
	page *sightPage
	hits []string
}

func (s *sightSite) show(p *sightPage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page, s.hits = p, nil
}

func (s *sightSite) clicked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.hits)
}

// ServeHTTP serves the page, its frame, and the places hit.
func (s *sightSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	html := "业务系统"
	switch {
	case r.URL.Path == "/hit":
		s.hits = append(s.hits, r.URL.Query().Get("id"))
	case s.page == nil:
	case r.URL.Path == "/page" && s.page.kind == "frame":
		html = `<!doctype html><h3>业务系统</h3><div style="height:40px"></div><iframe src="/inner" width="1100" height="600"></iframe>`
	case r.URL.Path == "/page" || r.URL.Path == "/inner":
		html = s.page.html()
	}
	fmt.Fprint(w, html)
}

// sight lets a click look for texts that are only drawn.
func (o BrowserOptions) sight(ctx context.Context) (*SightReport, error) {
	report := &SightReport{Pages: o.size(360), Kinds: map[string]SightCounts{}, Codes: map[string]int{}}
	reads := 0
	b, err := o.startWith(ctx, "sight", func(ctx context.Context, png []byte) (casework.Reading, error) {
		reads++
		return o.Sight(ctx, png)
	})
	if err != nil {
		return nil, err
	}
	defer b.Close() //nolint:errcheck // nothing of it is kept
	site := &sightSite{}
	server := httptest.NewServer(site)
	defer server.Close()
	page, err := b.Seat(ctx, formSystem("sight"), playbooks.Access{URL: server.URL}, 1)
	if err != nil {
		return nil, fmt.Errorf("sight suite: %w", err)
	}
	defer page.Close() //nolint:errcheck // nothing of it is kept
	r := rand.New(rand.NewPCG(o.Seed, 61))
	o.Begin("sight", report.Pages)
	var times []float64
	for n := range report.Pages {
		p := newSightPage(r, n)
		site.show(p)
		if _, err := page.Do(ctx, playbooks.Act{Verb: playbooks.Open, Menu: []string{"/page"}}); err != nil {
			return nil, fmt.Errorf("sight suite: %w", err)
		}
		began := time.Now()
		_, clickErr := page.Do(ctx, playbooks.Act{Verb: playbooks.Click, At: p.want})
		times = append(times, millis(time.Since(began)))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		report.count(p, site.clicked(), clickErr)
		if n%10 == 0 { // the same page again: what has been read is known
			before := reads
			_, _ = page.Do(ctx, playbooks.Act{Verb: playbooks.Click, At: p.want}) // only the reading counts
			report.ReadAgain += reads - before
		}
		o.Done()
	}
	slices.Sort(times)
	report.ClickP50 = times[len(times)/2]
	report.RightShare = float64(report.Right) / float64(max(1, report.Right+report.Stopped+report.Wrong))
	return report, nil
}

// count judges by what the server was told.
func (s *SightReport) count(p *sightPage, hits []string, err error) {
	if err != nil {
		s.Codes[casework.AsFault(err).Code]++
	}
	k := s.Kinds[p.kind]
	defer func() { s.Kinds[p.kind] = k }()
	if sightAmbiguous(p.kind) {
		s.Ambiguous++
		if len(hits) == 0 && err != nil {
			s.AmbiguousOK++
			k.Right++
		} else {
			s.AmbiguousNo++
			k.Wrong++
		}
		return
	}
	switch {
	case len(hits) == 1 && hits[0] == p.right && err == nil:
		s.Right++
		k.Right++
	case len(hits) == 0 && err != nil:
		s.Stopped++
		k.Stopped++
		s.Missed = append(s.Missed, fmt.Sprintf("%s: %v", p.kind, err))
	default:
		s.Wrong++
		k.Wrong++
		s.Missed = append(s.Missed, fmt.Sprintf("%s: hit %v, not %s: %v", p.kind, hits, p.right, err))
	}
}

// startWith starts a Chromium that can read.
func (o BrowserOptions) startWith(ctx context.Context, name string, sight browser.Sight) (*browser.Browser, error) {
	config, err := o.config(name)
	if err != nil {
		return nil, err
	}
	config.Sight, config.Verb = sight, time.Minute // reading is slow on a busy machine
	return browser.Start(ctx, config)
}
