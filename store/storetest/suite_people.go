package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func peopleContract() contract {
	return contract{
		"FiveWrongPasswordsLock":   fiveWrong,
		"SessionsEnd":              sessionsEnd,
		"TokensAreKeptAsHashes":    tokens,
		"RolesHavePermissions":     permissions,
		"RequestIsCarriedOutOnce":  requestOnce,
		"SecretsAreWriteOnlyNames": secrets,
		"NumbersCount":             numbersCount,
	}
}

func (h *house) user(t *testing.T) store.User {
	t.Helper()
	u, err := h.AddUser(t.Context(), clerk, store.User{Login: "wang", Name: "王", Role: "clerk", PasswordHash: "argon2id$…"})
	must(t, err)
	return u
}

func fiveWrong(t *testing.T, h *house) {
	u := h.user(t)
	_, err := h.AddUser(t.Context(), clerk, store.User{Login: "wang"})
	refused(t, "same login", err, store.ErrDuplicate)
	for range 4 {
		must(t, h.SignInResult(t.Context(), u.ID, false, "127.0.0.1"))
	}
	u, err = h.UserByLogin(t.Context(), "wang")
	must(t, err)
	equal(t, "after four", u.LockedUntil, time.Time{})
	must(t, h.SignInResult(t.Context(), u.ID, false, "127.0.0.1"))
	u, err = h.User(t.Context(), u.ID)
	must(t, err)
	equal(t, "after five", u.LockedUntil, h.clock.Now().Add(15*time.Minute))
	equal(t, "failures", u.Failures, 5)
	must(t, h.SignInResult(t.Context(), u.ID, true, "127.0.0.1"))
	u, err = h.User(t.Context(), u.ID)
	must(t, err)
	equal(t, "after a right one", u.Failures, 0)
	rows, err := h.Audit(t.Context(), u.ID, 50)
	must(t, err)
	equal(t, "audit", len(rows), 7)
	equal(t, "from", rows[0].From, "127.0.0.1")
}

func sessionsEnd(t *testing.T, h *house) {
	ctx, u := t.Context(), h.user(t)
	token, err := h.NewSession(ctx, u.ID, 12*time.Hour)
	must(t, err)
	for range 4 { // two hours in all, never idle for half of one
		h.clock.Advance(29 * time.Minute)
		_, err = h.SessionUser(ctx, token)
		must(t, err)
	}
	h.clock.Advance(31 * time.Minute)
	_, err = h.SessionUser(ctx, token)
	refused(t, "idle", err, store.ErrNotFound)

	short, err := h.NewSession(ctx, u.ID, time.Minute)
	must(t, err)
	h.clock.Advance(time.Minute)
	_, err = h.SessionUser(ctx, short)
	refused(t, "over", err, store.ErrNotFound)

	signedOut, err := h.NewSession(ctx, u.ID, time.Hour)
	must(t, err)
	must(t, h.EndSession(ctx, signedOut))
	_, err = h.SessionUser(ctx, signedOut)
	refused(t, "signed out", err, store.ErrNotFound)

	old, err := h.NewSession(ctx, u.ID, time.Hour)
	must(t, err)
	must(t, h.SetPassword(ctx, clerk, u.ID, "argon2id$new"))
	_, err = h.SessionUser(ctx, old)
	refused(t, "after a new password", err, store.ErrNotFound)
	h.exec(t, "UPDATE users SET disabled = 1")
	late, err := h.NewSession(ctx, u.ID, time.Hour)
	must(t, err)
	_, err = h.SessionUser(ctx, late)
	refused(t, "disabled", err, store.ErrNotFound)
}

func tokens(t *testing.T, h *house) {
	token, err := h.NewToken(t.Context(), clerk, "门户", "portal")
	must(t, err)
	actor, err := h.TokenActor(t.Context(), token)
	must(t, err)
	equal(t, "kind", actor.Kind, casework.Portal)
	equal(t, "role", actor.Role, "portal")
	_, err = h.TokenActor(t.Context(), token+"x")
	refused(t, "unknown", err, store.ErrNotFound)
	equal(t, "in clear", h.number(t, "SELECT COUNT(*) FROM tokens WHERE hash LIKE '%'||$1||'%'", token), 0)
}

func permissions(t *testing.T, h *house) {
	for role, want := range map[string]bool{"clerk": true, "operator": true, "reviewer": true, "manager": false, "admin": false, "portal": false, "nobody": false} {
		all, err := h.Permissions(t.Context(), role)
		must(t, err)
		equal(t, role+" may decide", slices.Contains(all, "review.decide"), want)
	}
}

func requestOnce(t *testing.T, h *house) {
	ctx := t.Context()
	good := each(t, 4, store.ErrConflict, func(int) error {
		former, err := h.Once(ctx, "portal", "k1", "body")
		if former != nil {
			t.Errorf("an answer before the request was done: %+v", former)
		}
		return err
	})
	equal(t, "carried out", good, 1)
	must(t, h.OnceDone(ctx, "portal", "k1", store.Answer{Status: 201, Header: map[string]string{"Location": "/x"}, Body: []byte("张明")}))
	former, err := h.Once(ctx, "portal", "k1", "body")
	must(t, err)
	equal(t, "answer", string(former.Body), "张明")
	equal(t, "status", former.Status, 201)
	equal(t, "header", former.Header["Location"], "/x")
	_, err = h.Once(ctx, "portal", "k1", "other body")
	refused(t, "other body", err, store.ErrConflict)
	former, err = h.Once(ctx, "other portal", "k1", "body")
	must(t, err)
	if former != nil {
		t.Error("another actor's answer was given away")
	}
	must(t, h.OnceFailed(ctx, "other portal", "k1"))
	former, err = h.Once(ctx, "other portal", "k1", "body")
	must(t, err)
	if former != nil {
		t.Error("a failed request kept its key")
	}
	must(t, h.OnceFailed(ctx, "portal", "k1")) // done: must not be forgotten
	former, err = h.Once(ctx, "portal", "k1", "body")
	must(t, err)
	if former == nil {
		t.Error("a done request would be carried out again")
	}
}

func secrets(t *testing.T, h *house) {
	ctx := t.Context()
	must(t, h.SetSecret(ctx, clerk, "benefits.password", "old"))
	must(t, h.SetSecret(ctx, clerk, "benefits.password", "geheim"))
	value, err := h.Secret(ctx, "benefits.password")
	must(t, err)
	equal(t, "value", value, "geheim")
	names, err := h.SecretNames(ctx)
	must(t, err)
	equal(t, "names", len(names), 1)
	_, err = h.Secret(ctx, "nobody")
	refused(t, "unknown", err, store.ErrNotFound)
	rows, err := h.Audit(ctx, "benefits.password", 10)
	must(t, err)
	equal(t, "audit", len(rows), 2)
}

func numbersCount(t *testing.T, h *house) {
	h.clock.Advance(-24 * time.Hour)
	h.newCase(t, applicant) // yesterday's
	h.clock.Advance(24 * time.Hour)
	c := h.newCase(t, applicant)
	h.upload(t, c.ID)
	m := h.upload(t, c.ID)
	must(t, h.SaveReadings(t.Context(), m.ID, nil))
	h.submitted(t)
	h.started(t, "")
	for _, end := range []string{"submitted", "submitted", "returned"} {
		must(t, h.Settle(t.Context(), h.held(t, "w1"), casework.Result{State: casework.RunDone, End: end}))
	}
	must(t, h.Settle(t.Context(), h.held(t, "w1"), casework.Result{State: casework.RunFailed, End: "x"}))
	parked := h.held(t, "w1", "p1")
	claimEffect(t, h, parked, "e")
	must(t, advance(t, h, parked, "e", casework.EffectSent, casework.Sent))
	must(t, h.Settle(t.Context(), parked, question()))
	h.clock.Advance(time.Minute)

	n, err := h.Numbers(t.Context())
	must(t, err)
	for what, pair := range map[string][2]int{
		"created": {n.CasesByState[casework.CaseCreated], 2}, "entered": {n.CasesByState[casework.CaseEntered], 2},
		"done runs": {n.RunsByState[casework.RunDone], 3}, "waiting runs": {n.RunsByState[casework.RunWaiting], 1},
		"received today": {n.Today.Received, 8}, "read": {n.Today.Read, 1}, "passed": {n.Today.Passed, 6},
		"submitted": {n.Today.Submitted, 2}, "returned": {n.Today.Returned, 1}, "failed": {n.Today.Failed, 1},
		"clerks' inbox": {n.WaitingPerson["clerk"], 1}, "doubt": {n.Doubt, 1}, "late": {n.Late, 0}, "due soon": {n.DueSoon, 0},
		"to read": {n.Queue["read_material"], 1}, "to start": {n.Queue["start_run"], 1}, "to work": {n.Queue["work_run"], 1},
		"hours": {len(n.Hourly), 24}, "this hour": {n.Hourly[23].Received, 8}, "submitted this hour": {n.Hourly[23].Submitted, 2},
	} {
		equal(t, what, pair[0], pair[1])
	}
	equal(t, "oldest waiting", n.OldestWaiting, time.Minute)
	h.clock.Advance(12 * 24 * time.Hour) // 2026-03-18: due on the 20th is soon
	n, err = h.Numbers(t.Context())
	must(t, err)
	equal(t, "due soon", n.DueSoon, 6)
	h.clock.Advance(3 * 24 * time.Hour)
	n, err = h.Numbers(t.Context())
	must(t, err)
	equal(t, "late", n.Late, 6)
}
