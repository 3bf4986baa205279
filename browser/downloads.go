package browser

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// downloads are the files a seat's pages hand out: an attachment, a link into a
// new tab, a navigation that turns into a file. Chromium writes each under a name
// of its own into the seat's folder; whole ones are taken into memory and hashed
// by whoever keeps them.
type downloads struct {
	folder string

	mu      sync.Mutex
	running map[string]string // not finished yet; by Chromium's name, what the system calls it
	foreign map[string]bool   // not finished yet, begun by a run that is over
	done    []playbooks.File
	bytes   int // of those
	broken  int
}

// filesAtMost bounds what pages may hand out during one run, and bodyLimit what
// all of it may weigh; what comes then counts as broken off.
const filesAtMost = 100

// cancelWithin is how long Chromium may take to give downloads up. One that goes on
// all the same is thrown away at its end.
const cancelWithin = 2 * time.Second

// saveDownloads lets the seat's context save files into a folder of its own.
func (s *seat) saveDownloads(ctx context.Context) error {
	folder, err := os.MkdirTemp(filepath.Join(s.browser.config.Profile, "downloads"), "")
	if err != nil {
		return err
	}
	if user := s.browser.config.User; user != nil {
		if err := os.Chown(folder, int(user.UID), int(user.GID)); err != nil {
			return err
		}
	}
	c := chromedp.FromContext(s.life)
	s.panes.mu.Lock()
	s.context = c.BrowserContextID
	s.panes.mu.Unlock()
	s.saved = &downloads{folder: folder, running: map[string]string{}, foreign: map[string]bool{}}
	// One ear for both events, so that a download's end never comes before its beginning.
	err = chromedp.ListenBrowser(s.life, func(ev any) {
		switch ev := ev.(type) {
		case *cdpbrowser.EventDownloadWillBegin:
			if s.panes.owns(ev.FrameID) {
				s.saved.begin(ev.GUID, ev.SuggestedFilename)
				s.panes.becameFile(ev.FrameID)
			}
		case *cdpbrowser.EventDownloadProgress:
			s.saved.progress(ev.GUID, ev.State)
		}
	})
	if err != nil {
		return err
	}
	_, err = cdp.Call(ctx, c.Browser, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: c.BrowserContextID, DownloadPath: folder, EventsEnabled: new(true)})
	return err
}

func (d *downloads) begin(id, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running[id] = name
}

// progress takes a finished file out of the folder, beside the ear: reading takes a
// while.
func (d *downloads) progress(id string, state cdpbrowser.DownloadProgressState) {
	d.mu.Lock()
	_, ours := d.running[id]
	ours = ours || d.foreign[id]
	d.mu.Unlock()
	if !ours || state == cdpbrowser.DownloadProgressStateInProgress {
		return
	}
	go d.take(id, state == cdpbrowser.DownloadProgressStateCompleted)
}

// take moves a file from the folder into memory, unless the run that asked for it
// is over. Whatever becomes of it, it does not stay in the folder.
func (d *downloads) take(id string, whole bool) {
	path := filepath.Join(d.folder, id)
	info, err := os.Stat(path)
	var data []byte
	if whole = whole && err == nil && info.Size() <= bodyLimit; whole {
		data, err = os.ReadFile(path)
	}
	_ = os.Remove(path) // what can't be removed goes with the seat
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.foreign[id] {
		delete(d.foreign, id)
		return
	}
	name := filepath.Base(d.running[id])
	if d.running[id] == "" {
		name = "download"
	}
	delete(d.running, id)
	if !whole || err != nil || len(d.done) >= filesAtMost || d.bytes+len(data) > bodyLimit {
		d.broken++
		return
	}
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	d.done, d.bytes = append(d.done, playbooks.File{Name: name, MIME: kind, Data: data}), d.bytes+len(data)
}

// busy says that a file is on its way.
func (d *downloads) busy() bool {
	if d == nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.running) > 0
}

// since gives the files after the mark and how many came to nothing.
func (d *downloads) since(mark int) ([]playbooks.File, int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	mark = min(mark, len(d.done))
	return append([]playbooks.File(nil), d.done[mark:]...), d.broken
}

// forget ends a run: its files are gone, and those on their way will be nobody's.
// It names all of the latter.
func (d *downloads) forget() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done, d.bytes, d.broken = nil, 0, 0
	for id := range d.running {
		d.foreign[id] = true
	}
	clear(d.running)
	return slices.Collect(maps.Keys(d.foreign))
}

// forgetFiles empties the record of files and gives up what is still on its way, so
// that the next run waits for none of it.
func (s *seat) forgetFiles() {
	ctx, cancel := context.WithTimeout(s.life, cancelWithin)
	defer cancel()
	for _, id := range s.saved.forget() {
		// An error means that it has ended by itself.
		_, _ = cdp.Call(ctx, chromedp.FromContext(s.life).Browser, cdpbrowser.CancelDownload, cdpbrowser.CancelDownloadParams{GUID: id, BrowserContextID: s.context})
	}
}

func (d *downloads) drop() {
	if d != nil {
		_ = os.RemoveAll(d.folder) // what stays behind goes with the profile
	}
}

// download clicks and waits for the one whole file that comes.
func (t *Tab) download(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	have, broken := t.seat.saved.since(0)
	if err := t.press(ctx, act.At); err != nil {
		return playbooks.Seen{}, err
	}
	for {
		files, bad := t.seat.saved.since(len(have))
		switch {
		case bad > broken:
			return playbooks.Seen{}, casework.Retry("page_down", "%s: the file broke off", describe(act.At))
		case len(files) == 1 && !t.seat.saved.busy():
			return playbooks.Seen{Files: files, Text: files[0].Name}, nil
		case len(files) > 1:
			return playbooks.Seen{Files: files}, casework.AskPerson("no_download", "%s gave %d files, not one", describe(act.At), len(files))
		}
		if err := wait(ctx, nil, still); err != nil {
			if errors.Is(err, context.DeadlineExceeded) && !t.seat.saved.busy() {
				return playbooks.Seen{}, casework.AskPerson("no_download", "%s gave no file", describe(act.At))
			}
			return playbooks.Seen{}, fmt.Errorf("%s: the file did not come to its end: %w", describe(act.At), err)
		}
	}
}
