package workers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// shelf gives playbooks by the hash of their text, old versions too. A version
// never changes, so each is read once.
type shelf struct {
	version func(ctx context.Context, hash string) (store.Version, error)

	mu   sync.Mutex
	read map[string]*playbooks.Playbook
}

func newShelf(version func(context.Context, string) (store.Version, error)) *shelf {
	return &shelf{version: version, read: map[string]*playbooks.Playbook{}}
}

// playbook gives a version. One that is not kept, or that this release cannot
// read, asks a person.
func (s *shelf) playbook(ctx context.Context, hash string) (*playbooks.Playbook, error) {
	if pb := s.known(hash); pb != nil {
		return pb, nil
	}
	v, err := s.version(ctx, hash)
	if errors.Is(err, store.ErrNotFound) {
		return nil, casework.AskPerson("playbook_version", "version %s is not kept here", hash)
	}
	if err != nil {
		return nil, fmt.Errorf("playbook version %s: %w", hash, err)
	}
	return s.put(v)
}

func (s *shelf) known(hash string) *playbooks.Playbook {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read[hash]
}

// put reads a version's text, unless it was read before.
func (s *shelf) put(v store.Version) (*playbooks.Playbook, error) {
	if pb := s.known(v.Hash); pb != nil {
		return pb, nil
	}
	pb, problems := playbooks.Parse(v.Playbook+".yaml", []byte(v.Text))
	if problems.Broken() {
		return nil, casework.AskPerson("playbook_version", "version %s of %s: %w", v.Hash, v.Playbook, problems)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read[v.Hash] = pb
	return pb, nil
}

// importPlaybooks keeps the texts that came with the program or stand in the
// agency's folder. One that would replace a version in use, or that the linter
// finds wrong, waits as a draft, and the log says so.
func (c *Crew) importPlaybooks(ctx context.Context) error {
	for _, pb := range c.Library.Playbooks() {
		problems := playbooks.Lint(pb.Name+".yaml", []byte(pb.Source), c.Schema, c.Library.Systems())
		v := store.Version{Playbook: pb.Name, Text: pb.Source}
		v.Errors, v.Warnings = problems.Counts()
		v, err := c.Store.ImportVersion(ctx, v, cmp.Or(c.Stage, casework.StageSupervised))
		switch {
		case err != nil:
			return fmt.Errorf("playbook %s: %w", pb.Name, err)
		case v.Errors > 0:
			c.Log.Error("a playbook that came with the program has errors: correct it (jingban playbook lint)",
				"playbook", pb.Name, "version", v.Hash, "stage", v.Stage, "errors", v.Errors, "problems", problems)
		case v.Stage == casework.StageDraft:
			c.Log.Warn("a playbook that came with the program waits for its release", "playbook", pb.Name, "version", v.Hash)
		}
	}
	return nil
}

// pick gives the version that takes the next run of a playbook.
func (c *Crew) pick(ctx context.Context, name string) (*playbooks.Playbook, error) {
	v, err := c.Store.PickVersion(ctx, name)
	if err != nil {
		return nil, err
	}
	return c.shelf.put(v)
}
