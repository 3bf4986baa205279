package ocr_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image/gif"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/bmp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

// hostile is one file that must be refused.
type hostile struct {
	name string
	file []byte
}

func encoded(t testing.TB, write func(io.Writer) error) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// goodFiles are one small file of each format.
func goodFiles(t testing.TB) map[string][]byte {
	page := smallPage(t)
	return map[string][]byte{
		"jpeg": ocrtest.JPEG(t, page), "png": ocrtest.PNG(t, page), "tiff": multiTIFF(page), "pdf": pdf(t, "", page),
		"gif": encoded(t, func(w io.Writer) error { return gif.Encode(w, page, nil) }),
		"bmp": encoded(t, func(w io.Writer) error { return bmp.Encode(w, page) }),
		"zip": zipped(t, entry{"a.jpg", ocrtest.JPEG(t, page)}), "ofd": ofdFile(t, nil), "heic": heicCard(t),
	}
}

// truncated are beginnings of good files.
func truncated(t testing.TB) []hostile {
	var all []hostile
	for format, file := range goodFiles(t) {
		for _, percent := range []int{1, 5, 15, 30, 50, 70, 80, 90} {
			if format == "pdf" && percent > 50 {
				continue // poppler may mend it, which is fine
			}
			all = append(all, hostile{fmt.Sprintf("%s cut at %d %%", format, percent), file[:len(file)*percent/100]})
		}
	}
	return all
}

// liars claim sizes that their pixels do not have.
func liars(t testing.TB) []hostile {
	good := goodFiles(t)
	var all []hostile
	add := func(format string, w, h uint32, file []byte) {
		all = append(all, hostile{fmt.Sprintf("%s claims %d x %d", format, w, h), file})
	}
	for _, size := range [][2]uint32{{65_000, 65_000}, {60_000, 900}, {900, 60_000}, {0, 0}, {1, 0}, {8_000, 6_300}} {
		w, h := size[0], size[1]
		add("png", w, h, pngHeader(w, h))
		add("png", w<<15, h<<15, pngHeader(w<<15, h<<15))
		patch := func(format string, at int, order binary.AppendByteOrder, wide bool) {
			field := order.AppendUint16(order.AppendUint16(nil, uint16(w)), uint16(h))
			if wide {
				field = order.AppendUint32(order.AppendUint32(nil, w), h)
			}
			add(format, w, h, append(append(bytes.Clone(good[format][:at]), field...), good[format][at+len(field):]...))
		}
		patch("gif", 6, binary.LittleEndian, false)
		patch("bmp", 18, binary.LittleEndian, true)
		sof := bytes.Index(good["jpeg"], []byte{0xff, 0xc0})
		patch("jpeg", sof+5, binary.BigEndian, false)
		patch("heic", bytes.Index(good["heic"], []byte("ispe"))+8, binary.BigEndian, true)
	}
	return all
}

// nested is a zip in a zip in a zip.
func nested(t testing.TB, depth int) []byte {
	file := ocrtest.JPEG(t, smallPage(t))
	name := "a.jpg"
	for i := range depth {
		file = zipped(t, entry{name, file})
		name = fmt.Sprintf("%d.zip", i)
	}
	return file
}

// special is an archive whose only entry has its header changed.
func special(t testing.TB, change func(*zip.FileHeader)) []byte {
	return encoded(t, func(out io.Writer) error {
		w := zip.NewWriter(out)
		header := &zip.FileHeader{Name: "a.png", Method: zip.Deflate}
		change(header)
		file, err := w.CreateHeader(header)
		if err == nil {
			_, err = file.Write(pngHeader(3, 3))
		}
		return errors.Join(err, w.Close())
	})
}

func archives(t testing.TB) []hostile {
	zeros := make([]byte, 60<<20)
	many := make([]entry, 5001)
	for i := range many {
		many[i] = entry{fmt.Sprintf("%d.png", i), nil}
	}
	lying := zipped(t, entry{"a.png", zeros[:1<<20]})
	at := bytes.LastIndex(lying, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lying[at+24:], 100) // says 100 bytes, has a million
	all := []hostile{
		{"bomb of 60 MB", zipped(t, entry{"a.bmp", zeros})},
		{"longer than it claims", lying},
		{"5001 entries", zipped(t, many...)},
		{"empty archive", zipped(t)},
		{"the same name twice", zipped(t, entry{"a.png", nil}, entry{"./a.png", nil})},
		{"encrypted", special(t, func(h *zip.FileHeader) { h.Flags |= 1 })},
		{"link", special(t, func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) })},
		{"device", special(t, func(h *zip.FileHeader) { h.SetMode(fs.ModeDevice | 0o777) })},
		{"unknown method", archiveOf(t, 99)},
		{"many bombs", zipped(t, entry{"1.bmp", zeros[:30<<20]}, entry{"2.bmp", zeros[:30<<20]})},
	}
	for _, size := range []uint64{1 << 30, 5 << 30, 1 << 40, 1 << 62, 1<<64 - 1} {
		all = append(all, hostile{fmt.Sprintf("claims %d bytes", size), archive(t, "a.png", size)})
	}
	for depth := 2; depth < 10; depth++ {
		all = append(all, hostile{fmt.Sprintf("%d archives deep", depth), nested(t, depth)})
	}
	for _, name := range []string{"../a.png", "a/../../b.png", "/etc/passwd.png", "..", "..\\a.png", "a\x00.png", "a/../../../b.png"} {
		all = append(all, hostile{fmt.Sprintf("name %q", name), zipped(t, entry{name, pngHeader(3, 3)})})
	}
	for name, content := range map[string]string{"a.pdf": "%PDF-1.7", "a.txt": "text", "a.exe": "MZ\x90", "a.heic": "\x00\x00\x00\x18ftypheic", "a.svg": "<svg/>", "a.gz": "\x1f\x8b\x08", "a.html": "<html>", "a.ppm": "P6\n1 1\n255\n123"} {
		all = append(all, hostile{"holds " + name, zipped(t, entry{name, []byte(content)})})
	}
	return all
}

func archiveOf(t testing.TB, method uint16) []byte {
	return encoded(t, func(out io.Writer) error {
		w := zip.NewWriter(out)
		file, err := w.CreateRaw(&zip.FileHeader{Name: "a.png", Method: method, CompressedSize64: 4, UncompressedSize64: 4})
		if err == nil {
			_, err = file.Write([]byte("abcd"))
		}
		return errors.Join(err, w.Close())
	})
}

// malformedOFD changes one file of a good document.
func malformedOFD(t testing.TB) []hostile {
	const root, doc, page, res, signs = "OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml", "Doc_0/DocumentRes.xml", "Doc_0/Signs/Signatures.xml"
	var all []hostile
	set := func(name, file, content string) {
		all = append(all, hostile{"ofd: " + name, ofdFile(t, func(f map[string]string) { f[file] = content })})
	}
	swap := func(name, file, from, to string) {
		all = append(all, hostile{"ofd: " + name, ofdFile(t, func(f map[string]string) {
			if !strings.Contains(f[file], from) {
				t.Fatalf("%s: %q is not there", name, from)
			}
			f[file] = strings.Replace(f[file], from, to, 1)
		})})
	}
	for _, file := range []string{root, doc, page, res, signs} {
		set("empty "+file, file, "")
		set("cut "+file, file, `<ofd:OFD xmlns:ofd="x"><ofd:DocBody>`)
		set("no XML in "+file, file, "\x00\x01\x02 not XML <")
		set("declaration in "+file, file, `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`)
		set("laughs in "+file, file, `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>`)
		set("outside file through "+file, file, `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`)
		set("undefined entity in "+file, file, `<a>&xxe;</a>`)
		set("depth in "+file, file, strings.Repeat("<a>", 5000)+strings.Repeat("</a>", 5000))
		set("length of "+file, file, "<a>"+strings.Repeat("<b/>", 600_000)+"</a>")
	}
	swap("root outside", root, "Doc_0/Document.xml", "../../etc/passwd")
	swap("root nowhere", root, "Doc_0/Document.xml", "Doc_1/Document.xml")
	swap("root is itself", root, "Doc_0/Document.xml", "OFD.xml")
	swap("signatures outside", root, "/Doc_0/Signs/Signatures.xml", "/../x.xml")
	swap("page outside", doc, "Pages/Page_0/Content.xml", "../../../x.xml")
	swap("page nowhere", doc, "Pages/Page_0/Content.xml", "Pages/Page_7/Content.xml")
	swap("no page", doc, `<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>`, "")
	swap("501 pages", doc, `<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>`, strings.Repeat(`<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>`, 501))
	swap("picture outside", res, "a.png", "../../../../a.png")
	swap("template nowhere", page, `TemplateID="9"`, `TemplateID="8"`)
	swap("65 pictures", page, `<ofd:PageBlock>`, `<ofd:PageBlock>`+strings.Repeat(`<ofd:ImageObject Boundary="0 0 9 9" ResourceID="0"/>`, 65))
	swap("20001 texts", page, `<ofd:PageBlock>`, `<ofd:TextObject Boundary="0 0 9 9" Size="3">`+strings.Repeat(`<ofd:TextCode>a</ofd:TextCode>`, 20_001)+`</ofd:TextObject><ofd:PageBlock>`)
	swap("signature nowhere", signs, "Sign_0/Signature.xml", "Sign_9/Signature.xml")
	return all
}

// malformedTIFF breaks the chain of directories.
func malformedTIFF(t testing.TB) []hostile {
	good := multiTIFF(smallPage(t))
	first := binary.LittleEndian.Uint32(good[4:])
	count := int(binary.LittleEndian.Uint16(good[first:]))
	var all []hostile
	put := func(name string, at int, value uint32) {
		file := bytes.Clone(good)
		binary.LittleEndian.PutUint32(file[at:], value)
		all = append(all, hostile{"tiff: " + name, file})
	}
	next := int(first) + 2 + 12*count
	put("circle to itself", next, first)
	put("next outside", next, 0xfffffff0)
	put("next at the end", next, uint32(len(good)-1))
	put("first outside", 4, 0xffffffff)
	put("first nowhere", 4, 0)
	put("first in the header", 4, 2)
	for i := range count {
		if i == 7 {
			continue // rows per strip: all bits mean one strip
		}
		put(fmt.Sprintf("field %d of all bits", i), int(first)+2+12*i+8, 0xffffffff)
	}
	put("width of a billion", int(first)+2+12*1+8, 1_000_000_000)
	put("compression unknown", int(first)+2+12*4+8, 999)
	pixels := []byte("II*\x00\x08\x00\x00\x00")
	for i := range 600 { // a chain of 600 empty directories
		pixels = append(pixels, 0, 0)
		pixels = binary.LittleEndian.AppendUint32(pixels, uint32(8+6*(i+1)))
	}
	return append(all, hostile{"tiff: 600 directories", pixels}, hostile{"tiff: nothing", []byte("II*\x00")},
		hostile{"tiff: big endian nothing", []byte("MM\x00*\x00\x00\x00\x08\xff\xff")})
}

// malformedPDF are documents that promise what they do not have.
func malformedPDF(t testing.TB) []hostile {
	all := []hostile{
		{"pdf: header only", []byte("%PDF-1.7")},
		{"pdf: no pages", []byte("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\ntrailer\n<</Root 1 0 R/Size 3>>\n%%EOF\n")},
		{"pdf: root is a number", []byte("%PDF-1.4\n1 0 obj\n7\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF")},
		{"pdf: root of itself", []byte("%PDF-1.4\n1 0 obj\n1 0 R\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF")},
		{"pdf: brackets without end", append([]byte("%PDF-1.4\n1 0 obj\n"), bytes.Repeat([]byte("[<<"), 100_000)...)},
		{"pdf: password", pdf(t, "secret", smallPage(t))},
		{"pdf: encrypted with nonsense", []byte("%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R/Encrypt 1 0 R>>\n%%EOF")},
		{"pdf: xref to nowhere", []byte("%PDF-1.4\nstartxref\n999999999\n%%EOF")},
	}
	noise := rand.New(rand.NewPCG(4, 4))
	for i := range 6 {
		junk := []byte("%PDF-1.7\n")
		for range 5000 {
			junk = append(junk, byte(noise.UintN(256)))
		}
		all = append(all, hostile{fmt.Sprintf("pdf: noise %d", i), junk})
	}
	return all
}

// noises begin like each format and go on at random.
func noises() []hostile {
	noise := rand.New(rand.NewPCG(5, 5))
	var all []hostile
	for _, magic := range []string{"\xff\xd8\xff\xe0", "\x89PNG\r\n\x1a\n", "GIF89a", "RIFF\x00\x10\x00\x00WEBPVP8 ", "RIFF\x00\x10\x00\x00WEBPVP8L", "BM", "II*\x00", "MM\x00*", "PK\x03\x04", "PK\x05\x06", "P6\n99999 99999\n255\n", "\x00\x00\x00\x18ftypheic"} {
		for i := range 3 {
			file := []byte(magic)
			for range 3000 {
				file = append(file, byte(noise.UintN(256)))
			}
			all = append(all, hostile{fmt.Sprintf("%.6q and noise %d", magic, i), file})
		}
	}
	return all
}

func TestHostileFilesEndInAFaultAndThePoolGoesOn(t *testing.T) {
	t.Parallel()
	const within = 20 * time.Second // of wall time, on a machine that does other things
	program := ownChild(t)
	pool := newPool(t, func(c *ocr.Config) { c.Child, c.Timeout, c.MemoryLimit = program, within, 600<<20 })
	needEngine(t, pool, "ppocr")
	var files []hostile
	for _, some := range [][]hostile{truncated(t), liars(t), archives(t), malformedOFD(t), malformedTIFF(t), malformedHEIC(t), malformedPDF(t), noises()} {
		files = append(files, some...)
	}
	if len(files) < 200 {
		t.Fatalf("only %d hostile files", len(files))
	}
	codes := map[string]int{}
	for _, f := range files {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		begun := time.Now()
		result, err := pool.Read(ctx, f.file, ocr.Options{})
		cancel()
		if took := time.Since(begun); took > 3*time.Second {
			t.Logf("%s took %v", f.name, took)
		}
		if err == nil {
			t.Errorf("%s was read: %d pages, %q", f.name, len(result.Pages), texts(result.Pages[0]))
			continue
		}
		fault := casework.AsFault(err)
		codes[fault.Code]++
		if fault.Kind != casework.Permanent || len(err.Error()) < len(fault.Code)+8 {
			t.Errorf("%s: %v (%s)", f.name, err, fault.Kind)
		}
		if strings.Contains(err.Error(), "goroutine") || strings.Contains(err.Error(), ".go:") {
			t.Errorf("%s: message %q is for nobody", f.name, err)
		}
	}
	t.Logf("%d files: %v", len(files), codes)
	if got := texts(read(t, pool, ocrtest.JPEG(t, smallPage(t))).Pages[0]); len(got) != 1 || got[0] != "经办大厅2026" {
		t.Errorf("after them a good page says %q", got)
	}
	if n := len(childrenOf(t, program)); n != 1 {
		t.Errorf("%d children", n)
	}
}
