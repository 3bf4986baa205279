package ocr

import (
	"cmp"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/ofd"
)

// bundled is one page of a zip of pictures.
type bundled struct {
	name string
	page int // inside the picture; a TIFF may have several
}

// badArchive is the fault of an archive that can't be used; code is what it is
// when it is no bomb.
func badArchive(code string, err error) error {
	if errors.Is(err, ofd.ErrBomb) {
		code = "archive_bomb"
	}
	return &casework.Fault{Kind: casework.Permanent, Code: code, Err: err}
}

// bundle lists the pages of a zip of pictures, in the order of the names as
// people count: 2 before 10. Whatever is no picture refuses the whole archive,
// because leaving it out would lose a page.
func bundle(a *ofd.Archive) ([]bundled, error) {
	var pages []bundled
	names := slices.SortedFunc(slices.Values(a.Names()), byNumber)
	for i, name := range names {
		if isLitter(name) {
			continue
		}
		file, err := a.Read(name)
		if err != nil {
			return nil, badArchive("archive_broken", err)
		}
		count := 1
		switch mime := Sniff(file); {
		case mime == "image/tiff":
			inside, err := tiffPages(file)
			if err != nil {
				return nil, casework.Fail("picture_broken", "file %d of the archive: %w", i+1, err)
			}
			count = len(inside)
		case !strings.HasPrefix(mime, "image/") || mime == mimePPM:
			return nil, casework.Fail("archive_broken", "file %d of the archive is no picture (%s): upload archives of JPEG, PNG or TIFF only", i+1, cmp.Or(mime, "unknown"))
		}
		for page := range count {
			pages = append(pages, bundled{name, page + 1})
		}
		if len(pages) > maxPages {
			return nil, casework.Fail("archive_broken", "more than %d pages", maxPages)
		}
	}
	if len(pages) == 0 {
		return nil, casework.Fail("archive_broken", "the archive holds no picture")
	}
	return pages, nil
}

// isLitter tells what operating systems leave in archives.
func isLitter(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, ".") ||
		strings.EqualFold(base, "Thumbs.db") || strings.EqualFold(base, "desktop.ini")
}

// byNumber compares names with runs of digits as numbers.
func byNumber(a, b string) int {
	full := strings.Compare(a, b)
	for a != "" && b != "" {
		na, nb := digitRun(a), digitRun(b)
		if na == 0 || nb == 0 {
			if a[0] != b[0] {
				return cmp.Compare(a[0], b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
			return c
		}
		a, b = a[na:], b[nb:]
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), full)
}

func digitRun(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
