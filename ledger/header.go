package ledger

import (
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Layout says which heading means what. The zero value guesses.
type Layout struct {
	Name      string            `yaml:"name"`
	Columns   map[string]string `yaml:"columns"`   // role → heading as the file writes it
	Unit      string            `yaml:"unit"`      // yuan (default) or fen
	Delimiter string            `yaml:"delimiter"` // of text files; guessed when empty
}

// ParseLayout reads a layout file in YAML; errors name file, line and column.
func ParseLayout(file string, text []byte) (Layout, error) {
	var l Layout
	if err := casework.DecodeYAML(file, text, &l); err != nil {
		return Layout{}, err
	}
	for role := range l.Columns {
		if _, ok := RoleNamed(role); !ok {
			return Layout{}, casework.Fail("unknown_role", "%s: unknown column role %q", file, role)
		}
	}
	return l, nil
}

// column binds one column of a file to a role.
type column struct {
	index int
	role  Role
	title string
	fen   bool // the amount is written in fen, not in yuan
	more  bool // another column of the same role: its text is added

	money     bool   // holds amounts
	number    bool   // holds account or serial numbers
	steady    bool   // lines write what the line before wrote, mostly
	raw, text []byte // of a steady column: the last cell and what it says
}

// binding is a heading row understood.
type binding struct {
	columns    []column
	width      int
	line       int
	confidence float64 // share of the filled headings that were understood, 0..1
	layout     string
	fen        uint32 // bit for each role whose amounts are written in fen
	clash      string // heading that means the same as another
}

// names lists what headings are called, the exact ones first. A heading is
// compared without spaces, brackets, punctuation and case.
func names() [roles][]string {
	return [roles][]string{
		Date:       {"交易日期", "日期", "记账时间", "发生日期", "业务日期", "凭证日期", "交易日", "date", "transactiondate", "valuedate", "txdate", "day", "交易时间", "交易时间戳"},
		Booked:     {"记账日期", "记帐日期", "入账日期", "入帐日期", "过账日期", "会计日期", "bookingdate", "postingdate", "bookdate"},
		Clock:      {"时间", "时间戳", "time"},
		In:         {"收入金额", "收入", "贷方发生额收入", "存入金额", "存入", "转入金额", "收方金额", "收款金额", "收入发生额", "receipts", "in", "moneyin", "deposit", "收"},
		Out:        {"支出金额", "支出", "借方发生额支取", "支取金额", "支取", "转出金额", "付方金额", "付款金额", "支出发生额", "payments", "out", "moneyout", "withdrawal", "付"},
		Debit:      {"借方发生额", "借方金额", "借方", "借方发生金额", "借", "debit", "debitamount", "dr"},
		Credit:     {"贷方发生额", "贷方金额", "贷方", "贷方发生金额", "贷", "credit", "creditamount", "cr"},
		Amount:     {"交易金额", "金额", "发生额", "发生金额", "实发金额", "总金额", "合计金额", "amount", "amountfen", "fen", "txamount", "amt"},
		Direction:  {"借贷标志", "借贷", "借贷方向", "收支标志", "收支方向", "方向", "借贷标识", "收支", "收付标志", "收付方向", "交易方向", "direction", "drcr", "dcflag", "dc", "sign", "type"},
		Balance:    {"余额", "账户余额", "帐户余额", "本次余额", "当前余额", "交易后余额", "账面余额", "balance"},
		Serial:     {"账户明细编号交易流水号", "交易流水号", "流水号", "银行流水号", "交易序号", "核心流水号", "明细编号", "账户明细编号", "交易流水", "日志号", "交易编号", "bankserial", "serial", "reference", "ref", "txid", "transactionid", "id"},
		Voucher:    {"凭证号", "凭证号码", "凭证编号", "凭证字号", "传票号", "票据号", "结算号", "支票号", "voucher", "voucherno"},
		Client:     {"企业流水号", "客户流水号", "业务编号", "业务流水号", "单据号", "业务单号", "参考号", "关联号", "订单号", "clientref", "endtoendid", "customerref"},
		Party:      {"对方户名", "对方单位名称", "对方名称", "对方账户名称", "户名", "对方单位", "收款人", "收款人名称", "收款人户名", "姓名", "往来单位", "counterparty", "counterpartyname", "payee", "name", "party"},
		Account:    {"对方账号", "对方帐号", "对方账户", "收款账号", "收款人账号", "收款帐号", "账号", "银行账号", "counterpartyaccount", "account", "acct", "iban"},
		Summary:    {"摘要", "交易摘要", "用途", "交易用途", "summary", "description", "narrative", "memo", "text", "purpose"},
		Note:       {"备注", "附言", "交易附言", "交易说明", "个性化信息", "说明", "客户附言", "remark", "note", "remarks"},
		BatchNo:    {"批次号", "批次", "批号", "代发批次号", "批次编号", "拨付通知单号", "通知单号", "batch", "batchno", "batchid"},
		Item:       {"序号", "明细序号", "明细号", "笔号", "项号", "item", "itemno", "no", "seq"},
		Person:     {"个人编号", "个人号", "证件号码", "身份证号", "personid"},
		Currency:   {"币种", "币别", "货币", "currency", "ccy"},
		Own:        {"本方账号", "本方帐号", "我方账号", "本账号", "查询账号", "ownaccount"},
		Insurance:  {"险种", "险种类型", "insurance"},
		Period:     {"期号", "所属期", "费款所属期", "period"},
		Count:      {"总笔数", "笔数", "count"},
		Status:     {"处理标志", "处理状态", "处理结果", "状态", "交易状态", "结果", "status", "result"},
		FailCode:   {"失败原因码", "错误码", "失败代码", "failcode"},
		FailReason: {"失败原因", "错误原因", "错误信息", "原因", "failreason", "reason"},
	}
}

// plain reduces a heading to what is compared.
func plain(heading string) string {
	heading = strings.ToLower(narrow(heading))
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n()[]【】（）:：*-_/.,，、'\"=|\ufeff元", r) {
			return -1
		}
		return r
	}, strings.NewReplacer("(元)", "", "(分)", "", "(cny)", "", "人民币", "").Replace(heading))
}

// bind understands a heading row, or reports false. An own account column is
// called 账号 by many banks while 对方账号 stands beside it.
func bind(cells []string, side Side, layout Layout) (binding, bool) {
	if len(layout.Columns) > 0 {
		return bindGiven(cells, side, layout)
	}
	known := names()
	b := binding{width: len(cells), layout: "guessed"}
	filled, understood := 0, 0
	for i, cell := range cells {
		name := plain(cell)
		if name == "" {
			continue
		}
		filled++
		role, ok := roleOf(name, &known)
		if !ok {
			continue
		}
		understood++
		fen := strings.Contains(cell, "(分)") || strings.Contains(cell, "（分）") || strings.HasSuffix(name, "fen")
		b.columns = append(b.columns, column{index: i, role: role, title: strings.TrimSpace(cell), fen: fen})
	}
	if filled == 0 {
		return b, false
	}
	b.confidence = float64(understood) / float64(filled)
	b.settle(side)
	return b, b.usable(side)
}

func roleOf(name string, known *[roles][]string) (Role, bool) {
	for r := range roles {
		if slices.Contains(known[r], name) {
			return r, true
		}
	}
	if trimmed := strings.TrimSuffix(name, "fen"); trimmed != name && trimmed != "" {
		return roleOf(trimmed, known)
	}
	for r, words := range map[Role][]string{Out: {"支取", "支出"}, In: {"收入", "存入"}, Debit: {"借方发生额", "借方金额"}, Credit: {"贷方发生额", "贷方金额"}} {
		for _, word := range words {
			if strings.HasPrefix(name, word) || strings.HasSuffix(name, word) {
				return r, true
			}
		}
	}
	return 0, false
}

func bindGiven(cells []string, side Side, layout Layout) (binding, bool) {
	b := binding{width: len(cells), layout: layout.Name, confidence: 1}
	for role := range roles {
		heading, ok := layout.Columns[role.String()]
		if !ok {
			continue
		}
		i := slices.IndexFunc(cells, func(cell string) bool { return plain(cell) == plain(heading) })
		if i < 0 {
			return b, false
		}
		b.columns = append(b.columns, column{index: i, role: role, title: strings.TrimSpace(cells[i]), fen: layout.Unit == "fen"})
	}
	b.settle(side)
	return b, b.usable(side)
}

// settle resolves what the side of the file decides and what two columns mean together.
func (b *binding) settle(side Side) {
	if b.layout == "guessed" && b.has(Account) {
		b.ownAccount(side)
	}
	b.days()
	seen := map[Role]int{}
	var kept []column
	for _, c := range b.columns {
		switch c.role {
		case Debit:
			c.role = pick(side == Book, In, Out)
		case Credit:
			c.role = pick(side == Book, Out, In)
		}
		if _, twice := seen[c.role]; twice {
			if c.role = spare(c.role); c.role == roles {
				continue
			}
			_, c.more = seen[c.role]
			if c.role <= Amount || c.role == Balance {
				b.clash = c.title
			}
			if c.more && c.role != Note {
				continue
			}
		}
		if c.fen {
			b.fen |= 1 << c.role
		}
		seen[c.role] = len(kept)
		kept = append(kept, c)
	}
	b.columns = kept
	for i := range b.columns {
		c := &b.columns[i]
		c.steady = !c.more && slices.Contains([]Role{Date, Own, Currency, Direction, Summary}, c.role)
		c.money = slices.Contains([]Role{In, Out, Amount, Balance}, c.role)
		c.number = slices.Contains([]Role{Account, Serial, Own, Client, Voucher}, c.role)
	}
}

// days chooses the day that counts: the booking day where there is one, else the
// column called 日期 rather than the one called 时间.
func (b *binding) days() {
	if b.has(Booked) {
		b.change(Date, Clock)
		b.change(Booked, Date)
		return
	}
	if !slices.ContainsFunc(b.columns, func(c column) bool { return c.role == Date && strings.Contains(c.title, "日期") }) {
		return
	}
	for i, c := range b.columns {
		if c.role == Date && strings.Contains(c.title, "时间") {
			b.columns[i].role = Clock
		}
	}
}

// ownAccount tells our own account's column from the counterparty's.
func (b *binding) ownAccount(side Side) {
	accounts := 0
	for _, c := range b.columns {
		if c.role == Account {
			accounts++
		}
	}
	for i, c := range b.columns {
		name := plain(c.title)
		own := name == "账号" && (accounts > 1 || side == Bank && b.has(Party) && !b.called("户名") && !b.called("姓名"))
		if c.role == Account && own && side != Batch {
			b.columns[i].role = Own
		}
		if c.role == Party && name == "户名" && b.called("对方户名") {
			b.columns[i].role = roles - 1 // FailReason is read only in batches
		}
	}
}

func (b *binding) called(name string) bool {
	return slices.ContainsFunc(b.columns, func(c column) bool { return plain(c.title) == name })
}

// spare gives the role of a second column with the same meaning: a second text
// becomes the note; roles means "not needed".
func spare(role Role) Role {
	switch role {
	case Summary, Note:
		return Note
	case Serial:
		return Client
	case In, Out, Amount, Balance, Direction:
		return role
	}
	return roles
}

func (b *binding) has(r Role) bool {
	return slices.ContainsFunc(b.columns, func(c column) bool { return c.role == r })
}

func (b *binding) change(from, to Role) {
	for i := range b.columns {
		if b.columns[i].role == from {
			b.columns[i].role = to
		}
	}
}

// usable says that rows of money can be read: a day and an amount. A payment
// batch has no days of its own.
func (b *binding) usable(side Side) bool {
	money := b.has(In) || b.has(Out) || b.has(Amount)
	return money && (b.has(Date) || side == Batch && (b.has(Account) || b.has(Item) || b.has(Client)))
}

func pick[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}
