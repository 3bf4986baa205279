package playbooks

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

//go:embed flows/*.yaml systems/*.yaml
var builtin embed.FS

// Library holds playbooks and systems by name.
type Library struct {
	playbooks map[string]*Playbook
	systems   map[string]System
	offers    []casework.Calculation
}

// Builtin reads the playbooks and systems that come with the program.
func Builtin() (Library, error) { return read(builtin) }

// BuiltinFile gives the text of a built-in file, "systems/benefits.yaml".
func BuiltinFile(name string) ([]byte, error) { return builtin.ReadFile(name) }

// Load lays an agency's own folder (flows/*.yaml, systems/*.yaml) over the
// built-in files: one of the same name takes their place. "" is no folder.
func Load(folder string) (Library, error) {
	if folder == "" {
		return Builtin()
	}
	if _, err := os.Stat(folder); err != nil {
		return Library{}, fmt.Errorf("own playbooks: %w", err)
	}
	return read(builtin, os.DirFS(folder))
}

// read takes the files of all layers; a later layer wins.
func read(layers ...fs.FS) (Library, error) {
	flows, systems := map[string][]byte{}, map[string][]byte{}
	for _, layer := range layers {
		for folder, into := range map[string]map[string][]byte{"flows": flows, "systems": systems} {
			texts, err := files(layer, folder)
			if err != nil {
				return Library{}, err
			}
			maps.Copy(into, texts)
		}
	}
	return NewLibrary(flows, systems)
}

// NewLibrary reads playbooks and systems from texts by file name. It returns
// Problems for a text that cannot be read.
func NewLibrary(flows, systems map[string][]byte) (Library, error) {
	l := Library{playbooks: map[string]*Playbook{}, systems: map[string]System{}}
	for _, name := range slices.Sorted(maps.Keys(systems)) {
		system, problems := ParseSystem(name, systems[name])
		if problems.Broken() {
			return Library{}, fmt.Errorf("system file: %w", problems)
		}
		l.systems[system.Name] = system
	}
	for _, name := range slices.Sorted(maps.Keys(flows)) {
		pb, problems := Parse(name, flows[name])
		if problems.Broken() {
			return Library{}, fmt.Errorf("playbook file: %w", problems)
		}
		l.playbooks[pb.Name] = pb
	}
	return l, nil
}

// files reads the YAML files of one folder.
func files(all fs.FS, folder string) (map[string][]byte, error) {
	names, err := fs.Glob(all, folder+"/*.yaml")
	if err != nil {
		return nil, err
	}
	texts := map[string][]byte{}
	for _, name := range names {
		if texts[name], err = fs.ReadFile(all, name); err != nil {
			return nil, fmt.Errorf("file %s: %w", path.Base(name), err)
		}
	}
	return texts, nil
}

// Playbooks gives all playbooks, sorted by name.
func (l Library) Playbooks() []*Playbook {
	return slices.SortedFunc(maps.Values(l.playbooks), func(a, b *Playbook) int { return strings.Compare(a.Name, b.Name) })
}

// Playbook finds a playbook by name.
func (l Library) Playbook(name string) (*Playbook, bool) {
	pb, ok := l.playbooks[name]
	return pb, ok
}

// Offering gives the library with the calculations that its playbooks may use.
func (l Library) Offering(all []casework.Calculation) Library {
	l.offers = all
	return l
}

// Calculations are those of Offering.
func (l Library) Calculations() []casework.Calculation { return l.offers }

// Systems gives the systems by name.
func (l Library) Systems() map[string]System { return maps.Clone(l.systems) }
