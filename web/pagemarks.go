package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// changedPage is a page of a target that is not as it was approved: what it was told by
// and what stands there now, and the names that would count from now on.
type changedPage struct {
	Name, At, Href string
	Found          string // hash of what was found: what is approved is what was shown
	Changes        []pageChange
	Repairs        []pageChange
	Uses           []pageUse // what it stops
	Waiting        int       // runs that are parked for it
	Approved, Now  pagePicture
	ApprovedBy     string
	Accepted       string // who has accepted it already
	Mine           bool   // that was the visitor: another one must approve
}

// pageChange is one difference; of a repair only the names count.
type pageChange struct {
	Kind               string
	Old, New           string
	OldWhere, NewWhere string     // locators, as a playbook writes them
	OldCut, NewCut     pictureCut // where it stands, framed
}

// pageUse is one playbook with the steps that open the page.
type pageUse struct{ Name, Title, Steps string }

// pagePicture is the picture of a whole page with frames round what is different.
type pagePicture struct {
	Href          string // "" for none, or none that the visitor may see
	Width, Height int
	Frames        []playbooks.MarkBox
}

// pictureCut is a part of a picture.
type pictureCut struct {
	Picture pagePicture
	Frame   playbooks.MarkBox
	View    string // of an SVG: x, y, width, height
}

// There says that there is something to show.
func (c pictureCut) There() bool { return c.View != "" }

func (s *Server) changedPages(v *visit, p Page, target string) ([]changedPage, error) {
	pages, err := s.cfg.Store.PageMarks(v.Context(), target)
	if err != nil {
		return nil, fmt.Errorf("pages of %s: %w", target, err)
	}
	waiting, err := s.cfg.Store.PageWaiters(v.Context(), target)
	if err != nil {
		return nil, err
	}
	var all []changedPage
	for _, m := range pages {
		if m.Found == "" {
			continue
		}
		one := changedPage{Name: m.Page, At: p.Time(m.FoundAt), Href: pageHref(target, m.Page), Found: foundHash(m), Waiting: waiting[m.Page],
			ApprovedBy: m.ApprovedBy, Accepted: m.Accepted, Mine: m.AcceptedBy == v.actor.ID, Uses: s.pageUses(p, target, m.Page)}
		old, now := marksOf(m)
		for _, c := range old.Changes(now) {
			one.Changes = append(one.Changes, pageChange{Kind: p.Word("mark", c.Kind), Old: markName(p, c.Kind, c.Old), New: markName(p, c.Kind, c.New),
				OldWhere: markLocator(c.Kind, c.Old), NewWhere: markLocator(c.Kind, c.New)})
		}
		repairs := old.Aliases(now)
		for _, was := range slices.Sorted(maps.Keys(repairs)) {
			one.Repairs = append(one.Repairs, pageChange{Old: was, New: repairs[was]})
		}
		all = append(all, one)
	}
	return all, nil
}

// pageUses are the playbooks that a change of the page stops.
func (s *Server) pageUses(p Page, target, page string) []pageUse {
	var all []pageUse
	for _, use := range s.cfg.Library.Uses(target, page) {
		row := pageUse{Name: use.Playbook, Title: s.flowTitle(p, use.Playbook)}
		pb, _ := s.cfg.Library.Playbook(use.Playbook)
		var steps []string
		for _, id := range use.Steps {
			steps = append(steps, stepTitle(p, pb, id))
		}
		row.Steps = strings.Join(steps, p.T("list.comma"))
		all = append(all, row)
	}
	return all
}

// markName is a mark as people read it: a field's kind stands behind its caption.
func markName(p Page, kind, mark string) string {
	control, name, two := strings.Cut(mark, " ")
	if kind != "field" || !two {
		return mark
	}
	return name + p.T("page.control", p.Word("control", control))
}

// markLocator is how a playbook finds what a mark names, "" for what it does not name.
func markLocator(kind, mark string) string {
	key, ok := map[string]string{"field": "label", "button": "button", "table": "table"}[kind]
	if !ok || mark == "" {
		return ""
	}
	if _, name, two := strings.Cut(mark, " "); kind == "field" && two {
		mark = name
	}
	return key + ": " + mark
}

// pageHref is where a changed page of a target is repaired.
func pageHref(target, page string) string { return "/targets/" + target + "/pages/" + pageID(page) }

// pageID stands for a page's name in addresses.
func pageID(page string) string {
	sum := sha256.Sum256([]byte(page))
	return hex.EncodeToString(sum[:8])
}

// marksOf reads what a page is told by, as approved and now; what another release has
// written counts as nothing.
func marksOf(m store.PageMarks) (old, now playbooks.Marks) {
	if errors.Join(json.Unmarshal([]byte(m.Marks), &old), json.Unmarshal([]byte(m.Found), &now)) != nil {
		return playbooks.Marks{}, playbooks.Marks{}
	}
	return old, now
}

func foundHash(m store.PageMarks) string {
	sum := sha256.Sum256([]byte(m.Found))
	return hex.EncodeToString(sum[:])
}

type repairView struct {
	Page
	Target, TargetTitle string
	Changed             changedPage
	Revealed            bool // the pictures may be seen
}

// repairPage shows a changed page side by side: each difference with its locator and the
// place where it stands, framed, and the whole page as approved and as it is now.
func (s *Server) repairPage(v *visit) (answer, error) {
	target := v.PathValue("name")
	m, err := s.markedPage(v.Context(), target, v.PathValue("page"))
	if err != nil {
		return answer{}, err
	}
	p := s.page(v, m.Page, "targets")
	view := repairView{Page: p, Target: target, TargetTitle: s.targetTitle(p, target), Revealed: v.may[mayReveal]}
	all, err := s.changedPages(v, p, target)
	if err != nil {
		return answer{}, err
	}
	i := slices.IndexFunc(all, func(c changedPage) bool { return c.Name == m.Page })
	if i < 0 { // approved, or as it was: the system's page has nothing to repair
		return redirect("/targets/" + target)
	}
	view.Changed = all[i]
	if view.Revealed {
		if err := s.illustrate(v.Context(), &view.Changed, m); err != nil {
			return answer{}, err
		}
	}
	return page("pagechange", view)
}

// illustrate adds the pictures, and the part of them in which each difference stands.
func (s *Server) illustrate(ctx context.Context, c *changedPage, m store.PageMarks) (err error) {
	if c.Approved, err = s.pagePicture(ctx, m.Target, m.Page, "approved", m.Picture); err != nil {
		return err
	}
	if c.Now, err = s.pagePicture(ctx, m.Target, m.Page, "now", m.FoundPicture); err != nil {
		return err
	}
	old, now := marksOf(m)
	for i, change := range old.Changes(now) {
		if i >= len(c.Changes) {
			break
		}
		c.Changes[i].OldCut = c.Approved.cut(old.Box(change.Kind, change.Old))
		c.Changes[i].NewCut = c.Now.cut(now.Box(change.Kind, change.New))
	}
	return nil
}

// pagePicture gives a picture with its size; one that is no picture is none.
func (s *Server) pagePicture(ctx context.Context, target, page, which, sum string) (pagePicture, error) {
	if sum == "" {
		return pagePicture{}, nil
	}
	data, err := s.cfg.Store.File(ctx, sum)
	if errors.Is(err, store.ErrNotFound) {
		return pagePicture{}, nil
	}
	if err != nil {
		return pagePicture{}, fmt.Errorf("picture of a page of %s: %w", target, err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return pagePicture{}, nil
	}
	return pagePicture{Href: "/files" + pageHref(target, page) + "/" + which, Width: size.Width, Height: size.Height}, nil
}

// cut is the part of a picture round a place; the whole picture shows a frame there, too.
func (p *pagePicture) cut(box playbooks.MarkBox, ok bool) pictureCut {
	if !ok || p.Href == "" || box.X >= p.Width || box.Y >= p.Height {
		return pictureCut{}
	}
	p.Frames = append(p.Frames, box)
	const left, around = 150, 36 // a label stands to the left of its field
	x, y := max(0, box.X-left), max(0, box.Y-around)
	width, height := min(p.Width-x, box.Width+left+around), min(p.Height-y, min(box.Height, 160)+2*around)
	return pictureCut{Picture: *p, Frame: box, View: fmt.Sprint(x, y, width, height)}
}

// pagePictureFile is one of the two pictures of a changed page.
func (s *Server) pagePictureFile(v *visit) (answer, error) {
	m, err := s.markedPage(v.Context(), v.PathValue("name"), v.PathValue("page"))
	if err != nil {
		return answer{}, err
	}
	sum := map[string]string{"approved": m.Picture, "now": m.FoundPicture}[v.PathValue("which")]
	if sum == "" {
		return answer{}, refuse(http.StatusNotFound, "not_found")
	}
	data, err := s.cfg.Store.File(v.Context(), sum)
	if err != nil {
		return answer{}, fmt.Errorf("picture of a page of %s: %w", m.Target, err)
	}
	if err := s.noteLook(v, sum, m.Target); err != nil {
		return answer{}, err
	}
	return answer{Status: http.StatusOK, File: data, MIME: "image/png"}, nil
}

func (s *Server) markedPage(ctx context.Context, target, id string) (store.PageMarks, error) {
	pages, err := s.cfg.Store.PageMarks(ctx, target)
	if err != nil {
		return store.PageMarks{}, fmt.Errorf("pages of %s: %w", target, err)
	}
	for _, m := range pages {
		if pageID(m.Page) == id {
			return m, nil
		}
	}
	return store.PageMarks{}, refuse(http.StatusNotFound, "not_found")
}

// acceptPage takes a changed page as it was shown: the first person's word is noted, the
// second's approves it.
func (s *Server) acceptPage(v *visit) (answer, error) {
	name := v.PathValue("name")
	m, err := s.shownPage(v.Context(), name, v.form.Get("page"), v.form.Get("found"))
	if err != nil {
		return answer{}, err
	}
	old, now := marksOf(m)
	approved, err := s.cfg.Store.AcceptPage(v.Context(), v.actor, name, m.Page, m.Found, old.Aliases(now))
	if err != nil {
		return answer{}, fmt.Errorf("page of %s: %w", name, err)
	}
	if approved {
		s.flash(v, "ok", "flash.page_approved")
		return redirect("/targets/" + name)
	}
	s.flash(v, "ok", "flash.page_accepted")
	return redirect(pageHref(name, m.Page))
}

func (s *Server) shownPage(ctx context.Context, target, page, found string) (store.PageMarks, error) {
	m, err := s.markedPage(ctx, target, pageID(page))
	if err == nil && m.Found != "" && foundHash(m) == found {
		return m, nil
	}
	return store.PageMarks{}, cmp.Or(err, error(refuse(http.StatusConflict, "page_moved_on")))
}

// repairOf is where the page is repaired that a question is about, "" for none.
func repairOf(r casework.Review) string {
	for _, show := range r.Show {
		if target, page, ok := casework.ShownPage(show); ok {
			return pageHref(target, page)
		}
	}
	return ""
}
