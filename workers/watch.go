package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// watch holds the pages that runs and canaries open against what people have approved.
// It implements playbooks.Watch.
type watch struct{ crew *Crew }

// Standing gives the change of the first of the pages that nobody has approved yet.
func (w watch) Standing(ctx context.Context, system string, pages []string) (*playbooks.PageChange, error) {
	all, err := w.crew.Store.PageMarks(ctx, system)
	if err != nil {
		return nil, fmt.Errorf("pages of %s: %w", system, err)
	}
	for _, p := range all {
		if p.Found != "" && slices.Contains(pages, p.Page) {
			return w.change(ctx, p)
		}
	}
	return nil, nil
}

// Opened looks at a page. Nothing is written about one that is as approved, unless it has
// changed back or its picture is not there yet.
func (w watch) Opened(ctx context.Context, system, page string, marks playbooks.Marks, picture func(context.Context) ([]byte, error)) (*playbooks.PageChange, error) {
	known, err := w.known(ctx, system, page)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(marks)
	if err != nil {
		return nil, fmt.Errorf("page of %s: %w", system, err)
	}
	now := string(text)
	if known != nil && same(known.Marks, marks) {
		if now = known.Marks; known.Found == "" && known.Picture != "" {
			return nil, nil
		}
	}
	if known == nil || known.Found == "" || !same(known.Found, marks) {
		if err := w.see(ctx, system, page, now, picture); err != nil {
			return nil, err
		}
	}
	if known, err = w.known(ctx, system, page); err != nil || known == nil || known.Found == "" {
		return nil, err
	}
	return w.change(ctx, *known)
}

// see notes what a page shows, with its picture. A page that can't be photographed has
// changed all the same.
func (w watch) see(ctx context.Context, system, page, marks string, picture func(context.Context) ([]byte, error)) error {
	sum := ""
	png, err := picture(ctx)
	if err == nil && len(png) > 0 {
		sum, err = w.crew.Store.PutFile(ctx, png)
	}
	if err != nil {
		w.crew.Log.Warn("picture of a page", "target", system, "error", err)
	}
	if err := w.crew.Store.SeePage(ctx, system, page, marks, sum); err != nil {
		return fmt.Errorf("page of %s: %w", system, err)
	}
	return nil
}

func (w watch) known(ctx context.Context, system, page string) (*store.PageMarks, error) {
	all, err := w.crew.Store.PageMarks(ctx, system)
	if err != nil {
		return nil, fmt.Errorf("pages of %s: %w", system, err)
	}
	if i := slices.IndexFunc(all, func(p store.PageMarks) bool { return p.Page == page }); i >= 0 {
		return &all[i], nil
	}
	return nil, nil
}

// same says that marks are as they were written down; what can't be read is not.
func same(text string, marks playbooks.Marks) bool {
	var was playbooks.Marks
	return json.Unmarshal([]byte(text), &was) == nil && len(was.Changes(marks)) == 0
}

// change gathers what shows a changed page.
func (w watch) change(ctx context.Context, p store.PageMarks) (*playbooks.PageChange, error) {
	c := &playbooks.PageChange{Page: p.Page}
	for name, sum := range map[string]string{"page_approved.png": p.Picture, "page_now.png": p.FoundPicture} {
		if sum == "" {
			continue
		}
		data, err := w.crew.Store.File(ctx, sum)
		if err != nil {
			return nil, fmt.Errorf("picture of a page of %s: %w", p.Target, err)
		}
		c.Shots = append(c.Shots, playbooks.Shot{Kind: casework.Screenshot, Name: name, MIME: "image/png", Data: data})
	}
	slices.SortFunc(c.Shots, func(a, b playbooks.Shot) int { return len(b.Name) - len(a.Name) }) // as approved first
	var old, now playbooks.Marks
	if errors.Join(json.Unmarshal([]byte(p.Marks), &old), json.Unmarshal([]byte(p.Found), &now)) != nil {
		return c, nil // written by another release: changed is all there is to say
	}
	data, err := json.MarshalIndent(old.Changes(now), "", " ")
	if err != nil {
		return nil, fmt.Errorf("page of %s: %w", p.Target, err)
	}
	c.Shots = append(c.Shots, playbooks.Shot{Kind: casework.Values, Name: "page_changes.json", MIME: "application/json", Data: data})
	return c, nil
}
