package web

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tab opens a page of real Chromium and signs in.
func (w *site) tab(login string) context.Context {
	w.t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("REQUIRE_REAL") == "1" {
		w.t.Fatal("chromium is not installed")
	}
	if err != nil {
		w.t.Skip("chromium is not installed")
	}
	limited, cancel := context.WithTimeout(w.t.Context(), 60*time.Second)
	w.t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	browser, end := chromedp.NewExecAllocator(limited, options...)
	w.t.Cleanup(end)
	ctx, closeTab := chromedp.NewContext(browser)
	w.t.Cleanup(closeTab)
	w.must(chromedp.Do(ctx,
		chromedp.Navigate(w.http.URL+"/signin"),
		chromedp.SendKeys(chromedp.CSS("input[name=login]"), login),
		chromedp.SendKeys(chromedp.CSS("input[name=password]"), password+"\r"),
		chromedp.WaitVisible(chromedp.CSS(".side nav")),
	))
	return ctx
}

// holds waits until the expression is true in the page.
func (w *site) holds(ctx context.Context, expression string) {
	w.t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(15*time.Second))); err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
}

func TestClerkWorksWithTheKeyboardInRealChromium(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	ctx := w.tab("clerk")
	w.must(chromedp.Do(ctx, chromedp.Navigate(w.http.URL+"/reviews/"+s.Review), chromedp.WaitVisible(chromedp.CSS(".decide"))))
	w.holds(ctx, `document.querySelectorAll(".paper img").length === 3 && [...document.querySelectorAll(".paper img")].every(i => i.complete && i.naturalWidth > 0)`)

	// The row of a field and its box light up together.
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector('input[name="field:id_card_front.name"]').dispatchEvent(new MouseEvent("mouseover", {bubbles: true}))`))
	w.must(err)
	w.holds(ctx, `document.querySelector('.mark[data-key="f-id_card_front-name"]').classList.contains("lit")`)

	// While typing, a digit is a digit.
	w.must(chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(`input[name="field:termination_notice.end_date"]`), "1")))
	w.holds(ctx, `document.querySelector(".value.changed") !== null && location.pathname.startsWith("/reviews/")`)

	_, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`document.activeElement.blur(), true`))
	w.must(err)
	w.must(chromedp.Do(ctx, chromedp.KeyEvent("1"), chromedp.WaitVisible(chromedp.CSS(".notice.ok"))))
	w.holds(ctx, `location.pathname === "/inbox"`)
	made, err := w.store.Decisions(t.Context(), s.Run.ID)
	w.must(err)
	if edit := made["confirm"].Edits["termination_notice.end_date"]; made["confirm"].Choice != "submit" || !strings.Contains(edit, "1") || len(made["confirm"].Edits) != 1 {
		t.Errorf("decision %+v", made["confirm"])
	}
}

// Handwriting stands beside its crop as a suggestion; one key takes it over, and
// the decision says that a person has read it.
func TestHandwritingIsAcceptedWithOneKey(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "written")
	ctx := w.tab("clerk")
	w.must(chromedp.Do(ctx, chromedp.Navigate(w.http.URL+"/cases/"+s.Case.ID), chromedp.WaitVisible(chromedp.CSS(".look .hand"))))
	w.must(chromedp.Do(ctx, chromedp.Navigate(w.http.URL+"/reviews/"+s.Review), chromedp.WaitVisible(chromedp.CSS("[data-accept]"))))
	w.holds(ctx, `document.querySelectorAll(".look .hand").length === 1 && document.querySelector(".look .hand").textContent === "手写，仅供参考"`)
	w.holds(ctx, `document.querySelector('canvas[data-crop="f-termination_notice-employer"]').width > 72`)
	w.must(chromedp.Do(ctx, chromedp.KeyEvent("a")))
	w.holds(ctx, `document.querySelector(".value.accepted") !== null && document.querySelector("[data-accept]") === null`)
	w.must(chromedp.Do(ctx, chromedp.KeyEvent("1"), chromedp.WaitVisible(chromedp.CSS(".notice.ok"))))
	made, err := w.store.Decisions(t.Context(), s.Run.ID)
	w.must(err)
	if edits := made["confirm"].Edits; len(edits) != 1 || edits["termination_notice.employer"] != "临江市云山机械有限公司" {
		t.Errorf("edits %v", edits)
	}
}

func TestDroppedFilesAreUploadedWithTheirKind(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "created")
	before, err := w.store.Materials(t.Context(), s.Case.ID)
	w.must(err)
	ctx := w.tab("clerk")
	w.must(chromedp.Do(ctx, chromedp.Navigate(w.http.URL+"/cases/"+s.Case.ID+"/upload"), chromedp.WaitVisible(chromedp.CSS(".dropzone"))))
	w.holds(ctx, `document.querySelector("[data-drop]").classList.contains("enhanced")`)
	_, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`(() => {
		const files = new DataTransfer();
		files.items.add(new File([Uint8Array.from([0x89,0x50,0x4e,0x47,0x0d,0x0a,0x1a,0x0a,0,0])], "form.png", {type: "image/png"}));
		files.items.add(new File(["no picture at all"], "bad.jpg", {type: "image/jpeg"}));
		document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));
		document.querySelector(".queued select").value = "claim_form";
		document.querySelector("[data-send]").click();
		return true;
	})()`))
	w.must(err)
	w.holds(ctx, `[...document.querySelectorAll(".queued .state.bad")].some(e => e.textContent.includes("不支持"))`)
	after, err := w.store.Materials(t.Context(), s.Case.ID)
	w.must(err)
	if len(after) != len(before)+1 || after[len(after)-1].Slot != "claim_form" {
		t.Errorf("%d materials before, %d after, the last %+v", len(before), len(after), after[len(after)-1].Slot)
	}
}

func TestChartIsDrawnUnderTheStrictPolicy(t *testing.T) {
	w := newSite(t)
	w.seed(li, "submitted")
	ctx := w.tab("manager")
	w.must(chromedp.Do(ctx, chromedp.Navigate(w.http.URL+"/dashboard")))
	w.holds(ctx, `document.querySelector(".chart canvas") !== null && echarts.getInstanceByDom(document.querySelector(".chart")).getOption().legend.length === 1`)
}
