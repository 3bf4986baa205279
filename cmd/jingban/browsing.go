package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/playbooks"
)

// browsing is the worker's one Chromium. It starts with the first page that is
// needed, and again after it has died.
type browsing struct {
	cfg    *Config
	folder *folder
	log    *slog.Logger
	now    func() time.Time
	headed bool          // shows its window
	sight  browser.Sight // reads what pages only draw; nil: they are not read

	mu      sync.Mutex
	current *browser.Browser
	profile *profile
}

func newBrowsing(cfg *Config, f *folder, log *slog.Logger, now func() time.Time) *browsing {
	return &browsing{cfg: cfg, folder: f, log: log, now: now}
}

// Seat gives the signed-in tab of one seat.
func (b *browsing) Seat(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Page, error) {
	chromium, err := b.alive(ctx)
	if err != nil {
		return nil, err
	}
	tab, err := chromium.Seat(ctx, system, access, seat)
	if err != nil {
		return nil, err
	}
	return tab, nil
}

// Attend opens the sign-in page of a seat for a person.
func (b *browsing) Attend(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Window, error) {
	chromium, err := b.alive(ctx)
	if err != nil {
		return nil, err
	}
	return chromium.Attend(ctx, system, access, seat)
}

// PDF prints a self-contained page. A character that no typeface has asks a person.
func (b *browsing) PDF(ctx context.Context, html []byte) ([]byte, error) {
	chromium, err := b.alive(ctx)
	if err != nil {
		return nil, err
	}
	pdf, err := chromium.PDF(ctx, html)
	if err != nil {
		return nil, err
	}
	return pdf, whole(ctx, html, pdf)
}

// alive gives the running Chromium, or starts one.
func (b *browsing) alive(ctx context.Context) (*browser.Browser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.current != nil {
		select {
		case <-b.current.Done():
			b.log.Warn("chromium ended; starting another")
			b.end()
		default:
			return b.current, nil
		}
	}
	config, err := b.config()
	if err != nil {
		return nil, err
	}
	if b.current, err = browser.Start(ctx, config); err != nil {
		b.current = nil
		b.end()
		return nil, err
	}
	return b.current, nil
}

// config picks the user and the profile folder: as root Chromium runs as nobody,
// with its sandbox, and its profile must lie where nobody may walk.
func (b *browsing) config() (browser.Config, error) {
	config := browser.Config{Chromium: b.cfg.Chromium, Now: b.now, Headed: b.headed, Sight: b.sight}
	parent := ""
	if b.folder != nil {
		parent = b.folder.at("browser")
		config.PidFile = b.folder.at("run", fmt.Sprintf("chromium-%d.pid", os.Getpid()))
	}
	if os.Geteuid() == 0 {
		user, ok := browser.Unprivileged()
		if !ok {
			b.log.Warn("chromium runs as root without its sandbox: start jingban as an ordinary user")
			config.NoSandbox = true
		}
		config.User, parent = user, ""
	}
	profile, err := newProfile(parent)
	if err != nil {
		return config, err
	}
	b.profile, config.Profile = profile, profile.path
	return config, nil
}

func (b *browsing) end() {
	if b.current != nil {
		if err := b.current.Close(); err != nil {
			b.log.Warn("chromium", "error", err)
		}
		b.current = nil
	}
	if b.profile != nil {
		if err := b.profile.remove(); err != nil {
			b.log.Warn("browser profile stays behind", "error", err)
		}
		b.profile = nil
	}
}

// Close ends Chromium and removes its profile.
func (b *browsing) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end()
	return nil
}
