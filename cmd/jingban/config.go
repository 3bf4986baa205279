package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Config is every setting, from flags or the environment. A secret may come
// from a file instead (the *_FILE variables).
type Config struct {
	Data          string `help:"Data folder (0700)." env:"JINGBAN_DATA" default:"data" placeholder:"DIR"`
	Listen        string `help:"Address of the pages." env:"JINGBAN_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Database      string `help:"postgres://… ; without it SQLite in the data folder." env:"JINGBAN_DATABASE" placeholder:"URL"`
	DatabaseFile  string `help:"File that holds --database." env:"JINGBAN_DATABASE_FILE" placeholder:"FILE"`
	Redis         string `help:"redis://… ; without it a private redis-server." env:"JINGBAN_REDIS" placeholder:"URL"`
	RedisFile     string `help:"File that holds --redis." env:"JINGBAN_REDIS_FILE" placeholder:"FILE"`
	Files         string `help:"Folder of uploads and evidence that every machine reaches; without it one in the data folder." env:"JINGBAN_FILES" placeholder:"DIR"`
	Models        string `help:"Folder of the OCR models and libonnxruntime.so.1." env:"JINGBAN_MODELS" placeholder:"DIR"`
	Chromium      string `help:"Path of Chromium; without it looked up." env:"JINGBAN_CHROMIUM" placeholder:"FILE"`
	MasterKeyFile string `help:"File of the master key (32 bytes, base64, mode 0600)." env:"JINGBAN_MASTER_KEY_FILE" placeholder:"FILE"`
	Log           string `help:"debug, info, warn or error." env:"JINGBAN_LOG" default:"info" enum:"debug,info,warn,error"`
	Playbooks     string `help:"Folder of the agency's own playbooks and systems (flows/*.yaml, systems/*.yaml), laid over the built-in ones." env:"JINGBAN_PLAYBOOKS" placeholder:"DIR"`
	FirstStage    string `help:"How far a playbook that came with the program is trusted before anybody has released it: shadow, supervised, limited or full." env:"JINGBAN_FIRST_STAGE" default:"supervised" enum:"shadow,supervised,limited,full"`
	FundFolder    string `help:"Folder where statements and journals of fund accounts arrive as files: <account>/{bank,book,batch,business,fiscal,treasury}." env:"JINGBAN_FUND_FOLDER" placeholder:"DIR"`
	PersonsFolder string `help:"Folder where exports of the insured arrive (CSV, XLSX; UTF-8 or GB18030); each is searched for persons with several numbers. A fields.yaml in it names the columns." env:"JINGBAN_PERSONS_FOLDER" placeholder:"DIR"`
	Office        string `help:"YAML file that says who hands papers out: name, address, phone, hours, review (who hears an appeal) and court. Without it papers name a sample agency." env:"JINGBAN_OFFICE" placeholder:"FILE"`
	Attend        string `help:"Address at which the pages reach this worker for sign-ins that a person does; on several machines one that the others reach." env:"JINGBAN_ATTEND" default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	DrillSeams    string `hidden:"" env:"JINGBAN_DRILL_SEAMS" placeholder:"SOCKET"` // unix socket of a jingban drill; never in production
}

// variables are all environment variables there are.
func variables() []string {
	return []string{
		"JINGBAN_DATA", "JINGBAN_LISTEN", "JINGBAN_DATABASE", "JINGBAN_DATABASE_FILE", "JINGBAN_REDIS", "JINGBAN_REDIS_FILE",
		"JINGBAN_FILES", "JINGBAN_MODELS", "JINGBAN_CHROMIUM", "JINGBAN_MASTER_KEY_FILE", "JINGBAN_LOG",
		"JINGBAN_PLAYBOOKS", "JINGBAN_FIRST_STAGE", "JINGBAN_FUND_FOLDER", "JINGBAN_PERSONS_FOLDER", "JINGBAN_OFFICE", "JINGBAN_ATTEND", "JINGBAN_DRILL_SEAMS",
	}
}

// checkEnvironment refuses a JINGBAN_ variable that means nothing, so that a
// spelling mistake is seen at once.
func checkEnvironment(env []string) error {
	for _, pair := range env {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "JINGBAN_") && !slices.Contains(variables(), name) {
			return told{zh: "不认识环境变量 " + name + "。请删除，或使用：" + strings.Join(variables(), "、"),
				en: fmt.Sprintf("unknown environment variable %s: remove it, or use one of %s", name, strings.Join(variables(), ", "))}
		}
	}
	return nil
}

// wantsChinese follows LC_ALL, LC_MESSAGES and LANG in their order.
func wantsChinese(env []string) bool {
	for _, name := range []string{"LC_ALL=", "LC_MESSAGES=", "LANG="} {
		for _, pair := range env {
			if value, ok := strings.CutPrefix(pair, name); ok && value != "" {
				return strings.HasPrefix(value, "zh")
			}
		}
	}
	return false
}

// settle reads the *_FILE settings, makes paths absolute and checks that the
// settings fit together.
func (c *Config) settle() error {
	for file, into := range map[string]*string{c.DatabaseFile: &c.Database, c.RedisFile: &c.Redis} {
		if file == "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("secret file: %w", err)
		}
		*into = string(bytes.TrimSpace(text))
	}
	if c.shared() && (c.Redis == "" || c.Files == "") {
		return told{zh: "使用 --database 时须同时给出 --redis 和 --files：各台机器要用同一队列和同一文件目录。",
			en: "--database needs --redis and --files as well: every machine must reach the same queue and the same files"}
	}
	for _, path := range []*string{&c.Data, &c.Files, &c.Models, &c.Playbooks} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return fmt.Errorf("path %s: %w", *path, err)
		}
		*path = absolute
	}
	return nil
}

// shared says that several machines work on one database.
func (c *Config) shared() bool { return c.Database != "" }

// logger writes to the console of the process.
func (c *Config) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// settingsCommand groups what there is to see of the configuration.
type settingsCommand struct {
	Print printCommand `cmd:"" help:"Print the effective configuration, secrets masked."`
}

type printCommand struct{}

// Run prints one setting a line.
func (printCommand) Run(_ context.Context, term console, cfg *Config) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	mode := "local"
	if cfg.shared() {
		mode = "shared"
	}
	for _, row := range [][2]string{
		{"mode", mode}, {"data", cfg.Data}, {"listen", cfg.Listen}, {"database", withoutPassword(cfg.Database)},
		{"redis", withoutPassword(cfg.Redis)}, {"files", cfg.Files}, {"models", cfg.models()}, {"chromium", cfg.Chromium},
		{"master_key_file", cfg.masterKeyFile()}, {"playbooks", cfg.Playbooks}, {"first_stage", cfg.FirstStage}, {"fund_folder", cfg.FundFolder}, {"persons_folder", cfg.PersonsFolder}, {"office", cfg.Office}, {"attend", cfg.Attend}, {"log", cfg.Log},
	} {
		fmt.Fprintf(term.out, "%-16s %s\n", row[0], row[1])
	}
	return nil
}

func withoutPassword(address string) string {
	if address == "" {
		return "(built in)"
	}
	u, err := url.Parse(address)
	if err != nil {
		return "(set, but not an address)"
	}
	return u.Redacted()
}
