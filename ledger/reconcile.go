package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/jingban/jingban/casework"
)

// Job is what one reconciliation is given. The streams stay the caller's.
type Job struct {
	Bank       []Input
	Book       []Input
	Payments   []Input
	Totals     map[string][]Input // totals of other houses, by the name of their Comparison
	BankLayout Layout             // zero: guessed
	BookLayout Layout
	Carried    []Carried // what earlier books left open
	Paid       []string  // numbers of batches that earlier books settled; looked at for returned payments only
	Answers    []Answer  // what people said of earlier questions
	From       Day       // the first day of the books; earlier lines only count for the balance
	Until      Day       // the day of the result; 0: all there is
	Force      bool      // go on with files that do not add up
	Calendar   casework.Calendar
	Tick       func(rows int) // progress of reading, from several goroutines; may be nil
	// Scratch gives room outside of memory for the rows of a side beyond InMemory;
	// nil keeps all rows in memory. The result is the same.
	Scratch  func() (Scratch, error)
	InMemory int
}

// Unusable is the error of a Job with files that can't be trusted.
type Unusable struct{ Refusals []*Refusal }

// Error names every refused file.
func (u *Unusable) Error() string {
	text := "unusable input"
	for _, r := range u.Refusals {
		text += "; " + r.Error()
	}
	return text
}

// Reconcile reads, matches and explains. It returns *Unusable, together with the
// statements read so far, when a file is refused.
func Reconcile(ctx context.Context, job Job) (*Result, error) {
	keyer := newKeyer()
	loaders := [2]*loader{newLoader(job, Bank, keyer), newLoader(job, Book, keyer)}
	var errs [2]error
	var reading sync.WaitGroup
	for side, l := range loaders {
		reading.Go(func() { errs[side] = l.load() })
	}
	result := &Result{Rules: RuleNames(), Until: job.Until}
	refused := result.readPayments(job)
	reading.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	for _, l := range loaders {
		for _, s := range l.sources {
			result.Statements = append(result.Statements, s.statement)
		}
		refused = append(refused, l.refused...)
	}
	for _, name := range slices.Sorted(maps.Keys(job.Totals)) {
		comparison, bad, err := compareTotals(name, job.Totals[name], job)
		if err != nil {
			return nil, fmt.Errorf("reconcile: totals %s: %w", name, err)
		}
		result.Comparisons, refused = append(result.Comparisons, comparison), append(refused, bad...)
	}
	if len(refused) > 0 {
		return result, &Unusable{refused}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &run{piles: [2]*pile{loaders[0].pile, loaders[1].pile}}
	for side, l := range loaders {
		if err := l.carry(job.Carried); err != nil {
			return nil, fmt.Errorf("reconcile: %w", err)
		}
		r.piles[side].marks = make([]mark, l.pile.count)
	}
	r.prepare(job.Calendar)
	for _, p := range r.piles {
		p.leaveOut()
	}
	r.heed(job.Answers, [2]*recall{loaders[0].recall, loaders[1].recall})
	if len(job.Payments) > 0 {
		r.failed = r.keepDebits()
	}
	for _, each := range rulesInOrder() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if r.failed != nil {
			return nil, fmt.Errorf("reconcile: %w", r.failed)
		}
		each.pass(r)
	}
	return result, result.conclude(job, r, loaders, keyer)
}

func newLoader(job Job, side Side, keyer keyer) *loader {
	l := &loader{side: side, keyer: keyer, force: job.Force, from: job.From, until: job.Until, answers: job.Answers, tick: job.Tick, spill: spill{make: job.Scratch, beyond: job.InMemory}}
	inputs, layout := job.Bank, job.BankLayout
	if side == Book {
		inputs, layout = job.Book, job.BookLayout
	}
	for _, in := range inputs {
		l.sources = append(l.sources, source{in: in, layout: layout})
	}
	return l
}

// carry adds what earlier nights left open as rows of a file of their own.
func (l *loader) carry(items []Carried) error {
	at := -1
	for i, item := range items {
		if item.Side != l.side {
			continue
		}
		if at < 0 {
			at = len(l.pile.files)
			l.pile.files = append(l.pile.files, carriedName)
			l.sources = append(l.sources, source{carried: true})
		}
		e := item.entry()
		row, alt := l.keyer.hash(&e, item.references())
		if err := l.pile.add(row, alt, at, i+1); err != nil {
			return err
		}
		if l.pile.before += item.Fen; l.recall.fens[item.Fen] {
			l.recall.see(item.detail(), uint32(l.pile.count-1))
		}
	}
	return nil
}

// prepare decides about the data as a whole: the working days, and whether both
// books write the same references.
func (r *run) prepare(calendar casework.Calendar) {
	first, last := r.piles[0].first, max(r.piles[0].last, r.piles[1].last)
	if other := r.piles[1].first; first == 0 || other != 0 && other < first {
		first = other
	}
	r.days = newWorkdays(calendar, first, last)
	r.pinned = pinReferences(r.piles)
	for side, p := range r.piles {
		p.compare(r.pinned.Refs[side])
	}
}

// maxSample bounds the references that are compared to find the common one: shares
// of some thousands are sure to a hundredth.
const maxSample = 1 << 12

// sample keeps some of the references of a side: those whose low bits are 0, the
// more bits the more rows there are. The same hashes are kept on both sides,
// whatever their order.
type sample struct {
	mask uint64
	fens map[uint64]casework.Fen
}

func (s *sample) see(ref uint64, fen casework.Fen) {
	if ref == 0 || ref&s.mask != 0 {
		return
	}
	if s.fens == nil {
		s.fens = map[uint64]casework.Fen{}
	}
	if s.fens[ref] = fen; len(s.fens) > maxSample {
		s.thin(s.mask<<1 | 1)
	}
}

func (s *sample) thin(mask uint64) {
	s.mask = mask
	maps.DeleteFunc(s.fens, func(ref uint64, _ casework.Fen) bool { return ref&mask != 0 })
}

// pinReferences finds which reference of each side means the same, by their samples.
func pinReferences(piles [2]*pile) pinned {
	mask := uint64(0)
	for _, p := range piles {
		mask |= p.sample[0].mask | p.sample[1].mask
	}
	for _, p := range piles {
		p.sample[0].thin(mask)
		p.sample[1].thin(mask)
	}
	best, most := pinned{Refs: [2]int{-1, -1}}, 0
	for i := range 2 {
		for j := range 2 {
			bank, book := piles[0].sample[i].fens, piles[1].sample[j].fens
			hits, agree := 0, 0
			for ref, fen := range bank {
				if other, ok := book[ref]; ok {
					hits++
					if other == fen {
						agree++
					}
				}
			}
			smaller := min(len(bank), len(book))
			if agree > most && (2*agree >= hits || 2*hits >= smaller && 5*agree >= hits) {
				best, most = pinned{Refs: [2]int{i, j}, RefsAgree: 2*hits >= smaller}, agree
			}
		}
	}
	for _, p := range piles {
		p.sample = [2]sample{}
	}
	return best
}

// readPayments reads the batches of the job; it returns the refused files.
func (res *Result) readPayments(job Job) []*Refusal {
	var refused []*Refusal
	for _, in := range job.Payments {
		payment, err := ReadPayment(in, job.Force)
		if refusal, ok := errors.AsType[*Refusal](err); ok {
			refused = append(refused, refusal)
		} else if err != nil {
			refused = append(refused, &Refusal{File: in.Name, Problems: []Problem{{File: in.Name, Code: "record", Found: err.Error()}}})
		}
		res.payments = append(res.payments, payment)
	}
	return refused
}

// comparePayments compares each batch with the bank's debits that name it, and
// finds the items that came back.
func (res *Result) comparePayments(r *run, keyer keyer, paid []string) {
	bank := r.piles[Bank]
	for _, p := range res.payments {
		if p == nil || slices.Contains(paid, p.Number) {
			continue
		}
		number := uint32(keyer.key([]byte(p.Number)))
		var debits []casework.Fen
		group := uint32(0)
		for _, d := range r.named {
			if d.batch != number || bank.marks[d.id].state == Rejected {
				continue
			}
			debits = append(debits, d.fen)
			if g := bank.marks[d.id].group(); g != 0 {
				group = g
			} else if group == 0 {
				group = d.id + 1
				bank.marks[d.id].join(group)
			}
		}
		res.Payments = append(res.Payments, PaymentOutcome{Payment: p, debits: debits, group: group})
	}
}

// matchReturns ties credits that say they are returned payments to the items of
// the batches: by item number in the text, else by amount and name, else by an
// amount that only one item has.
func (res *Result) matchReturns(details []Detail, rows []wantedRow) {
	words := newListener()
	for i, d := range details {
		fen := d.Fen
		said := words.hear([]byte(d.Summary)).facts | words.hear([]byte(d.Note)).facts
		if fen <= 0 || said&(saysReturn|saysReversal) == 0 || rows[i].settled {
			continue
		}
		found := res.returnable(fen, d)
		if len(found) != 1 {
			res.Returns = append(res.Returns, Returned{Row: rows[i].id, Detail: d})
			continue
		}
		found[0].item.Returned = true
		res.Returns = append(res.Returns, Returned{Row: rows[i].id, Detail: d, Batch: found[0].payment.Number, Item: found[0].item.Item})
	}
	slices.SortFunc(res.Returns, func(a, b Returned) int { return cmp.Compare(a.Row, b.Row) })
}

// payee is one item of one batch.
type payee struct {
	payment *Payment
	item    *PaymentItem
}

// returnable lists the paid items of an amount, those that the text names if any.
func (res *Result) returnable(fen casework.Fen, d Detail) []payee {
	var all, named []payee
	said := d.Summary + " " + d.Note
	for _, p := range res.payments {
		for j := range p.Items {
			item := &p.Items[j]
			if item.Fen != fen || item.Returned || item.Result && !item.Paid {
				continue
			}
			all = append(all, payee{p, item})
			if containsToken(said, item.Item) || containsToken(said+" "+d.Party, item.Name) {
				named = append(named, payee{p, item})
			}
		}
	}
	return pick(len(named) > 0, named, all)
}

// containsToken looks for a word that does not go on with a digit or letter.
func containsToken(text, token string) bool {
	if token == "" {
		return false
	}
	for at := 0; ; {
		i := indexFrom(text, token, at)
		if i < 0 {
			return false
		}
		end := i + len(token)
		if (i == 0 || !alphanumeric(text[i-1])) && (end == len(text) || !alphanumeric(text[end])) {
			return true
		}
		at = i + 1
	}
}
