package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestProfilesOfKilledProcessesAreSwept kills a process that holds a profile: its
// folder goes with the next one that is made, a living one's stays.
func TestProfilesOfKilledProcessesAreSwept(t *testing.T) {
	if parent := os.Getenv("PROFILE_PARENT"); parent != "" {
		p, err := newProfile(parent)
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString(p.path + "\n")
		os.Stdin.Read(make([]byte, 1)) //nolint:errcheck // it is killed here
		return
	}
	parent := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestProfilesOfKilledProcessesAreSwept$")
	child.Env = append(os.Environ(), "PROFILE_PARENT="+parent)
	in, err1 := child.StdinPipe()
	out, err2 := child.StdoutPipe()
	if err1 != nil || err2 != nil || child.Start() != nil {
		t.Fatal(err1, err2)
	}
	defer in.Close()
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		all, err := filepath.Glob(filepath.Join(parent, profileFolders+"*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	mine, err := newProfile(parent)
	if err != nil || count() != 2 {
		t.Fatalf("%d folders while both live, want 2: %v", count(), err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait() //nolint:errcheck // killed
	other, err := newProfile(parent)
	if err != nil || count() != 2 {
		t.Fatalf("%d folders after one was killed, want the two living: %v", count(), err)
	}
	if err := mine.remove(); err != nil || other.remove() != nil || count() != 0 {
		t.Errorf("%d folders are left: %v", count(), err)
	}
}
