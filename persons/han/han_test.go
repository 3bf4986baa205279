package han

import (
	"bufio"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
)

var (
	update = flag.Bool("update", false, "write the tables anew")
	opencc = flag.String("opencc", "", "folder of OpenCC's *.txt, for -update")
)

// TestSoundsAreThoseOfTheLibrary keeps the table and go-pinyin the same.
func TestSoundsAreThoseOfTheLibrary(t *testing.T) {
	bySyllable := map[string][]rune{}
	args := pinyin.NewArgs()
	for code := range pinyin.PinyinDict {
		if r := rune(code); unicode.Is(unicode.Han, r) {
			syllable := strings.ReplaceAll(pinyin.SinglePinyin(r, args)[0], "ü", "v")
			bySyllable[syllable] = append(bySyllable[syllable], r)
		}
	}
	var text strings.Builder
	for _, syllable := range slices.Sorted(maps.Keys(bySyllable)) {
		slices.Sort(bySyllable[syllable])
		text.WriteString(syllable + " " + string(bySyllable[syllable]) + "\n")
	}
	keep(t, "sounds.txt", text.String(), soundLines)
}

func keep(t *testing.T, file, want, have string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != have {
		t.Errorf("%s is not what its source says; run the test with -update", file)
	}
}

// TestVariantsAreThoseOfOpenCC writes or compares the table where OpenCC's data
// is at hand.
func TestVariantsAreThoseOfOpenCC(t *testing.T) {
	if *opencc == "" {
		t.Skip("-opencc names the folder of OpenCC's data")
	}
	simplified := map[rune]rune{}
	addPairs(t, simplified, "TSCharacters.txt", "TSCharactersExt.txt")
	target := map[rune]bool{}
	for _, to := range simplified {
		target[to] = true
	}
	for _, file := range []string{"TWVariantsRev.txt", "HKVariantsRev.txt", "JPShinjitaiCharacters.txt"} {
		regional := map[rune]rune{}
		addPairs(t, regional, file)
		for from, to := range regional {
			if last, ok := simplified[to]; ok {
				to = last
			}
			if _, known := simplified[from]; !known && !target[from] && from != to && simplified[to] == 0 {
				simplified[from] = to
			}
		}
	}
	forms := map[rune][]rune{}
	for from, to := range simplified {
		if last, ok := simplified[to]; ok { // 薴 is written 苧, and 苧 is written 苎
			to = last
		}
		forms[to] = append(forms[to], from)
	}
	var text strings.Builder
	for _, to := range slices.Sorted(maps.Keys(forms)) {
		slices.Sort(forms[to])
		text.WriteString(string(to) + string(forms[to]) + "\n")
	}
	keep(t, "variants.txt", text.String(), variantLines)
}

// addPairs reads lines of "character TAB first second": the first is taken.
func addPairs(t *testing.T, into map[rune]rune, files ...string) {
	t.Helper()
	for _, file := range files {
		f, err := os.Open(filepath.Join(*opencc, file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			from, to, ok := strings.Cut(lines.Text(), "\t")
			to, _, _ = strings.Cut(to, " ")
			if !ok || utf8.RuneCountInString(from) != 1 || utf8.RuneCountInString(to) != 1 || from == to {
				continue
			}
			r, _ := utf8.DecodeRuneInString(from)
			into[r], _ = utf8.DecodeRuneInString(to)
		}
	}
}

func TestFoldGivesTheSimplifiedForm(t *testing.T) {
	for from, to := range map[rune]rune{'國': '国', '張': '张', '広': '广', '张': '张', 'A': 'A', '·': '·', '\ue123': '\ue123', '𬱖': '𬱖'} {
		if got := Read().Fold(from); got != to {
			t.Errorf("Fold(%c) = %c; want %c", from, got, to)
		}
	}
}

func TestNoFoldLeadsToACharacterThatIsFoldedAgain(t *testing.T) {
	lines := 0
	for line := range strings.Lines(variantLines) {
		lines++
		for _, r := range strings.TrimSpace(line) {
			if once := Read().Fold(r); Read().Fold(once) != once {
				t.Errorf("%c becomes %c, then %c", r, once, Read().Fold(once))
			}
		}
	}
	if lines < 2500 {
		t.Errorf("only %d lines", lines)
	}
}

func TestSoundsThatAreHardToTellApartAreOne(t *testing.T) {
	for _, c := range []struct {
		a, b rune
		same bool
	}{{'伟', '玮', true}, {'章', '张', true}, {'英', '因', true}, {'沙', '萨', true}, {'伟', '强', false}, {'国', '果', true}} {
		if got := Read().SoundOf(c.a) == Read().SoundOf(c.b) && Read().SoundOf(c.a) != 0; got != c.same {
			t.Errorf("%c and %c: %v; want %v", c.a, c.b, got, c.same)
		}
	}
	if Read().SoundOf('A') != 0 || Read().SoundOf('\ue123') != 0 {
		t.Error("a letter or a private code point has a sound")
	}
}

func TestPrivateCodePoints(t *testing.T) {
	if !Private('\ue123') || !Private('\U000F0000') || Private('国') || Private('𬱖') {
		t.Error("private-use code points are taken for others")
	}
}
