package tasks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/children"
)

// Broker says where Redis is: a redis:// or rediss:// address, or
// redis-socket:///path for a unix socket.
type Broker string

// Options gives asynq's way to connect.
func (b Broker) Options() (asynq.RedisConnOpt, error) {
	opt, err := asynq.ParseRedisURI(string(b))
	if err != nil {
		return nil, casework.Fail("redis_address", "redis address: want redis://host:6379/0 or redis-socket:///path: %v", err)
	}
	return opt, nil
}

// Client connects with go-redis, for what asynq does not offer.
func (b Broker) Client() (redis.UniversalClient, error) {
	opt, err := b.Options()
	if err != nil {
		return nil, err
	}
	client, ok := opt.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return nil, fmt.Errorf("redis: unexpected client %T", opt.MakeRedisClient())
	}
	return client, nil
}

// Check proves that Redis answers, that the password is right and that it never
// throws keys away. Faults: redis_down (Transient), redis_refused and
// redis_policy (Permanent).
func (b Broker) Check(ctx context.Context) error {
	client, err := b.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Ping(ctx).Err(); err != nil {
		if text := err.Error(); strings.Contains(text, "WRONGPASS") || strings.Contains(text, "NOAUTH") {
			return casework.Fail("redis_refused", "redis refuses the password: check --redis")
		}
		return casework.Retry("redis_down", "redis does not answer: %v", err)
	}
	policy, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil {
		return nil // a managed Redis may forbid CONFIG; the policy is then the operator's word
	}
	if p := policy["maxmemory-policy"]; p != "noeviction" {
		return casework.Fail("redis_policy", "redis has maxmemory-policy %s and would drop tasks silently: set it to noeviction", p)
	}
	return nil
}

// Redis is the private redis-server of a local installation: a child on a unix
// socket, append-only file synced every second, never evicting.
type Redis struct {
	Folder string // its data: appendonly files
	Socket string // at most 107 bytes, a limit of unix sockets
	Pids   string // folder of pid files
	Log    io.Writer
}

// Broker is where the private Redis answers.
func (r Redis) Broker() Broker { return Broker("redis-socket://" + r.Socket) }

// Run keeps the child alive until ctx ends, starting it again when it dies.
// ready is closed once it answers for the first time.
func (r Redis) Run(ctx context.Context, ready chan<- struct{}) error {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return casework.AskPerson("redis_missing", "redis-server is not installed: apt-get install redis-server, or use --redis")
	}
	if len(r.Socket) > 107 {
		return casework.Fail("redis_socket", "the data folder's path is too long for a unix socket (%d of 107 bytes): choose a shorter one", len(r.Socket))
	}
	for ctx.Err() == nil {
		child, err := r.start(path)
		if err != nil {
			return err
		}
		if err := r.await(ctx, child); err == nil && ready != nil {
			close(ready)
			ready = nil
		}
		select {
		case <-child.Done():
			pause(ctx, time.Second) // a child that dies at once must not spin
		case <-ctx.Done():
			return child.Stop(5 * time.Second)
		}
	}
	return nil
}

func (r Redis) start(path string) (*children.Child, error) {
	if err := os.MkdirAll(r.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("redis folder: %w", err)
	}
	if err := os.Remove(r.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("redis socket: %w", err)
	}
	child, err := children.Start(children.Spec{
		Name: "redis",
		Path: path,
		Args: []string{
			"--port", "0", "--unixsocket", r.Socket, "--unixsocketperm", "700",
			"--dir", r.Folder, "--appendonly", "yes", "--appendfsync", "everysec",
			"--maxmemory-policy", "noeviction", "--save", "", "--daemonize", "no",
		},
		Env:     []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"},
		Dir:     r.Folder,
		Stdout:  r.Log,
		Stderr:  r.Log,
		PidFile: filepath.Join(r.Pids, "redis.pid"),
	})
	if err != nil {
		return nil, fmt.Errorf("start redis: %w", err)
	}
	return child, nil
}

// await asks until Redis answers, the child ends or ctx is over.
func (r Redis) await(ctx context.Context, child *children.Child) error {
	for {
		err := r.Broker().Check(ctx)
		if err == nil || casework.AsFault(err).Kind != casework.Transient {
			return err
		}
		select {
		case <-child.Done():
			return fmt.Errorf("redis ended: %w", child.Err())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
