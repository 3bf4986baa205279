package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// profileFolders is what browsers' profile folders are called.
const profileFolders = "jingban-browser-"

// profileOwner is the file in a profile folder that its process keeps locked for as
// long as it lives, however it ends.
const profileOwner = "owner"

// profile is the folder of one Chromium, and the lock that says whose it is.
type profile struct {
	path string
	lock *os.File
}

// newProfile makes a profile folder below parent ("" is the temporary folder),
// after removing those whose process is dead.
func newProfile(parent string) (*profile, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	sweepProfiles(parent)
	path, err := os.MkdirTemp(parent, profileFolders)
	if err != nil {
		return nil, fmt.Errorf("profile folder: %w", err)
	}
	p := &profile{path: path}
	if p.lock, err = lockNew(filepath.Join(path, profileOwner)); err != nil {
		_ = os.RemoveAll(path) // the lock's error is the one to tell
		return nil, fmt.Errorf("profile folder: %w", err)
	}
	return p, nil
}

// lockNew makes a file that is locked from the moment it bears its name.
func lockNew(path string) (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "")
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sweepProfiles removes the profile folders that killed processes have left. What
// can't be opened or removed is another user's, or the next sweep's.
func sweepProfiles(parent string) {
	owners, _ := filepath.Glob(filepath.Join(parent, profileFolders+"*", profileOwner)) // the pattern is good
	for _, owner := range owners {
		f, err := os.OpenFile(owner, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0) // anybody may lay things into a temporary folder
		if err != nil {
			continue
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Dir(owner))
		}
		f.Close()
	}
}

// remove removes the folder and lets its lock go.
func (p *profile) remove() error {
	err := os.RemoveAll(p.path)
	p.lock.Close()
	return err
}
