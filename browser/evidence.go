package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// Shoot takes the evidence of this moment: the picture, the DOM of all frames in
// one file with the values that stand in the fields (passwords blanked), the
// requests of this run so far, and its dialogs when there were any.
func (t *Tab) Shoot(ctx context.Context, name string) ([]playbooks.Shot, error) {
	limited, cancel := context.WithTimeout(ctx, t.browser.config.Verb)
	defer cancel()
	picture, err := cdp.Call(limited, t.seat.panes.front().session, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true)})
	if err != nil {
		return nil, t.classify(ctx, fmt.Errorf("screenshot: %w", err))
	}
	frames, err := t.frames(limited)
	if err != nil {
		return nil, t.classify(ctx, fmt.Errorf("page's DOM: %w", err))
	}
	requests, _ := t.seat.gate.history(0)
	shots := []playbooks.Shot{
		{Kind: casework.Screenshot, Name: name + ".png", MIME: "image/png", Data: picture.Data},
		{Kind: casework.DOM, Name: name + ".html", MIME: "text/html; charset=utf-8", Data: frames},
	}
	if shots, err = addJSON(shots, casework.Requests, name+".requests.json", requests, len(requests)); err != nil {
		return nil, err
	}
	shots = append(shots, t.bySight()...)
	if shots, err = addJSON(shots, casework.Values, name+".sight.json", t.sighted, len(t.sighted)); err != nil {
		return nil, err
	}
	list, _, _ := t.seat.dialogs.since(0)
	if shots, err = addFiles(shots, t.papers()); err != nil {
		return nil, err
	}
	return addJSON(shots, casework.Dialog, name+".dialogs.json", list, len(list))
}

// addFiles adds what pages have handed out under numbers: systems name files
// after people, and the names of evidence are no secret. What they were called
// stands in a list of its own.
func addFiles(shots, files []playbooks.Shot) ([]playbooks.Shot, error) {
	names := map[string]string{}
	for i, f := range files {
		name := fmt.Sprintf("download_%d%s", i+1, extension(f.Name))
		names[name], f.Name = f.Name, name
		shots = append(shots, f)
	}
	return addJSON(shots, casework.Download, "downloads.json", names, len(names))
}

// extension is the end of a file's name where it is an ordinary one.
func extension(name string) string {
	return regexp.MustCompile(`(?:\.[A-Za-z0-9]{1,5})?$`).FindString(name)
}

func addJSON(shots []playbooks.Shot, kind casework.EvidenceKind, name string, v any, count int) ([]playbooks.Shot, error) {
	if count == 0 {
		return shots, nil
	}
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, fmt.Errorf("evidence %s: %w", name, err)
	}
	return append(shots, playbooks.Shot{Kind: kind, Name: name, MIME: "application/json", Data: data}), nil
}

// frames concatenates the frames' documents, each behind a comment that names
// its path.
func (t *Tab) frames(ctx context.Context) ([]byte, error) {
	f, err := t.ask(ctx, order{Do: "html"})
	if err != nil {
		return nil, err
	}
	var got framesHTML
	if err := json.Unmarshal(f.OK, &got); err != nil {
		return nil, err
	}
	var out strings.Builder
	for i, frame := range got.Frames {
		fmt.Fprintf(&out, "<!-- frame %d: %s -->\n%s\n", i, strings.ReplaceAll(frame.Path, "--", "- -"), frame.HTML)
	}
	return []byte(out.String()), nil
}
