package web

import (
	"context"
	"errors"
	"image/color"
	"net/http"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// doorman says the same of every file.
type doorman struct {
	looks []casework.Look
	err   error
}

func (d doorman) Door(context.Context, []byte) ([]casework.Look, error) { return d.looks, d.err }

func TestUploadSaysAtOnceWhatIsWrongWithAPicture(t *testing.T) {
	door := &doorman{looks: []casework.Look{{Page: 1, Hash: []byte(strings.Repeat("m", 32)), Findings: []casework.Quality{
		{Code: "blurred", Score: 0.1, Threshold: 0.25, Retake: true}, {Code: "skewed", Score: 8, Threshold: 6},
	}}}}
	w := newSite(t, func(c *Config) { c.Door = door })
	portal := w.bearer(w.portal)
	s := w.seed(li, "created")
	upload := "/api/v1/cases/" + s.Case.ID + "/materials"
	code, text := portal.upload(upload, "k-1", "id_card_front", "模糊.png", card(t, color.White))
	for _, want := range []string{`"code":"blurred"`, `"retake":true`, `"title_zh":"图片模糊。"`, `重拍`, `"code":"skewed"`, `"state":"received"`} {
		if code != http.StatusCreated || !strings.Contains(strings.ReplaceAll(text, ": ", ":"), want) {
			t.Errorf("%d: no %s in %s", code, want, text)
		}
	}
	if strings.Contains(text, "near_duplicate") {
		t.Errorf("alone, and yet a duplicate: %s", text)
	}
	if _, text := portal.upload(upload, "k-2", "bank_card", "again.png", card(t, color.Black)); !strings.Contains(text, "near_duplicate") {
		t.Errorf("the same picture twice: %s", text)
	}
	other := w.seed(casework.Person{Name: "张明", IDNumber: "379902199001010014"}, "created")
	if _, text := portal.upload("/api/v1/cases/"+other.Case.ID+"/materials", "k-3", "", "x.png", card(t, color.White)); !strings.Contains(text, "seen_elsewhere") {
		t.Errorf("the picture of another case: %s", text)
	}
	clerk := w.as("clerk")
	_, page, _ := clerk.get("/cases/" + s.Case.ID + "/upload")
	for _, want := range []string{"图片模糊。", "请对焦、放平、光线充足时重拍。", "有 2 个文件需要重新拍摄", "照片歪斜。", "和本件另一个文件几乎是同一张图片。", "模糊.png"} {
		if !strings.Contains(page, want) {
			t.Errorf("the upload page does not say %s", want)
		}
	}
	// Nobody will ever be able to open it: it is refused, with what to do.
	door.looks, door.err = nil, casework.Fail("pdf_encrypted", "it asks for a password")
	if code, text := portal.upload(upload, "k-5", "", "locked.pdf", []byte("%PDF-1.7")); code != http.StatusUnprocessableEntity || !strings.Contains(text, "请去除密码后重新上传。") {
		t.Errorf("%d %s", code, text)
	}
	// Nobody could look: the file is taken in, and nothing is claimed of it.
	door.looks, door.err = nil, errors.New("all readers are at work")
	if code, text := portal.upload(upload, "k-4", "", "later.png", card(t, color.White)); code != http.StatusCreated || !strings.Contains(text, `"door"`) || strings.Contains(text, "blurred") {
		t.Errorf("%d %s", code, text)
	}
}

func TestCasePageShowsWhichFieldsAreVerified(t *testing.T) {
	w := newSite(t)
	p := Page{words: w.server.words, Lang: "zh"}
	rows := w.server.documentRows(p, casework.Assessment{Documents: map[string]casework.Document{"bank_card": {Type: "bank_card", Fields: map[string]casework.Field{
		"number": {Name: "number", Value: "6217000000000000031", Status: casework.FieldDoubtful, Second: "6217000000000000024", Offer: "6217000000000000024"},
		"bank":   {Name: "bank", Value: "中国农业银行", Status: casework.FieldRead}, "branch": {Name: "branch", Value: "青石街支行", Status: casework.FieldDoubtful, Hand: true},
		"expiry": {Name: "expiry", Value: "2030-01", Status: casework.FieldRead, Hand: true}, "holder": {Name: "holder", Value: "李秀英", Status: casework.FieldVerified},
	}}}})
	said := map[string]string{}
	for _, f := range rows[0].Fields {
		said[f.Name] = f.Status.Text
		if f.Look != (f.Name == "number" || f.Hand) || f.Hand != (f.Name == "branch" || f.Name == "expiry") || f.Accept != (f.Name == "branch") {
			t.Errorf("%s: look %v, hand %v, accept %v", f.Name, f.Look, f.Hand, f.Accept)
		}
		if f.Name == "number" && (!strings.Contains(f.Second, "6217000000000000024") || f.Offer == "") {
			t.Errorf("%+v", f)
		}
	}
	if said["number"] != "需核对" || said["bank"] != "已识读" || said["holder"] != "已核实" {
		t.Errorf("%v", said)
	}
	masked := w.server.maskAssessment(casework.Assessment{Documents: map[string]casework.Document{"bank_card": {Fields: map[string]casework.Field{
		"number": {Value: "6217000000000000031", Second: "6217000000000000024", Offer: "6217000000000000024"}}}}}).Documents["bank_card"].Fields["number"]
	if strings.Contains(masked.Second+masked.Offer, "000000000024") {
		t.Errorf("a second reading is not masked: %+v", masked)
	}
}

func TestAPortraitIsNotAskedForWhatAPaperIs(t *testing.T) {
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{cfg: Config{Catalog: catalog}}
	looks := []casework.Look{{Page: 1, Findings: []casework.Quality{{Code: "skewed"}, {Code: "low_resolution"}, {Code: "blurred", Retake: true}}}}
	for slot, want := range map[string]int{"card_photo": 1, "id_card_front": 3, "": 3} {
		if notes := s.lookNotes(slot, looks); len(notes) != want {
			t.Errorf("slot %q: %+v", slot, notes)
		}
	}
}

func TestAFilesLimitIsNamedAsPeopleDo(t *testing.T) {
	looks := []casework.Look{{Page: 1, Findings: []casework.Quality{{Code: "file_heavy", Threshold: 5120}, {Code: "file_light", Threshold: 20}, {Code: "skewed", Threshold: 6}}}}
	notes := (&Server{}).lookNotes("", looks)
	if notes[0].Detail["limit"] != "5 MB" || notes[1].Detail["limit"] != "20 KB" || notes[2].Detail != nil {
		t.Errorf("%+v", notes)
	}
}
