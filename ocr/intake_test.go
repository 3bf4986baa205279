package ocr_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/disintegration/imaging"
	"github.com/go-pdf/fpdf"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

// smallPage is a quickly read picture with one line on it.
func smallPage(t testing.TB) *image.NRGBA {
	return ocrtest.Draw(t, 640, 320, ocrtest.Text{X: 60, Y: 180, Size: 48, Text: "经办大厅2026"})
}

// pngHeader claims a size and holds no pixels.
func pngHeader(width, height uint32) []byte {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	chunk = append(binary.BigEndian.AppendUint32(chunk, height), 8, 2, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(chunk))
}

// archive holds one entry that claims to unpack to size bytes.
func archive(t testing.TB, name string, size uint64) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	entry, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: 4, UncompressedSize64: size})
	if err == nil {
		_, err = io.WriteString(entry, "\x03\x00\x00\x00")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pdf has a picture on each of its pages; a password locks it.
func pdf(t testing.TB, password string, pictures ...*image.NRGBA) []byte {
	t.Helper()
	doc := fpdf.New("P", "mm", "A4", "")
	if password != "" {
		doc.SetProtection(0, password, "owner")
	}
	for i, picture := range pictures {
		name := string(rune('a' + i))
		doc.AddPage()
		doc.RegisterImageOptionsReader(name, fpdf.ImageOptions{ImageType: "JPG"}, bytes.NewReader(ocrtest.JPEG(t, picture)))
		doc.ImageOptions(name, 20, 20, 170, 0, false, fpdf.ImageOptions{ImageType: "JPG"}, 0, "")
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBadInputGetsItsOwnFaultAndThePoolLives(t *testing.T) {
	pool := newPool(t, nil)
	photo := ocrtest.JPEG(t, smallPage(t))
	locked := pdf(t, "secret", smallPage(t))
	for _, c := range []struct {
		name, code string
		file       []byte
	}{
		{"empty file", "file_empty", nil},
		{"text named .jpg", "file_type", []byte("姓名：某人\n")},
		{"too many bytes", "file_too_large", append(bytes.Clone(photo), make([]byte, 21<<20)...)},
		{"60 megapixels", "picture_too_large", pngHeader(10_000, 6_000)},
		{"absurd header", "picture_too_large", pngHeader(1<<20, 1<<20)},
		{"header without pixels", "picture_broken", pngHeader(1_000, 600)},
		{"truncated JPEG", "picture_broken", photo[:len(photo)/2]},
		{"JPEG of two bytes more than nothing", "picture_broken", photo[:4]},
		{"encrypted PDF", "pdf_encrypted", locked},
		{"truncated PDF", "pdf_broken", []byte("%PDF-1.7\n1 0 obj\n<<")},
		{"zip bomb", "archive_bomb", archive(t, "bomb.bin", 10<<30)},
		{"zip claiming 2^64", "archive_bomb", archive(t, "bomb.bin", 1<<64-1)},
		{"zip of a broken picture", "archive_broken", archive(t, "a.jpg", 5)},
		{"broken OFD", "ofd_broken", archive(t, "OFD.xml", 5)},
		{"HEIC without a picture", "picture_broken", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00")},
		{"Word", "file_type", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, err := pool.Read(t.Context(), c.file, ocr.Options{})
			if err == nil {
				t.Fatalf("was read: %d pages", len(result.Pages))
			}
			fault := casework.AsFault(err)
			if fault.Code != c.code || fault.Kind != casework.Permanent {
				t.Fatalf("got %s (%s), want %s: %v", fault.Code, fault.Kind, c.code, err)
			}
			if text := err.Error(); strings.Count(text, c.code) != 1 || len(text) < len(c.code)+10 {
				t.Errorf("message %q should say the code once, and why", text)
			}
		})
	}
	result, err := pool.Read(t.Context(), photo, ocr.Options{})
	if err != nil || len(result.Pages) != 1 || len(result.Pages[0].Lines) == 0 {
		t.Fatalf("the pool does not read any more: %v", err)
	}
}

func TestEveryAdmittedFormatIsRead(t *testing.T) {
	pool := newPool(t, nil)
	page := smallPage(t)
	encode := func(write func(io.Writer) error) []byte {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for mime, file := range map[string][]byte{
		"image/jpeg":      ocrtest.JPEG(t, page),
		"image/png":       ocrtest.PNG(t, page),
		"image/gif":       encode(func(w io.Writer) error { return gif.Encode(w, page, nil) }),
		"image/bmp":       encode(func(w io.Writer) error { return bmp.Encode(w, page) }),
		"image/tiff":      encode(func(w io.Writer) error { return tiff.Encode(w, page, nil) }),
		"application/pdf": pdf(t, "", page),
	} {
		t.Run(mime, func(t *testing.T) {
			result, err := pool.Read(t.Context(), file, ocr.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if result.MIME != mime || len(result.Pages) != 1 || len(result.Pages[0].Lines) == 0 ||
				!strings.Contains(result.Pages[0].Lines[0].Text, "经办大厅2026") {
				t.Fatalf("%+v", result)
			}
		})
	}
}

func TestPDFPagesAreReadInOrderAndUpToTheLimit(t *testing.T) {
	pool := newPool(t, nil)
	second := ocrtest.Draw(t, 640, 320, ocrtest.Text{X: 60, Y: 180, Size: 48, Text: "第二页"})
	file := pdf(t, "", smallPage(t), second, second)
	result, err := pool.Read(t.Context(), file, ocr.Options{Pages: 2})
	if err != nil || len(result.Pages) != 2 {
		t.Fatalf("%d pages, %v", len(result.Pages), err)
	}
	unread := func(q casework.Quality) bool { return q.Code == "pages_unread" && q.Score == 3 && q.Threshold == 2 }
	if slices.ContainsFunc(result.Pages[0].Quality, unread) || !slices.ContainsFunc(result.Pages[1].Quality, unread) {
		t.Errorf("the page left out is not told: %+v", result.Pages[1].Quality)
	}
	for i, want := range []string{"经办大厅2026", "第二页"} {
		page := result.Pages[i]
		if page.Page != i+1 || len(page.Lines) == 0 || page.Lines[0].Text != want {
			t.Errorf("page %d: %+v", i+1, page.Lines)
		}
		if longest := max(page.Width, page.Height); longest < 2300 || longest > 2450 {
			t.Errorf("page %d was drawn at %d x %d", i+1, page.Width, page.Height)
		}
	}
	_, _, _, err = pool.Picture(t.Context(), file, 4, 0)
	if casework.AsFault(err).Code != "page_missing" {
		t.Errorf("page 4 of 3: %v", err)
	}
}

func TestTransparentAndTurnedPhotosAreNormalised(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 40, 20))
	img, err := ocr.Decode(ocrtest.PNG(t, clear))
	if err != nil || img.Pix[0] != 0xff || img.Pix[3] != 0xff {
		t.Fatalf("transparent paper is not white: %v %v", img.Pix[:4], err)
	}
	plain := ocrtest.JPEG(t, imaging.New(40, 20, image.Black.C))
	// Orientation 6: the camera was held upright, the row 0 is its right side.
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	img, err = ocr.Decode(append(append(bytes.Clone(plain[:2]), exif...), plain[2:]...))
	if err != nil || img.Rect.Dx() != 20 || img.Rect.Dy() != 40 {
		t.Fatalf("EXIF orientation ignored: %v %v", img.Rect, err)
	}
}

func FuzzAdmitNeverPanicsAndAlwaysAnswers(f *testing.F) {
	for _, seed := range [][]byte{nil, []byte("%PDF-1.7"), []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), archive(f, "a", 3), pngHeader(3, 3), []byte("BM")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		mime, err := ocr.Admit(file)
		if err == nil && mime == "" {
			t.Error("admitted without knowing what it is")
		}
		if err != nil && casework.AsFault(err).Kind != casework.Permanent {
			t.Errorf("refused as %v", err)
		}
	})
}

func FuzzPDFInfoKeepsTheResolutionSane(f *testing.F) {
	f.Add("Pages:           2\nPage    1 size:  595.28 x 841.89 pts (A4)\nPage    1 rot:   0\nPage    2 size:  14400 x 14400 pts\n")
	f.Add("Pages: -1\n")
	f.Add("Pages: 1\nPage 1 size: NaN x Inf pts\n")
	f.Fuzz(func(t *testing.T, report string) {
		pages, dpi, err := ocr.ParsePDFInfo(report, 1)
		if err == nil && (pages <= 0 || dpi < 4 || dpi > 400) {
			t.Errorf("pages %d, dpi %d", pages, dpi)
		}
	})
}

func TestPDFInfoChoosesTheResolutionFromThePage(t *testing.T) {
	report := "Title: Pages\nPages: 3\nPage    1 size: 595.28 x 841.89 pts (A4)\nPage    2 size: 14400 x 14400 pts\nPage    3 size: 243 x 153 pts\n"
	for page, want := range map[int]int{1: 205, 2: 12, 3: 400, 9: 205} {
		pages, dpi, err := ocr.ParsePDFInfo(report, page)
		if err != nil || pages != 3 || dpi != want {
			t.Errorf("page %d of %d at %d dpi, want %d (%v)", page, pages, dpi, want, err)
		}
	}
}
