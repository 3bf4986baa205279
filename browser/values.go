package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// written is what the page says of a field after the value went in.
type written struct {
	Text    string `json:"text"`
	Charset string `json:"charset"`
	Page    string `json:"page"`
}

// fill writes a value and reads it back. When the page reloads itself over the
// change, as old forms do, the field is looked up again.
func (t *Tab) fill(ctx context.Context, at playbooks.Locator, value string, keys bool) (playbooks.Seen, error) {
	write := t.writeOnce
	if keys {
		write = t.typeKeys
	}
	f, err := write(ctx, at, value)
	if err != nil {
		return playbooks.Seen{}, err
	}
	var got written
	if err := json.Unmarshal(f.OK, &got); err != nil {
		return playbooks.Seen{}, err
	}
	seen := playbooks.Seen{Text: got.Text, Page: got.Page, Fallback: f.Fallback}
	if !encodable(value, got.Charset) {
		return seen, casework.AskPerson("value_not_encodable",
			"%s: the page's encoding %s has no sign for a character of the value", describe(at), got.Charset)
	}
	if !sameValue(got.Text, value) {
		return seen, casework.AskPerson("value_not_kept", "%s reads back another value than was written", describe(at))
	}
	return seen, nil
}

// writeOnce writes, and after that only looks: a page that reloads itself over the
// change must not be made to do so again.
func (t *Tab) writeOnce(ctx context.Context, at playbooks.Locator, value string) (found, error) {
	o := order{Do: "fill", Verb: playbooks.Fill, At: at, Value: value}
	f, err := t.findOnce(ctx, o, describe(at))
	if err != nil && !errors.Is(err, errMoved) {
		return f, err
	}
	if how := f.choose(); err == nil && how != "" {
		return t.choose(ctx, o, how)
	}
	if busy, _ := t.seat.state(); err == nil && !busy && t.calm() {
		return f, nil
	}
	if _, err := t.settle(ctx); err != nil {
		return f, err
	}
	o.Do = "peek"
	return t.find(ctx, o, describe(at))
}

func (t *Tab) calm() bool {
	busy, _, _ := t.seat.gate.traffic()
	return !busy
}

// fillSecret fills a field of the sign-in page; a password can't be read back
// into evidence, so only the error counts.
func (t *Tab) fillSecret(ctx context.Context, at playbooks.Locator, value string) error {
	limited, cancel := context.WithTimeout(ctx, t.browser.config.Verb)
	defer cancel()
	_, err := t.fill(limited, at, value, false)
	return err
}

// sameValue allows the spaces around a value and the separators a page puts
// between thousands.
func sameValue(got, want string) bool {
	got, want = strings.TrimSpace(got), strings.TrimSpace(want)
	if got == want || normal(got) == normal(want) && !strings.ContainsAny(got, "0123456789") {
		return true
	}
	if strings.ReplaceAll(got, "\r\n", "\n") == strings.ReplaceAll(want, "\r\n", "\n") || sameDate(got, want) || sameList(got, want) {
		return true
	}
	return amount(got) && amount(want) && strings.ReplaceAll(got, ",", "") == strings.ReplaceAll(want, ",", "")
}

// amount tells "1,234.00" from text.
func amount(s string) bool {
	return s != "" && strings.Trim(s, "0123456789,.-") == "" && strings.ContainsAny(s, "0123456789")
}

// encodable says whether a value survives the form's encoding there and back.
// An encoding nobody knows proves nothing, so it does not survive; and what stands
// in a private-use area means something else, or nothing, on the other side.
func encodable(value, charset string) bool {
	if strings.ContainsFunc(value, func(r rune) bool { return unicode.Is(unicode.Co, r) }) {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimSpace(charset), " ")
	enc, err := htmlindex.Get(name)
	if err != nil {
		return false
	}
	bytes, err := enc.NewEncoder().String(value)
	if err != nil {
		return false
	}
	back, err := enc.NewDecoder().String(bytes)
	return err == nil && back == value
}

// attach puts a file into a file field. The file stays on disk until the tab is
// closed, because Chromium reads it when the form is sent.
func (t *Tab) attach(ctx context.Context, at playbooks.Locator, file playbooks.File) (playbooks.Seen, error) {
	o := order{Do: "attached", Verb: playbooks.Attach, At: at}
	if _, err := t.find(ctx, o, describe(at)); err != nil {
		return playbooks.Seen{}, err
	}
	path, err := t.layDown(file)
	if err != nil {
		return playbooks.Seen{}, err
	}
	field, p, err := t.element(ctx, at)
	if err != nil {
		return playbooks.Seen{}, err
	}
	if field.ObjectID == "" {
		return playbooks.Seen{}, casework.AskPerson("element_missing", "%s is no field for files", describe(at))
	}
	field.Files = []string{path}
	if _, err := cdp.Call(ctx, p.session, dom.SetFileInputFiles, field); err != nil {
		return playbooks.Seen{}, err
	}
	return t.attached(ctx, o, file)
}

// attached reads back what the field holds now.
func (t *Tab) attached(ctx context.Context, o order, file playbooks.File) (playbooks.Seen, error) {
	if !t.calm() {
		if _, err := t.settle(ctx); err != nil {
			return playbooks.Seen{}, err
		}
	}
	f, err := t.find(ctx, o, describe(o.At))
	if err != nil {
		return playbooks.Seen{}, err
	}
	var got written
	if err := json.Unmarshal(f.OK, &got); err != nil {
		return playbooks.Seen{}, err
	}
	name := filepath.Base(file.Name)
	seen := playbooks.Seen{Text: name, Page: got.Page, Fallback: f.Fallback}
	if !encodable(name, got.Charset) {
		return seen, casework.AskPerson("value_not_encodable", "%s: the page's encoding %s can't carry the file's name", describe(o.At), got.Charset)
	}
	if got.Text != fmt.Sprintf("%s\n%d", name, len(file.Data)) {
		return seen, casework.AskPerson("value_not_kept", "%s does not hold the file", describe(o.At))
	}
	return seen, nil
}

// layDown writes the file, under its own name, where Chromium's user may read it.
func (t *Tab) layDown(file playbooks.File) (string, error) {
	config := t.browser.config
	folder, err := os.MkdirTemp(filepath.Join(config.Profile, "uploads"), "")
	if err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	t.folders = append(t.folders, folder)
	name := filepath.Base(file.Name)
	if name == "." || name == "/" {
		return "", casework.Fail("file_without_name", "the upload has no name")
	}
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, file.Data, 0o600); err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	if config.User == nil {
		return path, nil
	}
	for _, p := range []string{folder, path} {
		if err := os.Chown(p, int(config.User.UID), int(config.User.GID)); err != nil {
			return "", fmt.Errorf("upload: %w", err)
		}
	}
	return path, nil
}

func (t *Tab) dropUploads() error {
	var errs []error
	for _, folder := range t.folders {
		errs = append(errs, os.RemoveAll(folder))
	}
	t.folders = nil
	return errors.Join(errs...)
}

// read brings back the text of a label's value or the rows of a table.
func (t *Tab) read(ctx context.Context, at playbooks.Locator, want string) (playbooks.Seen, error) {
	do := "read"
	if want == "marks" {
		return t.marks(ctx)
	}
	if want == "rows" {
		do = "rows"
	}
	f, err := t.find(ctx, order{Do: do, Verb: playbooks.Read, At: at}, describe(at))
	if err != nil {
		return playbooks.Seen{}, err
	}
	var got struct {
		Text    string          `json:"text"`
		Page    string          `json:"page"`
		Rows    []playbooks.Row `json:"rows"`
		Columns []string        `json:"columns"`
	}
	err = json.Unmarshal(f.OK, &got)
	return playbooks.Seen{Text: got.Text, Rows: got.Rows, Columns: got.Columns, Page: got.Page, Fallback: f.Fallback}, err
}
