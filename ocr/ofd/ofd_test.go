package ofd_test

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/jingban/jingban/ocr/ofd"
)

const (
	root = `<OFD><DocBody><DocRoot>D/Document.xml</DocRoot></DocBody></OFD>`
	body = `<Document><CommonData><PageArea><PhysicalBox>0 0 100 50</PhysicalBox></PageArea></CommonData><Pages><Page ID="1" BaseLoc="P.xml"/></Pages></Document>`
	page = `<Page><Content><Layer>
		<TextObject Boundary="10 20 50 10" Size="4" CTM="2 0 0 2 1 0"><TextCode X="3" Y="4" DeltaX="g 2 5 2">甲乙丙丁</TextCode></TextObject>
		<TextObject Boundary="10 40 50 5" Size="4" Alpha="0"><TextCode>不可见</TextCode></TextObject>
		<ImageObject Boundary="1 2 3 4" ResourceID="77"/></Layer></Content></Page>`
)

func packed(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		file, err := w.Create(files[i])
		if err == nil {
			_, err = file.Write([]byte(files[i+1]))
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

func open(file []byte) (*ofd.Document, error) {
	a, err := ofd.OpenArchive(file)
	if err != nil {
		return nil, err
	}
	return ofd.Open(a)
}

func TestPlacesFollowBoundaryMatrixAndDistances(t *testing.T) {
	doc, err := open(packed(t, "OFD.xml", root, "D/Document.xml", body, "D/P.xml", page))
	if err != nil {
		t.Fatal(err)
	}
	got, err := doc.Page(1)
	if err != nil || doc.Pages() != 1 || len(got.Texts) != 1 || got.Hidden != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	if got.Area != (ofd.Box{W: 100, H: 50}) || len(got.Images) != 1 || got.Images[0].Data != nil {
		t.Errorf("%+v", got)
	}
	// x: 10 + 2·3 + 1 = 17; its length 5+5+2 and one character of 4, twice as long.
	text := got.Texts[0]
	if text.Text != "甲乙丙丁" || text.Quad[0][0] != 17 || text.Quad[1][0] != 17+2*16 || text.Quad[3][1] != 20+2*(4+0.48) {
		t.Errorf("%+v", text)
	}
	if _, err := doc.Page(2); err == nil {
		t.Error("page 2 of 1 was read")
	}
}

func FuzzPageStaysBounded(f *testing.F) {
	f.Add(page)
	f.Add(`<Page><Content><Layer><TextObject Boundary="0 0 1e5 NaN" Size="-1"><TextCode DeltaX="g 999999999 1">a</TextCode></TextObject></Layer></Content></Page>`)
	f.Fuzz(func(t *testing.T, content string) {
		doc, err := open(packed(t, "OFD.xml", root, "D/Document.xml", body, "D/P.xml", content))
		if err != nil {
			t.Fatalf("the skeleton is good: %v", err)
		}
		got, err := doc.Page(1)
		for _, text := range got.Texts {
			if err == nil && (text.Text == "" || !(text.Size > 0)) {
				t.Errorf("%+v", text)
			}
		}
	})
}

func FuzzOpenNeverPanics(f *testing.F) {
	f.Add(packed(f, "OFD.xml", root, "D/Document.xml", body, "D/P.xml", page))
	f.Add(packed(f, "OFD.xml", `<OFD><DocBody><DocRoot>/../x</DocRoot><Signatures>S.xml</Signatures></DocBody></OFD>`))
	f.Fuzz(func(t *testing.T, file []byte) {
		doc, err := open(file)
		if err != nil {
			return
		}
		for n := range doc.Pages() {
			_, _ = doc.Page(n + 1) // its errors are fine; a panic is not
		}
	})
}

func FuzzDocumentSkeleton(f *testing.F) {
	f.Add(root, body)
	f.Fuzz(func(t *testing.T, root, body string) {
		doc, err := open(packed(t, "OFD.xml", root, "D/Document.xml", body, "D/P.xml", page))
		if err == nil && (doc.Pages() < 1 || doc.Pages() > ofd.MaxPages) {
			t.Errorf("%d pages", doc.Pages())
		}
	})
}
