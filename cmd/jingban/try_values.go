package main

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// reachWithin is how long a system may take to accept a connection before the
// address counts as wrong.
const reachWithin = 10 * time.Second

// read reads the two files and says everything that is wrong with them.
func (c tryCommand) read(term console) (*playbooks.Playbook, playbooks.System, error) {
	var none playbooks.System
	text, err := os.ReadFile(c.System)
	if err != nil {
		return nil, none, fmt.Errorf("system file: %w", err)
	}
	system, problems := playbooks.ParseSystem(c.System, text)
	source, err := os.ReadFile(c.File)
	if err != nil {
		return nil, none, fmt.Errorf("playbook: %w", err)
	}
	if !problems.Broken() {
		schema, err := loadSchema()
		if err != nil {
			return nil, none, err
		}
		problems = append(problems, playbooks.Lint(c.File, source, schema, map[string]playbooks.System{system.Name: system})...)
	}
	for _, p := range problems {
		fmt.Fprintln(term.err, p)
	}
	if problems.Broken() {
		return nil, none, status(2)
	}
	pb, _ := playbooks.Parse(c.File, source) // the linter has read it already
	return pb, system, nil
}

// access finds the address and the account, and asks whether anybody answers.
func (c tryCommand) access(ctx context.Context, system playbooks.System) (playbooks.Access, error) {
	access := playbooks.Access{URL: c.URL}
	if access.URL == "" {
		access.URL = system.Base // a file of one's own may name the address itself
	}
	at, err := url.Parse(access.URL)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" || at.User != nil {
		return access, told{zh: "请用 --url 给出系统地址（http:// 或 https:// 开头，不含账号）。",
			en: "say where the system is with --url: http:// or https://, without an account"}
	}
	if system.Account != "" {
		for name, into := range map[string]*string{c.LoginEnv: &access.Account, c.PasswordEnv: &access.Password} {
			if *into = os.Getenv(name); name == "" || *into == "" {
				return access, told{zh: "该系统须登录：请把账号和口令放进环境变量，用 --login-env 和 --password-env 说明变量名。",
					en: "the system wants a sign-in: put account and password into environment variables and name them with --login-env and --password-env"}
			}
		}
	}
	return access, reach(ctx, at)
}

// reach tries a connection, so that a wrong address is said before a browser starts.
func reach(ctx context.Context, at *url.URL) error {
	port := at.Port()
	if port == "" {
		port = at.Scheme // a service name: http or https
	}
	dialer := net.Dialer{Timeout: reachWithin}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(at.Hostname(), port))
	if err != nil {
		return told{zh: "连不上 " + at.Host + "。请检查地址，并确认系统已启动。", en: "nothing answers at " + at.Host, err: err}
	}
	return conn.Close()
}

// snapshot makes what expressions see of --input and --upload.
func (c tryCommand) snapshot(now time.Time) (casework.Snapshot, map[string]playbooks.File, error) {
	today := casework.DateOf(now)
	s := casework.Snapshot{Number: "TRY", Month: casework.MonthOf(today), Received: today, Shared: map[string]string{},
		Assessment: casework.Assessment{Verdict: casework.AutoPass, Documents: map[string]casework.Document{}}}
	for name, value := range c.Input {
		if err := put(&s, name, value); err != nil {
			return s, nil, told{zh: "--input " + name + " 不被接受：可用 case.<项>、docs.<材料>.<字段>、shared.<名称>、verdict。",
				en: "--input " + name + ": want case.<item>, docs.<type>.<field>, shared.<name> or verdict", err: err}
		}
	}
	files := map[string]playbooks.File{}
	for name, path := range c.Upload {
		data, err := os.ReadFile(path)
		if err != nil {
			return s, nil, fmt.Errorf("--upload %s: %w", name, err)
		}
		files[name] = playbooks.File{Name: filepath.Base(path), MIME: mime.TypeByExtension(filepath.Ext(path)), Data: data}
		kind, isDoc := strings.CutPrefix(name, "docs.")
		if !isDoc {
			s.Shared[strings.TrimPrefix(name, "shared.")] = name
			continue
		}
		document := s.Assessment.Documents[kind]
		document.Type, document.FileID = kind, name
		s.Assessment.Documents[kind] = document
	}
	return s, files, nil
}

// put sets one value by the name that playbooks use; a name without a dot is shared.
func put(s *casework.Snapshot, name, value string) error {
	parts := strings.SplitN(name, ".", 3)
	switch {
	case name == "verdict":
		s.Assessment.Verdict = casework.Verdict(value)
	case parts[0] == "case" && len(parts) == 2:
		return putCase(s, parts[1], value)
	case parts[0] == "docs" && len(parts) == 3:
		document := s.Assessment.Documents[parts[1]]
		if document.Fields == nil {
			document = casework.Document{Type: parts[1], Confidence: 1, Fields: map[string]casework.Field{}}
		}
		document.Fields[parts[2]] = casework.Field{Name: parts[2], Value: value, Confidence: 1}
		s.Assessment.Documents[parts[1]] = document
	case parts[0] == "shared" && len(parts) == 2:
		s.Shared[parts[1]] = value
	case len(parts) == 1 && name != "":
		s.Shared[name] = value
	default:
		return errors.New("there is no such value")
	}
	return nil
}

func putCase(s *casework.Snapshot, item, value string) (err error) {
	a := &s.Applicant
	texts := map[string]*string{"name": &a.Name, "id_number": &a.IDNumber, "mobile": &a.Mobile, "account": &a.Account,
		"number": &s.Number, "matter": &s.Matter, "region": &s.Region}
	if into := texts[item]; into != nil {
		*into = value
		return nil
	}
	switch item {
	case "received":
		s.Received, err = casework.ParseDate(value)
	case "month":
		var first casework.Date
		first, err = casework.ParseDate(value + "-01")
		s.Month = casework.MonthOf(first)
	default:
		err = errors.New("a case has no such item")
	}
	return err
}

// answers are the decisions to give, by step.
func (c tryCommand) answers(pb *playbooks.Playbook) (map[string]casework.Decision, error) {
	decisions := map[string]casework.Decision{}
	for id, choice := range c.Answer {
		if !slices.ContainsFunc(pb.Steps, func(s playbooks.Step) bool { return s.ID == id && s.Kind == "ask" }) {
			return nil, told{zh: "--answer " + id + "：流程中没有这个提问步骤。", en: "--answer " + id + ": the playbook has no ask of that id"}
		}
		decisions[id] = casework.Decision{Choice: choice}
	}
	return decisions, nil
}
