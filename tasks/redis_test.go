package tasks_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/tasks"
)

// private starts a private Redis in a short folder (unix sockets allow 107 bytes).
func private(t *testing.T) (tasks.Redis, context.CancelFunc) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("REQUIRE_REAL") == "1" {
			t.Fatal("redis-server is not installed")
		}
		t.Skip("redis-server is not installed")
	}
	dir, err := os.MkdirTemp("", "jb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r := tasks.Redis{Folder: filepath.Join(dir, "redis"), Socket: filepath.Join(dir, "redis.sock"), Pids: dir, Log: io.Discard}
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- r.Run(ctx, ready) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("redis: %v", err)
		}
	})
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		t.Fatal("redis does not answer")
	}
	return r, cancel
}

func TestPrivateRedisNeverEvictsAndKeepsAnAppendOnlyFile(t *testing.T) {
	r, _ := private(t)
	client, err := r.Broker().Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for name, want := range map[string]string{"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec", "port": "0"} {
		got, err := client.ConfigGet(t.Context(), name).Result()
		if err != nil || got[name] != want {
			t.Errorf("%s = %q, %v; want %q", name, got[name], err, want)
		}
	}
}

func TestKilledRedisComesBackWithItsData(t *testing.T) {
	r, _ := private(t)
	client, err := r.Broker().Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Set(t.Context(), "kept", "yes", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Do(t.Context(), "WAITAOF", 1, 0, 2000).Err(); err != nil {
		// Redis before 7.2 has no WAITAOF: a rewrite forces the file to disk as well.
		if err := client.BgRewriteAOF(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := client.Info(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	kill(t, info)
	deadline := time.Now().Add(20 * time.Second)
	for {
		value, err := client.Get(t.Context(), "kept").Result()
		if err == nil && value == "yes" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("kept = %q, %v after the restart", value, err)
		}
	}
}

func TestRedisThatMayEvictIsRefused(t *testing.T) {
	r, _ := private(t)
	client, err := r.Broker().Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	if fault := casework.AsFault(r.Broker().Check(t.Context())); fault.Code != "redis_policy" || fault.Kind != casework.Permanent {
		t.Errorf("check says %v", fault)
	}
}

func TestWrongPasswordIsToldFromADeadServer(t *testing.T) {
	r, _ := private(t)
	client, err := r.Broker().Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.ConfigSet(t.Context(), "requirepass", "secret").Err(); err != nil {
		t.Fatal(err)
	}
	if fault := casework.AsFault(r.Broker().Check(t.Context())); fault.Code != "redis_refused" {
		t.Errorf("without password: %v", fault)
	}
	if fault := casework.AsFault(tasks.Broker("redis-socket:///nowhere.sock").Check(t.Context())); fault.Code != "redis_down" || fault.Kind != casework.Transient {
		t.Errorf("dead server: %v", fault)
	}
}

func TestTaskCarriesOneIDAndNothingElse(t *testing.T) {
	for _, name := range []string{tasks.ReadMaterial, tasks.StartRun, tasks.WorkRun} {
		task, err := tasks.New(name, "hint-1", "subject-1")
		if err != nil {
			t.Fatal(err)
		}
		if got := string(task.Payload()); got != `{"id":"subject-1"}` {
			t.Errorf("%s carries %s", name, got)
		}
		if id, err := tasks.SubjectOf(task); err != nil || id != "subject-1" {
			t.Errorf("%s: subject %q, %v", name, id, err)
		}
	}
	if _, err := tasks.New("unknown", "h", "s"); err == nil {
		t.Error("an unknown task was made")
	}
}

// kill ends the server with SIGKILL, by the pid it reports of itself.
func kill(t *testing.T, info string) {
	t.Helper()
	pid := pidIn(info)
	if pid == 0 {
		t.Fatalf("no process id in %q", info)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func pidIn(info string) int {
	const mark = "process_id:"
	for i := 0; i+len(mark) < len(info); i++ {
		if info[i:i+len(mark)] != mark {
			continue
		}
		pid := 0
		for _, c := range info[i+len(mark):] {
			if c < '0' || c > '9' {
				break
			}
			pid = pid*10 + int(c-'0')
		}
		return pid
	}
	return 0
}
