package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// folder is the data folder of one installation:
//
//	jingban.db  files/aa/<sha256>  redis/  browser/<worker>/  run/*.sock  tmp/  master.key
type folder struct {
	path string
	lock *os.File // held while a local installation runs
}

// openFolder makes the folder, 0700, empties tmp/ and, for a local
// installation, takes the lock that keeps a second process out.
func openFolder(path string, exclusive bool) (*folder, error) {
	f := &folder{path: path}
	if err := f.make(); err != nil {
		return nil, err
	}
	if exclusive {
		if err := f.take(); err != nil {
			return nil, err
		}
	}
	return f, f.emptyTemp()
}

func (f *folder) at(parts ...string) string {
	return filepath.Join(append([]string{f.path}, parts...)...)
}

func (f *folder) make() error {
	for _, dir := range []string{"", "files", "redis", "browser", "run", "tmp", "persons"} {
		if err := os.MkdirAll(f.at(dir), 0o700); err != nil {
			return told{zh: "数据目录 " + f.path + " 不可用。请用 --data 另选本用户可写的目录。",
				en: "data folder: choose a folder this user may write to with --data", err: err}
		}
	}
	return nil
}

func (f *folder) take() error {
	lock, err := os.OpenFile(f.at("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		return told{zh: "数据目录 " + f.path + " 正被另一个经办进程使用。请先停止它，或用 --data 另选目录。",
			en: "data folder " + f.path + " is in use by another jingban: stop that one, or choose another folder with --data"}
	}
	f.lock = lock
	return nil
}

func (f *folder) emptyTemp() error {
	entries, err := os.ReadDir(f.at("tmp"))
	if err != nil {
		return fmt.Errorf("temporary folder: %w", err)
	}
	for _, entry := range entries {
		if err := os.RemoveAll(f.at("tmp", entry.Name())); err != nil {
			return fmt.Errorf("temporary folder: %w", err)
		}
	}
	return nil
}

// Close gives the lock back.
func (f *folder) Close() error {
	if f.lock == nil {
		return nil
	}
	return f.lock.Close()
}

func (c *Config) masterKeyFile() string {
	if c.MasterKeyFile != "" {
		return c.MasterKeyFile
	}
	return filepath.Join(c.Data, "master.key")
}

// masterKey reads the key, and makes one for a new local installation. A key
// that others may read, or a database whose key is gone, is refused.
func (c *Config) masterKey() ([]byte, error) {
	path := c.masterKeyFile()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && c.MasterKeyFile == "" && !c.shared() {
		return makeMasterKey(path, filepath.Join(c.Data, "jingban.db"))
	}
	if err != nil {
		return nil, told{zh: "读不到主密钥 " + path + "。主密钥只生成一次，须与备份分开保管；没有它，已加密的内容无法读取。",
			en: "master key: it is made once and kept apart from the backups; without it nothing sealed can be read", err: err}
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, told{zh: "主密钥 " + path + " 可被他人读取。请执行 chmod 600。", en: "master key " + path + " can be read by others: chmod 600 it"}
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, told{zh: "主密钥 " + path + " 格式不对，应为 32 字节的 base64。", en: "master key " + path + ": want 32 bytes in base64"}
	}
	return key, nil
}

func makeMasterKey(path, database string) ([]byte, error) {
	if _, err := os.Stat(database); err == nil {
		return nil, told{zh: "已有数据库，但找不到主密钥 " + path + "。请放回原密钥；没有它，已加密的内容无法读取。",
			en: "master key " + path + " is missing, but there is a database: put the key back, nothing sealed can be read without it"}
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails (crypto/rand)
	if err := os.WriteFile(path, []byte(base64.StdEncoding.EncodeToString(key)+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return key, nil
}
