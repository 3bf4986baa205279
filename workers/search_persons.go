package workers

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons/link"
	"github.com/jingban/jingban/store"
)

// PersonDrop is the folder in which exports of the insured arrive, night by
// night: CSV (UTF-8 or GB18030) or XLSX. A searched file goes to done/, one that
// cannot be searched to refused/. A fields.yaml beside them says how their columns
// are called, where the usual names do not fit.
type PersonDrop struct {
	Folder *os.Root
	Kept   *os.Root      // what a night leaves for the next; sealed
	Quiet  time.Duration // a file is taken once it has not grown for so long; 0 is ten seconds
}

// personFields names the configuration in the folder.
const personFields = "fields.yaml"

func personRobot() casework.Actor {
	return casework.Actor{Kind: casework.Robot, ID: "persons", Name: "persons"}
}

// gatherPersons orders a search of each export that has come, the oldest first.
// One that a schedule's playbook is going to take is left to it.
func (c *Crew) gatherPersons(ctx context.Context) error {
	if c.Persons == nil {
		return nil
	}
	come, err := c.exports("")
	if err != nil || len(come) == 0 {
		return err
	}
	awaited, err := c.awaitedExports(ctx)
	if err != nil {
		return err
	}
	for _, name := range come {
		if slices.ContainsFunc(awaited, func(pattern string) bool { return likeName(pattern, name) }) {
			continue
		}
		if _, err := c.Store.OrderPersonSearch(ctx, personRobot(), name, "folder"); err != nil && !errors.Is(err, store.ErrDuplicate) {
			return err
		}
	}
	return nil
}

// exports lists the exports in the folder that are whole and called like a
// pattern, the oldest first.
func (c *Crew) exports(pattern string) ([]string, error) {
	entries, err := fs.ReadDir(c.Persons.Folder.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("folder of exports: %w", err)
	}
	patience := cmp.Or(max(c.Persons.Quiet, 0), quiet)
	var come []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && exported(e.Name()) && likeName(pattern, e.Name()) && c.Now().Sub(info.ModTime()) >= patience {
			come = append(come, info)
		}
	}
	slices.SortFunc(come, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	var names []string
	for _, info := range come {
		names = append(names, info.Name())
	}
	return names, nil
}

// likeName holds a file's name against a pattern as shells have it; "" fits all.
func likeName(pattern, name string) bool {
	like, err := path.Match(cmp.Or(pattern, "*"), name)
	return err == nil && like
}

func exported(name string) bool {
	return !strings.HasPrefix(name, ".") && slices.Contains([]string{".csv", ".txt", ".xlsx"}, strings.ToLower(path.Ext(name)))
}

// searchPersons carries out an ordered search. Done again after a crash it finds
// the same; one search at a time.
func (c *Crew) searchPersons(ctx context.Context, id string) error {
	v, err := c.Store.PersonSearch(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && v.State != store.PersonsOrdered || c.Persons == nil {
		return nil
	}
	if err == nil {
		err = c.searchDropped(ctx, &v)
	}
	if err != nil {
		return fmt.Errorf("search of persons %s: %w", id, err)
	}
	return nil
}

// searchDropped searches a file of the folder, puts it aside and says what became
// of it.
func (c *Crew) searchDropped(ctx context.Context, v *store.PersonSearch) error {
	into := "done"
	err := c.searchExport(ctx, v, func() (io.ReadCloser, error) { return c.openDropped(v.Name) })
	if err != nil {
		return err
	}
	if v.State == store.PersonsRefused {
		into = "refused"
	}
	if err := c.putAside(v.Name, into); err != nil {
		return err
	}
	return c.endSearch(ctx, *v)
}

// openDropped opens a file of the folder; a crash may have come after it was put
// aside.
func (c *Crew) openDropped(name string) (*os.File, error) {
	file, err := c.Persons.Folder.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return c.Persons.Folder.Open(path.Join("done", name))
	}
	return file, err
}

func (c *Crew) endSearch(ctx context.Context, v store.PersonSearch) error {
	err := c.Store.EndPersonSearch(ctx, v)
	if errors.Is(err, store.ErrConflict) {
		return nil // somebody carried it out as well
	}
	return err
}

// unusableExport is an export that nobody can search; it names columns, never values.
type unusableExport struct{ err error }

func (u *unusableExport) Error() string { return u.err.Error() }

func (c *Crew) putAside(name, into string) error {
	if err := c.Persons.Folder.MkdirAll(into, 0o700); err != nil {
		return err
	}
	err := c.Persons.Folder.Rename(name, path.Join(into, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a crash came between
	}
	return err
}

// searchExport searches, by night where it can, and brings the queue up to date.
// An export that nobody can search is refused.
func (c *Crew) searchExport(ctx context.Context, v *store.PersonSearch, open func() (io.ReadCloser, error)) error {
	c.searching.Lock()
	defer c.searching.Unlock()
	err := c.searchAnyway(ctx, v, open)
	if unusable, ok := errors.AsType[*unusableExport](err); ok {
		c.Log.Warn("an export of the insured cannot be searched", "search", v.ID, "error", unusable)
		v.State, v.Code = store.PersonsRefused, "export_unusable"
		return nil
	}
	return err
}

func (c *Crew) searchAnyway(ctx context.Context, v *store.PersonSearch, open func() (io.ReadCloser, error)) error {
	config, err := c.personConfig()
	if err != nil {
		return &unusableExport{err}
	}
	seal, err := c.Store.PersonKey()
	if err != nil {
		return err
	}
	kept := link.Kept{Folder: c.Persons.Kept, Seal: seal}
	v.Way = "night"
	found, err := searchOnce(ctx, open, config, kept.Night)
	if errors.Is(err, link.ErrDamaged) {
		c.Log.Warn("what was kept of the last search cannot be used; everything is searched", "search", v.ID, "error", err)
	}
	if errors.Is(err, link.ErrFull) || errors.Is(err, link.ErrDamaged) {
		v.Way = "full"
		found, err = searchOnce(ctx, open, config, kept.Full)
	}
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return &unusableExport{err}
	}
	v.State, v.Model, v.Records, v.Added, v.Gone = store.PersonsSearched, found.Version, found.Records, found.Added, found.Gone
	return c.keepFound(ctx, v, kept, config, found)
}

func (c *Crew) personConfig() (link.Config, error) {
	text, err := c.Persons.Folder.ReadFile(personFields)
	if errors.Is(err, fs.ErrNotExist) {
		return link.Insured()
	}
	if err != nil {
		return link.Config{}, err
	}
	return link.ReadConfig(personFields, text)
}

// searchOnce searches a CSV, or the first sheet of a workbook, which begins as
// every ZIP does.
func searchOnce(ctx context.Context, open func() (io.ReadCloser, error), config link.Config, search func(context.Context, link.Input, link.Config) (*link.Found, error)) (*link.Found, error) {
	file, err := open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data := bufio.NewReader(file)
	in := link.Input{Name: "export", Data: data}
	if head, _ := data.Peek(4); string(head) == "PK\x03\x04" {
		sheet, err := link.Sheet(data)
		if err != nil {
			return nil, err
		}
		defer sheet.Close()
		in.Data = sheet
	}
	return search(ctx, in, config)
}

// keepFound writes the pairs that are new or read otherwise than the night before,
// and drops those that are gone. Vetoes of the search are nobody's question.
func (c *Crew) keepFound(ctx context.Context, v *store.PersonSearch, kept link.Kept, config link.Config, found *link.Found) error {
	before, err := c.Store.PairPrints(ctx)
	if err != nil {
		return err
	}
	known := maps.Clone(before)
	var fresh []link.FoundPair
	var pairs []store.PersonPair
	for _, p := range found.Pairs {
		if p.Decision.Zone == link.Veto {
			continue
		}
		v.Pairs++
		one := c.queued(p, found)
		delete(before, one.Key)
		if known[one.Key] != one.Print {
			fresh, pairs = append(fresh, p), append(pairs, one)
		}
		if known[one.Key] == "" {
			v.Opened++
		}
	}
	explained, err := kept.Explain(config, fresh)
	if err != nil {
		return err
	}
	for i, e := range explained {
		shown := &pairs[i].Shown
		shown.Prior, shown.Rarity = e.Prior, e.Rarity
		for _, f := range e.Fields {
			shown.Fields = append(shown.Fields, store.PairField{Field: f.Field, A: f.A, B: f.B, Level: f.Level, Weight: f.Weight})
		}
	}
	v.Closed = len(before)
	if err := c.Store.KeepPairs(ctx, pairs); err != nil {
		return err
	}
	return c.Store.DropPairs(ctx, slices.Sorted(maps.Keys(before)))
}

func (c *Crew) queued(p link.FoundPair, found *link.Found) store.PersonPair {
	stake, doubt := p.AtStake(), p.Doubt()
	one := store.PersonPair{Key: c.Store.PairKey(p.A, p.B), Zone: string(p.Decision.Zone), Level: p.Decision.Level, Rule: p.Decision.Rule,
		Months: stake.Months, Fen: casework.Fen(stake.Fen), Doubt: int64(doubt * 10000), Value: p.Value(),
		Shown: store.PairShown{A: p.A, B: p.B, Weight: p.Weight, Chance: p.Chance()}}
	one.Print = printOf(one, found.Levels(p))
	return one
}

// printOf hashes what a person would read of a pair, but for the values.
func printOf(p store.PersonPair, levels map[string]string) string {
	text, err := json.Marshal([]any{p.Zone, p.Level, p.Rule, p.Months, p.Fen, p.Shown.Weight, levels})
	if err != nil {
		panic(err) // texts and numbers always have a JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
