package browser

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

func TestStartWithoutChromiumSaysWhatIsMissing(t *testing.T) {
	_, err := Start(t.Context(), Config{Chromium: filepath.Join(t.TempDir(), "chromium"), Profile: t.TempDir()})
	if f := casework.AsFault(err); f.Code != "chromium_missing" || f.Kind != casework.NeedsHuman {
		t.Errorf("got %v", err)
	}
}

func TestStartSaysWhyAProgramIsNoChromium(t *testing.T) {
	_, err := Start(t.Context(), Config{Chromium: "/bin/false", Profile: t.TempDir()})
	if f := casework.AsFault(err); f.Code != "chromium_not_started" {
		t.Errorf("got %v", err)
	}
}

// The renderers must run in namespaces of their own: that is the sandbox.
func TestChromiumRunsSandboxedAndNotAsRoot(t *testing.T) {
	b := start(t)
	if b.config.NoSandbox {
		if os.Getenv("REQUIRE_REAL") == "1" {
			t.Fatal("no unprivileged user on this machine: the sandbox is off")
		}
		t.Skip("no unprivileged user on this machine")
	}
	signedInAt(t, newSite(t, nil).URL) // a page, hence a renderer
	renderers := 0
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		line, _ := os.ReadFile(dir + "/cmdline") // a process may end meanwhile
		if !strings.Contains(string(line), "--type=renderer") || !underUs(dir, b.child.Pid()) {
			continue
		}
		renderers++
		status, _ := os.ReadFile(dir + "/status")
		if strings.Contains(string(status), "\nUid:\t0\t") || !strings.Contains(string(status), "\nSeccomp:\t2") {
			t.Errorf("a renderer runs as root or without its system call filter:\n%s", status)
		}
		ours, err1 := os.Readlink("/proc/self/ns/pid")
		theirs, err2 := os.Readlink(dir + "/ns/pid")
		if err1 == nil && err2 == nil && ours == theirs {
			t.Error("a renderer shares our process namespace")
		}
	}
	if renderers == 0 {
		t.Error("no renderer found")
	}
}

// underUs follows the parents of a process.
func underUs(dir string, pid int) bool {
	for range 10 {
		stat, err := os.ReadFile(dir + "/stat")
		if err != nil {
			return false
		}
		var parent int
		if _, err := fmt.Sscanf(string(stat[bytes.LastIndexByte(stat, ')')+4:]), "%d", &parent); err != nil {
			return false
		}
		if parent == pid {
			return true
		}
		dir = fmt.Sprintf("/proc/%d", parent)
	}
	return false
}

func TestPDFHoldsChineseTextOnA4(t *testing.T) {
	b := start(t)
	pdf, err := b.PDF(t.Context(), []byte(`<!doctype html><meta charset="utf-8"><h1>一次性告知书</h1><p>张明，缺少解除劳动合同证明。</p>`))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "notice.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), "pdftotext", path, "-").Output()
	if err != nil {
		if os.Getenv("REQUIRE_REAL") != "1" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "一次性告知书") || !strings.Contains(string(text), "缺少解除劳动合同证明") {
		t.Errorf("text in the PDF: %q", text)
	}
}

func TestPapersReachNoNetwork(t *testing.T) {
	b := start(t)
	site := newSite(t, nil)
	asked := make(chan string, 1)
	site.mux.HandleFunc("GET /picture.png", func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path })
	if _, err := b.PDF(t.Context(), []byte(`<img src="`+site.URL+`/picture.png">text`)); err != nil {
		t.Fatal(err)
	}
	select {
	case path := <-asked:
		t.Errorf("the paper fetched %s", path)
	default:
	}
}

func TestScreenshotAndVersion(t *testing.T) {
	b := start(t)
	picture := func(text string) string {
		t.Helper()
		data, err := b.Screenshot(t.Context(), []byte(`<!doctype html><meta charset="utf-8"><body style="font-size:40px">`+text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if picture("失业保险") == picture("养老转移") {
		t.Error("different characters look the same: boxes")
	}
	version, err := b.Version(t.Context())
	if err != nil || !strings.Contains(version, "Chrome/") {
		t.Errorf("%q, %v", version, err)
	}
}

func TestCloseEndsChromiumAndLeavesNoUploads(t *testing.T) {
	start(t) // skips where there is no Chromium
	var profile string
	b, err := startFresh(t, &profile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) })
	pid := b.child.Pid()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
		t.Error("Chromium lives on")
	}
	if _, err := os.Stat(filepath.Join(profile, "uploads")); !os.IsNotExist(err) {
		t.Errorf("uploads: %v", err)
	}
	if _, err := b.Version(t.Context()); err == nil {
		t.Error("an ended browser answered")
	}
}

func TestAKilledChromiumIsAFaultAndNotAHang(t *testing.T) {
	start(t)
	var profile string
	b, err := startFresh(t, &profile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(); os.RemoveAll(profile) })
	site := newSite(t, map[string]string{"/page": claimForm})
	tab, err := b.sit(t.Context(), system(), playbooks.Access{URL: site.URL, Account: "robot", Password: "secret"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.child.Stop(0); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	_, err = tab.Do(t.Context(), fillAct("姓名", "张明"))
	if f := casework.AsFault(err); err == nil || f.Kind != casework.Transient {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begun); took > 2*b.config.Verb {
		t.Errorf("it took %s", took)
	}
}
