package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

const (
	aPicture = "\xff\xd8\xff\xe0\x00\x10JFIF picture of "
	liNa     = "379902199007154526"
)

// laid writes files by their path below a new folder.
func laid(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "七月")
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func caseJSON(t *testing.T, id, name string, slots map[string]string) string {
	t.Helper()
	text, err := json.Marshal(claim{Applicant: casework.Person{Name: name, IDNumber: id}, Month: 202607, Shared: map[string]string{"leave_reason": "E01"}, Slots: slots})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// taken takes a folder, begins its rows, and gives the cases, what stands in each row
// and what was said.
func taken(t *testing.T, cfg *Config, dir string) (*store.Store, []casework.Case, string) {
	t.Helper()
	var said bytes.Buffer
	term := console{out: &said, err: &said, chinese: true}
	if err := (sheetTake{Playbook: "unemployment_claim", Path: dir}).Run(t.Context(), term, cfg); err != nil {
		t.Fatal(err)
	}
	h, err := openBooks(t.Context(), cfg, &said)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	if _, err := h.store.FeedSheets(t.Context(), atTerminal()); err != nil {
		t.Fatal(err)
	}
	cases, _, err := h.store.Cases(t.Context(), store.CaseFilter{Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	return h.store, cases, said.String()
}

func TestAFolderOfCasesIsAWorkList(t *testing.T) {
	cfg := &Config{Data: t.TempDir(), Log: "error"}
	dir := laid(t, map[string]string{
		"01/case.json": caseJSON(t, zhangMing, "张明", map[string]string{"正面.jpg": "id_card_front"}), "01/正面.jpg": aPicture + "a card",
		"02/case.json": caseJSON(t, liNa, "李娜", nil), "02/notes.txt": "no picture",
		"03/说明.jpg": aPicture + "nothing that belongs to a case",
	})
	books, cases, said := taken(t, cfg, dir)
	if len(cases) != 1 || cases[0].Applicant.Name != "张明" || cases[0].Month != 202607 || cases[0].Shared["leave_reason"] != "E01" {
		t.Fatalf("cases %+v", cases)
	}
	if !strings.Contains(said, "第 3 行") || !strings.Contains(said, "不是图片、PDF 或 OFD") {
		t.Errorf("said %q", said)
	}
	files, err := books.Materials(t.Context(), cases[0].ID)
	if err != nil || len(files) != 1 || files[0].Slot != "id_card_front" || files[0].FileName != "正面.jpg" || files[0].State != casework.MaterialReceived {
		t.Fatalf("materials %+v, %v", files, err)
	}
	if data, err := books.File(t.Context(), files[0].SHA256); err != nil || string(data) != aPicture+"a card" {
		t.Errorf("its bytes are %q, %v", data, err)
	}
	if _, again, said := taken(t, cfg, dir); len(again) != 1 || !strings.Contains(said, "以前上传过") {
		t.Errorf("the same folder began %d cases: %s", len(again), said)
	}
}

func TestAListBesideItsPapersGivesEachRowItsOwn(t *testing.T) {
	cfg := &Config{Data: t.TempDir(), Log: "error"}
	list := "姓名,身份证号,待遇月份,离职原因（共享）,材料目录\r\n张明," + zhangMing + ",202607,E01,zhang\r\n李娜," + liNa + ",202607,E01,\r\n王五,379901198806150029,202607,E01,../..\r\n赵六,379902198806150025,202607,E01,nobody\r\n"
	dir := laid(t, map[string]string{"清单.csv": list, "zhang/1.jpg": aPicture + "zhang", "zhang/2.jpg": aPicture + "the back", liNa + "/1.jpg": aPicture + "li"})
	books, cases, said := taken(t, cfg, dir)
	papers := map[string]int{}
	for _, c := range cases {
		files, err := books.Materials(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		papers[c.Applicant.Name] = len(files)
	}
	if len(cases) != 2 || papers["张明"] != 2 || papers["李娜"] != 1 {
		t.Errorf("papers %v: %s", papers, said)
	}
	if strings.Count(said, "材料文件夹不在") != 2 {
		t.Errorf("said %q", said)
	}
}

func TestAFolderWithoutAListSaysWhatIsMissing(t *testing.T) {
	term := console{out: &bytes.Buffer{}, err: &bytes.Buffer{}, chinese: true}
	for name, files := range map[string]map[string]string{"empty": {"a/1.jpg": aPicture}, "two lists": {"a.csv": "x", "b.csv": "x"}} {
		err := (sheetTake{Playbook: "unemployment_claim", Path: laid(t, files)}).Run(t.Context(), term, &Config{Data: t.TempDir(), Log: "error"})
		if err == nil || !strings.Contains(err.Error(), "one list") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
