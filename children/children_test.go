package children_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jingban/jingban/children"
)

func sh(script string, args ...string) children.Spec {
	return children.Spec{Name: "sh", Path: "/bin/sh", Args: append([]string{"-c", script, "sh"}, args...),
		Env: []string{"PATH=/usr/bin:/bin"}}
}

func start(t *testing.T, spec children.Spec) *children.Child {
	t.Helper()
	c, err := children.Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(0) })
	return c
}

// gone waits on a process that is not ours.
func gone(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 10_000)
	if err != nil || n == 0 {
		t.Fatalf("process %d still lives (%v)", pid, err)
	}
}

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestStartKeepsStdinExtraFilesAndExactEnvironment(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	spec := sh(`cat; cat <&3; tr '\0' '\n' </proc/$$/environ; echo; echo end`)
	spec.Env = []string{"ONLY=this"}
	spec.Stdin, spec.Stdout, spec.ExtraFiles = strings.NewReader("one "), &out, []*os.File{r}
	c := start(t, spec)
	r.Close()
	if _, err := w.WriteString("two\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	<-c.Done()
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
	got := out.String()
	if !strings.HasPrefix(got, "one two\n") || !strings.Contains(got, "ONLY=this\n") || strings.Contains(got, "HOME=") {
		t.Fatalf("child saw %q", got)
	}
}

func TestErrTellsTheExitStatus(t *testing.T) {
	c := start(t, sh(`exit 7`))
	<-c.Done()
	exit, ok := errors.AsType[*exec.ExitError](c.Err())
	if !ok || exit.ExitCode() != 7 {
		t.Fatalf("err %v, want status 7", c.Err())
	}
}

func TestStartNamesAMissingProgram(t *testing.T) {
	_, err := children.Start(children.Spec{Name: "nothing", Path: "/nonexistent/program"})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nothing") {
		t.Fatalf("err %v", err)
	}
}

// pidsFrom reads process numbers a child prints, one a line.
func pidsFrom(t *testing.T, r *os.File, n int) []int {
	t.Helper()
	var pids []int
	for lines := bufio.NewScanner(r); len(pids) < n && lines.Scan(); {
		pid, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	if len(pids) < n {
		t.Fatalf("the child printed %d of %d pids", len(pids), n)
	}
	return pids
}

func startPrinting(t *testing.T, script string) (*children.Child, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	spec := sh(script)
	spec.Stdout = w
	c := start(t, spec)
	w.Close()
	return c, r
}

func TestStopKillsAGroupThatIgnoresTheRequest(t *testing.T) {
	c, out := startPrinting(t, `trap '' TERM; sleep 1000 & echo $!; wait; wait`)
	grandchild := pidsFrom(t, out, 1)[0]
	if err := c.Stop(20 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	gone(t, grandchild)
	if alive(c.Pid()) {
		t.Fatal("child lives")
	}
}

func TestStopLetsTheChildEndByItself(t *testing.T) {
	c, out := startPrinting(t, `trap 'exit 3' TERM; echo 1; while :; do sleep 0.05; done`)
	pidsFrom(t, out, 1)
	if err := c.Stop(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	exit, ok := errors.AsType[*exec.ExitError](c.Err())
	if !ok || exit.ExitCode() != 3 {
		t.Fatalf("err %v, want the child's own status 3", c.Err())
	}
}

func TestGrandchildrenEndWithTheChild(t *testing.T) {
	c, out := startPrinting(t, `sleep 1000 & echo $!; exit 0`)
	grandchild := pidsFrom(t, out, 1)[0]
	<-c.Done()
	gone(t, grandchild)
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
}

func TestLimitsReachTheChild(t *testing.T) {
	var out bytes.Buffer
	spec := sh(`ulimit -c; ulimit -t; ulimit -d; ulimit -n`)
	spec.Stdout = &out
	spec.Limits = children.Limits{CPUSeconds: 9, MemoryBytes: 64 << 20, OpenFiles: 33}
	c := start(t, spec)
	<-c.Done()
	if got := out.String(); got != "0\n9\n65536\n33\n" {
		t.Fatalf("limits %q", got)
	}
}

func TestStartDropsToAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may become someone else")
	}
	var out bytes.Buffer
	spec := sh(`id -u; id -g; id -G`)
	spec.Stdout, spec.User = &out, &children.User{UID: 65534, GID: 65534}
	c := start(t, spec)
	<-c.Done()
	if got := out.String(); got != "65534\n65534\n65534\n" {
		t.Fatalf("ran as %q", got)
	}
}

// parentDir makes the test binary play the parent that gets killed.
const parentDir = "CHILDREN_TEST_PARENT"

func TestParentForOthers(t *testing.T) {
	dir := os.Getenv(parentDir)
	if dir == "" {
		t.Skip("played by TestEverythingEndsWhenTheParentIsKilled")
	}
	spec := sh(`sleep 1000 & echo $$; echo $!; wait`)
	spec.Stdout, spec.PidFile = os.Stdout, filepath.Join(dir, "sh.pid")
	c, err := children.Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	<-c.Done()
}

// startParent runs the test binary as a parent with a child and a grandchild,
// and returns their pids.
func startParent(t *testing.T, dir string) (*exec.Cmd, []int) {
	t.Helper()
	parent := exec.Command(os.Args[0], "-test.run=^TestParentForOthers$")
	parent.Env = append(os.Environ(), parentDir+"="+dir)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	parent.Stdout = w
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { _ = parent.Process.Kill(); _ = parent.Wait() })
	return parent, pidsFrom(t, r, 2)
}

func kill(t *testing.T, parent *exec.Cmd) {
	t.Helper()
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
}

func TestEverythingEndsWhenTheParentIsKilled(t *testing.T) {
	parent, pids := startParent(t, t.TempDir())
	if !alive(pids[0]) || !alive(pids[1]) {
		t.Fatal("child and grandchild should live as long as the parent")
	}
	kill(t, parent)
	gone(t, pids[0])
	gone(t, pids[1])
}

func TestSweepEndsWhatOutlivedParentAndGuard(t *testing.T) {
	dir := t.TempDir()
	parent, pids := startParent(t, dir)
	if left, err := children.Sweep(dir); err != nil || len(left) != 0 || !alive(pids[0]) {
		t.Fatalf("sweep under a living owner ended %v (%v)", left, err)
	}
	guard, err := syscall.Getpgid(pids[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(guard, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone(t, guard)
	kill(t, parent)
	if !alive(pids[0]) {
		t.Fatal("without its guard the child should have outlived the parent")
	}
	left, err := children.Sweep(dir)
	if err != nil || len(left) != 1 || left[0].Pid != pids[0] || left[0].Name != "sh" {
		t.Fatalf("sweep: %v, %v", left, err)
	}
	gone(t, pids[0])
	gone(t, pids[1])
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 0 {
		t.Fatalf("files left: %v", files)
	}
}

func TestSweepSparesAStrangerWithTheSamePid(t *testing.T) {
	for name, edit := range map[string][2]string{
		"other start time": {`"start":"`, `"start":"9`},
		"other command":    {`"command":"sh"`, `"command":"redis-server"`},
		"other boot":       {`"boot":"`, `"boot":"x`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			spec := sh(`sleep 1000`)
			spec.PidFile = filepath.Join(dir, "a.pid")
			c := start(t, spec)
			data, err := os.ReadFile(spec.PidFile)
			if err != nil {
				t.Fatal(err)
			}
			// A dead owner makes the file a candidate at all.
			text := strings.Replace(string(data), fmt.Sprintf(`"owner":{"pid":%d`, os.Getpid()), `"owner":{"pid":999999999`, 1)
			text = strings.Replace(text, edit[0], edit[1], 1)
			if err := os.WriteFile(filepath.Join(dir, "b.pid"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			left, err := children.Sweep(dir)
			if err != nil || len(left) != 0 || !alive(c.Pid()) {
				t.Fatalf("swept %v (%v)", left, err)
			}
			if _, err := os.Stat(filepath.Join(dir, "b.pid")); !errors.Is(err, fs.ErrNotExist) {
				t.Fatal("the stale file should be gone")
			}
		})
	}
}

func TestPidFileGoesWithTheChild(t *testing.T) {
	spec := sh(`sleep 1000`)
	spec.PidFile = filepath.Join(t.TempDir(), "a.pid")
	c := start(t, spec)
	if _, err := os.Stat(spec.PidFile); err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(spec.PidFile); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("pid file outlived the child")
	}
}
