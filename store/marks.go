package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
)

// PageMarks are what one page of a target is told by, as a text of the caller's, without
// any personal data: approved, and found where it is something else now.
type PageMarks struct {
	Target, Page string
	Marks        string
	ApprovedBy   string // "" when it was the first look
	Approved     time.Time
	Found        string // "" while the page is as approved
	FoundAt      time.Time
	AcceptedBy   string // id of the first of two people who take the change
	Accepted     string // that person's name

	Picture, FoundPicture string // files of the page as approved and as found, "" for none
}

// PageMarks gives the pages of a target that have been looked at, by page.
func (s *Store) PageMarks(ctx context.Context, target string) ([]PageMarks, error) {
	all, err := list(ctx, s.reader, func(r row) (p PageMarks, err error) {
		var approved, found int64
		err = r.Scan(&p.Target, &p.Page, &p.Marks, &p.ApprovedBy, &approved, &p.Found, &found, &p.AcceptedBy, &p.Accepted, &p.Picture, &p.FoundPicture)
		p.Approved, p.FoundAt = moment(approved), moment(found)
		return p, err
	}, `SELECT target, page, marks, approved_by, approved_at, found, found_at, accepted_by, accepted_name, picture, found_picture FROM page_marks WHERE target = $1 ORDER BY page`, target)
	return all, explain("pages of "+target, err)
}

// SeePage notes what a page shows, with its picture. The first look at a page is its
// approval; one that is as approved forgets what was found before and lets go on whoever
// waits for that, and one that shows something new asks two people anew.
func (s *Store) SeePage(ctx context.Context, target, page, marks, picture string) error {
	return s.change(ctx, "page of "+target, func(t *tx) error {
		now := micros(t.now)
		_, err := t.update(ctx, "INSERT INTO page_marks (target, page, marks, approved_at, picture) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (target, page) DO NOTHING", target, page, marks, now, picture)
		if err != nil {
			return err
		}
		if _, err := t.update(ctx, "UPDATE page_marks SET picture = $4 WHERE target = $1 AND page = $2 AND marks = $3 AND picture = ''", target, page, marks, picture); err != nil {
			return err
		}
		back, err := t.update(ctx, "UPDATE page_marks SET found = '', found_at = 0, found_picture = '', accepted_by = '', accepted_name = '' WHERE target = $1 AND page = $2 AND marks = $3 AND found <> ''", target, page, marks)
		if err != nil {
			return err
		}
		if back > 0 {
			return t.releasePage(ctx, robot("canary"), target, page)
		}
		changed, err := t.update(ctx, "UPDATE page_marks SET found = $3, found_at = $4, found_picture = $5, accepted_by = '', accepted_name = '' WHERE target = $1 AND page = $2 AND marks <> $3 AND found <> $3", target, page, marks, now, picture)
		if err != nil || changed == 0 {
			return err
		}
		return t.raise(ctx, pageAlert, target, casework.PageChanged, map[string]string{"page": page})
	})
}

// pageAlert is the kind of the alert that a target has changed pages.
const pageAlert = "page"

// releasePage answers the questions of the runs that wait for a page: nothing has left,
// so they do it again; where something has, they look again. A run that meets another
// changed page asks anew.
func (t *tx) releasePage(ctx context.Context, by casework.Actor, target, page string) error {
	left, err := one(ctx, t, scalar[int64], "SELECT COUNT(*) FROM page_marks WHERE target = $1 AND found <> ''", target)
	if err != nil {
		return err
	}
	if left == 0 {
		if err := t.clear(ctx, pageAlert, target, ""); err != nil {
			return err
		}
	}
	waiting, err := list(ctx, t, scanReview, "SELECT "+reviewColumns+` FROM reviews WHERE state = 'open' AND reason = $1
		AND EXISTS (SELECT 1 FROM runs r WHERE r.id = reviews.run_id AND r.state = 'parked')`, casework.PageChanged)
	if err != nil {
		return err
	}
	for _, review := range waiting {
		if !slices.Contains(review.Show, casework.PageShow(target, page)) {
			continue
		}
		i := slices.IndexFunc(review.Choices, func(c casework.Choice) bool { return c.Name == "retry" || c.Name == "verify" })
		if i < 0 {
			continue
		}
		if err := t.decide(ctx, review, casework.Decision{ReviewID: review.ID, Choice: review.Choices[i].Name, By: by}); err != nil {
			return err
		}
	}
	return nil
}

// releaseApproved lets a run go on whose page was approved while it came to park. The
// update is the lock: whoever approves comes before it or after it.
func (t *tx) releaseApproved(ctx context.Context, by casework.Actor, review casework.Review) error {
	for _, show := range review.Show {
		target, page, ok := casework.ShownPage(show)
		if !ok || review.Reason != casework.PageChanged {
			continue
		}
		stands, err := t.update(ctx, "UPDATE page_marks SET page = page WHERE target = $1 AND page = $2 AND found <> ''", target, page)
		if err == nil && stands == 0 {
			err = t.releasePage(ctx, by, target, page)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// PageWaiters are the runs that are parked because pages of a target have changed: their
// number by page.
func (s *Store) PageWaiters(ctx context.Context, target string) (map[string]int, error) {
	open, err := list(ctx, s.reader, scanReview, "SELECT "+reviewColumns+" FROM reviews WHERE state = 'open' AND reason = $1", casework.PageChanged)
	if err != nil {
		return nil, explain("runs that wait for "+target, err)
	}
	all := map[string]int{}
	for _, review := range open {
		for _, show := range review.Show {
			if system, page, ok := casework.ShownPage(show); ok && system == target {
				all[page]++
			}
		}
	}
	return all, nil
}

// AcceptPage takes a changed page as it shows itself now: one person proposes, and
// another approves, which lets the parked runs go on. approved says that the second has. ErrConflict: the page shows no
// such change (any more); ErrTwoPeople: the same person once more. With the approval the
// aliases, old name to new, hold for every playbook.
func (s *Store) AcceptPage(ctx context.Context, by casework.Actor, target, page, found string, aliases map[string]string) (approved bool, err error) {
	if by.Kind != casework.Human || found == "" {
		return false, fmt.Errorf("page of %s: a person accepts what was found: %w", target, ErrInvalid)
	}
	err = s.change(ctx, "page of "+target, func(t *tx) error {
		first, err := one(ctx, t, scalar[string], "SELECT accepted_by FROM page_marks WHERE target = $1 AND page = $2 AND found = $3", target, page, found)
		switch {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case first == by.ID:
			return ErrTwoPeople
		case first == "":
			if err := t.must(ctx, ErrConflict, "UPDATE page_marks SET accepted_by = $4, accepted_name = $5 WHERE target = $1 AND page = $2 AND found = $3", target, page, found, by.ID, by.Name); err != nil {
				return err
			}
			return t.audit(ctx, by, "page.accept", target, map[string]string{"page": page})
		}
		approved = true
		err = t.must(ctx, ErrConflict, `UPDATE page_marks SET marks = found, picture = found_picture, approved_by = $4, approved_at = $5, found = '', found_at = 0, found_picture = '', accepted_by = '', accepted_name = ''
			WHERE target = $1 AND page = $2 AND found = $3`, target, page, found, by.Name, micros(t.now))
		if err != nil {
			return err
		}
		for old, alias := range aliases {
			_, err := t.update(ctx, `INSERT INTO page_aliases (target, old, alias, page, approved_by, approved_at) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (target, old, alias) DO NOTHING`, target, old, alias, page, by.Name, micros(t.now))
			if err != nil {
				return err
			}
		}
		if err := t.audit(ctx, by, "page.approve", target, map[string]any{"page": page, "aliases": aliases}); err != nil {
			return err
		}
		return t.releasePage(ctx, by, target, page)
	})
	return approved && err == nil, err
}

// PageAliases gives the names that approved changes brought to a target: what playbooks
// call it, and what it is called since.
func (s *Store) PageAliases(ctx context.Context, target string) (map[string][]string, error) {
	pairs, err := list(ctx, s.reader, func(r row) (p [2]string, err error) { err = r.Scan(&p[0], &p[1]); return p, err },
		"SELECT old, alias FROM page_aliases WHERE target = $1 ORDER BY approved_at, old, alias", target)
	all := map[string][]string{}
	for _, p := range pairs {
		all[p[0]] = append(all[p[0]], p[1])
	}
	return all, explain("aliases of "+target, err)
}
