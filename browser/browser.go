package browser

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/children"
)

// startWithin is how long Chromium may take to answer for the first time.
const startWithin = 60 * time.Second

// stopGrace is how long Chromium may take to end by itself.
const stopGrace = 3 * time.Second

// Config says which Chromium runs and how.
type Config struct {
	Chromium  string           // path; "" looks it up
	Profile   string           // folder for the profile, made when missing, emptied of nothing: give a fresh one
	User      *children.User   // whom Chromium runs as when this process is root; nil stays the same user
	NoSandbox bool             // last resort, see Unprivileged
	Headed    bool             // shows its window, for people who watch; needs a display
	PidFile   string           // of the child, for children.Sweep; "" writes none
	RootCAs   *x509.CertPool   // upstream certificates are checked against it; nil is the system's
	Verb      time.Duration    // limit of one verb; 0 is 15 s
	Sight     Sight            // reads texts that stand in pixels; nil: they are not found
	Now       func() time.Time // wall clock; nil is time.Now
}

// Browser is one Chromium and its seats. Its methods may be called from several
// goroutines; a seat serves one run at a time.
type Browser struct {
	config             Config
	child              *children.Child
	output             *tail
	key                *gateKey
	script, scriptName string // what runs in each page, and the name it goes by, quoted

	readings readings // what pictures said, see Sight

	closed *gate           // of everything that is no seat: lets nothing out
	ctx    context.Context //nolint:containedctx // chromedp keeps the browser in it
	cancel context.CancelFunc

	mu      sync.Mutex
	seats   map[string]*seat
	refused map[string]bool // sign-ins a system has refused; never tried again with the same secret
}

// Start starts Chromium under a guard, so that it ends with this process. Faults:
// chromium_missing (NeedsHuman), chromium_not_started (Transient once it ran, else
// NeedsHuman).
func Start(ctx context.Context, config Config) (*Browser, error) {
	config = config.withDefaults()
	path, err := lookUp(config.Chromium, config.Headed)
	if err != nil {
		return nil, err
	}
	b := &Browser{config: config, output: &tail{}, seats: map[string]*seat{}, refused: map[string]bool{}}
	if err := b.prepare(); err != nil {
		return nil, err
	}
	if err := b.launch(ctx, path); err != nil {
		b.Close() //nolint:errcheck // the start's error is the one to tell
		return nil, err
	}
	return b, nil
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Verb == 0 {
		c.Verb = 15 * time.Second
	}
	return c
}

// lookUp finds Chromium: the one without windows first, which starts at a third
// of the price, and the program itself before its wrapper script.
func lookUp(path string, headed bool) (string, error) {
	names := []string{path}
	if path == "" {
		names = []string{"/usr/lib/chromium/chromium-headless-shell", "/usr/lib/chromium/chromium", "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}
	}
	for _, name := range names {
		if headed && strings.HasSuffix(name, "headless-shell") {
			continue
		}
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", casework.AskPerson("chromium_missing", "no Chromium found (install the package chromium, or name its path)")
}

// prepare makes the profile folder, the key and the gate that lets nothing out.
func (b *Browser) prepare() error {
	if err := prepareProfile(b.config.Profile, b.config.User); err != nil {
		return err
	}
	var err error
	if b.key, err = newGateKey(); err != nil {
		return err
	}
	b.scriptName = strconv.Quote("jingban" + rand.Text())
	name, _ := strconv.Unquote(b.scriptName) // just quoted
	if b.script, err = locateScript(name); err != nil {
		return err
	}
	b.closed, err = openGate("", b.key, nil, b.config.Now)
	return err
}

// prepareProfile makes the folder and hands it to Chromium's user, who must be
// able to walk to it.
func prepareProfile(dir string, user *children.User) error {
	if dir == "" || !filepath.IsAbs(dir) {
		return fmt.Errorf("profile folder %q: want an absolute path", dir)
	}
	for _, d := range []string{dir, filepath.Join(dir, "uploads"), filepath.Join(dir, "downloads")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("profile folder: %w", err)
		}
		if user == nil {
			continue
		}
		if err := os.Chown(d, int(user.UID), int(user.GID)); err != nil {
			return fmt.Errorf("profile folder: %w", err)
		}
	}
	if user == nil {
		return nil
	}
	for up := filepath.Dir(dir); up != "/"; up = filepath.Dir(up) {
		info, err := os.Stat(up)
		if err != nil {
			return fmt.Errorf("profile folder: %w", err)
		}
		if info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("profile folder: another user can't enter %s; put the profile below the temporary folder", up)
		}
	}
	return nil
}

// launch starts the process and talks to it over a pipe: there is no debugging
// port that another process of the machine could reach.
func (b *Browser) launch(ctx context.Context, path string) error {
	link, err := b.spawn(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return casework.AskPerson("chromium_missing", "%w", err)
		}
		return casework.AskPerson("chromium_not_started", "%w", err)
	}
	// The browser's life must not hang on the first caller's deadline.
	life, _ := chromedp.NewAllocatorContext(context.WithoutCancel(ctx), link)
	b.ctx, b.cancel = chromedp.NewContext(life)
	first, stop := context.WithTimeout(ctx, startWithin)
	defer stop()
	answered := make(chan error, 1)
	go func() {
		_, err := chromedp.CallBrowser(b.ctx, cdpbrowser.GetVersion, cdp.Empty{})
		if err == nil { // seats hear of their pop-ups
			_, err = chromedp.CallBrowser(b.ctx, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true, Filter: target.Filter{{Type: "page"}, {Exclude: true}}})
		}
		answered <- err
	}()
	select {
	case err = <-answered:
	case <-first.Done():
		err = first.Err()
	case <-b.child.Done():
		err = fmt.Errorf("it ended at once: %v", b.child.Err())
	}
	if err != nil {
		// A browser that was killed, or too slow on a busy machine, may start the next time.
		return casework.Retry("chromium_not_started", "%w; it said: %s", err, b.output)
	}
	return nil
}

// spawn starts the child with the pipe on descriptors 3 and 4.
func (b *Browser) spawn(path string) (*pipeLink, error) {
	theirsIn, oursOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	oursIn, theirsOut, err := os.Pipe()
	if err != nil {
		theirsIn.Close()
		oursOut.Close()
		return nil, err
	}
	defer theirsIn.Close()
	defer theirsOut.Close()
	b.child, err = children.Start(children.Spec{
		Name: "chromium", Path: path, Args: b.flags(), Env: environment(b.config.Profile), Dir: b.config.Profile,
		Stderr: b.output, ExtraFiles: []*os.File{theirsIn, theirsOut}, User: b.config.User, PidFile: b.config.PidFile,
	})
	if err != nil {
		oursIn.Close()
		oursOut.Close()
		return nil, err
	}
	return &pipeLink{conn: chromedp.NewPipeConn(oursIn, oursOut)}, nil
}

// pipeLink hands the running Chromium to chromedp.
type pipeLink struct{ conn *chromedp.PipeConn }

// Allocate satisfies chromedp.Allocator.
func (l *pipeLink) Allocate(ctx context.Context, opts ...chromedp.BrowserOption) (*chromedp.Browser, error) {
	mute := func(string, ...any) {} // protocol notes may hold page texts
	opts = append(opts, chromedp.WithBrowserLogf(mute), chromedp.WithBrowserErrorf(mute))
	return chromedp.NewBrowserTransport(ctx, l.conn, opts...)
}

// Wait satisfies chromedp.Allocator; the process is the child's business.
func (l *pipeLink) Wait() {}

// Attaches satisfies chromedp.Attacher: chromedp owns tabs, not the process.
func (l *pipeLink) Attaches() bool { return true }

// Done is closed when Chromium has ended, whoever ended it.
func (b *Browser) Done() <-chan struct{} { return b.child.Done() }

// Close ends Chromium and its gates. The profile folder stays.
func (b *Browser) Close() error {
	b.mu.Lock()
	seats := b.seats
	b.seats = map[string]*seat{}
	b.mu.Unlock()
	if b.cancel != nil {
		b.cancel()
	}
	var err error
	if b.child != nil {
		err = b.child.Stop(stopGrace)
	}
	for _, s := range seats {
		s.gate.close()
	}
	if b.closed != nil {
		b.closed.close()
	}
	return errors.Join(err, os.RemoveAll(filepath.Join(b.config.Profile, "uploads")), os.RemoveAll(filepath.Join(b.config.Profile, "downloads")))
}

// tail keeps the last of Chromium's error output, for the error of a start that
// did not work.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailBytes = 2048

// Write satisfies io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	if cut := len(t.last) - tailBytes; cut > 0 {
		t.last = append([]byte(nil), t.last[cut:]...)
	}
	return len(p), nil
}

// String gives what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.last))
}
