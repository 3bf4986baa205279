package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jingban/jingban/casework"
)

// Evidence is chained run by run. The link of a line is the keyed hash of the
// line and of the link before it; the run's manifest marks the last link and the
// number of lines; the audit trail, which has a chain of its own, names the
// manifests' ends as they grow (Anchor). So a byte that changed shows against
// its file's hash, a line that was changed, added, moved or taken out shows
// against the links, lines cut off at the end show against the manifest, and a
// manifest put back to an older state shows against the audit trail.

const evidenceColumns = "e.id, e.run_id, e.seq, e.step, e.attempt, e.kind, e.class, e.name, e.mime, e.sha256, e.bytes, e.at, e.link"

func scanEvidence(r row, more ...any) (e casework.Evidence, err error) {
	var at int64
	err = r.Scan(append([]any{&e.ID, &e.RunID, &e.Seq, &e.Step, &e.Attempt, &e.Kind, &e.Class, &e.Name, &e.MIME, &e.SHA256, &e.Bytes, &at, &e.Link}, more...)...)
	e.At = moment(at)
	return e, err
}

// Evidence gives what was kept of a run, in order; its bytes come by File, as
// long as Removed is zero.
func (s *Store) Evidence(ctx context.Context, runID string) ([]casework.Evidence, error) {
	all, err := list(ctx, s.reader, func(r row) (casework.Evidence, error) {
		var gone int64
		e, err := scanEvidence(r, &gone)
		e.Removed = moment(gone)
		return e, err
	}, "SELECT "+evidenceColumns+`, COALESCE(g.at, 0) FROM evidence e LEFT JOIN evidence_removed g ON g.evidence_id = e.id
		WHERE e.run_id = $1 ORDER BY e.seq, e.at, e.id`, runID)
	return all, explain("list evidence", err)
}

// linkEvidence is the keyed hash of a line and everything before it.
func (k keys) linkEvidence(before string, e casework.Evidence) (string, error) {
	text, err := jsonText([]any{e.ID, e.RunID, e.Seq, e.Step, e.Attempt, e.Kind, e.Class, e.Name, e.MIME, e.SHA256, e.Bytes, micros(e.At)})
	return k.hash("evidence", before, text), err
}

// manifest is the end of a run's chain of evidence.
type manifest struct {
	files int64
	head  string
	mark  string // keyed, so that the end can't be moved by whoever writes the database alone
}

func (k keys) markManifest(runID string, m manifest) string {
	return k.hash("manifest", runID, fmt.Sprint(m.files), m.head)
}

func (s *Store) manifest(ctx context.Context, q querier, runID string) (manifest, error) {
	m, err := one(ctx, q, func(r row) (m manifest, err error) { return m, r.Scan(&m.files, &m.head, &m.mark) },
		"SELECT files, head, mark FROM manifests WHERE run_id = $1", runID)
	if errors.Is(err, ErrNotFound) {
		return manifest{}, nil
	}
	return m, err
}

// keep adds lines to the end of a run's chain, which the caller holds.
func (t *tx) keep(ctx context.Context, lines []casework.Evidence) error {
	if len(lines) == 0 {
		return nil
	}
	m, err := t.store.manifest(ctx, t, lines[0].RunID)
	if err != nil {
		return err
	}
	for _, e := range lines {
		m.files++
		e.Seq, e.At = m.files, t.now
		if m.head, err = t.store.keys.linkEvidence(m.head, e); err != nil {
			return err
		}
		err = t.later(ctx, `INSERT INTO evidence (id, run_id, seq, step, attempt, kind, class, name, mime, sha256, bytes, at, link)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, e.ID, e.RunID, e.Seq, e.Step, e.Attempt,
			string(e.Kind), string(e.Class), e.Name, e.MIME, e.SHA256, e.Bytes, micros(e.At), m.head)
		if err != nil {
			return err
		}
	}
	return t.mark(ctx, lines[0].RunID, m)
}

func (t *tx) mark(ctx context.Context, runID string, m manifest) error {
	return t.later(ctx, `INSERT INTO manifests (run_id, files, head, mark) VALUES ($1, $2, $3, $4)
		ON CONFLICT (run_id) DO UPDATE SET files = $2, head = $3, mark = $4`, runID, m.files, m.head, t.store.keys.markManifest(runID, m))
}

// anchorMost bounds what one line of the audit trail names.
const anchorMost = 200

// anchor is a manifest's end as the audit trail names it.
type anchor struct {
	Run   string `json:"run"`
	Files int64  `json:"files"`
	Head  string `json:"head"`
}

// anchored is the detail of an anchoring line.
type anchored struct {
	Manifests []anchor `json:"manifests"`
}

const anchorAction = "evidence.anchor"

// AnchorEvidence writes the ends of the manifests that have grown into the audit
// trail, at most 200, and gives their number. From then on nothing before them
// can be cut off unseen.
func (s *Store) AnchorEvidence(ctx context.Context) (ends int, err error) {
	const adrift = "SELECT run_id, files, head FROM manifests WHERE files > anchored LIMIT $1"
	scan := func(r row) (a anchor, err error) { return a, r.Scan(&a.Run, &a.Files, &a.Head) }
	found, err := list(ctx, s.reader, scan, adrift, 1)
	if err != nil || len(found) == 0 {
		return 0, explain("anchor evidence", err)
	}
	err = s.change(ctx, "anchor evidence", func(t *tx) error {
		found, err := list(ctx, t, scan, adrift, anchorMost)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, a := range found {
			if err := t.later(ctx, "UPDATE manifests SET anchored = $1 WHERE run_id = $2 AND anchored < $1", a.Files, a.Run); err != nil {
				return err
			}
		}
		ends = len(found)
		return t.audit(ctx, robot("sealer"), anchorAction, "evidence", anchored{found})
	})
	return ends, err
}

// chainOld chains the evidence that an older release kept without a chain. It
// trusts what it finds; from then on nothing changes unseen.
func (s *Store) chainOld(ctx context.Context) error {
	for {
		runs, err := list(ctx, s.reader, scalar[string], `SELECT DISTINCT run_id FROM evidence WHERE link = '' AND seq = 0
			AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.run_id = evidence.run_id) LIMIT 100`)
		if err != nil || len(runs) == 0 {
			return explain("chain old evidence", err)
		}
		known, err := one(ctx, s.reader, scalar[int64], "SELECT COUNT(*) FROM settings WHERE name = 'evidence_chained'")
		if err != nil || known > 0 {
			return explain("chain old evidence", err) // lines without a link came in past this program: verify tells
		}
		for _, run := range runs {
			err := s.change(ctx, "chain old evidence", func(t *tx) error { return t.chainRun(ctx, run) })
			if err != nil {
				return err
			}
		}
	}
}

// chainRun chains one run's lines, unless another process that started at the same
// time has: on PostgreSQL the insert waits for that one's end.
func (t *tx) chainRun(ctx context.Context, runID string) error {
	mine, err := t.update(ctx, "INSERT INTO manifests (run_id, files, head, mark) VALUES ($1, 0, '', '') ON CONFLICT (run_id) DO NOTHING", runID)
	if err != nil || mine == 0 {
		return err
	}
	lines, err := list(ctx, t, func(r row) (casework.Evidence, error) { return scanEvidence(r) },
		"SELECT "+evidenceColumns+" FROM evidence e WHERE e.run_id = $1 ORDER BY e.at, e.id", runID)
	if err != nil {
		return err
	}
	var m manifest
	for _, e := range lines {
		m.files++
		e.Seq = m.files
		e.Class = casework.KeepArchive // what it was taken for was not noted then
		if m.head, err = t.store.keys.linkEvidence(m.head, e); err != nil {
			return err
		}
		if err := t.later(ctx, "UPDATE evidence SET seq = $1, class = $2, link = $3 WHERE id = $4", e.Seq, string(e.Class), m.head, e.ID); err != nil {
			return err
		}
	}
	if err := t.mark(ctx, runID, m); err != nil {
		return err
	}
	return t.audit(ctx, robot("sealer"), "evidence.adopt", runID, map[string]string{"files": fmt.Sprint(m.files)})
}

// rememberChained says that from now on every line has its link, and every dry
// run its mark.
func (s *Store) rememberChained(ctx context.Context) error {
	if err := s.chainOld(ctx); err != nil {
		return err
	}
	const is = "SELECT COUNT(*) FROM settings WHERE name = 'evidence_chained'"
	if n, err := one(ctx, s.reader, scalar[int64], is); err != nil || n > 0 {
		return explain("chain old evidence", err)
	}
	return s.change(ctx, "chain old evidence", func(t *tx) error {
		first, err := t.update(ctx, `INSERT INTO settings (name, value) VALUES ('evidence_chained', $1)
			ON CONFLICT (name) DO NOTHING`, s.keys.sealText("settings/value/evidence_chained", "jingban"))
		if err != nil || first == 0 {
			return err // another process has just marked them; what comes without a mark now came in past both
		}
		old, err := list(ctx, t, func(r row) (k keptDry, err error) { return k, r.Scan(&k.id, &k.shots, &k.mark, &k.ended) },
			"SELECT id, shots, mark, ended_at FROM dry_runs WHERE shots <> '[]' AND mark = ''")
		if err != nil {
			return err
		}
		for _, k := range old {
			if err := t.later(ctx, "UPDATE dry_runs SET mark = $1 WHERE id = $2", s.keys.markDry(k.id, k.shots, k.ended), k.id); err != nil {
				return err
			}
		}
		return nil
	})
}
