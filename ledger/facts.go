package ledger

import (
	"bytes"
	"hash/maphash"
	"strings"
)

// facts are what the words of a row say without being an amount: bits.
type facts uint16

const (
	saysFee facts = 1 << iota
	saysInterest
	saysReturn
	saysReversal
	isRed
	saysBatch
)

// saying is a word of at least three bytes, in lower case, and what it says.
type saying struct {
	word string
	fact facts
}

// sayings lists the words that give a row away.
func sayings() []saying {
	return []saying{
		{"手续费", saysFee},
		{"工本费", saysFee},
		{"管理费", saysFee},
		{"汇划费", saysFee},
		{"服务费", saysFee},
		{"结息", saysInterest},
		{"利息", saysInterest},
		{"退汇", saysReturn},
		{"退票", saysReturn},
		{"代发退回", saysReturn},
		{"退回", saysReturn},
		{"冲正", saysReversal},
		{"冲销", saysReversal},
		{"抹账", saysReversal},
		{"红冲", saysReversal},
		{"fee", saysFee},
		{"interest", saysInterest},
		{"returned", saysReturn},
		{"reversal", saysReversal},
	}
}

// said is what one text was found to say.
type said struct {
	facts facts
	batch []byte // part of what was heard
}

// listener finds facts and batch numbers in summaries.
type listener struct {
	last     []byte // the text before, which most lines write again
	lastSaid said
	words    []saying
	begins   [1 << 12]bool // for the first three bytes of each word, hashed
}

func newListener() *listener {
	l := &listener{words: sayings()}
	for _, w := range l.words {
		l.begins[beginning(uint32(w.word[0])|uint32(w.word[1])<<8|uint32(w.word[2])<<16)] = true
	}
	return l
}

// beginning hashes three bytes, without their case.
func beginning(three uint32) uint32 { return (three | 0x202020) * 0x9e3779b1 >> 20 }

// hear gives what a text says. The batch number is valid until another text is heard.
func (l *listener) hear(text []byte) said {
	if !bytes.Equal(text, l.last) {
		l.last = append(l.last[:0], text...)
		l.lastSaid = l.listen(l.last)
	}
	return l.lastSaid
}

// listen looks at each place of a text once; only where a word may begin the words
// are compared.
func (l *listener) listen(text []byte) (s said) {
	three, run := uint32(0), 0
	for i, c := range text {
		if three = three>>8 | uint32(c)<<16; i >= 2 && l.begins[beginning(three)] {
			s.facts |= l.facts(text[i-2:])
		}
		if run++; c < '0' || c > '9' {
			run = 0
		} else if run == leastBatch && s.batch == nil {
			s.batch = batchNumber(text)
		}
	}
	return s
}

// facts gives what the words say with which a text begins.
func (l *listener) facts(text []byte) (all facts) {
	for _, w := range l.words {
		if len(text) >= len(w.word) && strings.EqualFold(string(text[:len(w.word)]), w.word) {
			all |= w.fact
		}
	}
	return all
}

// leastBatch is how many digits a batch number has at least.
const leastBatch = 6

// batchNumber finds the number of a batch or of a payment notice (拨付通知单) in
// a text: a run of at least six digits after such a word, or of ten digits or
// more anywhere.
func batchNumber(text []byte) []byte {
	named := false
	for _, word := range [...]string{"批次", "批号", "通知单", "单号", "batch", "Batch"} {
		if i := bytes.Index(text, []byte(word)); i >= 0 {
			named = true
			if n := digitRun(text[i:], leastBatch); n != nil {
				return n
			}
		}
	}
	if named {
		return nil
	}
	if n := digitRun(text, 10); len(n) <= 14 {
		return n
	}
	return nil // longer runs are accounts and serials
}

func digitRun(text []byte, least int) []byte {
	start := -1
	for i := 0; i <= len(text); i++ {
		if i < len(text) && text[i] >= '0' && text[i] <= '9' {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && i-start >= least {
			return text[start:i]
		}
		start = -1
	}
	return nil
}

// key hashes a text for comparison; "" is 0 and nothing else is.
func (k keyer) key(text []byte) uint64 {
	if len(text) == 0 {
		return 0
	}
	if h := maphash.Bytes(k.seed, text); h != 0 {
		return h
	}
	return 1
}

// keyer hashes with one seed for a whole run. No result depends on the seed.
type keyer struct{ seed maphash.Seed }

func newKeyer() keyer { return keyer{maphash.MakeSeed()} }
