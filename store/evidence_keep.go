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
//	purge    an hour later: needed again → back to its name, otherwise deleted
//
// A file set aside can still be read. The line in the chain stays for ever.

const (
	asideSuffix = ".aside"
	asideFor    = time.Hour
	removeMost  = 200 // files recorded or purged in one go
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
// was recorded an hour ago. It gives the number of files recorded, at most 200 a
// class; a store without parameters removes nothing.
func (s *Store) ExpireEvidence(ctx context.Context) (removed int, err error) {
	if len(s.cfg.Params.Names()) == 0 {
		return 0, nil
	}
	for _, part := range []func(context.Context) (int, error){s.expirePages, s.expireArchive, s.expireDry} {
		n, err := part(ctx)
		removed += n
		if err != nil {
			return removed, explain("remove old evidence", err)
		}
	}
	return removed, explain("remove old evidence", s.purge(ctx))
}

func (s *Store) keepTime(class casework.KeepClass, region, matter string) (casework.KeepTime, error) {
	return s.cfg.Params.For(region, casework.DateOf(s.cfg.Now())).Keep(class, matter)
}

// outdated is one file whose time is over.
type outdated struct{ id, sum string }

func scanOutdated(r row) (d outdated, err error) { return d, r.Scan(&d.id, &d.sum) }

const notRemoved = " AND NOT EXISTS (SELECT 1 FROM evidence_removed g WHERE g.evidence_id = e.id) AND r.state IN ('done', 'failed', 'withdrawn') ORDER BY e.at LIMIT "

func (s *Store) expirePages(ctx context.Context) (int, error) {
	keep, err := s.keepTime(casework.KeepPage, casework.National, "")
	over := keep.Over(s.cfg.Now())
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
func (s *Store) expireArchive(ctx context.Context) (removed int, err error) {
	type kind struct{ matter, region string }
	kinds, err := list(ctx, s.reader, func(r row) (k kind, err error) { return k, r.Scan(&k.matter, &k.region) },
		"SELECT DISTINCT matter, region FROM cases")
	if err != nil {
		return 0, err
	}
	for _, k := range kinds {
		keep, err := s.keepTime(casework.KeepArchive, k.region, k.matter)
		over := keep.Over(s.cfg.Now())
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

func (s *Store) expireDry(ctx context.Context) (int, error) {
	keep, err := s.keepTime(casework.KeepDry, casework.National, "")
	over := keep.Over(s.cfg.Now())
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

// record writes down that the files' time is over. The files follow.
func (s *Store) record(ctx context.Context, class casework.KeepClass, keep casework.KeepTime, found []outdated) (int, error) {
	if len(found) == 0 {
		return 0, nil
	}
	reason := "kept for " + keep.String() + ": " + keep.Document
	err := s.change(ctx, "remove old evidence", func(t *tx) error {
		for _, d := range found {
			r := removal{id: d.id, sum: d.sum, class: string(class), reason: reason, at: micros(t.now)}
			err := t.later(ctx, `INSERT INTO evidence_removed (evidence_id, sha256, class, reason, at, mark) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (evidence_id) DO NOTHING`, r.id, r.sum, r.class, r.reason, r.at, s.keys.markRemoval(r))
			if err != nil {
				return err
			}
		}
		return t.audit(ctx, robot("sweep"), "evidence.remove", "evidence", map[string]string{
			"class": string(class), "files": strconv.Itoa(len(found)), "reason": reason})
	})
	return len(found), err
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
func (s *Store) purge(ctx context.Context) error {
	type step struct {
		outdated
		purged int64
	}
	found, err := list(ctx, s.reader, func(r row) (f step, err error) { return f, r.Scan(&f.id, &f.sum, &f.purged) },
		`SELECT evidence_id, sha256, purged FROM evidence_removed WHERE purged = 0 OR purged = 1 AND at < $1 LIMIT $2`,
		micros(s.cfg.Now().Add(-asideFor)), 3*removeMost)
	if err != nil || len(found) == 0 {
		return err
	}
	next := map[string]int64{}
	for _, f := range found {
		needed, err := s.needed(ctx, f.sum)
		if err != nil {
			return err
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
			return err
		}
	}
	return s.change(ctx, "remove old evidence", func(t *tx) error {
		for id, purged := range next {
			if _, err := t.update(ctx, "UPDATE evidence_removed SET purged = $1 WHERE evidence_id = $2", purged, id); err != nil {
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
