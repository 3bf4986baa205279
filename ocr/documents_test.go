package ocr_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/go-pdf/fpdf"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

// multiTIFF has grey pages without compression, little endian, and a thumbnail
// after the first one.
func multiTIFF(pages ...*image.NRGBA) []byte {
	order := binary.LittleEndian
	file := append([]byte("II*\x00"), 0, 0, 0, 0)
	link := 4
	add := func(page *image.NRGBA, subfile uint32) {
		w, h := page.Rect.Dx(), page.Rect.Dy()
		pixels := len(file)
		for i := 0; i < len(page.Pix); i += 4 {
			file = append(file, page.Pix[i])
		}
		if len(file)%2 == 1 {
			file = append(file, 0)
		}
		order.PutUint32(file[link:], uint32(len(file)))
		fields := [][2]uint32{{254, subfile}, {256, uint32(w)}, {257, uint32(h)}, {258, 8}, {259, 1}, {262, 1}, {273, uint32(pixels)}, {278, uint32(h)}, {279, uint32(w * h)}}
		file = order.AppendUint16(file, uint16(len(fields)))
		for _, f := range fields {
			file = order.AppendUint16(file, uint16(f[0]))
			file = order.AppendUint16(file, 4)
			file = order.AppendUint32(file, 1)
			file = order.AppendUint32(file, f[1])
		}
		link = len(file)
		file = order.AppendUint32(file, 0)
	}
	for i, page := range pages {
		add(page, 0)
		if i == 0 {
			add(image.NewNRGBA(image.Rect(0, 0, 8, 8)), 1)
		}
	}
	return file
}

// entry is a file of an archive.
type entry struct {
	name    string
	content []byte
}

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		file, err := w.Create(e.name)
		if err == nil {
			_, err = file.Write(e.content)
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

// saying draws a small page with one line.
func saying(t testing.TB, text string) *image.NRGBA {
	return ocrtest.Draw(t, 640, 320, ocrtest.Text{X: 60, Y: 180, Size: 48, Text: text})
}

func texts(page casework.Reading) []string {
	var all []string
	for _, l := range page.Lines {
		all = append(all, l.Text)
	}
	return all
}

func read(t *testing.T, pool *ocr.Pool, file []byte) ocr.Result {
	t.Helper()
	result, err := pool.Read(t.Context(), file, ocr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestEveryPageOfATIFFIsReadAndNoThumbnail(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	result := read(t, pool, multiTIFF(saying(t, "第一页"), saying(t, "第二页"), saying(t, "第三页")))
	if len(result.Pages) != 3 || result.MIME != "image/tiff" {
		t.Fatalf("%d pages of %s", len(result.Pages), result.MIME)
	}
	for i, want := range []string{"第一页", "第二页", "第三页"} {
		if got := texts(result.Pages[i]); result.Pages[i].Page != i+1 || !slices.Equal(got, []string{want}) {
			t.Errorf("page %d says %q", i+1, got)
		}
	}
}

func TestPicturesOfAnArchiveComeInTheOrderOfTheirNumbers(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	file := zipped(t,
		entry{"扫描/10.jpg", ocrtest.JPEG(t, saying(t, "第三页"))},
		entry{"__MACOSX/._2.png", []byte("litter")},
		entry{"扫描/2.png", ocrtest.PNG(t, saying(t, "第二页"))},
		entry{"扫描/1.tif", multiTIFF(saying(t, "第一页"))},
		entry{".DS_Store", []byte("litter")},
	)
	result := read(t, pool, file)
	var all []string
	for _, page := range result.Pages {
		all = append(all, texts(page)...)
	}
	if !slices.Equal(all, []string{"第一页", "第二页", "第三页"}) || result.MIME != "application/zip" {
		t.Errorf("%s: %q", result.MIME, all)
	}
	report, err := pool.Door(t.Context(), file)
	if err != nil || report.Pages != 3 || len(report.Sheets) != 3 || report.Sheets[2].Page != 3 {
		t.Errorf("door: %+v %v", report, err)
	}
}

// ofdFile is a page with a template's label, a value written character by
// character, a hidden text, an embedded picture and a digital seal.
func ofdFile(t testing.TB, change func(files map[string]string)) []byte {
	files := map[string]string{
		"OFD.xml": `<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody>
			<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>`,
		"Doc_0/Document.xml": `<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 140</ofd:PhysicalBox></ofd:PageArea>
			<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes><ofd:TemplatePage ID="9" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData>
			<ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>`,
		"Doc_0/DocumentRes.xml": `<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res"><ofd:MultiMedias>
			<ofd:MultiMedia ID="5" Type="Image" Format="PNG"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>`,
		"Doc_0/Res/a.png": string(ocrtest.PNG(t, saying(t, "附图文字"))),
		"Doc_0/Tpls/Tpl_0/Content.xml": `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer>
			<ofd:TextObject ID="2" Boundary="20 20 40 6" Size="5"><ofd:TextCode X="0" Y="4.4">发票号码</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>`,
		"Doc_0/Pages/Page_0/Content.xml": `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Template TemplateID="9" ZOrder="Background"/><ofd:Content><ofd:Layer>
			<ofd:TextObject ID="3" Boundary="60 20 60 6" Size="5"><ofd:TextCode X="0" Y="4.4" DeltaX="g 3 2.5">3799</ofd:TextCode></ofd:TextObject>
			<ofd:TextObject ID="4" Boundary="70 20 60 6" Size="5"><ofd:TextCode X="0" Y="4.4" DeltaX="2.5">01</ofd:TextCode></ofd:TextObject>
			<ofd:TextObject ID="6" Boundary="20 40 60 6" Size="5" Visible="false"><ofd:TextCode X="0" Y="4.4">看不见</ofd:TextCode></ofd:TextObject>
			<ofd:PageBlock><ofd:ImageObject ID="7" Boundary="20 60 80 40" CTM="80 0 0 40 0 0" ResourceID="5"/></ofd:PageBlock></ofd:Layer></ofd:Content></ofd:Page>`,
		"Doc_0/Signs/Signatures.xml":       `<ofd:Signatures xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Signature ID="1" BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>`,
		"Doc_0/Signs/Sign_0/Signature.xml": `<ofd:Signature xmlns:ofd="http://www.ofdspec.org/2016"><ofd:SignedInfo><ofd:StampAnnot ID="1" PageRef="1" Boundary="150 20 30 20"/></ofd:SignedInfo></ofd:Signature>`,
	}
	if change != nil {
		change(files)
	}
	var entries []entry
	for name, content := range files {
		entries = append(entries, entry{name, []byte(content)})
	}
	return zipped(t, entries...)
}

func TestOFDSaysItsOwnTextAndItsPicturesAreRead(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	file := ofdFile(t, nil)
	result := read(t, pool, file)
	page := result.Pages[0]
	if got := texts(page); result.MIME != "application/ofd" || !slices.Equal(got, []string{"发票号码", "379901", "附图文字"}) {
		t.Fatalf("%s: %q", result.MIME, got)
	}
	scale := float64(page.Width) / 210
	if b := page.Lines[1].Quad.Box(); page.Lines[1].Engine != "ofd" || !near(b.X, int(60*scale), 2) || !near(b.Y, int(20*scale), 4) || !near(b.W, int(15*scale), 3) {
		t.Errorf("the number of %s is said to be at %+v (scale %.1f)", page.Lines[1].Engine, b, scale)
	}
	if page.Lines[2].Engine == "ofd" || page.Engine != "ofd+"+page.Lines[2].Engine {
		t.Errorf("the engines are not stated: page %q, picture's line %q", page.Engine, page.Lines[2].Engine)
	}
	if len(page.Seals) != 1 || page.Seals[0].Colour != "digital" || !near(page.Seals[0].Box.X, int(150*scale), 2) {
		t.Errorf("seals %+v", page.Seals)
	}
	if got := codes(page.Quality); !strings.Contains(got, "hidden_text") || !strings.Contains(got, "signature_unverified") {
		t.Errorf("findings %q", got)
	}
	again := read(t, pool, ocrtestPicture(t, pool, file))
	if got := strings.Join(texts(again.Pages[0]), " "); !strings.Contains(got, "发票号码") || !strings.Contains(got, "379901") || strings.Contains(got, "看不见") {
		t.Errorf("the picture people look at says %q", got)
	}
}

func ocrtestPicture(t *testing.T, pool *ocr.Pool, file []byte) []byte {
	t.Helper()
	picture, _, _, err := pool.Picture(t.Context(), file, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// textPDF prints lines on a page as text; the picture lies on top of them.
func textPDF(t testing.TB, grey int, picture *image.NRGBA, lines ...string) []byte {
	t.Helper()
	doc := fpdf.New("P", "mm", "A4", "")
	doc.AddPage()
	doc.SetFont("Helvetica", "", 16)
	doc.SetTextColor(grey, grey, grey)
	for i, line := range lines {
		doc.Text(30, float64(40+15*i), line)
	}
	if picture != nil {
		doc.RegisterImageOptionsReader("a", fpdf.ImageOptions{ImageType: "JPG"}, bytes.NewReader(ocrtest.JPEG(t, picture)))
		doc.ImageOptions("a", 20, 20, 170, 0, false, fpdf.ImageOptions{ImageType: "JPG"}, 0, "")
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTextOfAPDFComesFirstAndOnlyWhenThePageShowsIt(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	needEngine(t, pool, "ppocr")
	lines := []string{"Benefit month 2026-03", "Account 6222020200012345678", "Amount 12345.67"}
	covered := ocrtest.Draw(t, 1240, 900, ocrtest.Text{X: 75, Y: 160, Size: 42, Text: "Benefit month 2026-03"},
		ocrtest.Text{X: 75, Y: 268, Size: 42, Text: "Account 6222020200012345670"}, ocrtest.Text{X: 75, Y: 378, Size: 42, Text: "Amount 12345.67"})
	for _, c := range []struct {
		name   string
		file   []byte
		hidden bool
		says   []string
		not    string
	}{
		{"shown", textPDF(t, 0, nil, lines...), false, lines, ""},
		{"white on white", textPDF(t, 255, nil, append(lines, "")...), true, nil, "Account"},
		{"under a picture with another number", textPDF(t, 0, covered, lines...), true, []string{"6222020200012345670"}, "6222020200012345678"},
		{"with a picture beside", textPDF(t, 0, nil, lines[0]), false, lines[:1], ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := read(t, pool, c.file).Pages[0]
			all := strings.Join(texts(page), "\n")
			for _, want := range c.says {
				if !strings.Contains(all, want) {
					t.Errorf("%q is not in %q", want, all)
				}
			}
			if c.not != "" && strings.Contains(all, c.not) {
				t.Errorf("%q is nowhere to be seen on the page, but in %q", c.not, all)
			}
			if got := strings.Contains(codes(page.Quality), "hidden_text"); got != c.hidden {
				t.Errorf("hidden text found: %v, want %v (%+v)", got, c.hidden, page.Quality)
			}
			if c.name == "shown" && (page.Engine != "pdf+ppocr" || page.Lines[1].Engine != "pdf" || page.Lines[1].Confidence < 0.9) {
				t.Errorf("engine %q, line %+v", page.Engine, page.Lines[1])
			}
		})
	}
}

func TestDoorReportsPagesAndFindings(t *testing.T) {
	pool := newPool(t, func(c *ocr.Config) { c.Door = func() ocr.DoorLimits { return ocr.DoorLimits{ShortSide: 100} } })
	blank := ocrtest.Draw(t, 640, 480)
	report, err := pool.Door(t.Context(), multiTIFF(saying(t, "第一页"), blank, saying(t, "第三页"), saying(t, "第四页")))
	if err != nil || report.Pages != 4 || len(report.Sheets) != 3 {
		t.Fatalf("%+v %v", report, err)
	}
	for i, want := range []string{"", "blank", ""} {
		if got := codes(report.Sheets[i].Findings); got != want {
			t.Errorf("page %d: %q, want %q", i+1, got, want)
		}
	}
	if report.Sheets[0].Width != 640 || report.Sheets[0].Hash == (ocr.PictureHash{}) || report.Sheets[0].Hash == report.Sheets[2].Hash {
		t.Errorf("%+v", report.Sheets)
	}
	report, err = pool.Door(t.Context(), pdf(t, "", saying(t, "第一页")))
	if err != nil || report.MIME != "application/pdf" || report.Pages != 1 {
		t.Errorf("%+v %v", report, err)
	}
	if _, err := pool.Door(t.Context(), []byte("姓名")); casework.AsFault(err).Code != "file_type" {
		t.Errorf("text file: %v", err)
	}
}
