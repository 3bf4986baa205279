package playbooks

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// attachVerb uploads files of the case; the value is docs.<type>.file.
type attachVerb struct{ files []labelled }

func readAttach(d *decoder, own field) action { return &attachVerb{d.placed(own, "attach")} }

func (v *attachVerb) lint(l *linter, s *stage) {
	for _, f := range v.files {
		f.lint(l, s)
	}
}

func (v *attachVerb) do(ctx context.Context, at *visit) error {
	for _, f := range v.files {
		id, err := f.value.text(at.env)
		if err != nil {
			return err
		}
		if id == "" && f.optional {
			continue
		}
		if id == "" {
			return casework.AskPerson("value_missing", "there is no file for the field %s", f.label)
		}
		file, err := at.turn.Files(ctx, id)
		if err != nil {
			return err
		}
		where, err := f.locate(at)
		if err != nil {
			return err
		}
		if _, err := at.act(ctx, Act{Verb: Attach, At: where, File: file}); err != nil {
			return err
		}
		at.wrote = append(at.wrote, writing{Label: f.label, Written: "file " + id, file: true})
	}
	return nil
}
