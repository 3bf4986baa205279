package workers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/sheets"
	"github.com/jingban/jingban/store"
)

// Door looks at a file before it is read (implemented over ocr).
type Door interface {
	// Door gives what is seen of each page of a file. A Permanent fault is a file that
	// nobody will ever open.
	Door(ctx context.Context, file []byte) ([]casework.Look, error)
}

// cases carries out the case.find and case.open steps of playbooks.
type cases struct{ crew *Crew }

// key is the keyed hash of what makes a case the same.
func (o cases) key(order playbooks.CaseOrder) string {
	return o.crew.Store.Hash("case.open", order.Matter, order.Key)
}

// mark is the keyed hash of what tells its submissions apart.
func (o cases) mark(order playbooks.CaseOrder) string {
	if order.Again == "" {
		return ""
	}
	return o.crew.Store.Hash("case.again", order.Matter, order.Key, order.Again)
}

// Find implements playbooks.Cases.
func (o cases) Find(ctx context.Context, order playbooks.CaseOrder) (string, playbooks.CaseStand, error) {
	number, stand, err := o.crew.Store.FindBrought(ctx, o.key(order), o.mark(order))
	return number, playbooks.CaseStand(stand), err
}

// Open implements playbooks.Cases. What makes the case the same is kept as a keyed
// hash; the message of a fault names the value, never what it is.
func (o cases) Open(ctx context.Context, order playbooks.CaseOrder) (string, playbooks.CaseStand, error) {
	c := o.crew
	now := c.Now()
	usual := casework.Case{Matter: order.Matter, Month: casework.MonthOf(casework.DateOf(now)), ReceivedAt: now}
	kase, wrong := sheets.CaseOf(usual, order.Values)
	if wrong != "" {
		return "", "", casework.AskPerson("case_incomplete", "a case of %s cannot be opened: %s", order.Matter, wrong)
	}
	files, err := o.files(ctx, order)
	if err != nil {
		return "", "", err
	}
	number, stand, err := c.Store.Bring(ctx, c.actor(), store.Brought{Key: o.key(order), Mark: o.mark(order), RunID: order.RunID, Case: kase, Files: files})
	if errors.Is(err, store.ErrInvalid) {
		return "", "", casework.AskPerson("case_other_person", "a case of %s comes again with another person's number", order.Matter)
	}
	return number, playbooks.CaseStand(stand), err
}

// files gives the files that an earlier step downloaded; the evidence has their bytes.
func (o cases) files(ctx context.Context, order playbooks.CaseOrder) ([]casework.Material, error) {
	var all []casework.Material
	for _, f := range order.Files {
		sum := strings.TrimPrefix(f.SHA256, "sha256:")
		data, err := o.crew.Store.File(ctx, sum)
		if errors.Is(err, store.ErrNotFound) {
			return nil, casework.AskPerson("case_file_missing", "a downloaded file is not in the archive")
		}
		if err != nil {
			return nil, fmt.Errorf("downloaded file: %w", err)
		}
		all = append(all, casework.Material{FileName: path.Base(strings.ReplaceAll(f.Name, `\`, "/")), MIME: cmp.Or(casework.FileKind(data), "application/octet-stream"),
			SHA256: sum, Bytes: int64(len(data)), Looks: o.look(ctx, data)})
	}
	return all, nil
}

// doorWithin bounds the look at one file, some 0.3 s for a photo.
const doorWithin = 10 * time.Second

// look gives what is seen of a file at once, as of an uploaded one; nothing where
// nobody could look. Whether it can be used the reading tells.
func (o cases) look(ctx context.Context, data []byte) []casework.Look {
	if o.crew.Door == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, doorWithin)
	defer cancel()
	looks, err := o.crew.Door.Door(ctx, data)
	if err != nil {
		o.crew.Log.Info("nobody looked at a file that a playbook brought", "code", casework.AsFault(err).Code, "error", err)
		return nil
	}
	return looks
}
