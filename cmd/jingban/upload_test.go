package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/web"
)

// counter is an agency's door: the real pages, store and reading children.
type counter struct {
	t     *testing.T
	store *store.Store
	read  *reader
	http  *httptest.Server
	token string
	cases string // address of the case's materials
}

func openCounter(t *testing.T) *counter {
	t.Helper()
	child := filepath.Join(t.TempDir(), "jingban-ocr")
	if out, err := exec.Command("go", "build", "-o", child, "../jingban-ocr").CombinedOutput(); err != nil {
		ocrtest.NeedReal(t, "jingban-ocr (g++, libtesseract-dev)", errors.New(string(out)))
	}
	models, _ := filepath.Abs("../../.cache/models")
	c := &counter{t: t}
	pool := func() *ocr.Pool {
		return ocr.NewPool(ocr.Config{Child: child, Models: models, Workers: 1, TempDir: t.TempDir()})
	}
	c.read = &reader{pool: pool(), door: pool()}
	t.Cleanup(func() { _ = c.read.Close() })
	var err error
	c.store, err = store.Open(t.Context(), store.Config{Database: "sqlite:" + filepath.Join(t.TempDir(), "test.db"), Files: t.TempDir(), MasterKey: bytes.Repeat([]byte{7}, 32)})
	c.must(err)
	t.Cleanup(func() { _ = c.store.Close() })
	cook := casework.Actor{Name: "test", Role: "admin"}
	c.token, err = c.store.NewToken(t.Context(), cook, "counter", "clerk")
	c.must(err)
	opened, err := c.store.NewCase(t.Context(), cook, casework.Case{Matter: "claim", Region: "379900", Month: 202603,
		Applicant: casework.Person{Name: "张伟明", IDNumber: "379901198803074321"}})
	c.must(err)
	c.cases = "/api/v1/cases/" + opened.ID + "/materials"
	pages, err := web.New(web.Config{Store: c.store, Pictures: c.read, Door: c.read, Matters: []web.Matter{{Name: "claim"}}})
	c.must(err)
	c.http = httptest.NewServer(pages.Handler())
	t.Cleanup(c.http.Close)
	return c
}

func (c *counter) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *counter) send(method, path string, body io.Reader, kind string) (int, []byte) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.http.URL+path, body)
	c.must(err)
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Idempotency-Key", casework.NewID())
	answer, err := http.DefaultClient.Do(req)
	c.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	c.must(err)
	return answer.StatusCode, text
}

// upload gives the answer's status and its fields.
func (c *counter) upload(name string, data []byte) (int, map[string]any) {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", name)
	c.must(err)
	_, err = file.Write(data)
	c.must(errors.Join(err, form.Close()))
	code, text := c.send(http.MethodPost, c.cases, &body, form.FormDataContentType())
	out := map[string]any{}
	c.must(json.Unmarshal(text, &out))
	return code, out
}

// packed makes an archive of names and contents.
func packed(t *testing.T, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		file, err := w.Create(files[i])
		if err == nil {
			_, err = io.WriteString(file, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// ofd is an electronic document of pages that say one line each.
func ofd(t *testing.T, lines ...string) []byte {
	const space = `xmlns:ofd="http://www.ofdspec.org/2016"`
	files := []string{"OFD.xml", `<ofd:OFD ` + space + `><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`}
	list := ""
	for i, line := range lines {
		place := fmt.Sprintf("Pages/Page_%d/Content.xml", i)
		list += fmt.Sprintf(`<ofd:Page ID="%d" BaseLoc="%s"/>`, i+1, place)
		files = append(files, "Doc_0/"+place, `<ofd:Page `+space+`><ofd:Content><ofd:Layer><ofd:TextObject ID="7" Boundary="20 20 80 6" Size="5"><ofd:TextCode X="0" Y="4.4">`+line+`</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>`)
	}
	files = append(files, "Doc_0/Document.xml", `<ofd:Document `+space+`><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 140</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>`+list+`</ofd:Pages></ofd:Document>`)
	return packed(t, files...)
}

func TestEveryKindOfFileIsUploadedReadAndShownPageByPage(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	written := func(write func(io.Writer) error) []byte {
		var out bytes.Buffer
		c.must(write(&out))
		return out.Bytes()
	}
	one := ocrtest.Draw(t, 700, 520, ocrtest.Text{X: 60, Y: 180, Size: 48, Text: "经办大厅2026"})
	two := ocrtest.Draw(t, 520, 700, ocrtest.Text{X: 60, Y: 180, Size: 48, Text: "第二页"})
	heic, err := os.ReadFile("../../ocr/testdata/card.heic")
	c.must(err)
	for _, f := range []struct {
		name, mime string
		data       []byte
		says       []string // on each page
	}{
		{"a.heic", "image/heic", heic, []string{"6222020200012345678"}},
		{"a.tif", "image/tiff", written(func(w io.Writer) error { return tiff.Encode(w, one, nil) }), []string{"经办大厅2026"}},
		{"a.bmp", "image/bmp", written(func(w io.Writer) error { return bmp.Encode(w, one) }), []string{"经办大厅2026"}},
		{"a.gif", "image/gif", written(func(w io.Writer) error { return gif.Encode(w, one, nil) }), []string{"经办大厅2026"}},
		{"a.ofd", "application/ofd", ofd(t, "发票号码379901", "第二页"), []string{"发票号码379901", "第二页"}},
		{"a.zip", "application/zip", packed(t, "10.png", string(ocrtest.PNG(t, two)), "2.jpg", string(ocrtest.JPEG(t, one)), "11.heic", string(heic)), []string{"经办大厅2026", "第二页", "6222020200012345678"}},
	} {
		t.Run(f.name, func(t *testing.T) {
			code, out := c.upload(f.name, f.data)
			if code != http.StatusCreated || out["mime"] != f.mime || strings.Contains(fmt.Sprint(out["door"]), "retake:true") {
				t.Fatalf("%d %v", code, out)
			}
			id := out["id"].(string)
			pages, err := c.read.Read(t.Context(), f.data)
			if err != nil || len(pages) != len(f.says) {
				t.Fatalf("%d pages (%v)", len(pages), err)
			}
			for i, want := range f.says {
				said := ""
				for _, line := range pages[i].Lines {
					said += strings.ReplaceAll(line.Text, " ", "")
				}
				if !strings.Contains(said, want) {
					t.Errorf("page %d says %q", i+1, said)
				}
				code, picture := c.send(http.MethodGet, fmt.Sprintf("/api/v1/files/materials/%s/%d?size=400", id, i+1), nil, "")
				shown, err := jpeg.Decode(bytes.NewReader(picture))
				if code != http.StatusOK || err != nil {
					t.Fatalf("page %d: %d %v", i+1, code, err)
				}
				size, read := shown.Bounds().Size(), pages[i]
				if max(size.X, size.Y) != 400 || (size.X > size.Y) != (read.Width > read.Height) || flat(shown) {
					t.Errorf("page %d is shown as %v, read as %d x %d", i+1, size, read.Width, read.Height)
				}
			}
			if code, _ := c.send(http.MethodGet, fmt.Sprintf("/api/v1/files/materials/%s/%d", id, len(f.says)+1), nil, ""); code < 400 || code >= 500 {
				t.Errorf("a page too many: %d", code)
			}
		})
	}
}

// flat says that a picture shows nothing.
func flat(img image.Image) bool {
	dark := 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 100 {
				dark++
			}
		}
	}
	return dark < 20
}

func TestAFileNobodyCanOpenIsRefusedAtTheDoorInOneSentence(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	heic, err := os.ReadFile("../../ocr/testdata/card.heic")
	c.must(err)
	photo := string(ocrtest.JPEG(t, ocrtest.SamplePage(t)))
	bomb := packed(t, "a.bmp", strings.Repeat("\x00", 60<<20))
	huge := bytes.Replace(heic, []byte("ispe\x00\x00\x00\x00\x00\x00\x03\xe8"), []byte("ispe\x00\x00\x00\x00\x00\x0f\x03\xe8"), 1)
	for _, f := range []struct {
		name, code, zh string
		data           []byte
	}{
		{"half a HEIC", "picture_broken", "图片已损坏。", heic[:len(heic)/2]},
		{"a HEIC that claims too much", "picture_too_large", "图片尺寸过大。", huge},
		{"half a JPEG", "picture_broken", "图片已损坏。", []byte(photo[:len(photo)/2])},
		{"bomb", "archive_bomb", "文件展开后过大。", bomb},
		{"half an archive", "archive_broken", "压缩包不能使用。", bomb[:len(bomb)/2]},
		{"an archive of a text", "archive_broken", "压缩包不能使用。", packed(t, "a.txt", "text")},
		{"a Word document", "archive_broken", "压缩包不能使用。", packed(t, "[Content_Types].xml", "<Types/>", "word/document.xml", "<w/>")},
		{"an archive in an archive", "archive_broken", "压缩包不能使用。", packed(t, "a.zip", string(packed(t, "a.jpg", photo)))},
		{"a path out", "archive_broken", "压缩包不能使用。", packed(t, "../a.jpg", photo)},
		{"an OFD without pages", "ofd_broken", "OFD 文件已损坏。", ofd(t)},
	} {
		t.Run(f.name, func(t *testing.T) {
			status, problem := c.upload("x", f.data)
			if status != http.StatusUnprocessableEntity || problem["code"] != f.code || problem["title_zh"] != f.zh || problem["fix_zh"] == "" {
				t.Errorf("%d %v", status, problem)
			}
		})
	}
	kept, err := c.store.Materials(t.Context(), strings.Split(c.cases, "/")[4])
	if err != nil || len(kept) != 0 {
		t.Errorf("%d files were kept (%v)", len(kept), err)
	}
}
