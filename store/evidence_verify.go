package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Flaw is one thing that is wrong with what was kept. It names no person.
type Flaw struct {
	Code   string // see the Flaw constants
	RunID  string // or the dry run's or the material's id; "" for a file that belongs to nobody
	Seq    int64  // place in the run's chain, 0 where there is none
	Step   string
	Name   string
	SHA256 string
}

// What may be wrong.
const (
	FlawFileMissing = "file_missing"    // the bytes are gone and no removal is on record
	FlawFileChanged = "file_changed"    // the bytes are not those that were kept
	FlawFileForeign = "file_foreign"    // a file that this program did not put there
	FlawLineChanged = "line_changed"    // a line of the manifest was changed, or moved to another place
	FlawLineMissing = "line_missing"    // a line was taken out
	FlawLineAdded   = "line_added"      // a line that was never chained
	FlawManifest    = "manifest_forged" // the end of the chain is not the one this program wrote
	FlawAnchor      = "cut_off"         // the audit trail names an end that the chain does not reach or pass
	FlawRemoval     = "removal_forged"  // a removal that this program did not make
	FlawDryRun      = "dry_run_changed" // the list of a dry run's files is not the one that was kept
)

// EvidenceReport counts what was looked at.
type EvidenceReport struct {
	Runs, Files, Removed int
	Bytes                int64 // of the files that were read
	Leftover             int   // sealed files without a line: a crash came between file and line
	Flaws                int
}

// evidenceCheck is one walk over everything that was kept.
type evidenceCheck struct {
	store   *Store
	tell    func(Flaw)
	report  EvidenceReport
	anchors map[string][]anchor
	seen    map[string]string // file → code of its flaw, "" when it is whole
}

// VerifyEvidence walks every run's chain, opens every file and calls tell for
// each thing that is wrong. The audit trail, which it leans on, is verified by
// VerifyAudit. It may run beside a working service.
func (s *Store) VerifyEvidence(ctx context.Context, tell func(Flaw)) (EvidenceReport, error) {
	c := &evidenceCheck{store: s, tell: tell, seen: map[string]string{}}
	for _, part := range []func(context.Context) error{c.readAnchors, c.runs, c.strays, c.dryRuns, c.materials, c.folder} {
		if err := part(ctx); err != nil {
			return c.report, explain("verify the evidence", err)
		}
	}
	return c.report, nil
}

// VerifyRun is VerifyEvidence for one run.
func (s *Store) VerifyRun(ctx context.Context, runID string, tell func(Flaw)) (EvidenceReport, error) {
	c := &evidenceCheck{store: s, tell: tell, seen: map[string]string{}}
	err := c.readAnchors(ctx)
	if err == nil {
		err = c.run(ctx, runID)
	}
	return c.report, explain("verify the evidence", err)
}

func (c *evidenceCheck) flaw(f Flaw) {
	c.report.Flaws++
	c.tell(f)
}

// readAnchors gathers what the audit trail says about the manifests.
func (c *evidenceCheck) readAnchors(ctx context.Context) error {
	c.anchors = map[string][]anchor{}
	rows, err := c.store.reader.query(ctx, "SELECT id, detail FROM audit WHERE action = $1 ORDER BY at, id", anchorAction)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, sealed string
		if err := rows.Scan(&id, &sealed); err != nil {
			return err
		}
		text, err := c.store.keys.openText(auditDetail(id), sealed)
		if err != nil {
			return err
		}
		var line anchored
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			return fmt.Errorf("audit line %s: %w", id, err)
		}
		for _, a := range line.Manifests {
			c.anchors[a.Run] = append(c.anchors[a.Run], a)
		}
	}
	return rows.Err()
}

// keptLine is a line with its run's manifest and its removal.
type keptLine struct {
	casework.Evidence
	end     manifest
	removal removal
}

// runs checks the chain and the files of every run.
func (c *evidenceCheck) runs(ctx context.Context) error {
	runs, err := list(ctx, c.store.reader, scalar[string], "SELECT run_id FROM manifests UNION SELECT run_id FROM evidence ORDER BY run_id")
	if err != nil {
		return err
	}
	for _, run := range runs {
		if err := c.run(ctx, run); err != nil {
			return err
		}
		delete(c.anchors, run)
	}
	for run := range c.anchors { // the audit trail knows of evidence, and nothing is left of it
		c.flaw(Flaw{Code: FlawAnchor, RunID: run})
	}
	return nil
}

// run reads lines and manifest in one statement, so that a run at work is seen
// at one moment.
func (c *evidenceCheck) run(ctx context.Context, id string) error {
	lines, err := list(ctx, c.store.reader, scanKept, "SELECT "+evidenceColumns+`, COALESCE(m.files, 0), COALESCE(m.head, ''), COALESCE(m.mark, ''),
		COALESCE(g.evidence_id, ''), COALESCE(g.sha256, ''), COALESCE(g.class, ''), COALESCE(g.reason, ''), COALESCE(g.at, 0), COALESCE(g.mark, '')
		FROM evidence e LEFT JOIN manifests m ON m.run_id = e.run_id LEFT JOIN evidence_removed g ON g.evidence_id = e.id
		WHERE e.run_id = $1 ORDER BY e.seq, e.at, e.id`, id)
	if err != nil {
		return err
	}
	c.report.Runs++
	if err := c.chain(id, lines); err != nil {
		return err
	}
	for _, line := range lines {
		if err := c.line(ctx, line); err != nil {
			return err
		}
	}
	return nil
}

func scanKept(r row) (k keptLine, err error) {
	k.Evidence, err = scanEvidence(r, &k.end.files, &k.end.head, &k.end.mark,
		&k.removal.id, &k.removal.sum, &k.removal.class, &k.removal.reason, &k.removal.at, &k.removal.mark)
	return k, err
}

// chain says which lines were changed, added or taken out.
func (c *evidenceCheck) chain(id string, lines []keptLine) error {
	want, before, known := int64(1), "", true
	links := map[int64]string{}
	for _, line := range lines {
		if line.Seq < want || line.Link == "" {
			c.flaw(line.flaw(FlawLineAdded))
			continue
		}
		for ; want < line.Seq; want++ {
			c.flaw(Flaw{Code: FlawLineMissing, RunID: id, Seq: want})
			known = false
		}
		link, err := c.store.keys.linkEvidence(before, line.Evidence)
		if err != nil {
			return err
		}
		if known && !hmac.Equal([]byte(link), []byte(line.Link)) {
			c.flaw(line.flaw(FlawLineChanged))
		}
		links[line.Seq], before, known = line.Link, line.Link, true
		want++
	}
	var end manifest
	if len(lines) > 0 {
		end = lines[0].end
	}
	c.end(id, end, want-1, links)
	return nil
}

// end holds the last line against the manifest and the audit trail.
func (c *evidenceCheck) end(id string, end manifest, last int64, links map[int64]string) {
	switch {
	case last == 0 && end == (manifest{}): // nothing was kept, or the audit trail tells
	case !hmac.Equal([]byte(end.mark), []byte(c.store.keys.markManifest(id, end))):
		c.flaw(Flaw{Code: FlawManifest, RunID: id})
	case end.files > last:
		for seq := last + 1; seq <= end.files; seq++ {
			c.flaw(Flaw{Code: FlawLineMissing, RunID: id, Seq: seq})
		}
	case end.files < last || links[last] != end.head:
		c.flaw(Flaw{Code: FlawManifest, RunID: id, Seq: end.files})
	}
	for _, a := range c.anchors[id] {
		if !hmac.Equal([]byte(links[a.Files]), []byte(a.Head)) {
			c.flaw(Flaw{Code: FlawAnchor, RunID: id, Seq: a.Files})
			return
		}
	}
}

func (k keptLine) flaw(code string) Flaw {
	return Flaw{Code: code, RunID: k.RunID, Seq: k.Seq, Step: k.Step, Name: k.Name, SHA256: k.SHA256}
}

// line checks the bytes of one line, or that they were removed rightly.
func (c *evidenceCheck) line(ctx context.Context, line keptLine) error {
	if line.removal.id != "" {
		c.report.Removed++
		if !c.store.keys.made(line.removal) || line.removal.sum != line.SHA256 || line.removal.class != string(line.Class) {
			c.flaw(line.flaw(FlawRemoval))
		}
		c.seen[line.SHA256] += ""
		return nil
	}
	return c.file(ctx, line.flaw(""), line.Bytes)
}

// file opens a file once and tells its flaw at every line that names it. Size is
// -1 where it is not known.
func (c *evidenceCheck) file(ctx context.Context, at Flaw, size int64) error {
	code, known := c.seen[at.SHA256]
	if !known || code == "" {
		c.report.Files++
		data, err := c.store.File(ctx, at.SHA256)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		sum := sha256.Sum256(data)
		switch {
		case errors.Is(err, ErrNotFound):
			if code, err = c.missing(ctx, at); err != nil {
				return err
			}
		case err != nil || hex.EncodeToString(sum[:]) != at.SHA256 || size >= 0 && size != int64(len(data)):
			code = FlawFileChanged
		}
		c.report.Bytes += int64(len(data))
		c.seen[at.SHA256] = code
	}
	if code != "" {
		at.Code = code
		c.flaw(at)
	}
	return nil
}

// missing asks once more whether the file was removed, just now for instance.
func (c *evidenceCheck) missing(ctx context.Context, at Flaw) (string, error) {
	n, err := one(ctx, c.store.reader, scalar[int64], `SELECT COUNT(*) FROM evidence_removed g JOIN evidence e ON e.id = g.evidence_id
		WHERE e.run_id = $1 AND e.seq = $2 AND e.sha256 = $3`, at.RunID, at.Seq, at.SHA256)
	if err != nil || n > 0 {
		return "", err
	}
	return FlawFileMissing, nil
}

// strays finds removals of lines that never were.
func (c *evidenceCheck) strays(ctx context.Context) error {
	ids, err := list(ctx, c.store.reader, scalar[string], `SELECT g.evidence_id FROM evidence_removed g
		WHERE NOT EXISTS (SELECT 1 FROM evidence e WHERE e.id = g.evidence_id) AND g.class <> $1`, string(casework.KeepDry))
	for _, id := range ids {
		c.flaw(Flaw{Code: FlawRemoval, Name: id})
	}
	return err
}

// keptDry is the list of a dry run's files as it stands in its row.
type keptDry struct {
	id, shots, mark string
	ended           int64
}

// dryRuns checks the lists and files of dry runs.
func (c *evidenceCheck) dryRuns(ctx context.Context) error {
	all, err := list(ctx, c.store.reader, func(r row) (k keptDry, err error) { return k, r.Scan(&k.id, &k.shots, &k.mark, &k.ended) },
		"SELECT id, shots, mark, ended_at FROM dry_runs WHERE shots <> '[]' ORDER BY id")
	if err != nil {
		return err
	}
	for _, k := range all {
		var shots []DryShot
		whole := json.Unmarshal([]byte(k.shots), &shots) == nil &&
			hmac.Equal([]byte(k.mark), []byte(c.store.keys.markDry(k.id, k.shots, k.ended)))
		if !whole {
			c.flaw(Flaw{Code: FlawDryRun, RunID: k.id})
		}
		gone, err := c.store.removedOf(ctx, k.id)
		if err != nil {
			return err
		}
		for i, shot := range shots {
			if removed, ok := gone[dryFile(k.id, i)]; ok && c.store.keys.made(removed) {
				c.report.Removed++
				c.seen[shot.SHA256] += ""
				continue
			}
			if err := c.file(ctx, Flaw{RunID: k.id, Seq: int64(i + 1), Name: shot.Name, SHA256: shot.SHA256}, -1); err != nil {
				return err
			}
		}
	}
	return nil
}

// markDry is the keyed hash of a dry run's list of files.
func (k keys) markDry(id, shots string, ended int64) string {
	return k.hash("dry run", id, shots, strconv.FormatInt(ended, 10))
}

// materials checks the bytes of what people handed in.
func (c *evidenceCheck) materials(ctx context.Context) error {
	type kept struct {
		id, slot, sum string
		bytes         int64
	}
	all, err := list(ctx, c.store.reader, func(r row) (k kept, err error) { return k, r.Scan(&k.id, &k.slot, &k.sum, &k.bytes) },
		"SELECT id, slot, sha256, bytes FROM materials ORDER BY id")
	if err != nil {
		return err
	}
	for _, k := range all {
		if err := c.file(ctx, Flaw{RunID: k.id, Name: k.slot, SHA256: k.sum}, k.bytes); err != nil {
			return err
		}
	}
	return nil
}

// folder finds files that belong to no line. One that this program sealed is
// what a crash left; any other came from elsewhere.
func (c *evidenceCheck) folder(ctx context.Context) error {
	return fs.WalkDir(c.store.files.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir() {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		name := strings.TrimSuffix(entry.Name(), asideSuffix)
		if strings.HasSuffix(name, ".tmp") {
			c.report.Leftover++
			return nil
		}
		if _, known := c.seen[name]; known && path == name[:2]+"/"+entry.Name() {
			return nil
		}
		return c.stray(ctx, path, name)
	})
}

func (c *evidenceCheck) stray(ctx context.Context, path, name string) error {
	if _, err := c.store.File(ctx, name); err == nil && strings.HasPrefix(path, name[:2]+"/"+name) {
		c.report.Leftover++
		return nil
	}
	c.flaw(Flaw{Code: FlawFileForeign, Name: path})
	return ctx.Err()
}
