package bench

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/playbooks"
)

// ourForm drives the form as a playbook does, evidence off: every field found by
// its label and read back, one commit through the gate, the receipt read.
type ourForm struct{ page playbooks.Page }

func newOurForm(ctx context.Context, b *browser.Browser, url string, seat int) (*ourForm, error) {
	page, err := b.Seat(ctx, formSystem("forms"), playbooks.Access{URL: url}, seat)
	if err != nil {
		return nil, fmt.Errorf("browser benchmark: %w", err)
	}
	return &ourForm{page}, nil
}

func (d *ourForm) name() string { return "jingban" }

func (d *ourForm) open(ctx context.Context) error {
	_, err := d.page.Do(ctx, playbooks.Act{Verb: playbooks.Open, Menu: []string{"/form"}})
	return err
}

func (d *ourForm) fill(ctx context.Context, values map[string]string) (string, error) {
	for _, f := range formFields() {
		if _, err := d.page.Do(ctx, playbooks.Act{Verb: playbooks.Fill, At: playbooks.Locator{Label: f.Label}, Value: values[f.Key]}); err != nil {
			return "", err
		}
	}
	seen, err := d.page.Commit(ctx, playbooks.Commit{Button: "提交", Saved: formSaved}, func(context.Context, playbooks.Request) error { return nil })
	if err != nil {
		return "", err
	}
	if !seen.Saved {
		return "", errors.New("the page does not say that it saved")
	}
	seen, err = d.page.Do(ctx, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Label: "受理编号"}, Want: "text"})
	return seen.Text, err
}

func (d *ourForm) close() error { return d.page.Close() }

// bareForm does the same with a bare script: fields by their ids, values set,
// nothing checked.
type bareForm struct {
	url    string
	ctx    context.Context //nolint:containedctx // chromedp keeps the tab in it
	cancel context.CancelFunc
}

// newBareForm starts the script's own Chromium, as its documentation shows.
func newBareForm(ctx context.Context, o BrowserOptions, url string) (*bareForm, error) {
	dir, err := os.MkdirTemp(o.Dir, "bare")
	if err != nil {
		return nil, fmt.Errorf("browser benchmark: %w", err)
	}
	path, err := chromiumPath(o.Chromium)
	if err != nil {
		return nil, err
	}
	life, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(dir))...)
	tab, cancel := chromedp.NewContext(life)
	d := &bareForm{url, tab, func() { cancel(); stop() }}
	if err := chromedp.Do(tab); err != nil {
		d.cancel()
		return nil, fmt.Errorf("bare script: %w", err)
	}
	return d, nil
}

func chromiumPath(path string) (string, error) {
	for _, name := range []string{path, "/usr/lib/chromium/chromium-headless-shell", "/usr/lib/chromium/chromium", "chromium"} {
		if name == "" {
			continue
		}
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", errors.New("bare script: no Chromium found")
}

func (d *bareForm) name() string { return "bare chromedp" }

func (d *bareForm) open(context.Context) error {
	return chromedp.Do(d.ctx, chromedp.Navigate(d.url+"/form"))
}

func (d *bareForm) fill(_ context.Context, values map[string]string) (string, error) {
	for _, f := range formFields() {
		id := chromedp.ID(f.Key)
		var err error
		switch f.Kind {
		case "radio":
			for i, option := range f.Options {
				if option == values[f.Key] {
					err = chromedp.Do(d.ctx, chromedp.Click(chromedp.ID(fmt.Sprint(f.Key, i))))
				}
			}
		default:
			err = chromedp.Do(d.ctx, chromedp.SetValue(id, values[f.Key]))
		}
		if err != nil {
			return "", fmt.Errorf("field %s: %w", f.Key, err)
		}
	}
	if err := chromedp.Do(d.ctx, chromedp.Click(chromedp.CSS("input[type=submit]"))); err != nil {
		return "", err
	}
	return chromedp.Run(d.ctx, chromedp.Text(chromedp.ID("receipt")))
}

func (d *bareForm) close() error { d.cancel(); return nil }

//go:embed browser_playwright.js
var playwrightScript []byte

// playwrightForm lets playwright-core do it by getByLabel, in a Node.js process
// of its own, on the same Chromium.
type playwrightForm struct {
	child *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	url   string
}

func newPlaywrightForm(ctx context.Context, o BrowserOptions, url string) (*playwrightForm, error) {
	path, err := chromiumPath(o.Chromium)
	if err != nil {
		return nil, err
	}
	script := filepath.Join(o.Dir, "playwright.js")
	if err := os.WriteFile(script, playwrightScript, 0o600); err != nil {
		return nil, fmt.Errorf("playwright: %w", err)
	}
	child := exec.CommandContext(ctx, "node", script, path)
	child.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(o.Playwright, "node_modules"))
	child.Stderr = os.Stderr
	in, err1 := child.StdinPipe()
	out, err2 := child.StdoutPipe()
	if err := errors.Join(err1, err2, child.Start()); err != nil {
		return nil, fmt.Errorf("playwright: %w", err)
	}
	return &playwrightForm{child, in, bufio.NewReader(out), url}, nil
}

func (d *playwrightForm) name() string { return "playwright getByLabel" }

// order sends one line and takes one back.
func (d *playwrightForm) order(order any) (string, error) {
	text, err := json.Marshal(order)
	if err != nil {
		return "", err
	}
	if _, err := d.in.Write(append(text, '\n')); err != nil {
		return "", fmt.Errorf("playwright: %w", err)
	}
	line, err := d.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("playwright ended: %w", err)
	}
	answer, good := strings.CutPrefix(strings.TrimSpace(line), "ok ")
	if !good {
		return "", fmt.Errorf("playwright: %s", strings.TrimSpace(line))
	}
	return answer, nil
}

func (d *playwrightForm) open(context.Context) error {
	_, err := d.order(map[string]string{"open": d.url + "/form"})
	return err
}

func (d *playwrightForm) fill(_ context.Context, values map[string]string) (string, error) {
	type field struct{ Label, Kind, Value string }
	var fields []field
	for _, f := range formFields() {
		fields = append(fields, field{f.Label, f.Kind, values[f.Key]})
	}
	return d.order(map[string]any{"fields": fields})
}

func (d *playwrightForm) close() error {
	return errors.Join(d.in.Close(), d.child.Wait())
}
