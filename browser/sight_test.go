package browser

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
	"github.com/jingban/jingban/playbooks"
)

// builtChild is the reader's program, built once for all tests that read.
func builtChild() (string, error) {
	chromium.reader.Do(func() {
		dir, err := os.MkdirTemp("", "jingban-sight-")
		if err != nil {
			chromium.readerErr = err
			return
		}
		chromium.readerDir = dir
		chromium.readerErr = exec.Command("go", "build", "-o", filepath.Join(dir, "jingban-ocr"), "github.com/jingban/jingban/cmd/jingban-ocr").Run()
	})
	return filepath.Join(chromium.readerDir, "jingban-ocr"), chromium.readerErr
}

// seeing gives a tab at a site's "/page" whose browser reads pictures with the real
// children, and counts how often it does.
func seeing(t *testing.T, pages map[string]string) (*Tab, *site, *atomic.Int32) {
	t.Helper()
	child, err := builtChild()
	ocrtest.NeedReal(t, "jingban-ocr", err)
	pool := ocr.NewPool(ocr.Config{Child: child, Models: ocrtest.Models(t), Workers: 1, Timeout: time.Minute, TempDir: t.TempDir()})
	t.Cleanup(func() { pool.Close() })
	reads := &atomic.Int32{}
	b := patient(t)
	b.config.Sight = func(ctx context.Context, png []byte) (casework.Reading, error) {
		reads.Add(1)
		got, err := pool.Read(ctx, png, ocr.Options{})
		if err != nil {
			return casework.Reading{}, err
		}
		return got.Pages[0], nil
	}
	s := newSite(t, pages)
	page, err := b.Seat(t.Context(), system(), playbooks.Access{URL: s.URL, Account: "robot", Password: "secret"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { page.Close() })
	tab := page.(*Tab)
	must(t, tab, playbooks.Act{Verb: playbooks.Open, Menu: []string{"/page"}})
	return tab, s, reads
}

// drawnPage has buttons that are pictures, and a grid that is drawn.
const drawnPage = `<!doctype html><meta charset="utf-8"><body><p id=said>-</p><script>
function pic(text, ink, ground, font) { const c = document.createElement('canvas'), x = c.getContext('2d'); x.font = font;
  c.width = x.measureText(text).width + 24; c.height = 30; x.fillStyle = ground; x.fillRect(0, 0, c.width, c.height); x.font = font; x.fillStyle = ink; x.textBaseline = 'middle'; x.fillText(text, 12, 16); return c.toDataURL(); }
function put(id, text, ink, ground, font) { const i = new Image(); i.src = pic(text, ink, ground, font || '16px "Noto Sans CJK SC"'); i.style.margin = '8px'; i.onclick = () => { said.textContent = id; }; document.body.append(i); }
</script>`

const drawnGrid = `<canvas id=g width=420 height=121 onclick="said.textContent = 'row ' + Math.floor(event.offsetY / 30) + ' column ' + Math.floor(event.offsetX / 140)"></canvas><script>
const x = g.getContext('2d'); x.fillStyle = '#fff'; x.fillRect(0, 0, 420, 121); x.fillStyle = '#222'; x.font = '15px "Noto Sans CJK SC"'; x.textBaseline = 'middle';
[['姓名', '受理编号', '操作'], ['张明', 'SL20260001', '受理'], ['李秀英', 'SL20260002', '受理'], ['王建国', 'SL20260003', '受理']].forEach((row, r) => row.forEach((t, c) => { x.strokeRect(c * 140 + .5, r * 30 + .5, 140, 30); x.fillText(t, c * 140 + 10, r * 30 + 16); }));
</script>`

func TestATextThatIsOnlyDrawnIsFoundAndClickedOnce(t *testing.T) {
	tab, _, reads := seeing(t, map[string]string{
		"/page": drawnPage + `<script>put('ask', '查询', '#fff', '#1f5fa8'); put('new', '新增登记', '#c00000', '#fff'); put('twin', '打印', '#000', '#ece9d8'); put('twin', '打印', '#fff', '#2e8b57', '18px "AR PL UKai CN"');</script>` + drawnGrid,
	})
	for _, c := range []struct {
		at   playbooks.Locator
		said string
	}{
		{playbooks.Locator{Button: "查询"}, "ask"},
		{playbooks.Locator{Link: "新增登记[A]"}, "new"},
		{playbooks.Locator{Text: "受理", Row: "SL20260002"}, "row 2 column 2"},
		{playbooks.Locator{Table: "待办", Row: "王建国", Column: "操作"}, "row 3 column 2"},
	} {
		seen := must(t, tab, playbooks.Act{Verb: playbooks.Click, At: c.at})
		if said := firstLine(seen.Page, tab); said != c.said || !seen.Fallback || len(seen.Sight) != 1 {
			t.Errorf("%s: the page says %q, want %q; fallback %v, sight %v", describe(c.at), said, c.said, seen.Fallback, seen.Sight)
		}
	}
	if n := reads.Load(); n != 1 {
		t.Errorf("an unchanged page was read %d times, want once", n)
	}
	for _, twin := range []playbooks.Locator{{Button: "打印"}, {Text: "受理"}} {
		wantFault(t, tab, playbooks.Act{Verb: playbooks.Click, At: twin}, "element_ambiguous")
	}
	_, err := tab.Do(t.Context(), playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Button: "询问"}})
	if casework.AsFault(err).Code != "element_missing" || !strings.Contains(err.Error(), "查询") {
		t.Errorf("what is not there should name what is nearest: %v", err)
	}
	shots, err := tab.Shoot(t.Context(), "seen")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range shots {
		names = append(names, s.Name)
	}
	if all := strings.Join(names, " "); !strings.Contains(all, "sight_1.png") || !strings.Contains(all, "sight_4.png") || !strings.Contains(all, "seen.sight.json") {
		t.Errorf("the evidence does not tell what was found by sight: %s", all)
	}
}

// firstLine is what the page says was clicked.
func firstLine(page string, tab *Tab) string {
	if page == "" {
		page = tab.glance(context.Background())
	}
	line, _, _ := strings.Cut(strings.TrimSpace(page), "\n")
	return line
}

func TestADrawnTextIsFoundInAFrameBelowTheFoldAndOnAFineScreen(t *testing.T) {
	inner := drawnPage + `<div style="height:1500px"></div><script>put('low', '下一步', '#fff', '#555');</script>`
	tab, _, _ := seeing(t, map[string]string{
		"/page":  `<!doctype html><meta charset="utf-8"><p>外层</p><iframe src="/inner" width=900 height=500 style="margin:60px"></iframe>`,
		"/inner": inner,
	})
	p := tab.seat.panes.front()
	if _, err := cdp.Call(t.Context(), p.session, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1366, Height: 900, DeviceScaleFactor: 2}); err != nil {
		t.Fatal(err)
	}
	seen := must(t, tab, clickAct("下一步"))
	if page := tab.glance(t.Context()); !strings.Contains(page, "low") || !seen.Fallback {
		t.Errorf("the page says %q", page)
	}
}

func TestWhatIsFoundBySightNeverCommitsByItself(t *testing.T) {
	tab, s, _ := seeing(t, map[string]string{"/page": drawnPage + `<form id=f action="/save" method=post></form><script>
const i = new Image(); i.src = pic('提交', '#fff', '#c0392b', '16px "Noto Sans CJK SC"'); i.onclick = () => f.submit(); document.body.append(i);</script>`})
	s.mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		s.note("sent")
		serve(w, `<meta charset="utf-8">保存成功`)
	})
	tab.system.Commits = []string{"提交"}
	wantFault(t, tab, clickAct("提交"), "commit_outside")
	pass := func(context.Context, playbooks.Request) error { return nil }
	_, err := tab.Commit(t.Context(), playbooks.Commit{Button: "提交", Saved: "保存成功"}, pass)
	if casework.AsFault(err).Code != "found_by_sight" || len(s.posted()) != 0 {
		t.Fatalf("want found_by_sight and nothing sent, got %v and %v", err, s.posted())
	}
	seen, err := tab.Commit(t.Context(), playbooks.Commit{Button: "提交", Saved: "保存成功", Freed: true}, pass)
	if err != nil || !seen.Saved || len(s.posted()) != 1 {
		t.Errorf("freed by a person: %v, saved %v, sent %v", err, seen.Saved, s.posted())
	}
}
