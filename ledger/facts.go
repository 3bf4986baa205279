package ledger

import (
	"bytes"
	"hash/maphash"
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

// sayings lists the words that give a row away.
func sayings() []struct {
	word string
	fact facts
} {
	return []struct {
		word string
		fact facts
	}{
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

// maxRemembered bounds the caches of a reader: statements repeat few summaries.
const maxRemembered = 4096

// said is what one text was found to say.
type said struct {
	text  string
	facts facts
	batch []byte
}

// listener finds facts and batch numbers in summaries and remembers them.
type listener struct {
	last     string
	lastSaid said
	known    map[string]said
	words    []struct {
		word string
		fact facts
	}
}

func newListener() *listener { return &listener{known: map[string]said{}, words: sayings()} }

func (l *listener) hear(text []byte) said {
	if len(text) == 0 {
		return said{}
	}
	if string(text) == l.last {
		return l.lastSaid
	}
	if s, ok := l.known[string(text)]; ok {
		l.last, l.lastSaid = s.text, s
		return s
	}
	s := l.listen(text)
	if len(l.known) < maxRemembered {
		s.text, s.batch = string(text), bytes.Clone(s.batch)
		l.known[s.text] = s
	}
	return s
}

func (l *listener) listen(text []byte) said {
	var s said
	lower := text
	if text[0] < 0x80 {
		lower = bytes.ToLower(text)
	}
	for _, w := range l.words {
		if bytes.Contains(lower, []byte(w.word)) {
			s.facts |= w.fact
		}
	}
	s.batch = batchNumber(text)
	return s
}

// batchNumber finds the number of a batch or of a payment notice (拨付通知单) in
// a text: a run of at least six digits after such a word, or of ten digits or
// more anywhere.
func batchNumber(text []byte) []byte {
	named := false
	for _, word := range [...]string{"批次", "批号", "通知单", "单号", "batch", "Batch"} {
		if i := bytes.Index(text, []byte(word)); i >= 0 {
			named = true
			if n := digitRun(text[i:], 6); n != nil {
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
