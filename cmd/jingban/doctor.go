package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// doctorCommand checks every real part.
type doctorCommand struct{}

// symptom is what one check found.
type symptom struct {
	part   string
	detail string // versions, paths
	err    error
	advice advice // what to install or do
	warn   bool   // works, but not as it should
}

// advice is what to do, in both languages.
type advice struct{ zh, en string }

// Run prints one line a part; the exit status is 1 when one is missing.
func (doctorCommand) Run(ctx context.Context, term console, cfg *Config) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	sick := false
	for _, check := range []func(context.Context, *Config) symptom{
		dataFolder, redisServer, postgres, space, poppler, fonts, reading, chromium, chineseSentence,
	} {
		s := check(ctx, cfg)
		switch {
		case s.err != nil:
			sick = true
			fmt.Fprintf(term.out, "✗ %-12s %v\n  %-12s → %s\n", s.part, s.err, "", term.say(s.advice.zh, s.advice.en))
		case s.warn:
			fmt.Fprintf(term.out, "! %-12s %s\n  %-12s → %s\n", s.part, s.detail, "", term.say(s.advice.zh, s.advice.en))
		default:
			fmt.Fprintf(term.out, "✓ %-12s %s\n", s.part, s.detail)
		}
	}
	if sick {
		return status(1)
	}
	return nil
}

func dataFolder(_ context.Context, cfg *Config) symptom {
	s := symptom{part: "data", detail: cfg.Data, advice: advice{"用 --data 另选本用户可写的目录", "choose a folder this user may write to with --data"}}
	if s.err = os.MkdirAll(cfg.Data, 0o700); s.err != nil {
		return s
	}
	probe, err := os.CreateTemp(cfg.Data, ".doctor-")
	if err != nil {
		s.err = err
		return s
	}
	s.err = probe.Close()
	if err := os.Remove(probe.Name()); s.err == nil {
		s.err = err
	}
	return s
}

func redisServer(ctx context.Context, cfg *Config) symptom {
	s := symptom{part: "redis", advice: advice{"执行 apt-get install redis-server，或用 --redis 指定", "apt-get install redis-server, or use --redis"}}
	if cfg.Redis != "" {
		h := house{cfg: cfg}
		s.detail, s.advice = withoutPassword(cfg.Redis), advice{"检查地址、口令，maxmemory-policy 须为 noeviction", "check the address, the password and maxmemory-policy noeviction"}
		s.err = h.openBroker(ctx)
		return s
	}
	s.detail, s.err = firstLine(ctx, "redis-server", "--version")
	return s
}

func postgres(ctx context.Context, cfg *Config) symptom {
	s := symptom{part: "database", detail: "SQLite (built in)", advice: advice{"检查地址，确认数据库服务已启动", "check the address and that the server runs"}}
	if !cfg.shared() {
		return s
	}
	u, err := url.Parse(cfg.Database)
	if err != nil {
		s.err = fmt.Errorf("--database is not an address")
		return s
	}
	s.detail = u.Redacted()
	h := house{cfg: cfg}
	if s.err = h.openStore(ctx); s.err == nil {
		s.err = h.store.Close()
	}
	return s
}

func poppler(ctx context.Context, _ *Config) symptom {
	s := symptom{part: "pdf", advice: advice{"执行 apt-get install poppler-utils", "apt-get install poppler-utils"}}
	s.detail, s.err = firstLine(ctx, "pdftoppm", "-v")
	return s
}

func fonts(ctx context.Context, _ *Config) symptom {
	s := symptom{part: "fonts", advice: advice{"执行 apt-get install fonts-noto-cjk", "apt-get install fonts-noto-cjk"}}
	out, err := exec.CommandContext(ctx, "fc-list", ":lang=zh", "family").Output()
	families := strings.Count(string(out), "\n")
	switch {
	case err != nil:
		s.err, s.advice = err, advice{"执行 apt-get install fontconfig fonts-noto-cjk", "apt-get install fontconfig fonts-noto-cjk"}
	case families == 0:
		s.err = fmt.Errorf("no font with Chinese characters: pages and papers would show boxes")
	default:
		s.detail = fmt.Sprintf("%d Chinese font families", families)
	}
	return s
}

func reading(ctx context.Context, cfg *Config) symptom {
	s := symptom{part: "ocr", advice: advice{"执行 make setup，并把 jingban-ocr 放在 jingban 旁边", "make setup, and keep jingban-ocr beside jingban"}}
	reader, err := newReader(cfg, nil)
	if err != nil {
		s.err = err
		return s
	}
	defer reader.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	health, err := reader.pool.Health(ctx)
	if err != nil {
		s.err = err
		return s
	}
	var working []string
	for _, engine := range health.Engines {
		if engine.Problem == "" {
			working = append(working, engine.Name+" "+engine.Version+" "+engine.Model)
		} else {
			s.warn, s.advice = true, advice{engine.Name + "：" + engine.Problem, engine.Name + ": " + engine.Problem}
		}
	}
	s.detail = strings.Join(working, ", ")
	if health.Network != "" {
		s.warn, s.advice = true, advice{
			"识读子进程未能断网（" + health.Network + "）：请允许用户命名空间，或在没有外网出口的主机上运行",
			"the reading children can reach the network (" + health.Network + "): allow user namespaces, or run on a host without a way out",
		}
	}
	if len(working) == 0 {
		s.err = fmt.Errorf("no engine works")
	}
	return s
}

func firstLine(ctx context.Context, name string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", casework.AskPerson(name+"_missing", "%s is not installed", name)
	}
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	line, _, _ := strings.Cut(string(out), "\n")
	return line, err
}
