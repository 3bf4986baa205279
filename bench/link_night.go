package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/jingban/jingban/fixtures/people"
	"github.com/jingban/jingban/persons/link"
)

// NightMeasure is a night with one row in a hundred new, beside the full search
// of the same export.
type NightMeasure struct {
	Records  int     `json:"records"`
	Added    int     `json:"added"`
	Gone     int     `json:"gone"`
	Full     Measure `json:"full"`  // search and pairs, nothing kept
	Night    Measure `json:"night"` // from opening the export to the kept state
	CPUShare float64 `json:"cpu_share_of_full"`
	Pairs    int     `json:"pairs"`
	Same     bool    `json:"same_as_full"` // pairs, weights, rules and clusters
	KeptMiB  float64 `json:"kept_mib"`
}

// linkNight searches a population, lets one row in a hundred come (half of them
// in place of an earlier row), and searches by night and in full.
func linkNight(ctx context.Context, o LinkOptions) (NightMeasure, error) {
	m := NightMeasure{Records: o.Persons}
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // as a worker runs
	before, after, err := twoDays(o)
	if err != nil {
		return m, err
	}
	defer os.Remove(before)
	defer os.Remove(after)
	config, err := link.Insured()
	if err != nil {
		return m, err
	}
	config.ID = "个人编号"
	kept, done, err := keptIn(filepath.Join(o.Dir, "kept"))
	if err != nil {
		return m, err
	}
	defer done()
	if _, err := searched(before, func(in link.Input) (*link.Found, error) { return kept.Full(ctx, in, config) }); err != nil {
		return m, err
	}
	var night *link.Found
	m.Night, err = measure(func() error {
		night, err = searched(after, func(in link.Input) (*link.Found, error) { return kept.Night(ctx, in, config) })
		return err
	})
	if err != nil {
		return m, fmt.Errorf("night: %w", err)
	}
	m.Added, m.Gone, m.Pairs, m.KeptMiB = night.Added, night.Gone, len(night.Pairs), mebibytesIn(filepath.Join(o.Dir, "kept"))
	m.Full, err = measure(func() error {
		_, err := searchFile(ctx, after, config, filepath.Join(o.Dir, "pairs.csv"))
		return err
	})
	if err != nil {
		return m, err
	}
	m.CPUShare = m.Night.CPUSeconds / m.Full.CPUSeconds
	again, err := searched(after, func(in link.Input) (*link.Found, error) { return kept.Again(ctx, in, config) })
	if err != nil {
		return m, err
	}
	m.Same = sameFound(night, again)
	return m, nil
}

func searched(path string, search func(link.Input) (*link.Found, error)) (*link.Found, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return search(link.Input{Name: filepath.Base(path), Data: f})
}

func sameFound(a, b *link.Found) bool {
	return a.Version == b.Version && slices.Equal(a.Pairs, b.Pairs) &&
		slices.EqualFunc(a.Clusters, b.Clusters, func(x, y link.FoundCluster) bool { return x.Zone == y.Zone && slices.Equal(x.Records, y.Records) })
}

// twoDays writes the exports of two days.
func twoDays(o LinkOptions) (before, after string, err error) {
	all := people.Population(o.Persons+o.Persons/100, o.Seed)
	before, after = filepath.Join(o.Dir, "before.csv"), filepath.Join(o.Dir, "after.csv")
	var text bytes.Buffer
	if err := people.WritePopulation(&text, all); err != nil {
		return "", "", err
	}
	lines := bufio.NewScanner(&text)
	var rows [][]byte
	for lines.Scan() {
		rows = append(rows, bytes.Clone(lines.Bytes()))
	}
	come := len(rows) - 1 - o.Persons // the last ones are those that come
	yesterday, today := slices.Clone(rows[:1+o.Persons]), slices.Clone(rows[:1+o.Persons])
	for i, row := range rows[1+o.Persons:] {
		at := 1 + (i*977)%o.Persons
		if i < come/2 {
			today[at] = row
			continue
		}
		today = append(today, row)
	}
	for path, day := range map[string][][]byte{before: yesterday, after: today} {
		if err := os.WriteFile(path, append(bytes.Join(day, []byte("\n")), '\n'), 0o600); err != nil {
			return "", "", err
		}
	}
	return before, after, lines.Err()
}

// keptIn opens a folder for a search by night, sealed with a key of no secret.
func keptIn(dir string) (link.Kept, func(), error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return link.Kept{}, nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return link.Kept{}, nil, err
	}
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		return link.Kept{}, nil, err
	}
	key, err := cipher.NewGCM(block)
	return link.Kept{Folder: root, Seal: key}, func() { root.Close(); os.RemoveAll(dir) }, err
}

func mebibytesIn(dir string) float64 {
	total := int64(0)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
	}
	return float64(total) / (1 << 20)
}
