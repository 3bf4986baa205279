package pagetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// Legacy is a scripted system with one entry form and one query page. Like the
// real ones it accepts a second submission of the same claim.
type Legacy struct {
	Switches

	mu      sync.Mutex
	records []playbooks.Row
	shownAt []int // look from which on a record shows
	looks   int
	posts   int // clicks that reached the server
	opened  int // pages handed out
	closed  int
	late    func() error
	second  error
	calls   int // of pages
	fills   int // of the entry form
	locked  int // entry forms opened under LockOnOpen and not left
	failAt  int
	failErr error
}

// Switches are the faults of the system.
type Switches struct {
	Down         bool                       // no page is to be had
	LoseReply    bool                       // the record is written, the answer lost
	LoseRequest  bool                       // sent, but the server never got it
	SilentClick  bool                       // Commit says fine, the gate saw no request
	RefuseClick  error                      // Commit does not click and says why
	LateBy       int                        // looks before a new record shows
	NoTotal      bool                       // the list does not say how many records there are
	Fallback     string                     // this label matches only by a fallback
	Marks        map[string]playbooks.Marks // what the pages are told by, by menu entry
	Drawn        string                     // this label or button stands in a picture only
	Broken       map[string]error           // label or button → what Do returns
	Alter        playbooks.Row              // columns of new records that come out differently
	LateGuard    bool                       // the request reaches the gate only after Commit has returned
	TwoRequests  bool                       // the click makes two changing requests
	WrongReceipt bool                       // the page after saving shows another number
	BlindVerify  error                      // what the query returns
	LockOnOpen   bool                       // opening the entry form locks the person until 取消 is pressed
	StuckLock    bool                       // 取消 does nothing
	PageRows     int                        // the list shows so many rows a page, 下一页 leads on; 0: all of them
	StuckPage    bool                       // 下一页 does nothing
	Renamed      map[string]string          // headings of the list that the page shows under another name
	Vanishing    bool                       // a record is removed while the pages are turned
}

// Page hands out a signed-in page.
func (l *Legacy) Page(_ context.Context, system playbooks.System) (playbooks.Page, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Down {
		return nil, casework.Retry("system_down", "system %s does not answer", system.Name)
	}
	l.opened++
	return &page{legacy: l, form: map[string]string{}}, nil
}

// Posts counts the submissions that reached the server.
func (l *Legacy) Posts() int { l.mu.Lock(); defer l.mu.Unlock(); return l.posts }

// Records gives the system's own books.
func (l *Legacy) Records() []playbooks.Row {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.records)
}

// Fills counts the values entered into the entry form.
func (l *Legacy) Fills() int { l.mu.Lock(); defer l.mu.Unlock(); return l.fills }

// Locked counts the entry forms that were opened under LockOnOpen and not left.
func (l *Legacy) Locked() int { l.mu.Lock(); defer l.mu.Unlock(); return l.locked }

// Open counts the pages that were not given back.
func (l *Legacy) Open() int { l.mu.Lock(); defer l.mu.Unlock(); return l.opened - l.closed }

// FailCall makes the nth call of a page from now fail with err. It returns a
// function that says whether that call was reached.
func (l *Legacy) FailCall(n int, err error) (reached func() bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failAt, l.failErr = l.calls+n, err
	at := l.failAt
	return func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.calls >= at }
}

// call counts a call and gives the failure that was asked for.
func (l *Legacy) call() error {
	if l.calls++; l.failAt > 0 && l.calls == l.failAt {
		return l.failErr
	}
	return nil
}

// Late lets the request of a LateGuard click reach the gate now.
func (l *Legacy) Late() error { return l.late() }

// Second gives what the guard said to the second request of TwoRequests.
func (l *Legacy) Second() error { return l.second }

// Add puts a record into the books, as if somebody else had entered it.
func (l *Legacy) Add(row playbooks.Row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(row)
}

func (l *Legacy) add(row playbooks.Row) string {
	receipt := fmt.Sprintf("SY20260306%06d", len(l.records)+1)
	row = maps.Clone(row)
	row["受理编号"] = receipt
	if row["状态"] == "" {
		row["状态"] = "已受理"
	}
	maps.Copy(row, l.Alter)
	l.records = append(l.records, row)
	l.shownAt = append(l.shownAt, l.looks+l.LateBy)
	return receipt
}

type page struct {
	legacy  *Legacy
	menu    string
	form    map[string]string
	receipt string
	lock    bool
	at      int // page of the list, from 0
}

func (p *page) Do(_ context.Context, act playbooks.Act) (playbooks.Seen, error) {
	l := p.legacy
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call(); err != nil {
		return playbooks.Seen{}, err
	}
	name := act.At.Label + act.At.Button + act.At.Link + act.At.Table
	if err := l.Broken[name]; err != nil {
		return playbooks.Seen{}, err
	}
	seen := playbooks.Seen{Fallback: name != "" && (name == l.Fallback || name == l.Drawn)}
	if name != "" && name == l.Drawn {
		seen.Sight = []string{name}
	}
	switch act.Verb {
	case playbooks.Open:
		p.open(act.Menu[len(act.Menu)-1])
	case playbooks.Click:
		if act.At.Link == "下一页" && !l.StuckPage {
			p.at++
		}
		if act.At.Button == "取消" && p.lock && !l.StuckLock {
			p.lock, seen.Page = false, "已解除锁定"
			l.locked--
		}
	case playbooks.Fill:
		if p.menu == entryMenu {
			l.fills++
		}
		p.form[act.At.Label] = act.Value
		seen.Text = act.Value
	case playbooks.Attach:
		p.form[act.At.Label] = act.File.Name
	case playbooks.Read:
		if act.Want == "marks" {
			seen.Marks = l.Marks[p.menu]
			return seen, nil
		}
		return p.read(act, seen)
	}
	return seen, nil
}

// entryMenu is the function that enters a claim.
const entryMenu = "申领登记"

func (p *page) open(menu string) {
	p.menu, p.form, p.receipt, p.at = menu, map[string]string{}, "", 0
	if menu == entryMenu && p.legacy.LockOnOpen && !p.lock {
		p.lock = true
		p.legacy.locked++
	}
}

// headed gives the list's headings, and its rows under them.
func (l *Legacy) headed(rows []playbooks.Row) (columns []string, shown []playbooks.Row) {
	names := map[string]bool{"受理编号": true, "证件号码": true, "申领月份": true, "姓名": true, "银行账号": true, "状态": true}
	for _, row := range rows {
		for name := range row {
			names[name] = true
		}
	}
	as := func(name string) string { return cmp.Or(l.Renamed[name], name) }
	for _, name := range slices.Sorted(maps.Keys(names)) {
		columns = append(columns, as(name))
	}
	for _, row := range rows {
		one := playbooks.Row{}
		for name, value := range row {
			one[as(name)] = value
		}
		shown = append(shown, one)
	}
	return columns, shown
}

func (p *page) read(act playbooks.Act, seen playbooks.Seen) (playbooks.Seen, error) {
	if act.At.Table == "" {
		if seen.Text = p.receipt; seen.Text == "" {
			return seen, casework.AskPerson("element_missing", "no %s on this page", act.At.Label)
		}
		return seen, nil
	}
	l := p.legacy
	if l.BlindVerify != nil {
		return seen, l.BlindVerify
	}
	l.looks++
	if l.Vanishing && l.looks > 1 && len(l.records) > 0 {
		l.records, l.Vanishing = l.records[1:], false
	}
	for i, row := range l.records {
		if row["证件号码"] == p.form["证件号码"] && l.looks > l.shownAt[i] {
			seen.Rows = append(seen.Rows, row)
		}
	}
	seen.Columns, seen.Rows = l.headed(seen.Rows)
	seen.Page = "查询条件：证件号码：" + p.form["证件号码"]
	if !l.NoTotal {
		seen.Page += fmt.Sprintf(" 共 %d 条记录", len(seen.Rows))
	}
	if l.PageRows > 0 {
		first := min(p.at*l.PageRows, len(seen.Rows))
		seen.Rows = seen.Rows[first:min(first+l.PageRows, len(seen.Rows))]
	}
	return seen, nil
}

func (p *page) Commit(ctx context.Context, order playbooks.Commit, guard playbooks.Guard) (playbooks.Seen, error) {
	l := p.legacy
	req := playbooks.Request{Method: "POST", Path: "/save", BodyHash: "sha256:0", At: time.Unix(0, 0)}
	switch {
	case p.menu != entryMenu:
		return playbooks.Seen{}, casework.AskPerson("element_missing", "no button %s on page %s", order.Button, p.menu)
	case l.Drawn == order.Button && !order.Freed:
		return playbooks.Seen{}, casework.AskPerson("found_by_sight", "button %s stands in a picture only", order.Button)
	case l.RefuseClick != nil:
		return playbooks.Seen{}, l.RefuseClick
	case l.SilentClick:
		return playbooks.Seen{}, nil
	case l.LateGuard:
		l.late = func() error { return guard(ctx, req) }
		return playbooks.Seen{}, casework.Retry("timeout", "no request within %s", order.Within)
	}
	if err := guard(ctx, req); err != nil {
		return playbooks.Seen{}, err
	}
	if l.TwoRequests {
		l.second = guard(ctx, req)
	}
	return p.post(order)
}

func (p *page) post(order playbooks.Commit) (playbooks.Seen, error) {
	l := p.legacy
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call(); err != nil {
		l.posts++
		l.add(p.form)
		return playbooks.Seen{}, err // the server has it, the answer never came
	}
	if l.LoseRequest {
		return playbooks.Seen{}, casework.Retry("reply_lost", "connection closed")
	}
	l.posts++
	p.receipt = l.add(p.form)
	if l.LoseReply {
		return playbooks.Seen{}, casework.Retry("reply_lost", "connection closed")
	}
	if l.WrongReceipt {
		p.receipt = "SY20260306999999"
	}
	return playbooks.Seen{Saved: true, Page: order.Saved, Dialogs: []string{order.Confirm}}, nil
}

func (p *page) Shoot(_ context.Context, name string) ([]playbooks.Shot, error) {
	p.legacy.mu.Lock()
	defer p.legacy.mu.Unlock()
	if err := p.legacy.call(); err != nil {
		return nil, err
	}
	return []playbooks.Shot{{Kind: casework.Screenshot, Name: name + ".png", MIME: "image/png", Data: []byte(strings.ToUpper(name))}}, nil
}

func (p *page) Close() error {
	p.legacy.mu.Lock()
	defer p.legacy.mu.Unlock()
	p.legacy.closed++
	return nil
}
