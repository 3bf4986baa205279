package children

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// goneWithin is how long a killed leftover may take to disappear.
const goneWithin = 5 * time.Second

// commLength is what the kernel keeps of a command's name.
const commLength = 15

// Leftover is a child that outlived its parent and was ended by Sweep.
type Leftover struct {
	Name string
	Pid  int
}

// record is the content of a pid file.
type record struct {
	Name    string `json:"name"`
	Command string `json:"command"`
	Boot    string `json:"boot"` // start times are counted from it
	Group   int    `json:"group"`
	Child   life   `json:"child"`
	Owner   life   `json:"owner"`
}

// life names one process for ever, as its number alone does not.
type life struct {
	Pid   int    `json:"pid"`
	Start string `json:"start"` // clock ticks after boot
}

// Sweep ends the children named by the pid files (*.pid) of a folder whose
// owner is gone, and removes the files. A process is ended only when pid, start
// time and command are those of the file; children of a living owner stay.
func Sweep(dir string) ([]Leftover, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.pid"))
	if err != nil {
		return nil, fmt.Errorf("pid files in %s: %w", dir, err)
	}
	var ended []Leftover
	var errs []error
	for _, path := range paths {
		left, err := sweepFile(path)
		if left != nil {
			ended = append(ended, *left)
		}
		errs = append(errs, err)
	}
	return ended, errors.Join(errs...)
}

func sweepFile(path string) (*Leftover, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("pid file: %w", err)
	}
	var r record
	if json.Unmarshal(data, &r) != nil {
		return nil, os.Remove(path) // cut off by a crash while it was written
	}
	sameBoot := r.Boot == bootID()
	if sameBoot && r.Owner.alive() {
		return nil, nil
	}
	if !sameBoot || !r.Child.alive() || !runs(r.Child.Pid, r.Command) {
		return nil, os.Remove(path)
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	return &Leftover{Name: r.Name, Pid: r.Child.Pid}, os.Remove(path)
}

// end kills the group the child is in, if it still is, and waits until the
// child is gone.
func (r record) end() error {
	fd, err := unix.PidfdOpen(r.Child.Pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("leftover %s: %w", r.Name, err)
	}
	defer unix.Close(fd)
	if group, err := unix.Getpgid(r.Child.Pid); err == nil && group == r.Group {
		_ = unix.Kill(-group, unix.SIGKILL) // gone meanwhile, or refused and then seen below
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("leftover %s: %w", r.Name, err)
	}
	return waitGone(fd, r)
}

func waitGone(fd int, r record) error {
	deadline := time.Now().Add(goneWithin)
	for {
		polled := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(polled, int(time.Until(deadline).Milliseconds()))
		if errors.Is(err, unix.EINTR) && time.Now().Before(deadline) {
			continue
		}
		if err != nil || n == 0 {
			return fmt.Errorf("leftover %s: pid %d does not end", r.Name, r.Child.Pid)
		}
		return nil
	}
}

func writePidFile(spec Spec, pid, group int) error {
	r := record{Name: spec.Name, Command: filepath.Base(spec.Path), Boot: bootID(), Group: group,
		Child: lifeOf(pid), Owner: lifeOf(os.Getpid())}
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("pid file: %w", err)
	}
	if err := os.WriteFile(spec.PidFile, data, 0o600); err != nil {
		return fmt.Errorf("pid file: %w", err)
	}
	return nil
}

func lifeOf(pid int) life { return life{Pid: pid, Start: startTime(pid)} }

// alive says whether this very process still runs; a zombie does not.
func (l life) alive() bool { return l.Start != "" && l.Start == startTime(l.Pid) }

// startTime reads when a process started, "" when there is none or only its
// zombie. The name in parentheses may itself hold spaces and parentheses.
func startTime(pid int) string {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	rest := string(data[strings.LastIndexByte(string(data), ')')+1:])
	fields := strings.Fields(rest)
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19] // field 22 of proc(5), counted from the state
}

// runs recognises a command by its kernel name or the first word of its command
// line: servers rewrite the latter to show their address, and a script started
// by name carries its interpreter there.
func runs(pid int, command string) bool {
	proc := "/proc/" + strconv.Itoa(pid)
	comm, _ := os.ReadFile(proc + "/comm") // gone: recognised as nothing below
	if name := strings.TrimSpace(string(comm)); name != "" && name == command[:min(len(command), commLength)] {
		return true
	}
	line, _ := os.ReadFile(proc + "/cmdline")
	first, _, _ := strings.Cut(string(line), "\x00")
	first, _, _ = strings.Cut(first, " ")
	return filepath.Base(first) == command
}

// bootID names this run of the machine.
func bootID() string {
	data, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // "" is equal only to itself
	return strings.TrimSpace(string(data))
}
