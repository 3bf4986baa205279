package ofd

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// ErrBomb is an archive that unpacks out of proportion.
var ErrBomb = errors.New("archive unpacks out of proportion")

// Bounds of an honest archive. A 200-page OFD of scans has some 1,000 entries;
// its XML packs 20 to 40 to one, and only large claims are worth an attack.
const (
	maxEntries   = 5000
	maxEntry     = 64 << 20
	maxUnpacked  = 512 << 20
	maxRatio     = 100
	harmlessSize = 48 << 20 // an empty A4 page as BMP: any ratio is fine below
)

// Archive is a zip file that was found harmless by its directory.
type Archive struct {
	files map[string]*zip.File
	names []string // in the directory's order
}

// OpenArchive reads the directory and refuses too many entries, sizes out of
// proportion (ErrBomb), names that leave the archive, and encrypted entries.
func OpenArchive(file []byte) (*Archive, error) {
	reader, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, fmt.Errorf("damaged archive: %w", err)
	}
	if len(reader.File) > maxEntries {
		return nil, fmt.Errorf("%w: %d entries, at most %d", ErrBomb, len(reader.File), maxEntries)
	}
	a := &Archive{files: map[string]*zip.File{}}
	var unpacked uint64
	for i, entry := range reader.File {
		if err := admitEntry(entry); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		unpacked += min(entry.UncompressedSize64, 1<<40) // a claim near 2^64 must not wrap around
		if strings.HasSuffix(entry.Name, "/") {
			continue
		}
		name := path.Clean(entry.Name)
		if a.files[name] != nil {
			return nil, fmt.Errorf("entry %d: its name stands in the archive twice", i+1)
		}
		a.files[name] = entry
		a.names = append(a.names, name)
	}
	if unpacked > maxUnpacked || unpacked > harmlessSize && unpacked/uint64(len(file)) > maxRatio {
		return nil, fmt.Errorf("%w: %d KB unpack to %d MB", ErrBomb, len(file)>>10, unpacked>>20)
	}
	return a, nil
}

func admitEntry(entry *zip.File) error {
	const encrypted = 1
	switch {
	case entry.Flags&encrypted != 0:
		return errors.New("it is encrypted; remove the password")
	case !inside(entry.Name):
		return errors.New("its name leaves the archive")
	case !entry.Mode().IsRegular() && !entry.Mode().IsDir():
		return errors.New("it is a link or a device")
	}
	return nil
}

// inside says that a name stays within the archive.
func inside(name string) bool {
	clean := path.Clean(name)
	return name != "" && !path.IsAbs(name) && !strings.ContainsAny(name, "\\\x00") && clean != ".." && !strings.HasPrefix(clean, "../")
}

// Names lists the files in the directory's order.
func (a *Archive) Names() []string { return a.names }

// Has says that a file is there.
func (a *Archive) Has(name string) bool { return a.files[name] != nil }

// Read unpacks one file. What is longer than its directory entry claims is
// refused (ErrBomb).
func (a *Archive) Read(name string) ([]byte, error) {
	entry := a.files[name]
	if entry == nil {
		return nil, errors.New("a file it names is not in the archive")
	}
	if entry.UncompressedSize64 > maxEntry {
		return nil, fmt.Errorf("%w: one entry of %d MB", ErrBomb, entry.UncompressedSize64>>20)
	}
	in, err := entry.Open()
	if err != nil {
		return nil, fmt.Errorf("damaged archive: %w", err)
	}
	defer in.Close()
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(in, int64(entry.UncompressedSize64)+1))
	if err == nil && uint64(n) > entry.UncompressedSize64 {
		return nil, fmt.Errorf("%w: an entry is longer than it claims", ErrBomb)
	}
	if err != nil {
		return nil, fmt.Errorf("damaged archive: %w", err)
	}
	return out.Bytes(), nil
}
