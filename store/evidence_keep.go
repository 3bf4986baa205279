package store

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/jingban/jingban/casework"
)

// When its keep-time is over a file goes in two steps, because the same bytes may
// be kept again at that very moment:
//
//	record   a row in evidence_removed (hash, class, reason), audited
//	aside    aa/<sha256> becomes aa/<sha256>.aside, unless a line still needs it
//	purge    an hour after that: needed again → back to its name, otherwise deleted
//
// A file set aside can still be read. The line in the chain stays for ever.

const (
	asideSuffix = ".aside"
	asideFor    = time.Hour
	removeMost  = 200         // files recorded or purged in one transaction
	removeFor   = time.Second // of one call: the sweep has leases to look after
)

// removal says that a file's time was over.
type removal struct {
	id, sum, class, reason string
	at                     int64
	mark                   string
}

func (k keys) markRemoval(r removal) string {
	return k.hash("evidence removed", r.id, r.sum, r.class, r.reason, strconv.FormatInt(r.at, 10))
}

// made says that this program wrote the removal.
func (k keys) made(r removal) bool { return hmac.Equal([]byte(r.mark), []byte(k.markRemoval(r))) }

func dryFile(dryID string, i int) string { return dryID + "/" + strconv.Itoa(i) }

// ExpireEvidence records what is over its keep-time as removed, and deletes what
// was put aside an hour ago, by the clock that judges leases: on PostgreSQL no
// worker's clock decides. It works about a second; more says that it did not get
// through, and had better be called again soon. It gives the number of files
// recorded; a store without parameters removes nothing.
func (s *Store) ExpireEvidence(ctx context.Context) (removed int, more bool, err error) {
	if len(s.cfg.Params.Names()) == 0 {
		return 0, false, nil
	}
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return 0, false, explain("remove old evidence", err)
	}
	e := expiry{s, now}
	for began := time.Now(); time.Since(began) < removeFor; {
		found := 0
		for _, part := range []func(context.Context) (int, error){e.pages, e.archive, e.dry} {
			n, err := part(ctx)
			found += n
			if err != nil {
				return removed, true, explain("remove old evidence", err)
			}
		}
		purged, err := e.purge(ctx)
		removed += found
		if err != nil || found+purged == 0 {
			return removed, false, explain("remove old evidence", err)
		}
	}
	return removed, true, nil
}

// expiry is one look at what is over its time now.
type expiry struct {
	*Store
	now time.Time
}

func (s expiry) keepTime(class casework.KeepClass, region, matter string) (casework.KeepTime, error) {
	return s.cfg.Params.For(region, casework.DateOf(s.now)).Keep(class, matter)
}

// outdated is one file whose time is over.
type outdated struct{ id, sum string }

func scanOutdated(r row) (d outdated, err error) { return d, r.Scan(&d.id, &d.sum) }

const notRemoved = " AND NOT EXISTS (SELECT 1 FROM evidence_removed g WHERE g.evidence_id = e.id) AND r.state IN ('done', 'failed', 'withdrawn') ORDER BY e.at, e.id LIMIT "

func (s expiry) pages(ctx context.Context) (int, error) {
	keep, err := s.keepTime(casework.KeepPage, casework.National, "")
	over := keep.Over(s.now)
	if err != nil || over.IsZero() {
		return 0, err
	}
	found, err := list(ctx, s.reader, scanOutdated, `SELECT e.id, e.sha256 FROM evidence e JOIN runs r ON r.id = e.run_id
		WHERE e.class = $1 AND e.at < $2`+notRemoved+"$3", string(casework.KeepPage), micros(over), removeMost)
	if err != nil {
		return 0, err
	}
	return s.record(ctx, casework.KeepPage, keep, found)
}

// expireArchive goes by matter and region: each has its own keep-time.
func (s expiry) archive(ctx context.Context) (removed int, err error) {
	type kind struct{ matter, region string }
	kinds, err := list(ctx, s.reader, func(r row) (k kind, err error) { return k, r.Scan(&k.matter, &k.region) },
		"SELECT DISTINCT matter, region FROM cases")
	if err != nil {
		return 0, err
	}
	for _, k := range kinds {
		keep, err := s.keepTime(casework.KeepArchive, k.region, k.matter)
		over := keep.Over(s.now)
		if err != nil {
			return removed, err
		}
		if over.IsZero() {
			continue
		}
		found, err := list(ctx, s.reader, scanOutdated, `SELECT e.id, e.sha256 FROM evidence e JOIN runs r ON r.id = e.run_id JOIN cases c ON c.id = r.case_id
			WHERE e.class = $1 AND e.at < $2 AND c.matter = $3 AND c.region = $4`+notRemoved+"$5",
			string(casework.KeepArchive), micros(over), k.matter, k.region, removeMost)
		if err != nil {
			return removed, err
		}
		n, err := s.record(ctx, casework.KeepArchive, keep, found)
		removed += n
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

func (s expiry) dry(ctx context.Context) (int, error) {
	keep, err := s.keepTime(casework.KeepDry, casework.National, "")
	over := keep.Over(s.now)
	if err != nil || over.IsZero() {
		return 0, err
	}
	type kept struct{ id, shots string }
	all, err := list(ctx, s.reader, func(r row) (k kept, err error) { return k, r.Scan(&k.id, &k.shots) },
		`SELECT d.id, d.shots FROM dry_runs d WHERE d.ended_at > 0 AND d.ended_at < $1 AND d.shots <> '[]'
		AND NOT EXISTS (SELECT 1 FROM evidence_removed g WHERE g.evidence_id = d.id || '/0') ORDER BY d.ended_at LIMIT $2`, micros(over), removeMost/10)
	if err != nil {
		return 0, err
	}
	var found []outdated
	for _, k := range all {
		var shots []DryShot
		if err := json.Unmarshal([]byte(k.shots), &shots); err != nil {
			return 0, fmt.Errorf("files of dry run %s: %w", k.id, err)
		}
		for i, shot := range shots {
			found = append(found, outdated{dryFile(k.id, i), shot.SHA256})
		}
	}
	return s.record(ctx, casework.KeepDry, keep, found)
}

// record writes down that the files' time is over, once, whoever else is at it. The
// files follow.
func (s expiry) record(ctx context.Context, class casework.KeepClass, keep casework.KeepTime, found []outdated) (int, error) {
	if len(found) == 0 {
		return 0, nil
	}
	reason := "kept for " + keep.String() + ": " + keep.Document
	var recorded int64
	err := s.change(ctx, "remove old evidence", func(t *tx) error {
		recorded = 0
		for _, d := range found {
			r := removal{id: d.id, sum: d.sum, class: string(class), reason: reason, at: micros(s.now)}
			n, err := t.update(ctx, `INSERT INTO evidence_removed (evidence_id, sha256, class, reason, at, mark) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (evidence_id) DO NOTHING`, r.id, r.sum, r.class, r.reason, r.at, s.keys.markRemoval(r))
			if err != nil {
				return err
			}
			recorded += n
		}
		if recorded == 0 {
			return nil // another process was faster
		}
		return t.audit(ctx, robot("sweep"), "evidence.remove", "evidence", map[string]string{
			"class": string(class), "files": strconv.FormatInt(recorded, 10), "reason": reason})
	})
	return int(recorded), err
}

// removedOf gives the removals of a dry run's files.
func (s *Store) removedOf(ctx context.Context, dryID string) (map[string]removal, error) {
	rows, err := list(ctx, s.reader, func(r row) (g removal, err error) {
		return g, r.Scan(&g.id, &g.sum, &g.class, &g.reason, &g.at, &g.mark)
	}, "SELECT evidence_id, sha256, class, reason, at, mark FROM evidence_removed WHERE evidence_id >= $1 AND evidence_id < $2", dryID+"/", dryID+"0")
	all := map[string]removal{}
	for _, r := range rows {
		all[r.id] = r
	}
	return all, err
}

// purge puts recorded files aside, and deletes those that have lain aside.
func (s expiry) purge(ctx context.Context) (int, error) {
	type step struct {
		outdated
		purged int64
	}
	found, err := list(ctx, s.reader, func(r row) (f step, err error) { return f, r.Scan(&f.id, &f.sum, &f.purged) },
		`SELECT evidence_id, sha256, purged FROM evidence_removed WHERE purged = 0 OR purged = 1 AND aside_at < $1 LIMIT $2`,
		micros(s.now.Add(-asideFor)), removeMost)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	next := map[string]int64{}
	for _, f := range found {
		needed, err := s.needed(ctx, f.sum)
		if err != nil {
			return 0, err
		}
		path := f.sum[:2] + "/" + f.sum
		switch {
		case needed:
			next[f.id], err = 2, ignoreMissing(s.files.Rename(path+asideSuffix, path))
		case f.purged == 0:
			next[f.id], err = 1, ignoreMissing(s.files.Rename(path, path+asideSuffix))
		default:
			next[f.id], err = 2, ignoreMissing(s.files.Remove(path+asideSuffix))
		}
		if err != nil {
			return 0, err
		}
	}
	return len(found), s.change(ctx, "remove old evidence", func(t *tx) error {
		for id, purged := range next {
			if _, err := t.update(ctx, "UPDATE evidence_removed SET purged = $1, aside_at = $2 WHERE evidence_id = $3", purged, micros(s.now), id); err != nil {
				return err
			}
		}
		return nil
	})
}

// needed says that something not removed still shows these bytes.
func (s *Store) needed(ctx context.Context, sum string) (bool, error) {
	n, err := one(ctx, s.reader, scalar[int64], `SELECT (SELECT COUNT(*) FROM evidence e WHERE e.sha256 = $1
			AND NOT EXISTS (SELECT 1 FROM evidence_removed g WHERE g.evidence_id = e.id))
		+ (SELECT COUNT(*) FROM materials m WHERE m.sha256 = $1)
		+ (SELECT COUNT(*) FROM page_marks p WHERE p.picture = $1 OR p.found_picture = $1)
		+ (SELECT COUNT(*) FROM dry_runs d WHERE d.shots LIKE '%' || $1 || '%'
			AND NOT EXISTS (SELECT 1 FROM evidence_removed g WHERE g.evidence_id = d.id || '/0'))`, sum)
	return n > 0, err
}

// readAside reads a sealed file under its name, or where it was put aside.
func (s *Store) readAside(path string) ([]byte, error) {
	data, err := s.files.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = s.files.ReadFile(path + asideSuffix)
	}
	return data, err
}
