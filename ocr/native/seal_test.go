package native_test

import (
	"image/color"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/fixtures/people"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/native"
	"github.com/jingban/jingban/ocr/ocrtest"
)

// engines are opened once: ONNX Runtime lives as long as the process.
var engines = sync.OnceValue(func() *native.Engines {
	folder := os.Getenv("JINGBAN_MODELS")
	if folder == "" {
		folder = filepath.Join("..", "..", ".cache", "models")
	}
	return native.Open(folder)
})

func openEngine(t *testing.T) ocr.Engine {
	t.Helper()
	engine, err := engines().Engine("ppocr")
	ocrtest.NeedReal(t, "ppocr", err)
	return engine
}

func notice(t *testing.T, studio *materials.Studio, employer string, style materials.Style, n uint64) ocr.Sheet {
	t.Helper()
	values := map[string]string{"name": "张伟明", "sex": "男", "id_number": people.WithIDCheck("37990119880307432"), "employer": employer,
		"uscc": "91379900MA37990102", "contract_start": "2020-01-01", "contract_end": "2026-02-28", "end_date": "2026-02-28", "post": "操作工",
		"years": "6", "reason": "劳动合同期满终止", "issue_date": "2026-03-01", "serial": "2026-0037"}
	picture, err := studio.Render(materials.TerminationNotice, values, style, rand.New(rand.NewPCG(11, n)))
	if err != nil {
		t.Fatal(err)
	}
	img := imaging.Clone(picture.Image)
	return ocr.Sheet{Raw: img, Clean: img, Seals: ocr.FindSeals(img)}
}

func TestTheNameOnASealIsReadApart(t *testing.T) {
	engine := openEngine(t)
	t.Run("strokes that are no letters", func(t *testing.T) { inventsNothing(t, engine) })
	studio, err := materials.Open()
	ocrtest.NeedReal(t, "fonts", err)
	phone := materials.Style{Kind: materials.Photo, Skew: 2.5, Perspective: 0.025, Blur: 0.9, Noise: 4, Vignette: 0.25, Shadow: 0.3, LowContrast: 0.12}
	read := 0
	for i, employer := range []string{"青山市远大机械制造有限公司", "海州示例机械有限公司", "临江市示例食品股份有限公司"} {
		for _, style := range []materials.Style{{}, phone} {
			sheet := notice(t, studio, employer, style, uint64(i))
			seals, err := ocr.ReadSeals(engine, sheet, nil)
			if err != nil || len(seals) != 1 || seals[0].Shape != "round" {
				t.Fatalf("seals %+v, %v", seals, err)
			}
			t.Logf("%s: %q (%.3f)", employer, seals[0].Text, seals[0].Confidence)
			switch seals[0].Text {
			case employer:
				read++
			case "":
			default:
				t.Errorf("read as %q (%.2f), want %s", seals[0].Text, seals[0].Confidence, employer)
			}
		}
	}
	if read < 5 {
		t.Errorf("%d of 6 names were read", read)
	}
}

// inventsNothing: letters that are none give no name.
func inventsNothing(t *testing.T, engine ocr.Engine) {
	page := ocrtest.Draw(t, 800, 800)
	ocrtest.Stamp(page, 400, 400, 120, color.NRGBA{205, 45, 50, 255})
	seals, err := ocr.ReadSeals(engine, ocr.Sheet{Raw: page, Clean: page, Seals: ocr.FindSeals(page)}, nil)
	if err != nil || len(seals) != 1 || seals[0].Text != "" {
		t.Errorf("%+v %v", seals, err)
	}
}

func TestTheNameOnASquareSealIsReadApart(t *testing.T) {
	engine := openEngine(t)
	studio, err := materials.OpenAll()
	ocrtest.NeedReal(t, "fonts", err)
	read := 0
	seals := []materials.NameSeal{
		{Text: "谢静雅印"}, {Text: "张伟明印", Turn: 12}, {Text: "陈志强", Side: 20}, {Text: "王芳", Side: 16, Turn: -8}, {Text: "李国强印", Solid: true}, {Text: "赵敏之印", Blue: true, Turn: 6},
		{Text: "孙建华印", Worn: 0.15}, {Text: "周晓红印", Solid: true, Turn: -15},
	}
	for i, seal := range seals {
		values := map[string]string{"name": "谢静雅", "sex": "女", "id_number": people.WithIDCheck("37990119880307432"), "employer": "海州示例机械有限公司", "in_date": "2026-03-01", "out_date": "2026-03-09",
			"visit_number": "BA000123", "age": "38", "department": "骨科", "diagnosis": "右手食指末节骨折", "rest": "两周", "review_date": "2026-04-01", "checker": "陈志强", "hospital": "海州示例人民医院", "issue_date": "2026-03-09"}
		picture, err := studio.Render(materials.DiagnosisProof, values, materials.Style{NameSeal: &seal, Noise: 1}, rand.New(rand.NewPCG(21, uint64(i))))
		if err != nil {
			t.Fatal(err)
		}
		img := imaging.Clone(picture.Image)
		found, err := ocr.ReadSeals(engine, ocr.Sheet{Raw: img, Clean: img, Seals: ocr.FindSeals(img)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range found {
			if s.Shape != "square" {
				continue
			}
			t.Logf("%s: %q (%.3f)", seal.Text, s.Text, s.Confidence)
			switch s.Text {
			case seal.Text:
				read++
			case "":
			default:
				t.Errorf("read as %q (%.2f), want %s", s.Text, s.Confidence, seal.Text)
			}
		}
	}
	if read < 5 {
		t.Errorf("%d of %d names were read", read, len(seals))
	}
}

// A stamp of the counter is no seal, whatever its frame looks like.
func TestAFramedNoteIsNoSeal(t *testing.T) {
	engine := openEngine(t)
	page := ocrtest.Draw(t, 1240, 1754)
	words := ocrtest.Draw(t, 1240, 1754, ocrtest.Text{X: 512, Y: 584, Size: 80, Text: "受理"})
	for y := 500; y < 600; y++ {
		for x := 500; x < 684; x++ {
			if words.Pix[words.PixOffset(x, y)] < 140 || x < 504 || x >= 680 || y < 504 || y >= 596 {
				page.SetNRGBA(x, y, color.NRGBA{205, 45, 50, 255})
			}
		}
	}
	seals := ocr.FindSeals(page)
	if len(seals) != 1 {
		t.Fatalf("by its frame alone it could be one: %+v", seals)
	}
	if left, err := ocr.ReadSeals(engine, ocr.Sheet{Raw: page, Clean: page, Seals: seals}, nil); err != nil || len(left) != 0 {
		t.Errorf("%+v, %v", left, err)
	}
}
