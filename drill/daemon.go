package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/jingban/jingban/children"
)

// daemon is one process that is started again whenever it ends, as a service
// manager would.
type daemon struct {
	name string
	spec children.Spec
	log  string // file; every life is appended

	mu     sync.Mutex
	child  *children.Child
	frozen bool
}

// restartAfter is the pause before the next life.
const restartAfter = 500 * time.Millisecond

// run keeps the process alive until ctx ends.
func (d *daemon) run(ctx context.Context) error {
	log, err := os.OpenFile(d.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	d.spec.Stdout, d.spec.Stderr = log, log
	for ctx.Err() == nil {
		child, err := children.Start(d.spec)
		if err != nil {
			return fmt.Errorf("start %s: %w", d.name, err)
		}
		d.become(child)
		select {
		case <-child.Done():
			d.become(nil)
			fmt.Fprintf(log, "--- %s ended: %v\n", d.name, child.Err())
			select {
			case <-ctx.Done():
			case <-time.After(restartAfter):
			}
		case <-ctx.Done():
			d.thaw()
			return child.Stop(15 * time.Second)
		}
	}
	return nil
}

func (d *daemon) become(child *children.Child) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.child, d.frozen = child, false
}

// pid is 0 while the process is down.
func (d *daemon) pid() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.child == nil {
		return 0
	}
	return d.child.Pid()
}

// working is the pid of a process that runs and is not frozen, else 0.
func (d *daemon) working() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.child == nil || d.frozen {
		return 0
	}
	return d.child.Pid()
}

// kill ends the process the hard way and waits until it is gone.
func (d *daemon) kill() bool { return d.signal(syscall.SIGKILL) }

func (d *daemon) freeze() bool {
	if !d.signal(syscall.SIGSTOP) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.frozen = true
	return true
}

func (d *daemon) thaw() {
	d.mu.Lock()
	frozen := d.frozen
	d.frozen = false
	d.mu.Unlock()
	if frozen {
		d.signal(syscall.SIGCONT)
	}
}

// signal reaches the process itself, not its children.
func (d *daemon) signal(sig syscall.Signal) bool {
	pid := d.pid()
	return pid > 0 && syscall.Kill(pid, sig) == nil
}

// pidIn reads the child's number from a pid file of package children; 0 when
// there is none.
func pidIn(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	var record struct {
		Child struct {
			Pid int `json:"pid"`
		} `json:"child"`
	}
	if json.Unmarshal(text, &record) != nil {
		return 0
	}
	return record.Child.Pid
}

// killIn kills the child named by a pid file.
func killIn(path string) bool {
	pid := pidIn(path)
	return pid > 0 && syscall.Kill(pid, syscall.SIGKILL) == nil
}
