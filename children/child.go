package children

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// guardScript waits for the end of its input and then kills its own group. It
// ignores what Stop sends to the group, so that it outlives the child.
const guardScript = `trap '' HUP INT TERM; read -r _; kill -KILL 0`

// outputDelay is how long a dead child's output is still read while one of its
// descendants keeps the pipe open.
const outputDelay = time.Second

// Spec is what to start and within which limits.
type Spec struct {
	Name       string    // for people: "redis", "chromium"
	Path       string    // the program, absolute
	Args       []string  // without the program itself
	Env        []string  // the whole environment, to which only PWD is added; nil is an empty one
	Dir        string    // working folder, "" is this process's
	Stdin      io.Reader // nil reads nothing
	Stdout     io.Writer // nil is thrown away
	Stderr     io.Writer
	ExtraFiles []*os.File // descriptor 3 and up
	User       *User      // nil stays the same user; anything else needs root
	PidFile    string     // "" writes none; its folder must exist
	Limits     Limits
	NoNetwork  bool // an empty network of its own; Start fails where the kernel refuses (see CanCutNetwork)
}

// User is whom a child runs as. All supplementary groups are dropped.
type User struct {
	UID uint32
	GID uint32
}

// Child is one running process with its group. Its methods may be called from
// several goroutines.
type Child struct {
	name  string
	cmd   *exec.Cmd
	guard *exec.Cmd
	pipe  *os.File // the write end; closing it ends the group
	done  chan struct{}
	err   error // valid once done is closed

	mu    sync.Mutex // group may be signalled only while the guard is not reaped
	ended bool
}

// Start runs the program. Its errors wrap fs.ErrNotExist when the program is
// missing. The caller ends the child with Stop or waits for Done.
func Start(spec Spec) (*Child, error) {
	guard, pipe, err := startGuard()
	if err != nil {
		return nil, fmt.Errorf("guard of %s: %w", spec.Name, err)
	}
	c := &Child{name: spec.Name, guard: guard, pipe: pipe, done: make(chan struct{})}
	if err := c.launch(spec); err != nil {
		c.endGroup()
		return nil, fmt.Errorf("child %s: %w", spec.Name, err)
	}
	go c.wait(spec.PidFile)
	return c, nil
}

func startGuard() (*exec.Cmd, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	guard := exec.Command("/bin/sh", "-c", guardScript)
	guard.Env = []string{}
	guard.Dir = "/"
	guard.Stdin = r
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := guard.Start(); err != nil {
		w.Close()
		return nil, nil, err
	}
	return guard, w, nil
}

// command runs the program through a shell that limits itself and then becomes
// the program, with the same pid.
func command(spec Spec, group int) (*exec.Cmd, error) {
	path, err := exec.LookPath(spec.Path)
	if err != nil {
		return nil, err
	}
	script, err := spec.Limits.script()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, "sh", path}, spec.Args...)...)
	cmd.Env = append([]string{}, spec.Env...)
	cmd.Dir = spec.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = spec.Stdin, spec.Stdout, spec.Stderr
	cmd.ExtraFiles = spec.ExtraFiles
	cmd.WaitDelay = outputDelay
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: group}
	if spec.NoNetwork {
		cutNetwork(cmd.SysProcAttr)
	}
	if spec.User != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: spec.User.UID, Gid: spec.User.GID}
	}
	return cmd, nil
}

// launch starts the program; when the pid file fails it leaves nothing running.
func (c *Child) launch(spec Spec) error {
	cmd, err := command(spec, c.guard.Process.Pid)
	if err != nil {
		return err
	}
	c.cmd = cmd
	if err := cmd.Start(); err != nil {
		return err
	}
	if spec.PidFile == "" {
		return nil
	}
	if err := writePidFile(spec, cmd.Process.Pid, c.guard.Process.Pid); err != nil {
		c.signal(syscall.SIGKILL)
		_ = cmd.Wait() // it was just killed; the cause is err
		return err
	}
	return nil
}

// wait reaps the child, then everything it left behind, then the guard.
func (c *Child) wait(pidFile string) {
	err := c.cmd.Wait()
	if !errors.Is(err, exec.ErrWaitDelay) {
		c.err = err
	}
	c.endGroup()
	if pidFile != "" {
		_ = os.Remove(pidFile) // Sweep recognises a stale one
	}
	close(c.done)
}

// endGroup kills what is left of the group. The guard is reaped last, because
// until then the kernel cannot give its number to a stranger.
func (c *Child) endGroup() {
	c.signal(syscall.SIGKILL)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pipe.Close()
	_ = c.guard.Wait() // it was killed; how it ended says nothing
	c.ended = true
}

// signal sends to the whole group unless it is gone.
func (c *Child) signal(sig syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		_ = syscall.Kill(-c.guard.Process.Pid, sig) // ESRCH: already gone
	}
}

// Pid is the process number of the child.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Done is closed when the child has ended, its group was killed and its pid
// file removed.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err says how the child ended: nil for status 0, else an *exec.ExitError. It
// is nil while the child runs.
func (c *Child) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Stop asks the group to end (SIGTERM), kills it after grace, and returns when
// it is gone. A grace of 0 kills at once. Stopping an ended child is no error.
func (c *Child) Stop(grace time.Duration) error {
	if grace > 0 {
		c.signal(syscall.SIGTERM)
		select {
		case <-c.done:
			return nil
		case <-time.After(grace):
		}
	}
	c.signal(syscall.SIGKILL)
	select {
	case <-c.done:
		return nil
	case <-time.After(outputDelay + 5*time.Second):
		return fmt.Errorf("child %s: pid %d does not end", c.name, c.Pid())
	}
}
