package link

import (
	"bufio"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// A kept file is a row of sealed pages: nonce, ciphertext and tag of 4 KiB of
// clear bytes. A page opens only in its file and at its place, so pages can
// neither be read nor exchanged; single pages are read without the others.
const pageBytes = 4096

// pageWriter seals what is written to it, page by page.
type pageWriter struct {
	file  *os.File
	out   *bufio.Writer
	key   cipher.AEAD
	clear []byte
	box   []byte
	page  uint64
	few   [8]byte
}

func (k Kept) create(name string) (*pageWriter, error) {
	file, err := k.Folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep %s: %w", name, err)
	}
	return &pageWriter{file: file, out: bufio.NewWriterSize(file, 64<<10), key: k.Seal}, nil
}

// Write keeps p; a full page is sealed.
func (w *pageWriter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), pageBytes-len(w.clear))
		w.clear, rest = append(w.clear, rest[:n]...), rest[n:]
		if len(w.clear) == pageBytes {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

func (w *pageWriter) number32(v uint32) error {
	binary.LittleEndian.PutUint32(w.few[:], v)
	_, err := w.Write(w.few[:4])
	return err
}

func (w *pageWriter) number64(v uint64) error {
	binary.LittleEndian.PutUint64(w.few[:], v)
	_, err := w.Write(w.few[:])
	return err
}

func (w *pageWriter) flush() error {
	if len(w.clear) == 0 {
		return nil
	}
	var nonce [12]byte
	rand.Read(nonce[:]) // never fails
	w.box = w.key.Seal(append(w.box[:0], nonce[:]...), nonce[:], w.clear, pagePlace(w.file.Name(), w.page))
	w.clear = w.clear[:0]
	w.page++
	_, err := w.out.Write(w.box)
	return err
}

// Close seals the last page. What a power cut tears no longer opens, and a full
// search writes it again: so nothing waits for the disk.
func (w *pageWriter) Close() error {
	return errors.Join(w.flush(), w.out.Flush(), w.file.Close())
}

// beingWritten ends the name of a file that takes another's place when it is whole.
const beingWritten = ".new"

// pagePlace is what a page is bound to.
func pagePlace(name string, page uint64) []byte {
	return binary.LittleEndian.AppendUint64([]byte(strings.TrimSuffix(path.Base(name), beingWritten)), page)
}

// pageFile reads a sealed file, whole or page by page.
type pageFile struct {
	file   *os.File
	key    cipher.AEAD
	sealed int // bytes a sealed page takes
	box    []byte
	clear  []byte
	cached int64 // page in clear, -1 for none
	ahead  []byte
	from   int64 // first page of ahead
}

// together is how many pages are read at once where they are read in order.
const together = 64

func (k Kept) open(name string) (*pageFile, error) {
	file, err := k.Folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("kept %s: %w", name, err)
	}
	return &pageFile{file: file, key: k.Seal, sealed: pageBytes + k.Seal.NonceSize() + k.Seal.Overhead(), cached: -1}, nil
}

func (f *pageFile) Close() error { return f.file.Close() }

func (f *pageFile) unseal(into, box []byte, page uint64) ([]byte, error) {
	n := f.key.NonceSize()
	if len(box) < n {
		return nil, fmt.Errorf("kept %s: cut short", f.file.Name())
	}
	clear, err := f.key.Open(into[:0], box[:n], box[n:], pagePlace(f.file.Name(), page))
	if err != nil {
		return nil, fmt.Errorf("kept %s: damaged, or of another key", f.file.Name())
	}
	return clear, nil
}

// each gives the clear pages in order; they are valid until the next.
func (f *pageFile) each(visit func(clear []byte) error) error {
	buffer := make([]byte, together*f.sealed)
	clear := make([]byte, 0, pageBytes)
	for page := uint64(0); ; {
		n, err := io.ReadFull(f.file, buffer)
		for box := buffer[:n]; len(box) > 0; page++ {
			size := min(len(box), f.sealed)
			open, err := f.unseal(clear, box[:size], page)
			if err != nil {
				return err
			}
			if err := visit(open); err != nil {
				return err
			}
			box = box[size:]
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("kept %s: %w", f.file.Name(), err)
		}
	}
}

// at reads n bytes from a place.
func (f *pageFile) at(from int64, n int, into []byte) ([]byte, error) {
	into = into[:0]
	for len(into) < n {
		at := from + int64(len(into))
		if err := f.load(at / pageBytes); err != nil {
			return nil, err
		}
		inside := int(at % pageBytes)
		if inside >= len(f.clear) {
			return nil, fmt.Errorf("kept %s: cut short", f.file.Name())
		}
		into = append(into, f.clear[inside:min(len(f.clear), inside+n-len(into))]...)
	}
	return into, nil
}

func (f *pageFile) load(page int64) error {
	if f.cached == page {
		return nil
	}
	box, err := f.sealedPage(page)
	if err != nil {
		return err
	}
	f.cached = -1
	if f.clear, err = f.unseal(f.clear, box, uint64(page)); err != nil {
		return err
	}
	f.cached = page
	return nil
}

// sealedPage reads a page; the one after the last, with those that follow.
func (f *pageFile) sealedPage(page int64) ([]byte, error) {
	if at := (page - f.from) * int64(f.sealed); at >= 0 && at < int64(len(f.ahead)) {
		return f.ahead[at:min(at+int64(f.sealed), int64(len(f.ahead)))], nil
	}
	pages := 1
	if page == f.cached+1 && page > 0 {
		pages = together
	}
	if f.box == nil || len(f.box) < pages*f.sealed {
		f.box = make([]byte, pages*f.sealed)
	}
	n, err := f.file.ReadAt(f.box[:pages*f.sealed], page*int64(f.sealed))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("kept %s: %w", f.file.Name(), err)
	}
	f.ahead, f.from = f.box[:n], page
	return f.ahead[:min(n, f.sealed)], nil
}
