package browser

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

func TestPopupsAreFollowedAndClosed(t *testing.T) {
	site := newSite(t, map[string]string{
		"/page":   `<meta charset="utf-8"><p>单位编号 <input id=code></p><button onclick="window.open('/search','_blank','width=300,height=200')">？</button><a href="/other" target=_blank rel=noopener>新页</a>`,
		"/search": `<meta charset="utf-8"><script>alert('请选择单位')</script><p>名称 <input></p><a href="#" onclick="opener.document.getElementById('code').value='D001';window.close()">海州机械</a>`,
		"/other":  `<meta charset="utf-8"><h3>New Window</h3>`,
	})
	tab := seatAt(t, site.URL)
	if seen := must(t, tab, clickAct("？")); len(seen.Dialogs) != 1 {
		t.Errorf("dialogs %q, want the pop-up's", seen.Dialogs)
	}
	must(t, tab, fillAct("名称", "海州"))
	must(t, tab, playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Link: "海州机械"}})
	if seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Label: "单位编号"}, Want: "text"}); seen.Text != "D001" {
		t.Errorf("what the pop-up wrote back: %q", seen.Text)
	}
	must(t, tab, playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Link: "新页"}})
	if text := tab.glance(t.Context()); !strings.Contains(text, "New Window") {
		t.Errorf("the new tab is not in front: %q", text)
	}
	must(t, tab, playbooks.Act{Verb: playbooks.Close})
	must(t, tab, fillAct("单位编号", "x"))
	wantFault(t, tab, playbooks.Act{Verb: playbooks.Close}, "no_popup")
}

func TestDownloadsComeWholeAndNamed(t *testing.T) {
	site := newSite(t, map[string]string{"/page": `<meta charset="utf-8"><a href="/file">导出</a> <a href="/file" target=_blank>新页导出</a> <a href="/cut">断了</a> <a href="#">没有</a>`})
	body := strings.Repeat("姓名,金额\n张明,10.00\n", 2000)
	site.mux.HandleFunc("GET /file", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename*=UTF-8''%E5%AF%B9%E8%B4%A6%E5%8D%95.csv`)
		fmt.Fprint(w, body)
	})
	site.mux.HandleFunc("GET /cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="x.csv"`)
		w.Header().Set("Content-Length", "100000")
		fmt.Fprint(w, "half")
	})
	tab := seatAt(t, site.URL)
	for _, name := range []string{"导出", "新页导出"} {
		seen := must(t, tab, playbooks.Act{Verb: playbooks.Download, At: playbooks.Locator{Link: name}})
		if len(seen.Files) != 1 || seen.Files[0].Name != "对账单.csv" || string(seen.Files[0].Data) != body {
			t.Errorf("%s: %d files", name, len(seen.Files))
		}
	}
	must(t, tab, playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Link: "没有"}})
	shots, err := tab.Shoot(t.Context(), "x")
	if err != nil || len(shots) < 4 || shots[len(shots)-1].Kind != casework.Download {
		t.Errorf("evidence: %d pieces, %v", len(shots), err)
	}
	if _, err := tab.Do(t.Context(), playbooks.Act{Verb: playbooks.Download, At: playbooks.Locator{Link: "断了"}}); err == nil {
		t.Error("half a file counts as one")
	}
}

// A pop-up that comes up between aiming and clicking gets nothing of the click, and
// where nobody watched nothing was hit.
func TestAClickStaysInThePaneItWasAimedAt(t *testing.T) {
	const button = `<meta charset="utf-8"><button style="position:fixed;inset:0;width:100%" onclick="fetch('/`
	site := newSite(t, map[string]string{"/page": button + `aimed')">确定</button>`, "/leaf": button + `other')">确定</button>`})
	for _, path := range []string{"aimed", "other"} {
		site.mux.HandleFunc("GET /"+path, func(http.ResponseWriter, *http.Request) { site.note(path) })
	}
	tab := seatAt(t, site.URL)
	to, _, err := tab.aim(t.Context(), playbooks.Locator{Button: "确定"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cdp.Call(t.Context(), to.pane.session, cdpruntime.Evaluate, cdpruntime.EvaluateParams{Expression: "void open('/leaf')", UserGesture: new(true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := tab.settle(t.Context()); err != nil || tab.seat.panes.front() == to.pane {
		t.Fatalf("no pop-up in front: %v", err)
	}
	if err := tab.tap(t.Context(), to, "确定"); err != nil {
		t.Errorf("the click: %v", err)
	}
	if _, err := tab.settle(t.Context()); err != nil || strings.Join(site.posted(), ",") != "aimed" {
		t.Errorf("clicked %q, %v", site.posted(), err)
	}
	to.pane = tab.seat.panes.front()
	if err := tab.tap(t.Context(), to, "确定"); err == nil || casework.AsFault(err).Code != "element_covered" {
		t.Errorf("a click nobody watched counts as one: %v", err)
	}
}

// A page that opens more windows than anybody could follow, or leaves some behind,
// must not fill the browser: between runs only the first tab stands.
func TestNoPopupOutlivesItsRun(t *testing.T) {
	site := newSite(t, map[string]string{
		"/page": `<meta charset="utf-8"><button onclick="for(let i=0;i<20;i++)window.open('/leaf?'+i)">很多</button><button onclick="setTimeout(()=>window.open('/leaf'),0)">一个</button>`,
		"/leaf": `<meta charset="utf-8">叶`,
	})
	tab := seatAt(t, site.URL)
	tabs := func() int {
		all, err := cdp.Call(t.Context(), chromedp.FromContext(tab.seat.life).Browser, target.GetTargets, target.GetTargetsParams{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, info := range all.TargetInfos {
			if info.Type == "page" && info.BrowserContextID == tab.seat.context {
				n++
			}
		}
		return n
	}
	must(t, tab, clickAct("很多"))
	if n := tabs(); n < 2 || n > panesAtMost {
		t.Errorf("%d tabs stand, want some, at most %d", n, panesAtMost)
	}
	tab.seat.closePopups()
	if err := tab.press(t.Context(), playbooks.Locator{Button: "一个"}); err != nil {
		t.Fatal(err)
	}
	tab.seat.adopt(&target.Info{TargetID: "late", Type: "page", BrowserContextID: tab.seat.context})
	tab.seat.closePopups() // while one is being taken in
	for until := time.Now().Add(5 * time.Second); tabs() > 1 && time.Now().Before(until); {
		if _, idle := tab.seat.panes.waiting(); idle != nil {
			<-idle
		}
	}
	if n := tabs(); n != 1 {
		t.Errorf("%d tabs stand after the run", n)
	}
}

// The end of a download may be told in the same breath as its beginning, and what
// is too big or belongs to nobody leaves nothing behind.
func TestDownloadsAreNeverWaitedForInVain(t *testing.T) {
	d := &downloads{folder: t.TempDir(), running: map[string]string{}, foreign: map[string]bool{}}
	d.progress("other", cdpbrowser.DownloadProgressStateCanceled)
	d.begin("a", "a.csv")
	d.progress("a", cdpbrowser.DownloadProgressStateCanceled)
	big, err := os.Create(filepath.Join(d.folder, "big"))
	if err != nil || big.Truncate(bodyLimit+1) != nil || big.Close() != nil {
		t.Fatal(err)
	}
	d.begin("big", "big.zip")
	d.progress("big", cdpbrowser.DownloadProgressStateCompleted)
	for until := time.Now().Add(5 * time.Second); d.busy() && time.Now().Before(until); {
		runtime.Gosched()
	}
	left, err := os.ReadDir(d.folder)
	if files, broken := d.since(0); d.busy() || len(files) != 0 || broken != 2 || len(left) != 0 || err != nil {
		t.Errorf("busy %v, %d files, %d broken, %d left, %v", d.busy(), len(files), broken, len(left), err)
	}
	for i := range filesAtMost + 5 {
		name := fmt.Sprint("n", i)
		d.begin(name, name)
		if err := os.WriteFile(filepath.Join(d.folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		d.take(name, true)
	}
	if files, broken := d.since(0); len(files) != filesAtMost || broken != 7 {
		t.Errorf("%d files, %d broken", len(files), broken)
	}
}

// A file that one run has asked for is never the next one's: Chromium is told to give
// it up, and where it ends all the same it is thrown away.
func TestASlowDownloadEndsWithItsRun(t *testing.T) {
	site := newSite(t, map[string]string{"/page": `<meta charset="utf-8"><a href="/slow">导出</a>`})
	more := make(chan struct{})
	site.mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="a.csv"`)
		fmt.Fprint(w, strings.Repeat("张明\n", 20000))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-more:
		case <-r.Context().Done():
		}
	})
	tab := seatAt(t, site.URL)
	saved := tab.seat.saved
	to, _, err := tab.aim(t.Context(), playbooks.Locator{Link: "导出"}, nil)
	if err != nil || tab.tap(t.Context(), to, "导出") != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(30 * time.Second)
	for !saved.busy() && time.Now().Before(until) {
		runtime.Gosched()
	}
	if !saved.busy() {
		t.Fatal("the download did not begin")
	}
	tab.Close()
	close(more)
	next := &Tab{browser: tab.browser, seat: tab.seat, system: tab.system}
	next.startOver()
	left := func() int { files, _ := os.ReadDir(saved.folder); return len(files) }
	for (saved.busy() || left() > 0) && time.Now().Before(until) {
		runtime.Gosched()
	}
	if papers := next.papers(); left() != 0 || len(papers) != 0 {
		t.Errorf("%d files stay, the next run has %d", left(), len(papers))
	}
}

func TestAFileBegunByAnotherRunIsThrownAway(t *testing.T) {
	d := &downloads{folder: t.TempDir(), running: map[string]string{}, foreign: map[string]bool{}}
	d.begin("a", "a.csv")
	if err := os.WriteFile(filepath.Join(d.folder, "a"), []byte("张明"), 0o600); err != nil {
		t.Fatal(err)
	}
	if of := d.forget(); len(of) != 1 || d.busy() {
		t.Errorf("on their way: %q, waited for: %v", of, d.busy())
	}
	d.progress("a", cdpbrowser.DownloadProgressStateCompleted)
	left := 1
	for until := time.Now().Add(5 * time.Second); left > 0 && time.Now().Before(until); {
		files, err := os.ReadDir(d.folder)
		if err != nil {
			t.Fatal(err)
		}
		left = len(files)
	}
	if files, broken := d.since(0); left != 0 || len(files) != 0 || broken != 0 {
		t.Errorf("%d files, %d broken, %d left", len(files), broken, left)
	}
}

func TestPrintingNeverBlocksAndLeavesAPDF(t *testing.T) {
	tab := seatAt(t, newSite(t, map[string]string{"/page": `<meta charset="utf-8"><p>回执</p><button onclick="window.print();document.body.append('印完')">打印</button>`}).URL)
	must(t, tab, clickAct("打印"))
	must(t, tab, clickAct("打印"))
	shots, err := tab.Shoot(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	pdfs := 0
	for _, s := range shots {
		if strings.HasPrefix(string(s.Data), "%PDF") {
			pdfs++
		}
	}
	if pdfs != 2 || !strings.Contains(tab.glance(t.Context()), "印完") {
		t.Errorf("%d PDFs, want 2", pdfs)
	}
}

func TestOnePrintOfAPageWithFramesIsOnePDFAndLateNewsOfOurOwnIsNone(t *testing.T) {
	tab := seatAt(t, newSite(t, map[string]string{"/page": `<meta charset="utf-8"><p>回执</p><iframe src="/inner"></iframe><button onclick="window.print()">打印</button>`, "/inner": `<p>inner`}).URL)
	must(t, tab, clickAct("打印"))
	if n := len(tab.seat.prints.all()); n != 1 {
		t.Errorf("%d PDFs of one print, want 1", n)
	}
	ours := tab.seat.prints.ours[0]
	tab.seat.prints.ask(ours.pane, strconv.FormatInt(ours.to, 10))
	if p := tab.seat.prints.next(); p != nil {
		t.Error("news of our own print that came late counts as the page's")
	}
	tab.seat.prints.ask(ours.pane, strconv.FormatInt(ours.to+onePrint, 10))
	if p := tab.seat.prints.next(); p != ours.pane {
		t.Error("a print after ours is lost")
	}
}

// TestATabThatHasGoneIsLetGoOfWhileTheNextIsHeardOf stands for a pop-up that closes
// itself: giving it up waits for the ear, and the ear notes its end.
func TestATabThatHasGoneIsLetGoOfWhileTheNextIsHeardOf(t *testing.T) {
	ps := newPanes()
	begun, heard := make(chan struct{}), make(chan struct{})
	first := &pane{loading: newLoading(), session: &chromedp.Target{TargetID: "first"}}
	gone := &pane{loading: newLoading(), session: &chromedp.Target{TargetID: "gone"}, cancel: func() { close(begun); <-heard }}
	ps.list = []*pane{first, gone}
	gone.lose()
	front := make(chan *pane, 1)
	go func() { front <- ps.front() }()
	go func() { <-begun; ps.lost("gone"); close(heard) }()
	select {
	case p := <-front:
		if p != first {
			t.Errorf("in front stands %s", p.session.TargetID)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("asking for the front pane and hearing of a lost one wait for each other")
	}
}
