package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// A sign-in that needs a person: the page stands open in a worker's browser, and this
// process passes pictures one way and mouse and keys the other. Nothing of it is kept
// or logged here.

// relayWithin bounds one look or touch.
const relayWithin = 20 * time.Second

// pictureAtMost bounds one picture of a page.
const pictureAtMost = 8 << 20

// signInRow is a sign-in in the inbox.
type signInRow struct {
	Target, Title string
	State         Pill
	What          string // why people are asked now
	Person        string
	Waiting       int
}

// attendedView is the page on which a person signs in to a foreign system.
type attendedView struct {
	Page
	Target, Title string
	State         string
	Pill          Pill
	For           []string
	Person        string
	Mine          bool
	Since, Until  string
	Waiting       int
	Text          sentences // why the last try did not work
}

// signInRows are the sign-ins that people are asked for: due ones, and those that end soon.
func (s *Server) signInRows(v *visit, p Page) ([]signInRow, error) {
	if !v.may[mayControl] {
		return nil, nil
	}
	all, err := s.cfg.Store.SignIns(v.Context())
	if err != nil {
		return nil, fmt.Errorf("sign-ins: %w", err)
	}
	var rows []signInRow
	for _, one := range all {
		system := s.cfg.Library.Systems()[one.Target]
		what := "sign_in.due"
		if one.State == store.SignInLive {
			if what = "sign_in.ends"; system.SignIn.Attended == nil || one.Expires.Sub(s.cfg.Now()) > system.SignIn.Attended.Before {
				continue
			}
		}
		rows = append(rows, signInRow{Target: one.Target, Title: p.pick(system.Title.Zh, system.Title.En), State: p.pill("state.sign_in", string(one.State)),
			What: p.T(what), Person: one.Person, Waiting: one.Waiting})
	}
	return rows, nil
}

func (s *Server) attendedPage(v *visit) (answer, error) {
	one, err := s.cfg.Store.SignIn(v.Context(), v.PathValue("name"))
	if err != nil {
		return answer{}, fmt.Errorf("sign-in: %w", err)
	}
	system := s.cfg.Library.Systems()[one.Target]
	p := s.page(v, "", "inbox")
	title := p.pick(system.Title.Zh, system.Title.En)
	p.Title = p.T("sign_in.title", title)
	view := attendedView{Page: p, Target: one.Target, Title: title, State: string(one.State), Pill: p.pill("state.sign_in", string(one.State)),
		Person: one.Person, Mine: one.PersonID == v.actor.ID, Since: p.Time(one.Since), Until: p.Time(one.Expires), Waiting: one.Waiting}
	if system.SignIn.Attended != nil {
		for _, why := range system.SignIn.Attended.For {
			view.For = append(view.For, p.Word("sign_in.for", why))
		}
	}
	if one.Code != "" && one.State == store.SignInDue {
		view.Text = s.words.sentences(v.lang, one.Code, nil)
	}
	return page("attended", view)
}

// wantSignIn asks a worker to open the page for the visitor.
func (s *Server) wantSignIn(v *visit) (answer, error) {
	name := v.PathValue("name")
	err := s.cfg.Store.WantSignIn(v.Context(), v.actor, name)
	if errors.Is(err, store.ErrConflict) {
		return answer{}, refuse(http.StatusConflict, "sign_in_taken")
	}
	if err != nil {
		return answer{}, fmt.Errorf("sign-in of %s: %w", name, err)
	}
	return redirect("/sign-ins/" + name)
}

// attendedOut is what the page's script is told.
type attendedOut struct {
	State string          `json:"state"`
	View  *playbooks.View `json:"view,omitempty"`
}

// lookSignIn gives the script the state and, while the page is open, what it shows.
func (s *Server) lookSignIn(v *visit) (answer, error) {
	one, err := s.cfg.Store.SignIn(v.Context(), v.PathValue("name"))
	if err != nil {
		return answer{}, fmt.Errorf("sign-in: %w", err)
	}
	out := attendedOut{State: string(one.State)}
	if one.State != store.SignInOpen || one.PersonID != v.actor.ID {
		return reply(out)
	}
	body, err := s.relay(v, one.Target, http.MethodGet, "/look", nil)
	var view playbooks.View
	if err == nil && json.Unmarshal(body, &view) == nil { // else it has just been closed, or is not there yet: the next look tells
		out.View = &view
	}
	return reply(out)
}

// touchSignIn passes one touch on. Its text is read from the form as it stands: a code
// may begin with a space.
func (s *Server) touchSignIn(v *visit) (answer, error) {
	touch := playbooks.Touch{Kind: playbooks.TouchKind(v.form.Get("kind")), Text: v.form.Get("text")}
	for name, into := range map[string]*float64{"x": &touch.X, "y": &touch.Y, "by": &touch.By} {
		if text := v.form.Get(name); text != "" && json.Unmarshal([]byte(text), into) != nil {
			return answer{}, refuse(http.StatusUnprocessableEntity, "input_invalid").with("fields", name)
		}
	}
	body, err := json.Marshal(touch)
	if err != nil {
		return answer{}, refuse(http.StatusUnprocessableEntity, "input_invalid").with("fields", "text")
	}
	if _, err := s.relay(v, v.PathValue("name"), http.MethodPost, "/touch", body); err != nil {
		return answer{}, refuse(http.StatusConflict, "sign_in_closed")
	}
	return answer{Status: http.StatusNoContent, File: []byte{}}, nil
}

// relay asks the worker that has the page. Only the person for whom it was opened gets
// the way to it; the worker is told by its certificate.
func (s *Server) relay(v *visit, target, method, path string, body []byte) ([]byte, error) {
	door, err := s.cfg.Store.SignInDoor(v.Context(), v.actor, target)
	if err != nil {
		return nil, fmt.Errorf("sign-in page of %s: %w", target, err)
	}
	ctx, cancel := context.WithTimeout(v.Context(), relayWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "https://"+door.Address+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("sign-in page of %s: %w", target, err)
	}
	r.Header.Set("Authorization", "Bearer "+door.Token)
	resp, err := pinned(door.Certificate).RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("sign-in page of %s: worker not reached: %w", target, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("sign-in page of %s: status %d", target, resp.StatusCode)
	}
	return io.ReadAll(io.LimitReader(resp.Body, pictureAtMost))
}

// pinned talks to nobody but whoever shows the certificate of that hash.
func pinned(certificate string) *http.Transport {
	return &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13,
		InsecureSkipVerify: true, // the hash below says more than an authority could
		VerifyConnection: func(state tls.ConnectionState) error {
			sum := sha256.Sum256(state.PeerCertificates[0].Raw)
			if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(certificate)) != 1 {
				return errors.New("another certificate than the worker's")
			}
			return nil
		}}}
}
