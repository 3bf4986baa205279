package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

const (
	sessionCookie = "jb_session"
	langCookie    = "jb_lang"
	themeCookie   = "jb_theme"
	flashCookie   = "jb_flash"
	sessionTTL    = 12 * time.Hour // one working day; the store ends it after 30 idle minutes
)

// Permissions the code asks for. Which role has which is data in the store.
const (
	anyone      = "-"
	signedIn    = ""
	mayReadCase = "case.read"
	mayCreate   = "case.create"
	maySubmit   = "case.submit"
	mayCancel   = "case.cancel"
	mayReveal   = "reveal"
	mayReview   = "review.read"
	mayDecide   = "review.decide"
	mayReadRun  = "run.read"
	mayRetryRun = "run.retry"
	mayWithdraw = "run.withdraw"
	mayControl  = "run.control"
	mayDry      = "run.dry"

	mayReadPlaybook  = "playbook.read"
	mayWritePlaybook = "playbook.write"
	mayRelease       = "playbook.release"

	mayReadTarget  = "target.read"
	mayWriteTarget = "target.write"
	mayKill        = "target.kill"
	mayPassword    = "account.password"
	mayCancelRun   = "run.cancel"

	mayReadSchedule   = "schedule.read"
	mayChangeSchedule = "schedule.change"
	mayChangeCalendar = "calendar.change"
	mayPauseClock     = "clock.pause"
	mayReadAlert      = "alert.read"
	mayAcknowledge    = "alert.acknowledge"
	mayReadRule       = "rule.read"
	mayReadSample     = "sample.read"
	mayLabel          = "sample.label"
	mayNumbers        = "numbers.read"
	mayReadFund       = "fund.read"
	mayWriteFund      = "fund.write"
	maySignFund       = "fund.sign"
	mayFundAccount    = "fund.account"
	mayFillVault      = "vault.write"
	mayReadPerson     = "person.read"
	mayRulePerson     = "person.rule"
	mayReadSheet      = "sheet.read"
	mayWriteSheet     = "sheet.write"
	mayReadParam      = "param.read"
	mayWriteParam     = "param.write"
	mayReleaseParam   = "param.release"
)

// recognise finds out who asks: a bearer token of a portal, a bearer token or
// cookie of a person's session. It refuses a token nobody has.
func (s *Server) recognise(v *visit) error {
	token, bearer := strings.CutPrefix(v.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		c, err := v.Cookie(sessionCookie)
		if err != nil {
			return nil // nobody yet; need decides
		}
		token = c.Value
	} else if err := s.recogniseToken(v, token); err == nil || !errors.Is(err, store.ErrNotFound) {
		return err
	}
	user, err := s.cfg.Store.SessionUser(v.Context(), token)
	if errors.Is(err, store.ErrNotFound) {
		return refuse(http.StatusUnauthorized, "not_signed_in")
	}
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	v.user = user
	v.actor = casework.Actor{Kind: casework.Human, ID: user.ID, Name: user.Login, Role: user.Role, From: remote(v.Request)}
	return s.grant(v)
}

func (s *Server) recogniseToken(v *visit, token string) error {
	actor, err := s.cfg.Store.TokenActor(v.Context(), token)
	if err != nil {
		return err
	}
	actor.From = remote(v.Request)
	v.actor = actor
	return s.grant(v)
}

func (s *Server) grant(v *visit) error {
	permissions, err := s.cfg.Store.Permissions(v.Context(), v.actor.Role)
	if err != nil {
		return fmt.Errorf("permissions of role %s: %w", v.actor.Role, err)
	}
	for _, p := range permissions {
		v.may[p] = true
	}
	return nil
}

// signIn weighs a password and opens a session. Every refusal reads the same, so
// that nobody learns which accounts exist or are locked.
func (s *Server) signIn(ctx context.Context, login, password, from string) (store.User, string, error) {
	no := refuse(http.StatusUnauthorized, "wrong_password")
	user, err := s.cfg.Store.UserByLogin(ctx, login)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return user, "", fmt.Errorf("user: %w", err)
	}
	right, err := s.weigh(ctx, user, password)
	if err != nil {
		return user, "", err
	}
	if user.ID == "" || user.Disabled || user.LockedUntil.After(s.cfg.Now()) {
		return user, "", no
	}
	if err := s.cfg.Store.SignInResult(ctx, user.ID, right, from); err != nil {
		return user, "", fmt.Errorf("sign-in of user %s: %w", user.ID, err)
	}
	if !right {
		return user, "", no
	}
	token, err := s.cfg.Store.NewSession(ctx, user.ID, sessionTTL)
	return user, token, err
}

func (s *Server) weigh(ctx context.Context, user store.User, password string) (bool, error) {
	select {
	case s.argon <- struct{}{}:
		defer func() { <-s.argon }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	hash := user.PasswordHash
	if hash == "" {
		hash = nobodysHash
	}
	return samePassword(hash, password), nil
}

// signInView is the page before all others.
type signInView struct {
	Page
	Login  string
	To     string
	Failed bool
	Text   sentences
}

func (s *Server) signInPage(v *visit) (answer, error) {
	view := signInView{Page: s.page(v, s.words.text(v.lang, "signin.title"), ""), To: safeTarget(v.URL.Query().Get("to"))}
	return page("signin", view)
}

func (s *Server) signInForm(v *visit) (answer, error) {
	login, to := strings.TrimSpace(v.form.Get("login")), safeTarget(v.form.Get("to"))
	_, token, err := s.signIn(v.Context(), login, v.form.Get("password"), remote(v.Request))
	if r, ok := errors.AsType[*refusal](err); ok {
		view := signInView{Page: s.page(v, s.words.text(v.lang, "signin.title"), ""), Login: login, To: to, Failed: true,
			Text: s.words.sentences(v.lang, r.Code, nil)}
		return answer{Status: r.Status, Template: "signin", View: view}, nil
	}
	if err != nil {
		return answer{}, err
	}
	s.setCookie(v, sessionCookie, token, 0)
	return redirect(to)
}

func (s *Server) signOut(v *visit) (answer, error) {
	if c, err := v.Cookie(sessionCookie); err == nil {
		if err := s.cfg.Store.EndSession(v.Context(), c.Value); err != nil && !errors.Is(err, store.ErrNotFound) {
			return answer{}, fmt.Errorf("session: %w", err)
		}
	}
	s.setCookie(v, sessionCookie, "", -1)
	return redirect("/signin")
}

// setCookie sets a cookie for this host; age 0 lasts as long as the browser.
func (s *Server) setCookie(v *visit, name, value string, age int) {
	http.SetCookie(v.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: v.TLS != nil && !s.cfg.Dev,
	})
}

// safeTarget lets a redirect only go to a page of ours.
func safeTarget(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") ||
		strings.ContainsAny(to, "\\\r\n") {
		return "/"
	}
	if u.Path == "/signin" {
		return "/"
	}
	return u.RequestURI()
}

// preference keeps the language or the colours a person chose.
func (s *Server) preference(v *visit) (answer, error) {
	if lang := v.form.Get("lang"); lang == "zh" || lang == "en" {
		s.setCookie(v, langCookie, lang, 365*24*3600)
	}
	if theme := v.form.Get("theme"); theme == "light" || theme == "dark" || theme == "auto" {
		s.setCookie(v, themeCookie, theme, 365*24*3600)
	}
	return redirect(safeTarget(v.form.Get("back")))
}

// sessionIn is the body of POST /api/v1/sessions.
type sessionIn struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

// sessionOut is its answer: a bearer token of the person's own session.
type sessionOut struct {
	Token string  `json:"token"`
	User  userOut `json:"user"`
}

type userOut struct {
	ID    string `json:"id"`
	Login string `json:"login"`
	Name  string `json:"name"`
	Role  string `json:"role"`
}

func (s *Server) apiSignIn(v *visit) (answer, error) {
	var in sessionIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	user, token, err := s.signIn(v.Context(), in.Login, in.Password, remote(v.Request))
	if err != nil {
		return answer{}, err
	}
	return reply(sessionOut{Token: token, User: userOut{user.ID, user.Login, user.Name, user.Role}})
}
