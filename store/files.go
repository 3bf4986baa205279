package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/jingban/jingban/casework"
)

// A sealed file is the line "v1.aesgcm.<key id>\n" followed by nonce and
// ciphertext, named after the SHA-256 of the clear bytes: files/aa/<sha256>.

func openFiles(folder string) (*os.Root, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, explain("open the files folder", err)
	}
	root, err := os.OpenRoot(folder)
	return root, explain("open the files folder", err)
}

func filePlace(sum string) string { return "files/data/" + sum }

// PutFile seals and keeps bytes and gives the SHA-256 they are found by. They
// are on the disk when it returns. Keeping the same bytes twice is a no-op.
func (s *Store) PutFile(ctx context.Context, data []byte) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	hash := sha256.Sum256(data)
	sum := hex.EncodeToString(hash[:])
	path := sum[:2] + "/" + sum
	if _, err := s.files.Stat(path); err == nil {
		return sum, nil
	}
	if err := s.files.MkdirAll(sum[:2], 0o700); err != nil {
		return "", explain("keep a file", err)
	}
	sealed := append([]byte(sealVersion+s.keys.id+"\n"), s.keys.box(filePlace(sum), data)...)
	return sum, explain("keep a file", s.writeFile(sum[:2], path, sealed))
}

// writeFile makes the file appear whole or not at all, also after a power cut.
func (s *Store) writeFile(folder, path string, data []byte) (err error) {
	temporary := folder + "/" + casework.NewID() + ".tmp"
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreMissing(s.files.Remove(temporary)))
		}
	}()
	if err := s.writeSynced(temporary, data); err != nil {
		return err
	}
	if err := s.files.Rename(temporary, path); err != nil {
		return err
	}
	if err := s.syncFolder(folder); err != nil {
		return err
	}
	return s.syncFolder(".")
}

func (s *Store) writeSynced(path string, data []byte) error {
	file, err := s.files.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}

func (s *Store) syncFolder(path string) error {
	folder, err := s.files.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// File gives the bytes back, or ErrNotFound. It refuses bytes that were changed
// on the disk.
func (s *Store) File(ctx context.Context, sum string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size {
		return nil, fmt.Errorf("file: %w", ErrNotFound)
	}
	sealed, err := s.readAside(sum[:2] + "/" + sum)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("file %s: %w", sum, ErrNotFound)
	}
	if err != nil {
		return nil, explain("read a file", err)
	}
	head, body, _ := strings.Cut(string(sealed), "\n")
	keyID, ok := strings.CutPrefix(head, sealVersion)
	if !ok {
		return nil, fmt.Errorf("file %s: unknown format", sum)
	}
	return s.keys.unbox(filePlace(sum), keyID, []byte(body))
}
