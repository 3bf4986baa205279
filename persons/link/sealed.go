package link

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

// A kept file is a row of sealed pages: nonce, ciphertext and tag of 4 KiB of
// clear bytes, or of 512 where a night opens single ones here and there. A page
// opens only in its file and at its place, so pages can neither be read nor
// exchanged; single pages are read without the others.
const (
	largePage = 4096
	smallPage = 512
)

// pageBytes is how many clear bytes a page of a file holds.
func pageBytes(name string) int {
	for _, part := range []string{textPart, placesPart, idsPart} {
		if strings.HasSuffix(name, part) {
			return smallPage
		}
	}
	return largePage
}

// ErrDamaged says that a kept file does not open: it was torn, changed, or sealed
// with another key. Nothing of it is used; a full search keeps everything anew.
var ErrDamaged = errors.New("damaged, or of another key")

// pageWriter seals what is written to it, page by page.
type pageWriter struct {
	file  *os.File
	key   cipher.AEAD
	clear []byte // of the page that is begun
	out   []byte // sealed pages on their way
	nonce [12]byte
	place pagePlace
	bytes int // of a page
	page  uint32
	size  int64 // clear bytes so far
}

// together is how many pages are written at once.
const together = 64

func (k Kept) create(name string) (*pageWriter, error) {
	file, err := k.Folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep %s: %w", name, err)
	}
	w := &pageWriter{file: file, key: k.Seal, place: placesOf(name), bytes: pageBytes(name)}
	rand.Read(w.nonce[:]) // never fails; the last four bytes then count the pages
	return w, nil
}

// keep writes a whole file.
func (k Kept) keep(name string, clear []byte) error {
	w, err := k.create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(clear)
	return errors.Join(err, w.Close())
}

// Write keeps p; a full page is sealed.
func (w *pageWriter) Write(p []byte) (int, error) {
	w.size += int64(len(p))
	for rest := p; len(rest) > 0; {
		if len(w.clear) == 0 && len(rest) >= w.bytes {
			if err := w.seal(rest[:w.bytes]); err != nil {
				return 0, err
			}
			rest = rest[w.bytes:]
			continue
		}
		n := min(len(rest), w.bytes-len(w.clear))
		w.clear, rest = append(w.clear, rest[:n]...), rest[n:]
		if len(w.clear) == w.bytes {
			if err := w.seal(w.clear); err != nil {
				return 0, err
			}
			w.clear = w.clear[:0]
		}
	}
	return len(p), nil
}

func (w *pageWriter) seal(clear []byte) error {
	binary.LittleEndian.PutUint32(w.nonce[8:], w.page)
	if w.out == nil {
		w.out = make([]byte, 0, together*(w.bytes+len(w.nonce)+w.key.Overhead()))
	}
	w.out = w.key.Seal(append(w.out, w.nonce[:]...), w.nonce[:], clear, w.place.of(uint64(w.page)))
	w.page++
	if w.page%together == 0 {
		return w.flush()
	}
	return nil
}

func (w *pageWriter) flush() error {
	_, err := w.file.Write(w.out)
	w.out = w.out[:0]
	return err
}

// Close seals the last page. What a power cut tears no longer opens, and a full
// search writes it again: so nothing waits for the disk.
func (w *pageWriter) Close() error {
	var err error
	if len(w.clear) > 0 {
		err = w.seal(w.clear)
	}
	return errors.Join(err, w.flush(), w.file.Close())
}

// beingWritten ends the name of a file that takes another's place when it is whole.
const beingWritten = ".new"

// pagePlace is what the pages of a file are bound to: its name and their number.
type pagePlace []byte

func placesOf(name string) pagePlace {
	return append([]byte(strings.TrimSuffix(path.Base(name), beingWritten)), make([]byte, 8)...)
}

func (p pagePlace) of(page uint64) []byte {
	binary.LittleEndian.PutUint64(p[len(p)-8:], page)
	return p
}

// pageFile reads a sealed file, whole or page by page. The file is mapped: a night
// touches thousands of pages here and there.
type pageFile struct {
	sealed []byte // the file
	name   string
	key    cipher.AEAD
	place  pagePlace
	bytes  int // of a page
	box    int // of a sealed one
	clear  []byte
	cached int64 // page in clear, -1 for none
	across []byte
}

func (k Kept) open(name string) (*pageFile, error) {
	file, err := k.Folder.Open(name)
	if errors.Is(err, os.ErrNotExist) && name != stateFile {
		return nil, fmt.Errorf("kept %s: it is missing: %w", name, ErrDamaged)
	}
	if err != nil {
		return nil, fmt.Errorf("kept %s: %w", name, err)
	}
	defer file.Close() // the mapping stays
	sealed, err := mapped(file)
	if err != nil {
		return nil, fmt.Errorf("kept %s: %w", name, err)
	}
	bytes := pageBytes(name)
	return &pageFile{sealed: sealed, name: name, key: k.Seal, place: placesOf(name), bytes: bytes, box: bytes + k.Seal.NonceSize() + k.Seal.Overhead(), cached: -1}, nil
}

func mapped(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	return unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
}

// beside reads other pages of the same file without losing those at hand. It ends
// with the first.
func (f *pageFile) beside() *pageFile {
	return &pageFile{sealed: f.sealed, name: f.name, key: f.key, place: placesOf(f.name), bytes: f.bytes, box: f.box, cached: -1}
}

func (f *pageFile) Close() error {
	if f.sealed == nil {
		return nil
	}
	return unix.Munmap(f.sealed)
}

// guarded makes ErrDamaged of a file that ends, or a disk that fails, under its
// mapping: it is one night's trouble and not the end of the process.
func guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			err = fmt.Errorf("kept files: they cannot be read: %w", ErrDamaged)
		default:
			panic(fault)
		}
	}()
	return do()
}

func (f *pageFile) unseal(into, box []byte, page uint64) ([]byte, error) {
	n := f.key.NonceSize()
	if len(box) < n {
		return nil, fmt.Errorf("kept %s: cut short: %w", f.name, ErrDamaged)
	}
	clear, err := f.key.Open(into, box[:n], box[n:], f.place.of(page))
	if err != nil {
		return nil, fmt.Errorf("kept %s: %w", f.name, ErrDamaged)
	}
	return clear, nil
}

// whole reads a file from its first byte to its last.
func (k Kept) whole(name string) ([]byte, error) {
	f, err := k.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	clear := make([]byte, 0, len(f.sealed))
	for page := range f.pages() {
		if clear, err = f.unseal(clear, f.boxAt(page), uint64(page)); err != nil {
			return nil, err
		}
	}
	return clear, nil
}

func (f *pageFile) pages() int64 { return int64((len(f.sealed) + f.box - 1) / f.box) }

func (f *pageFile) boxAt(page int64) []byte {
	from := min(page*int64(f.box), int64(len(f.sealed)))
	return f.sealed[from:min(from+int64(f.box), int64(len(f.sealed)))]
}

// view gives n bytes from a place, valid until the next call.
func (f *pageFile) view(from int64, n int) ([]byte, error) {
	inside := int(from % int64(f.bytes))
	if inside+n <= f.bytes {
		if err := f.load(from / int64(f.bytes)); err != nil {
			return nil, err
		}
		if inside+n > len(f.clear) {
			return nil, fmt.Errorf("kept %s: cut short: %w", f.name, ErrDamaged)
		}
		return f.clear[inside : inside+n], nil
	}
	f.across = f.across[:0]
	for len(f.across) < n {
		at := from + int64(len(f.across))
		part, err := f.view(at, min(f.bytes-int(at%int64(f.bytes)), n-len(f.across)))
		if err != nil {
			return nil, err
		}
		f.across = append(f.across, part...)
	}
	return f.across, nil
}

func (f *pageFile) load(page int64) (err error) {
	if f.cached == page {
		return nil
	}
	f.cached = -1
	if f.clear, err = f.unseal(f.clear[:0], f.boxAt(page), uint64(page)); err != nil {
		return err
	}
	f.cached = page
	return nil
}
