package web

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

//go:embed templates locale static
var assets embed.FS

// Pictures turns a page of an uploaded file into an upright picture to look at.
// An error means that it cannot be shown; its code goes to the person.
type Pictures interface {
	// Picture renders a page, counted from 1, so that no side is longer than
	// maxSide pixels; w and h are the size of what it gives back.
	Picture(ctx context.Context, file []byte, page, maxSide int) (jpeg []byte, w, h int, err error)
}

// Door looks at the pages of a file before anybody reads it. A Permanent fault
// means that the file can't be opened by anybody: it is refused. Any other error
// means that nobody could look; the file is taken in, and reading will tell.
type Door interface {
	Door(ctx context.Context, file []byte) ([]casework.Look, error)
}

// Slot is one kind of material a matter asks for.
type Slot struct {
	Type     string // material type, "id_card_front"
	Zh, En   string
	Required bool
	Note     string // when it is needed, or how to photograph it; Chinese
	Fields   []FieldTitle
}

// FieldTitle is what a field of a material is called, in the order of the paper.
type FieldTitle struct {
	Name   string // "number"
	Kind   string // decides the mask: "name", "id_number", "mobile", "account", "address"; else none
	Zh, En string
}

// Matter is one kind of request (事项) that can be brought in.
type Matter struct {
	Name             string // "unemployment_claim"
	TitleZh, TitleEn string
	Materials        []Slot
}

// Check is the state of one real part, as the health page shows it.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // what was seen; no secrets
	Fix    string `json:"fix"`    // what to do when it is not OK
}

// Config is what the server is given. Store is required; the rest has defaults.
type Config struct {
	Store     *store.Store
	Pictures  Pictures // nil: JPEG and PNG are shown as they were uploaded
	Door      Door     // nil: nobody looks before reading
	Checker   Checker  // nil: nothing is checked before a case is brought in
	Matters   []Matter
	Catalog   *materials.Catalog // names the rules; nil: their pages show none
	Region    string             // region code offered for a new case; "" is "379900"
	Now       func() time.Time
	Version   string
	Dev       bool  // cookies without Secure even behind TLS
	MaxUpload int64 // bytes of one file; 0 is 20 MiB
	// DueDays gives the last day of the legal limit; zero while it is not known.
	DueDays func(matter string, received casework.Date) casework.Date
	Library playbooks.Library // playbooks and systems of this release
	Schema  playbooks.Schema  // what the linter may expect of the other rooms
	// Editions gives the parameters as they stand; nil: there is no page of them.
	Editions *store.Editions
	// Examples evaluates worked examples under rules in a region on a day; a nil file
	// means those that come with the program. Its error says what is wrong with the file.
	Examples func(rules benefits.Rules, region string, on casework.Date, file []byte) (Tried, error)
	Health   func(ctx context.Context) []Check // nil: only the database is looked at
	Log      *slog.Logger                      // nil is slog.Default()
}

// Server answers pages and API calls. It has no goroutines of its own.
type Server struct {
	cfg    Config
	routes []route
	words  catalogue
	pages  map[string]*template.Template
	flows  sync.Map      // version → *playbooks.Playbook; a version never changes
	argon  chan struct{} // at most so many passwords are weighed at once
	// at most so many checks before applying are under way at once
	checking chan struct{}
}

// New prepares a server: it parses the templates and sentences once.
func New(cfg Config) (*Server, error) {
	words, err := readCatalogue()
	if err != nil {
		return nil, err
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: withDefaults(cfg), words: words, pages: pages, argon: make(chan struct{}, 2), checking: make(chan struct{}, checksAtOnce)}
	s.routes = s.table()
	return s, nil
}

func withDefaults(cfg Config) Config {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxUpload == 0 {
		cfg.MaxUpload = 20 << 20
	}
	if cfg.Region == "" {
		cfg.Region = "379900"
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.DueDays == nil {
		cfg.DueDays = func(string, casework.Date) casework.Date { return casework.Date{} }
	}
	return cfg
}

// Handler is the whole site. It may be called once or often.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes {
		mux.Handle(r.Method+" "+r.Path, s.serve(r))
	}
	mux.Handle("GET /static/", staticFiles(s.cfg.Version))
	mux.HandleFunc("/", s.noRoute)
	guarded := http.NewCrossOriginProtection()
	guarded.SetDenyHandler(http.HandlerFunc(s.crossOrigin))
	return s.recovered(safeHeaders(guarded.Handler(mux)))
}

// contentPolicy lets a page load only what this server gives it. Pictures may
// also come from data: and blob:, which the upload preview uses.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func safeHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// recovered turns a panic into an answer, so that one broken page does not end
// the service. The detail goes to the log only.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.fail(s.stranger(w, r), fmt.Errorf("panic in %s: %v", r.Pattern, p))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) {
	s.fail(s.stranger(w, r), refuse(http.StatusForbidden, "cross_origin"))
}

// noRoute answers addresses that are not in the table: 405 when only the method
// is wrong, else 404.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	v := s.stranger(w, r)
	_ = s.recognise(v) // only for the menu on the page; a bad token is a stranger's
	status, code := http.StatusNotFound, "not_found"
	for _, known := range s.routes {
		if known.fits(r.URL.Path) {
			w.Header().Add("Allow", known.Method)
			status, code = http.StatusMethodNotAllowed, "method_not_allowed"
		}
	}
	s.fail(v, refuse(status, code))
}
