package bench

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jingban/jingban/casework"
	fixtures "github.com/jingban/jingban/fixtures/materials"
)

// readings keeps what the engine read of each case, in a file if it has one, so
// that an interrupted run goes on and changed rules are judged without reading
// again. Whoever changes the engine takes another file.
type readings struct {
	known map[string]caseReadings // by print
	file  *os.File
}

// caseReadings is what was read of one case's papers.
type caseReadings struct {
	Print  string         `json:"print"` // of the papers and of how they were taken
	Papers []paperReading `json:"papers"`
}

// paperReading is one paper's reading, or why it has none.
type paperReading struct {
	Pages []casework.Reading `json:"pages,omitempty"`
	Fault string             `json:"fault,omitempty"`
}

// printOf tells cases apart: one that is drawn otherwise is read again.
func printOf(seed uint64, c fixtures.Case) string {
	text, err := json.Marshal(c.Papers)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(text, "%d %s", seed, c.Name))
	return hex.EncodeToString(sum[:])
}

func openReadings(path string) (*readings, error) {
	r := &readings{known: map[string]caseReadings{}}
	if path == "" {
		return r, nil
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	whole := bytes.LastIndexByte(old, '\n') + 1 // a killed run leaves half a line
	lines := bufio.NewScanner(bytes.NewReader(old[:whole]))
	lines.Buffer(nil, 1<<26)
	for n := 1; lines.Scan(); n++ {
		var c caseReadings
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("journal %s:%d: %w", path, n, err)
		}
		r.known[c.Print] = c
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	if r.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err = r.file.Truncate(int64(whole)); err == nil {
		_, err = r.file.Seek(int64(whole), 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("journal: %w", err), r.file.Close())
	}
	return r, nil
}

func (r *readings) add(c caseReadings) error {
	r.known[c.Print] = c
	if r.file == nil {
		return nil
	}
	line, err := json.Marshal(c)
	if err == nil {
		_, err = r.file.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

func (r *readings) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
