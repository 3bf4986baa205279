package ocr_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

// heicCard is a bank card's photo; see testdata/README.md.
func heicCard(t testing.TB) []byte {
	t.Helper()
	file, err := os.ReadFile("testdata/card.heic")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// cardNumber stands on the card.
const cardNumber = "6222020200012345678"

// grow adds to the size of a box (named once in the file before its content).
func grow(t testing.TB, file []byte, kind string, by uint32) {
	t.Helper()
	at := bytes.Index(file, []byte(kind)) - 4
	if at < 0 {
		t.Fatalf("no box %s", kind)
	}
	binary.BigEndian.PutUint32(file[at:], binary.BigEndian.Uint32(file[at:])+by)
}

// turnedHEIC gives the card a box "irot", which phones write: quarter turns
// against the clock that the viewer makes.
func turnedHEIC(t testing.TB, quarters byte) []byte {
	file := heicCard(t)
	offset := bytes.Index(file, []byte("iloc")) + 4 + 4 + 2 + 2 + 2 + 2 // to the picture's place in the file
	binary.BigEndian.PutUint32(file[offset:], binary.BigEndian.Uint32(file[offset:])+10)
	for kind, by := range map[string]uint32{"meta": 10, "iprp": 10, "ipco": 9, "ipma": 1} {
		grow(t, file, kind, by)
	}
	ipma := bytes.Index(file, []byte("ipma"))
	count := ipma + 4 + 4 + 4 + 2
	file[count]++
	file = bytes.Join([][]byte{file[:count+1], {0x84}, file[count+1:]}, nil) // property 4 is essential
	return bytes.Join([][]byte{file[:ipma-4], []byte("\x00\x00\x00\x09irot"), {quarters}, file[ipma-4:]}, nil)
}

func TestHEICPhotosAreReadAndStandAsThePhoneSays(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	ten := heicCard(t)
	copy(ten[8:], "mif1")
	for _, c := range []struct {
		name string
		file []byte
		tall bool
	}{{"as it lies", heicCard(t), false}, {"turned by a quarter", turnedHEIC(t, 1), true}, {"on its head", turnedHEIC(t, 2), false}, {"another brand", ten, false}} {
		door, err := pool.Door(t.Context(), c.file)
		if err != nil || door.MIME != "image/heic" || door.Pages != 1 || len(door.Sheets) != 1 {
			t.Fatalf("%s: %+v %v", c.name, door, err)
		}
		if w, h := door.Sheets[0].Width, door.Sheets[0].Height; max(w, h) != 1000 || min(w, h) != 676 || (h > w) != c.tall {
			t.Errorf("%s: %d x %d pixels", c.name, w, h)
		}
		result, err := pool.Read(t.Context(), c.file, ocr.Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := strings.ReplaceAll(strings.Join(texts(result.Pages[0]), ""), " ", ""); !strings.Contains(got, cardNumber) {
			t.Errorf("%s: no card number in %q", c.name, got)
		}
	}
}

func TestAZipOfHEICPhotosIsReadPageByPage(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	result, err := pool.Read(t.Context(), zipped(t, entry{"IMG_2.HEIC", heicCard(t)}, entry{"IMG_10.HEIC", turnedHEIC(t, 2)}), ocr.Options{})
	if err != nil || result.MIME != "application/zip" || len(result.Pages) != 2 {
		t.Fatalf("%d pages of %s (%v)", len(result.Pages), result.MIME, err)
	}
}

// malformedHEIC break the boxes of a good photo.
func malformedHEIC(t testing.TB) []hostile {
	var all []hostile
	put := func(name, kind string, from int, value ...byte) {
		file := heicCard(t)
		copy(file[bytes.Index(file, []byte(kind))+from:], value)
		all = append(all, hostile{"heic: " + name, file})
	}
	put("box longer than the file", "meta", -4, 0x7f, 0xff, 0xff, 0xff)
	put("box of 3 bytes", "ipco", -4, 0, 0, 0, 3)
	put("box of 2^64 bytes", "meta", -4, 0, 0, 0, 1)
	put("picture without size", "ispe", 0, 'f', 'r', 'e', 'e')
	put("properties without list", "ipma", 0, 'f', 'r', 'e', 'e')
	put("picture nowhere", "iloc", 16, 0x7f)
	put("picture of no bytes", "iloc", 26, 0, 0, 0, 0)
	put("main picture missing", "pitm", 8, 0xff, 0xff)
	put("another codec", "hvc1", 0, 'a', 'v', '0', '1')
	put("codec without description", "hvcC", 0, 'f', 'r', 'e', 'e')
	put("stream of ones", "mdat", 10, bytes.Repeat([]byte{0xff}, 4000)...)
	return all
}

func FuzzHEICSizesNeverPanics(f *testing.F) {
	f.Add(heicCard(f))
	f.Add([]byte("\x00\x00\x00\x00meta\x00\x00\x00\x00\x00\x00\x00\x00iprp\x00\x00\x00\x00ipco"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if sizes, err := ocr.HEICSizes(file); err == nil && len(sizes) == 0 {
			t.Error("no size and no error")
		}
	})
}

func TestAHEICBombIsRefusedByItsClaim(t *testing.T) {
	t.Parallel()
	file := heicCard(t)
	copy(file[bytes.Index(file, []byte("ispe"))+8:], "\x00\x00\xff\xff\x00\x00\xff\xff")
	if _, err := ocr.Decode(file); casework.AsFault(err).Code != "picture_too_large" {
		t.Errorf("%v", err)
	}
}
