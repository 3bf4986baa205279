package storetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func evidenceContract() contract {
	return contract{
		"EvidenceRefusesChangeAndRemoval":    evidenceRefuses,
		"EvidenceFindsChangedFiles":          evidenceFindsChangedFiles,
		"EvidenceFindsChangedLines":          evidenceFindsChangedLines,
		"OlderManifestIsSeen":                olderManifestIsSeen,
		"OldEvidenceIsChained":               oldEvidenceIsChained,
		"TwoThatStartAtOnceChainOnce":        twoThatStartAtOnceChainOnce,
		"EvidenceGoesWhenItsTimeIsOver":      evidenceGoesWhenItsTimeIsOver,
		"ManyFilesGoByTheServersClock":       manyFilesGoByTheServersClock,
		"KeptAgainWhileItGoes":               keptAgainWhileItGoes,
		"RecordedLongAgoLiesAsideAllTheSame": recordedLongAgoLiesAsideAllTheSame,
		"StorageIsMeasured":                  storageIsMeasured,
	}
}

// flaws verifies the evidence and gives the codes of what is wrong.
func (h *house) flaws(t *testing.T) (codes []string) {
	t.Helper()
	report, err := h.VerifyEvidence(t.Context(), func(f store.Flaw) { codes = append(codes, f.Code) })
	must(t, err)
	equal(t, "flaws counted", report.Flaws, len(codes))
	slices.Sort(codes)
	return slices.Compact(codes)
}

// kept gives two runs with evidence, one of them over, a dry run and a material.
func (h *house) kept(t *testing.T) []store.Lease {
	t.Helper()
	var leases []store.Lease
	for i := range 2 {
		lease := h.held(t, "w1")
		j := h.Journal(lease)
		for k, name := range []string{"looked", "before_commit", "verified"} {
			h.clock.Advance(time.Second)
			must(t, j.Keep(t.Context(), "submit", 1, []casework.Shot{
				{Kind: casework.Screenshot, Name: name + ".png", MIME: "image/png", Data: fmt.Appendf(nil, "picture %d of run %d", k, i)},
				{Kind: casework.DOM, Name: name + ".html", MIME: "text/html", Data: fmt.Appendf(nil, "<p>page %d of run %d", k, i)}}))
		}
		leases = append(leases, lease)
	}
	must(t, h.Settle(t.Context(), leases[0], casework.Result{State: casework.RunDone, End: "submitted"}))
	h.upload(t, h.newCase(t, applicant).ID)
	h.rehearsed(t, h.draft(t, "a flow"), true)
	_, err := h.AuditHead(t.Context())
	must(t, err)
	if codes := h.flaws(t); len(codes) != 0 {
		t.Fatalf("untouched evidence has flaws: %v", codes)
	}
	return leases
}

// byHand takes the triggers away and remembers the tables, to put them back.
func (h *house) byHand(t *testing.T) (restore func()) {
	t.Helper()
	on := ""
	if !strings.HasPrefix(h.cfg.Database, "sqlite:") {
		on = " ON evidence"
	}
	for _, trigger := range []string{"evidence_no_update", "evidence_no_delete"} {
		h.exec(t, "DROP TRIGGER "+trigger+on)
	}
	tables := []string{"evidence", "manifests", "evidence_removed", "dry_runs"}
	for _, table := range tables {
		h.exec(t, "CREATE TABLE "+table+"_was AS SELECT * FROM "+table)
	}
	return func() {
		for _, table := range tables {
			h.exec(t, "DELETE FROM "+table)
			h.exec(t, "INSERT INTO "+table+" SELECT * FROM "+table+"_was")
		}
	}
}

// evidenceRefuses: a line is never changed or taken out by this program.
func evidenceRefuses(t *testing.T, h *house) {
	h.kept(t)
	for _, statement := range []string{"UPDATE evidence SET name = 'x.png'", "UPDATE evidence SET seq = seq + 1", "DELETE FROM evidence"} {
		if _, err := h.raw.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "only ever added") {
			t.Errorf("%s: have %v", statement, err)
		}
	}
}

// evidenceFindsChangedFiles flips, cuts, swaps, removes and adds files at random.
func evidenceFindsChangedFiles(t *testing.T, h *house) {
	h.kept(t)
	var paths []string
	for path := range everyFile(t, h.cfg.Files) {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	random := rand.New(rand.NewPCG(20261122, 6))
	for range 200 {
		path := paths[random.IntN(len(paths))]
		was, err := os.ReadFile(path)
		must(t, err)
		what, undo := tamper(t, random, paths, path, was)
		if codes := h.flaws(t); len(codes) == 0 {
			t.Errorf("%s of %s was not seen", what, filepath.Base(path))
		}
		undo()
		must(t, os.WriteFile(path, was, 0o600))
	}
	if codes := h.flaws(t); len(codes) != 0 {
		t.Fatalf("the tampering was not undone: %v", codes)
	}
}

// tamper does one thing to a file that is not allowed.
func tamper(t *testing.T, random *rand.Rand, paths []string, path string, was []byte) (what string, undo func()) {
	t.Helper()
	undo = func() {}
	switch random.IntN(6) {
	case 0:
		what = "a cut"
		must(t, os.WriteFile(path, was[:random.IntN(len(was))], 0o600))
	case 1:
		what = "an added byte"
		must(t, os.WriteFile(path, append(slices.Clone(was), byte(random.IntN(256))), 0o600))
	case 2:
		what = "a removal"
		must(t, os.Remove(path))
	case 3:
		what = "another file's bytes"
		other, err := os.ReadFile(paths[(slices.Index(paths, path)+1+random.IntN(len(paths)-1))%len(paths)])
		must(t, err)
		must(t, os.WriteFile(path, other, 0o600))
	case 4:
		what = "a new file"
		added := filepath.Join(filepath.Dir(path), strings.Repeat(fmt.Sprint(random.IntN(10)), 64))
		must(t, os.WriteFile(added, was, 0o600))
		undo = func() { must(t, os.Remove(added)) }
	default:
		at := random.IntN(len(was))
		what = fmt.Sprintf("a flipped bit of byte %d", at)
		changed := bytes.Clone(was)
		changed[at] ^= 1 << random.IntN(8)
		must(t, os.WriteFile(path, changed, 0o600))
	}
	return what, undo
}

// evidenceFindsChangedLines does what an administrator of the database could do,
// at each line in turn.
func evidenceFindsChangedLines(t *testing.T, h *house) {
	leases := h.kept(t)
	restore := h.byHand(t)
	try := func(want, what string, statements ...string) {
		t.Helper()
		for _, s := range statements {
			h.exec(t, s)
		}
		if codes := h.flaws(t); !slices.Contains(codes, want) {
			t.Errorf("%s: have %v, want %s", what, codes, want)
		}
		restore()
	}
	columns := map[string]string{"step": "'x'", "attempt": "attempt + 1", "kind": "'dialog'", "class": "'dry'", "name": "'x'",
		"mime": "'x'", "bytes": "bytes + 1", "at": "at + 1", "link": "'hmac-sha256:00'", "sha256": "(SELECT sha256 FROM evidence_was LIMIT 1)"}
	for _, lease := range leases {
		run := "run_id = '" + lease.Run.ID + "'"
		for seq := 1; seq <= 6; seq++ {
			line := fmt.Sprintf("%s AND seq = %d", run, seq)
			for column, value := range columns {
				if column == "sha256" && seq == 1 {
					continue // it may be the very same
				}
				try(store.FlawLineChanged, column+" of line "+fmt.Sprint(seq), "UPDATE evidence SET "+column+" = "+value+" WHERE "+line)
			}
			try(store.FlawLineMissing, "removed line", "DELETE FROM evidence WHERE "+line)
			if seq < 6 {
				next := fmt.Sprintf("%s AND seq = %d", run, seq+1)
				try(store.FlawLineChanged, "two lines changed places", "UPDATE evidence SET seq = 99 WHERE "+line,
					fmt.Sprintf("UPDATE evidence SET seq = %d WHERE %s", seq, next), fmt.Sprintf("UPDATE evidence SET seq = %d WHERE %s AND seq = 99", seq+1, run))
			}
			removed := "INSERT INTO evidence_removed (evidence_id, sha256, class, reason, at, mark) SELECT id, sha256, class, 'over', 1, 'hmac-sha256:00' FROM evidence WHERE " + line
			try(store.FlawRemoval, "invented removal", removed)
		}
		copied := "INSERT INTO evidence (id, run_id, seq, step, attempt, kind, class, name, mime, sha256, bytes, at, link) SELECT 'new', run_id, %s, step, attempt, kind, class, name, mime, sha256, bytes, at, %s FROM evidence WHERE " + run + " AND seq = 2"
		try(store.FlawLineAdded, "added line without a place", fmt.Sprintf(copied, "0", "''"))
		try(store.FlawLineAdded, "doubled line", fmt.Sprintf(copied, "2", "link"))
		try(store.FlawLineChanged, "added line at the end", fmt.Sprintf(copied, "7", "link"))
		try(store.FlawManifest, "moved end", "UPDATE manifests SET files = files - 1 WHERE "+run)
		try(store.FlawManifest, "no manifest", "DELETE FROM manifests WHERE "+run)
		try(store.FlawAnchor, "a run without a trace", "DELETE FROM evidence WHERE "+run, "DELETE FROM manifests WHERE "+run)
	}
	try(store.FlawDryRun, "a dry run's list", "UPDATE dry_runs SET shots = REPLACE(shots, '.png', '.jpg')")
	try(store.FlawDryRun, "a dry run's list without its mark", "UPDATE dry_runs SET mark = '', shots = REPLACE(shots, '.png', '.jpg')")
	try(store.FlawRemoval, "removal of nothing", "INSERT INTO evidence_removed (evidence_id, sha256, class, reason, at, mark) VALUES ('none', 'x', 'page', 'over', 1, 'x')")
	if codes := h.flaws(t); len(codes) != 0 {
		t.Fatalf("the tampering was not undone: %v", codes)
	}
}

// olderManifestIsSeen puts manifest and lines back to an older state that this
// program itself wrote: only the audit trail knows better.
func olderManifestIsSeen(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	keep := func(name string) {
		must(t, h.Journal(lease).Keep(t.Context(), "submit", 1, []casework.Shot{{Kind: casework.Screenshot, Name: name, Data: []byte(name)}}))
	}
	keep("one.png")
	h.exec(t, "CREATE TABLE older AS SELECT * FROM manifests")
	keep("two.png")
	_, err := h.AuditHead(t.Context())
	must(t, err)
	h.byHand(t)
	h.exec(t, "DELETE FROM evidence WHERE seq = 2")
	h.exec(t, "DELETE FROM manifests")
	h.exec(t, "INSERT INTO manifests SELECT * FROM older")
	if codes := h.flaws(t); !slices.Contains(codes, store.FlawAnchor) {
		t.Errorf("have %v, want %s", codes, store.FlawAnchor)
	}
}

// oldEvidenceIsChained: what an older release kept gets its chain at the first
// start, and what comes in past the program later gets none.
func oldEvidenceIsChained(t *testing.T, h *house) {
	h.kept(t)
	h.byHand(t)
	h.exec(t, "UPDATE evidence SET seq = 0, link = '', class = 'page'")
	h.exec(t, "DELETE FROM manifests")
	h.exec(t, "DELETE FROM settings WHERE name = 'evidence_chained'")
	h.exec(t, "UPDATE dry_runs SET mark = ''")
	old := open(t, h.cfg)
	report, err := old.VerifyEvidence(t.Context(), func(f store.Flaw) {
		if f.Code != store.FlawAnchor { // the audit trail names the chain there was before
			t.Errorf("old evidence: %+v", f)
		}
	})
	must(t, err)
	equal(t, "runs", report.Runs, 2)
	equal(t, "lines not kept for the archive's term", h.number(t, "SELECT COUNT(*) FROM evidence WHERE class <> 'archive'"), 0)
	h.exec(t, "UPDATE evidence SET seq = 0, link = ''")
	h.exec(t, "DELETE FROM manifests")
	open(t, h.cfg)
	if codes := h.flaws(t); !slices.Contains(codes, store.FlawLineAdded) {
		t.Errorf("lines that came in past the program: have %v, want %s", codes, store.FlawLineAdded)
	}
}

// twoThatStartAtOnceChainOnce: after an upgrade each run is adopted by one process.
func twoThatStartAtOnceChainOnce(t *testing.T, h *house) {
	h.kept(t)
	h.byHand(t)
	h.exec(t, "UPDATE evidence SET seq = 0, link = '', class = 'page'")
	h.exec(t, "DELETE FROM manifests")
	h.exec(t, "DELETE FROM settings WHERE name = 'evidence_chained'")
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() {
			s, err := store.Open(t.Context(), h.cfg)
			if err == nil {
				err = s.Close()
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		must(t, <-errs)
	}
	equal(t, "runs adopted", h.number(t, "SELECT COUNT(*) FROM audit WHERE action = 'evidence.adopt'"), 2)
	for _, code := range h.flaws(t) {
		if code != store.FlawAnchor { // the audit trail names the chain there was before
			t.Errorf("after both have started: %s", code)
		}
	}
}

// manyFilesGoByTheServersClock: however many came in, they go as soon as their time
// is over, and no worker's own clock makes it so.
func manyFilesGoByTheServersClock(t *testing.T, h *house) {
	const files = 450
	lease := h.held(t, "w1")
	shots := make([]casework.Shot, files)
	for i := range shots {
		shots[i] = casework.Shot{Kind: casework.DOM, Name: fmt.Sprint(i, ".html"), Data: fmt.Append(nil, "page ", i)}
	}
	shots = append(shots, casework.Shot{Kind: casework.Download, Name: "receipt.pdf", Data: []byte("receipt")})
	must(t, h.Journal(lease).Keep(t.Context(), "look", 1, shots))
	must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunDone, End: "submitted"}))
	ahead := h.cfg
	ahead.Now = func() time.Time { return h.clock.Now().AddDate(2, 0, 0) }
	n, _, err := open(t, ahead).ExpireEvidence(t.Context())
	must(t, err)
	equal(t, "removed by a clock that is ahead", n, 0)
	removed := 0
	all := func(after time.Duration) {
		t.Helper()
		h.clock.Advance(after)
		for more := true; more; {
			var n int
			n, more, err = h.ExpireEvidence(t.Context())
			must(t, err)
			removed += n
		}
	}
	all(366 * 24 * time.Hour)
	all(2 * time.Hour)
	equal(t, "removed: the pages, not what was handed out", removed, files)
	equal(t, "still there", h.number(t, "SELECT COUNT(*) FROM evidence_removed WHERE purged < 2"), 0)
}

// evidenceGoesWhenItsTimeIsOver: the bytes go, hash, class and reason stay, and
// the chain still verifies.
func evidenceGoesWhenItsTimeIsOver(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	shots := []casework.Shot{{Kind: casework.Screenshot, Name: "looked.png", Data: []byte("page")}, {Kind: casework.Paper, Name: "notice.pdf", Data: []byte("paper")},
		{Kind: casework.DOM, Name: "looked.html", Data: []byte("paper")}} // the same bytes in two classes
	must(t, h.Journal(lease).Keep(t.Context(), "look", 1, shots))
	must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunDone, End: "submitted"}))
	live := h.held(t, "w1")
	must(t, h.Journal(live).Keep(t.Context(), "look", 1, shots[:1]))
	dry := h.rehearsed(t, h.draft(t, "a flow"), true)
	expire := func(after time.Duration, want int) {
		t.Helper()
		h.clock.Advance(after)
		n, _, err := h.ExpireEvidence(t.Context())
		must(t, err)
		equal(t, "removed", n, want)
		if codes := h.flaws(t); len(codes) != 0 {
			t.Errorf("after the removal: %v", codes)
		}
	}
	expire(29*24*time.Hour, 0)
	expire(2*24*time.Hour, 1) // the dry run's picture
	dry, err := h.DryRun(t.Context(), dry.ID)
	must(t, err)
	expire(2*time.Hour, 0)
	_, err = h.File(t.Context(), dry.Shots[0].SHA256)
	refused(t, "the dry run's picture", err, store.ErrNotFound)
	expire(335*24*time.Hour, 2) // the done run's page, not its paper, nor the live run's page
	expire(2*time.Hour, 0)
	kept, err := h.Evidence(t.Context(), lease.Run.ID)
	must(t, err)
	equal(t, "lines", len(kept), 3)
	equal(t, "removed page", kept[0].Removed.IsZero(), false)
	equal(t, "paper", kept[1].Removed.IsZero(), true)
	for _, e := range kept { // the live run's page holds the one, the paper the other
		_, err := h.File(t.Context(), e.SHA256)
		must(t, err)
	}
	must(t, h.Settle(t.Context(), live, casework.Result{State: casework.RunDone, End: "submitted"}))
	expire(2*time.Hour, 1)
	expire(2*time.Hour, 0)
	_, err = h.File(t.Context(), kept[0].SHA256)
	refused(t, "the page", err, store.ErrNotFound)
	equal(t, "removals on record", h.number(t, "SELECT COUNT(*) FROM audit WHERE action = 'evidence.remove'"), 3)
	h.clock.Advance(101 * 366 * 24 * time.Hour)
	n, _, err := h.ExpireEvidence(t.Context())
	must(t, err)
	equal(t, "papers after a century", n, 1)
}

// keptAgainWhileItGoes: bytes that are put aside can be read and come back when
// they are needed again.
func keptAgainWhileItGoes(t *testing.T, h *house) {
	shot := []casework.Shot{{Kind: casework.Screenshot, Name: "looked.png", Data: []byte("page")}}
	lease := h.held(t, "w1")
	must(t, h.Journal(lease).Keep(t.Context(), "look", 1, shot))
	must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunDone, End: "submitted"}))
	kept, err := h.Evidence(t.Context(), lease.Run.ID)
	must(t, err)
	h.clock.Advance(366 * 24 * time.Hour)
	_, _, err = h.ExpireEvidence(t.Context())
	must(t, err)
	_, err = h.File(t.Context(), kept[0].SHA256)
	must(t, err) // aside
	again := h.held(t, "w1")
	must(t, h.Journal(again).Keep(t.Context(), "look", 1, shot))
	h.clock.Advance(2 * time.Hour)
	_, _, err = h.ExpireEvidence(t.Context())
	must(t, err)
	data, err := h.File(t.Context(), kept[0].SHA256)
	must(t, err)
	equal(t, "bytes", string(data), "page")
	if codes := h.flaws(t); len(codes) != 0 {
		t.Errorf("after the return: %v", codes)
	}
}

// recordedLongAgoLiesAsideAllTheSame: a record that was left alone for hours, by a
// sweep that died for instance, still gives its file an hour aside.
func recordedLongAgoLiesAsideAllTheSame(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	must(t, h.Journal(lease).Keep(t.Context(), "look", 1, []casework.Shot{{Kind: casework.Screenshot, Name: "looked.png", Data: []byte("page")}}))
	must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunDone, End: "submitted"}))
	kept, err := h.Evidence(t.Context(), lease.Run.ID)
	must(t, err)
	h.clock.Advance(366 * 24 * time.Hour)
	_, _, err = h.ExpireEvidence(t.Context())
	must(t, err)
	path := filepath.Join(h.cfg.Files, kept[0].SHA256[:2], kept[0].SHA256)
	must(t, os.Rename(path+".aside", path))
	h.exec(t, "UPDATE evidence_removed SET purged = 0")
	for _, after := range []time.Duration{2 * time.Hour, 30 * time.Minute} {
		h.clock.Advance(after)
		_, _, err = h.ExpireEvidence(t.Context())
		must(t, err)
		_, err = h.File(t.Context(), kept[0].SHA256)
		must(t, err)
	}
	h.clock.Advance(31 * time.Minute)
	_, _, err = h.ExpireEvidence(t.Context())
	must(t, err)
	_, err = h.File(t.Context(), kept[0].SHA256)
	refused(t, "an hour after it was put aside", err, store.ErrNotFound)
}

// storageIsMeasured: bytes a day, days until full, median of a case.
func storageIsMeasured(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	must(t, h.Journal(lease).Keep(t.Context(), "look", 1, []casework.Shot{{Name: "a.png", Data: make([]byte, 1000)}}))
	must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunDone, End: "submitted"}))
	h.clock.Advance(4 * 24 * time.Hour)
	s, err := h.Storage(t.Context())
	must(t, err)
	equal(t, "bytes a day", s.PerDay, int64(250))
	equal(t, "median of a case", s.PerCase, int64(1000))
	if s.Free <= 0 || s.Total < s.Free || s.Left <= 0 {
		t.Errorf("have %+v", s)
	}
}
