// Package han knows two things about a Chinese character: which one it is
// written as in simplified print, and how it is read.
//
// # Tables
//
//	variants.txt  a line of a simplified character followed by every other way to
//	              write it (traditional 國, Japanese 広, the prints of Taiwan and
//	              Hong Kong), from OpenCC's data, Apache License 2.0
//	sounds.txt    a line of a syllable without tone followed by every character
//	              whose first reading it is, from mozillazg/go-pinyin, MIT
//
// Both are written by this package's tests with -update. They are read once, at
// first use, in about a millisecond.
//
// Characters that no table knows, private-use code points among them, stand for
// themselves: they are never folded into another one.
package han

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed variants.txt
var variantLines string

//go:embed sounds.txt
var soundLines string

// Sound numbers a syllable as it is heard by most: without tone, with zh, ch, sh
// as z, c, s and -ng as -n, which half the country does not tell apart. 0 is a
// character without a known reading.
type Sound uint16

// span is the part of Unicode the tables cover without a map: the ideographs of
// the basic plane and their extension A.
const (
	spanFirst = 0x3400
	spanEnd   = 0xA000
)

// Table is both tables, ready to be looked up. It never changes.
type Table struct {
	fold   [spanEnd - spanFirst]uint16 // 0: stays as it is
	sound  [spanEnd - spanFirst]Sound
	folds  map[rune]rune // outside the span, or to outside
	sounds map[rune]Sound
}

// read fills the tables once; afterwards they never change.
var read = sync.OnceValue(func() *Table {
	t := &Table{folds: map[rune]rune{}, sounds: map[rune]Sound{}}
	for line := range strings.Lines(variantLines) {
		t.addVariants([]rune(strings.TrimSuffix(line, "\n")))
	}
	heard := map[string]Sound{}
	for line := range strings.Lines(soundLines) {
		syllable, characters, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		syllable = blur(syllable)
		if heard[syllable] == 0 {
			heard[syllable] = Sound(len(heard) + 1)
		}
		t.addSounds(heard[syllable], characters)
	}
	return t
})

func (t *Table) addVariants(line []rune) {
	for _, other := range line[min(1, len(line)):] {
		if within(other) && within(line[0]) {
			t.fold[other-spanFirst] = uint16(line[0])
		} else {
			t.folds[other] = line[0]
		}
	}
}

func (t *Table) addSounds(sound Sound, characters string) {
	for _, r := range characters {
		if within(r) {
			t.sound[r-spanFirst] = sound
		} else {
			t.sounds[r] = sound
		}
	}
}

// blur takes a syllable as those hear it who speak without retroflexes and
// without the velar ending.
func blur(syllable string) string {
	if len(syllable) > 2 && syllable[1] == 'h' && strings.IndexByte("zcs", syllable[0]) >= 0 {
		syllable = syllable[:1] + syllable[2:]
	}
	if strings.HasSuffix(syllable, "ng") && syllable != "ng" {
		syllable = syllable[:len(syllable)-1]
	}
	return syllable
}

func within(r rune) bool { return r >= spanFirst && r < spanEnd }

// Read gives the tables; the first call fills them.
func Read() *Table { return read() }

// Fold gives the simplified form of a character, or the character itself.
func (t *Table) Fold(r rune) rune {
	if within(r) {
		if to := t.fold[r-spanFirst]; to != 0 {
			return rune(to)
		}
	}
	if r < spanFirst {
		return r
	}
	if to, ok := t.folds[r]; ok {
		return to
	}
	return r
}

// SoundOf gives the sound of a character in simplified form, 0 when it has none
// that is known.
func (t *Table) SoundOf(r rune) Sound {
	if within(r) {
		return t.sound[r-spanFirst]
	}
	if r < spanFirst {
		return 0
	}
	return t.sounds[r]
}

// Private reports whether a code point is one of those that every system gives
// its own meaning: the same character may stand behind two of them.
func Private(r rune) bool {
	return r >= 0xE000 && r <= 0xF8FF || r >= 0xF0000 && r <= 0x10FFFD
}
