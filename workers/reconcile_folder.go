package workers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// A drop folder has one folder an account and in it one a kind of file, as the
// direct line of a bank (银企直联) or a clerk fills them:
//
//	<folder>/<account>/{bank,book,batch,business,fiscal,treasury}/<file>
//
// A file that was taken goes to done/, one that does not add up to refused/, both
// beside it. Writing it there under another name and renaming it is best; else it
// is taken once it has not grown for quiet.
const quiet = 10 * time.Second

// FundDrop watches a folder; nil watches none.
type FundDrop struct {
	Folder *os.Root
	Quiet  time.Duration // 0 is ten seconds
}

// gatherFunds takes in what lies in the folder and orders a comparison of each
// account that got something.
func (c *Crew) gatherFunds(ctx context.Context) error {
	if c.Drop == nil {
		return nil
	}
	accounts, err := c.Store.FundAccounts(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, a := range accounts {
		var last casework.Date
		for _, kind := range store.FundKinds() {
			day, err := c.gatherKind(ctx, a, kind)
			errs = append(errs, err)
			if last.Before(day) {
				last = day
			}
		}
		if !last.IsZero() {
			_, err := c.Store.OrderFundResult(ctx, fundRobot("drop"), a.ID, last, "")
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// gatherKind takes the files of one kind and gives the last day they cover.
func (c *Crew) gatherKind(ctx context.Context, a store.FundAccount, kind store.FundKind) (last casework.Date, err error) {
	folder := path.Join(a.Name, string(kind))
	entries, err := fs.ReadDir(c.Drop.Folder.FS(), folder)
	if errors.Is(err, fs.ErrNotExist) {
		return last, nil
	}
	if err != nil {
		return last, fmt.Errorf("drop folder %s: %w", folder, err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") || c.Now().Sub(info.ModTime()) < c.Drop.patience() {
			continue
		}
		f, err := c.takeDropped(ctx, a, kind, folder, e.Name())
		if err != nil {
			return last, err
		}
		if f.State == store.FundFileKept && last.Before(f.Last) {
			last = f.Last
		}
	}
	return last, nil
}

func (d *FundDrop) patience() time.Duration {
	if d.Quiet > 0 {
		return d.Quiet
	}
	return quiet
}

// takeDropped archives one file before it moves it: a crash between the two finds
// the same bytes again, which changes nothing.
func (c *Crew) takeDropped(ctx context.Context, a store.FundAccount, kind store.FundKind, folder, name string) (store.FundFile, error) {
	data, err := c.Drop.Folder.ReadFile(path.Join(folder, name))
	if err != nil {
		return store.FundFile{}, fmt.Errorf("drop folder %s: %w", folder, err)
	}
	f, err := c.Store.TakeFundFile(ctx, fundRobot("drop"), store.FundFile{AccountID: a.ID, Kind: kind, Name: name, Source: "folder"}, data)
	if err != nil && !errors.Is(err, store.ErrDuplicate) {
		return f, err
	}
	into := "done"
	if f.State == store.FundFileRefused {
		into = "refused"
	}
	if err := c.Drop.Folder.MkdirAll(path.Join(folder, into), 0o700); err != nil {
		return f, fmt.Errorf("drop folder %s: %w", folder, err)
	}
	return f, c.Drop.Folder.Rename(path.Join(folder, name), path.Join(folder, into, name))
}
