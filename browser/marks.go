package browser

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jingban/jingban/playbooks"
)

// marks says what the page in front is told by, over all its roots.
func (t *Tab) marks(ctx context.Context) (playbooks.Seen, error) {
	text, err := t.settle(ctx)
	if err != nil {
		return playbooks.Seen{}, err
	}
	seen := playbooks.Seen{Page: text}
	p := t.seat.panes.front()
	for _, root := range p.roots(p.main()) {
		f, err := t.askRoot(ctx, p, root, order{Do: "marks"})
		if errors.Is(err, errMoved) && root != p.main() {
			continue
		}
		if err != nil {
			return seen, err
		}
		var one playbooks.Marks
		if err := json.Unmarshal(f.OK, &one); err != nil {
			return seen, err
		}
		seen.Marks.Fields = append(seen.Marks.Fields, one.Fields...)
		seen.Marks.Buttons = append(seen.Marks.Buttons, one.Buttons...)
		seen.Marks.Tables = append(seen.Marks.Tables, one.Tables...)
		seen.Marks.Frames += one.Frames
		if seen.Marks.Boxes == nil {
			seen.Marks.Boxes = one.Boxes
		}
	}
	return seen, nil
}
