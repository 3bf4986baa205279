package storetest

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func auditContract() contract {
	return contract{
		"AuditRefusesChangeAndRemoval":         auditRefuses,
		"AuditFindsTampering":                  auditFindsTampering,
		"AuditFindsAHiddenRow":                 auditFindsHidden,
		"NothingPersonalIsStoredInClear":       nothingInClear,
		"WrongMasterKeyIsRefusedAtOpen":        wrongMasterKey,
		"NewerSchemaIsRefused":                 newerSchema,
		"CutOffEndOfTheTrailShowsAgainstAHead": trailCutOff,
	}
}

func auditRefuses(t *testing.T, h *house) {
	h.newCase(t, applicant)
	_, err := h.SealAudit(t.Context())
	must(t, err)
	for _, statement := range []string{
		"UPDATE audit SET name = 'nobody'", "DELETE FROM audit", "UPDATE audit_chain SET hash = ''", "DELETE FROM audit_chain",
	} {
		if _, err := h.raw.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "only ever added") {
			t.Errorf("%s: have %v", statement, err)
		}
	}
	equal(t, "rows", h.number(t, "SELECT COUNT(*) FROM audit WHERE name = 'wang'"), 1)
}

// withoutTriggers does what an administrator of the database could do.
func (h *house) withoutTriggers(t *testing.T, statements ...string) {
	t.Helper()
	drop := []string{"DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete",
		"DROP TRIGGER audit_chain_no_update", "DROP TRIGGER audit_chain_no_delete"}
	if !strings.HasPrefix(h.cfg.Database, "sqlite:") {
		drop = []string{"DROP TRIGGER audit_append_only ON audit", "DROP TRIGGER audit_chain_append_only ON audit_chain",
			"ALTER TABLE audit_chain DROP CONSTRAINT audit_chain_id_fkey"}
	}
	for _, s := range append(drop, statements...) {
		h.exec(t, s)
	}
}

func (h *house) sealedTrail(t *testing.T) {
	t.Helper()
	for range 5 {
		h.newCase(t, applicant)
	}
	n, err := h.SealAudit(t.Context())
	must(t, err)
	equal(t, "chained", n, 5)
	must(t, h.Note(t.Context(), clerk, "personal_data.reveal", "c1", `{"field":"id_number"}`))
	refused(t, "no JSON", h.Note(t.Context(), clerk, "x", "c1", "{"), store.ErrInvalid)
	n, err = h.SealAudit(t.Context())
	must(t, err)
	equal(t, "chained", n, 1)
	rows, err := h.VerifyAudit(t.Context())
	must(t, err)
	equal(t, "verified", rows, int64(6))
	trail, err := h.Audit(t.Context(), "c1", 10)
	must(t, err)
	equal(t, "place in the chain", trail[0].Seq, int64(6))
	equal(t, "detail", trail[0].Detail, `{"field":"id_number"}`)
}

func auditFindsTampering(t *testing.T, h *house) {
	h.sealedTrail(t)
	h.withoutTriggers(t)
	verify := func(what string) {
		t.Helper()
		_, err := h.VerifyAudit(t.Context())
		refused(t, what, err, store.ErrTampered)
	}
	third := "(SELECT id FROM audit_chain WHERE seq = 3)"
	h.exec(t, "UPDATE audit SET at = at + 1 WHERE id = "+third)
	verify("changed row")
	h.exec(t, "UPDATE audit SET at = at - 1 WHERE id = "+third)
	_, err := h.VerifyAudit(t.Context())
	must(t, err)
	h.exec(t, "UPDATE audit_chain SET seq = 100 WHERE seq = 3")
	verify("a gap")
	h.exec(t, "UPDATE audit_chain SET seq = 3 WHERE seq = 4")
	h.exec(t, "UPDATE audit_chain SET seq = 4 WHERE seq = 100")
	verify("swapped rows")
	h.exec(t, "DELETE FROM audit_chain WHERE seq > 2")
	verify("removed from the chain")
	h.exec(t, "DELETE FROM audit WHERE id = (SELECT id FROM audit_chain WHERE seq = 2)")
	verify("removed row")
}

func auditFindsHidden(t *testing.T, h *house) {
	h.newCase(t, applicant)
	h.exec(t, "DELETE FROM audit_unchained")
	_, err := h.VerifyAudit(t.Context())
	refused(t, "kept from the sealer", err, store.ErrTampered)
}

// nothingInClear writes known personal data into every place there is and then
// looks at every byte that was stored.
func nothingInClear(t *testing.T, h *house) {
	h.writeEverywhere(t)
	secrets := []string{"379901198503120017", "欧阳", "6222020000000000013", "19900000001", "试验区"}
	for _, s := range secrets[:] {
		secrets = append(secrets, hex.EncodeToString([]byte(s)))
	}
	places := h.columns(t)
	files := []string{h.cfg.Files}
	if path, ok := strings.CutPrefix(h.cfg.Database, "sqlite:"); ok {
		files = append(files, filepath.Dir(path)) // database and WAL
	}
	for _, folder := range files {
		for path, data := range everyFile(t, folder) {
			places[path] = data
		}
	}
	if len(places) < 100 {
		t.Fatalf("only %d places looked at", len(places))
	}
	for place, data := range places {
		for _, secret := range secrets {
			if strings.Contains(data, secret) {
				t.Errorf("%s holds %q in clear", place, secret)
			}
		}
	}
}

func (h *house) writeEverywhere(t *testing.T) {
	t.Helper()
	ctx, id := t.Context(), applicant.IDNumber
	personal := []byte(fmt.Sprintf(`{"id":%q,"name":"欧阳明","account":%q}`, id, applicant.Account))
	c := h.newCase(t, applicant)
	m := h.upload(t, c.ID)
	_, err := h.AddMaterial(ctx, clerk, casework.Material{CaseID: c.ID, FileName: "欧阳明 " + id + ".jpg"}, personal)
	must(t, err)
	must(t, h.SaveReadings(ctx, m.ID, []casework.Reading{{Page: 1, Lines: []casework.Line{{Text: "欧阳明 " + id}}}}))
	must(t, h.Settle(ctx, h.worked(t, personal), question()))
	review := h.number(t, "SELECT COUNT(*) FROM reviews")
	equal(t, "reviews", review, 1)
	open, _, err := h.Reviews(ctx, store.ReviewFilter{})
	must(t, err)
	must(t, h.Decide(ctx, casework.Decision{ReviewID: open[0].ID, Choice: "submit", By: clerk, Note: "欧阳明本人来电 " + id,
		Edits: map[string]string{"id_card_front.number": id}}))
	must(t, h.WithdrawRun(ctx, clerk, open[0].RunID, "欧阳明撤回"))
	must(t, h.CancelCase(ctx, clerk, open[0].CaseID, "欧阳明撤回"))
	_, err = h.Once(ctx, "portal", id, "body")
	must(t, err)
	must(t, h.OnceDone(ctx, "portal", id, store.Answer{Status: 201, Body: personal}))
	must(t, h.SetSecret(ctx, clerk, "benefits.account", id))
	_, err = h.SealAudit(ctx)
	must(t, err)
}

// worked is a held run with personal data in its snapshot, journal, effect and
// evidence.
func (h *house) worked(t *testing.T, personal []byte) store.Lease {
	t.Helper()
	lease := h.held(t, "w1", applicant.IDNumber)
	j := h.Journal(lease)
	effect := h.Hash("effect", "benefits", "claim", applicant.IDNumber)
	must(t, j.Append(t.Context(), casework.Entry{Step: "s", Kind: casework.Begun, Data: personal}))
	_, err := j.Claim(t.Context(), casework.Effect{ID: effect, System: "benefits", Action: "claim"}, casework.Entry{Step: "s", Data: personal})
	must(t, err)
	for to, kind := range map[casework.EffectState]casework.EntryKind{casework.EffectOutcome: casework.Happened} {
		must(t, j.Advance(t.Context(), to, casework.Entry{Step: "s", Effect: effect, Kind: kind, Data: personal}))
	}
	must(t, j.Keep(t.Context(), "s", 1, []casework.Shot{{Kind: casework.Values, Name: "values.json", Data: personal}}))
	return lease
}

// columns gives every value of every column as text.
func (h *house) columns(t *testing.T) map[string]string {
	t.Helper()
	tables := `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	if strings.HasPrefix(h.cfg.Database, "sqlite:") {
		tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
	}
	all := map[string]string{}
	for _, table := range h.texts(t, tables) {
		rows, err := h.raw.QueryContext(t.Context(), "SELECT * FROM "+table)
		must(t, err)
		names, err := rows.Columns()
		must(t, err)
		for n := 0; rows.Next(); n++ {
			values := make([]any, len(names))
			for i := range values {
				values[i] = new(any)
			}
			must(t, rows.Scan(values...))
			for i, name := range names {
				all[fmt.Sprintf("%s.%s row %d", table, name, n)] = fmt.Sprint(*values[i].(*any))
			}
		}
		must(t, rows.Err())
		must(t, rows.Close())
	}
	return all
}

func (h *house) texts(t *testing.T, query string) (all []string) {
	t.Helper()
	rows, err := h.raw.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		must(t, rows.Scan(&text))
		all = append(all, text)
	}
	must(t, rows.Err())
	return all
}

func everyFile(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all[path] = path + string(data)
		return err
	}))
	if len(all) == 0 {
		t.Fatalf("%s holds no file", folder)
	}
	return all
}

func wrongMasterKey(t *testing.T, h *house) {
	other := h.cfg
	other.MasterKey = append([]byte{1}, MasterKey()[1:]...)
	_, err := store.Open(t.Context(), other)
	refused(t, "other key", err, store.ErrInvalid)
	other.MasterKey = nil
	_, err = store.Open(t.Context(), other)
	refused(t, "no key", err, store.ErrInvalid)
}

func newerSchema(t *testing.T, h *house) {
	stamp := "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"
	h.exec(t, stamp)
	_, err := store.Open(t.Context(), h.cfg)
	refused(t, "newer schema", err, store.ErrNewer)
}

func trailCutOff(t *testing.T, h *house) {
	ctx := t.Context()
	empty, err := h.AuditHead(ctx)
	must(t, err)
	h.newCase(t, applicant)
	kept, err := h.AuditHead(ctx)
	must(t, err)
	h.newCase(t, applicant)
	newest, err := h.AuditHead(ctx)
	must(t, err)
	for _, head := range []store.AuditHead{empty, kept, newest} {
		rows, err := h.VerifyAuditSince(ctx, head)
		must(t, err)
		equal(t, "rows", rows, newest.Rows)
	}
	_, err = h.VerifyAuditSince(ctx, store.AuditHead{Rows: kept.Rows, Hash: newest.Hash})
	refused(t, "another chain", err, store.ErrTampered)
	last := fmt.Sprintf("(SELECT id FROM audit_chain WHERE seq > %d)", kept.Rows)
	h.withoutTriggers(t, "CREATE TABLE cut AS SELECT id FROM audit_chain WHERE seq > "+fmt.Sprint(kept.Rows),
		"DELETE FROM audit_chain WHERE id IN "+last, "DELETE FROM audit WHERE id IN (SELECT id FROM cut)")
	if _, err := h.VerifyAudit(ctx); err != nil {
		t.Errorf("without a head the cut shows: %v", err)
	}
	_, err = h.VerifyAuditSince(ctx, newest)
	refused(t, "cut off", err, store.ErrTampered)
	_, err = h.VerifyAuditSince(ctx, kept)
	must(t, err)
}
