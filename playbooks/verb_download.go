package playbooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/types"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/jingban/jingban/casework"
)

// downloadText is how much of a file an expression may look into.
const downloadText = 1 << 20

// downloadVerb clicks and takes the one file that comes: "download: {对账单: {link: 导出}}".
// Expressions see 对账单.name, .bytes, .sha256 and, where it is text, .text; the
// file itself is evidence.
type downloadVerb struct{ values []reading }

func readDownload(d *decoder, own field) action {
	v := &downloadVerb{}
	for _, f := range d.pairs(own.value, "download") {
		v.values = append(v.values, reading{name: f.key, target: d.locator(f)})
	}
	return v
}

func (v *downloadVerb) lint(l *linter, s *stage) {
	for _, r := range v.values {
		if _, taken := s.env[r.name]; taken {
			l.errorf(r.target.at, "name_taken", "download: the name %q has a meaning already", r.name)
		}
		r.target.lintHarmless(l, s, "download")
		r.target.lint(l, s)
		s.env[r.name] = types.Map{"name": types.String, "bytes": types.String, "sha256": types.String, "text": types.String}
	}
}

func (v *downloadVerb) do(ctx context.Context, at *visit) error {
	for _, r := range v.values {
		where, err := r.target.locate(at)
		if err != nil {
			return err
		}
		seen, err := at.act(ctx, Act{Verb: Download, At: where})
		if err != nil {
			return err
		}
		if len(seen.Files) != 1 {
			return casework.AskPerson("no_download", "%s gave %d files, not one", r.target.name(), len(seen.Files))
		}
		at.env[r.name] = seen.Files[0].values()
	}
	return nil
}

// values is a file as expressions see it.
func (f File) values() map[string]any {
	sum := sha256.Sum256(f.Data)
	return map[string]any{"name": f.Name, "bytes": strconv.Itoa(len(f.Data)), "sha256": "sha256:" + hex.EncodeToString(sum[:]), "text": f.text()}
}

// text is what stands in a text file, whichever of the two usual encodings it has;
// "" for anything else.
func (f File) text() string {
	data := f.Data[:min(len(f.Data), downloadText)]
	text := string(data)
	if !utf8.Valid(data) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil {
			return ""
		}
		text = string(decoded)
	}
	if strings.ContainsAny(text, "\x00\ufffd") {
		return ""
	}
	return strings.TrimPrefix(text, "\ufeff")
}
