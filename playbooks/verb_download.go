package playbooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
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
//
// With each, the name of a table that a line above has read, it takes the file of
// every row: "download: {文件: {link: 下载, each: 附件, row_of: item.序号}}", where item is
// the row. 文件 is a table then: the columns of the row, and name, bytes and sha256.
type downloadVerb struct{ values []handout }

// handout is one file, or one of each row of a table.
type handout struct {
	reading
	each string // the table; "" for one file
}

// itemName is what expressions call the row of a table at which a download stands.
const itemName = "item"

func readDownload(d *decoder, own field) action {
	v := &downloadVerb{}
	for _, f := range d.pairs(own.value, "download") {
		h := handout{reading: reading{name: f.key}}
		for _, p := range d.pairs(f.value, "download") {
			if p.key == "each" {
				h.each = d.text(p, "each")
			}
		}
		f.value = without(f.value, "each")
		h.target = d.locator(f)
		v.values = append(v.values, h)
	}
	return v
}

func (v *downloadVerb) lint(l *linter, s *stage) {
	for _, h := range v.values {
		if _, taken := s.env[h.name]; taken {
			l.errorf(h.target.at, "name_taken", "download: the name %q has a meaning already", h.name)
		}
		h.target.lintHarmless(l, s, "download")
		if h.each == "" {
			h.target.lint(l, s)
			s.env[h.name] = types.Map{"name": types.String, "bytes": types.String, "sha256": types.String, "text": types.String}
			continue
		}
		h.lintEach(l, s)
		s.env[h.name] = rowsType()
	}
}

// lintEach wants a table, and a row that is told from the others.
func (h handout) lintEach(l *linter, s *stage) {
	if table, known := s.env[h.each]; !known || !table.Equal(rowsType()) {
		l.errorf(h.target.at, "unknown_rows", "download: no line above reads a table called %q", h.each)
	}
	if h.target.rowOf == nil || !h.target.rowOf.names(itemName) {
		l.errorf(h.target.at, "row_not_asked", "download: each needs row_of, what tells one row from another, as in item.序号")
		return
	}
	outer := s.env
	s.env = maps.Clone(outer)
	s.env[itemName] = types.Map{types.Extra: types.String}
	h.target.lint(l, s)
	s.env = outer
}

func (v *downloadVerb) do(ctx context.Context, at *visit) error {
	for _, h := range v.values {
		if h.each != "" {
			if err := h.all(ctx, at); err != nil {
				return err
			}
			continue
		}
		file, err := h.take(ctx, at)
		if err != nil {
			return err
		}
		at.env[h.name] = file.values()
	}
	return nil
}

// all takes the file of every row.
func (h handout) all(ctx context.Context, at *visit) error {
	value, err := like([]map[string]string{}, at.env[h.each])
	if err != nil {
		return casework.AskPerson("expression", "%q is no table", h.each)
	}
	rows := []any{}
	for _, row := range value.([]map[string]string) {
		at.env[itemName] = row
		file, err := h.take(ctx, at)
		if err != nil {
			return err
		}
		taken := maps.Clone(row)
		for name, value := range file.values() {
			if name != "text" {
				taken[name] = value.(string)
			}
		}
		rows = append(rows, taken)
	}
	delete(at.env, itemName)
	at.env[h.name] = rows
	return nil
}

// take clicks once and takes what comes.
func (h handout) take(ctx context.Context, at *visit) (File, error) {
	where, err := h.target.locate(at)
	if err != nil {
		return File{}, err
	}
	seen, err := at.act(ctx, Act{Verb: Download, At: where})
	if err != nil {
		return File{}, err
	}
	if len(seen.Files) != 1 {
		return File{}, casework.AskPerson("no_download", "%s gave %d files, not one", h.target.name(), len(seen.Files))
	}
	return seen.Files[0], nil
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
