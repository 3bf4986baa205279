package ocr_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

func personal(n int) map[string]string {
	name := []string{"张伟明", "李晓芳", "王建国", "赵丽华"}[n%4]
	number := []string{"379901198803074321", "379902199011125527", "379903197506231816", "379904198509094820"}[n%4]
	return map[string]string{
		"name": name, "sex": "男", "ethnicity": "汉", "birth": "1988-03-07", "address": "青山市远大区平安路" + fmt.Sprint(n+11) + "号",
		"number": number, "id_number": number, "authority": "青山市公安局", "valid_from": "2019-05-06", "valid_to": "长期",
		"employer": "青山市远大机械制造有限公司", "uscc": "91379901MA0000001X", "contract_start": "2020-01-01", "contract_end": "2026-02-28",
		"end_date": "2026-02-28", "post": "操作工", "years": "6", "reason": "劳动合同期满终止", "issue_date": "2026-03-01", "serial": fmt.Sprintf("2026-%04d", n),
		"bank": "青山银行", "holder": name, "mobile": "13800001234", "account": "6222020200012345678", "leave_date": "2026-02-28", "claim_date": "2026-03-15",
	}
}

func paper(t testing.TB, studio *materials.Studio, kind string, person int, style materials.Style) *image.NRGBA {
	t.Helper()
	picture, err := studio.Render(kind, personal(person), style, rand.New(rand.NewPCG(7, uint64(person))))
	if err != nil {
		t.Fatal(err)
	}
	return imaging.Clone(picture.Image)
}

func openStudio(t testing.TB) *materials.Studio {
	t.Helper()
	studio, err := materials.Open()
	ocrtest.NeedReal(t, "fonts", err)
	return studio
}

// codes of the findings, in order.
func codes(found []casework.Quality) string {
	var all []string
	for _, q := range found {
		all = append(all, q.Code)
	}
	return strings.Join(all, " ")
}

// glossy puts a lamp's reflection on a photo whose paper is grey.
func glossy(img *image.NRGBA) *image.NRGBA {
	img = imaging.AdjustBrightness(img, -15)
	cx, cy, r := float64(img.Rect.Dx())*0.6, float64(img.Rect.Dy())*0.55, float64(img.Rect.Dx())*0.12
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			light := 400 * (1.6 - math.Hypot(float64(x)-cx, float64(y)-cy)/r)
			for c := range 3 {
				p := &img.Pix[y*img.Stride+4*x+c]
				*p = uint8(min(255, float64(*p)+max(0, light)))
			}
		}
	}
	return img
}

func TestDoorFindsWhatWasDoneToAPicture(t *testing.T) {
	t.Parallel()
	studio := openStudio(t)
	for _, kind := range []string{materials.IDCardFront, materials.ClaimForm} {
		clean := paper(t, studio, kind, 0, materials.Style{})
		w, h := clean.Rect.Dx(), clean.Rect.Dy()
		for _, c := range []struct {
			name, codes string
			picture     *image.NRGBA
		}{
			{"clean", "", clean},
			{"as a phone takes it", "", paper(t, studio, kind, 0, materials.Style{Kind: materials.Photo, Skew: 2.5, Perspective: 0.025, Blur: 0.9, Noise: 4, Vignette: 0.25, Shadow: 0.3, LowContrast: 0.12})},
			{"in shadow", "", paper(t, studio, kind, 0, materials.Style{Shadow: 0.55})},
			{"a little soft", "", paper(t, studio, kind, 0, materials.Style{Blur: 1.8})},
			{"lying on its side", "", ocr.Turn(clean, 90)},
			{"blurred", "blurred", imaging.Blur(clean, 9)},
			{"dark", "too_dark low_contrast", imaging.AdjustFunc(clean, func(c color.NRGBA) color.NRGBA { return color.NRGBA{c.R / 4, c.G / 4, c.B / 4, 255} })},
			{"washed out", "low_contrast", imaging.AdjustFunc(clean, func(c color.NRGBA) color.NRGBA { return color.NRGBA{190 + c.R/4, 190 + c.G/4, 190 + c.B/4, 255} })},
			{"under a lamp", "glare", glossy(clean)},
			{"skewed", "skewed", imaging.Rotate(clean, 9, color.White)},
			{"few pixels", "low_resolution", imaging.Resize(clean, 0, min(450, 450*h/w), imaging.Box)},
			{"left part missing", "cut_off", imaging.Crop(clean, image.Rect(w*45/100, 0, w, h))},
		} {
			t.Run(kind+" "+c.name, func(t *testing.T) {
				if got := codes(ocr.Inspect(c.picture)); got != c.codes {
					sharp, ink := ocr.Sharpness(c.picture)
					t.Errorf("found %q, want %q (%v, sharpness %.2f, ink %.3f)", got, c.codes, ocr.Inspect(c.picture), sharp, ink)
				}
			})
		}
	}
}

func TestHashKnowsACopy(t *testing.T) {
	t.Parallel()
	studio := openStudio(t)
	photo := materials.Style{Kind: materials.Photo, Skew: 1.5, Perspective: 0.02, Noise: 3}
	for _, kind := range []string{materials.IDCardFront, materials.ClaimForm} {
		taken := paper(t, studio, kind, 0, photo)
		hash := ocr.HashOf(taken)
		saved, err := ocr.Decode(ocrtest.JPEG(t, imaging.AdjustBrightness(imaging.Resize(taken, taken.Rect.Dx()/2, 0, imaging.Lanczos), 8)))
		if err != nil {
			t.Fatal(err)
		}
		if d := hash.Distance(ocr.HashOf(saved)); d > ocr.NearDuplicate {
			t.Errorf("%s: a smaller, brighter copy is %d away", kind, d)
		}
		for person := 1; person < 3; person++ {
			if d := hash.Distance(ocr.HashOf(paper(t, studio, kind, person, photo))); d <= ocr.NearDuplicate+8 {
				t.Errorf("%s: the photo of person %d is only %d away", kind, person, d)
			}
		}
		text, err := hash.MarshalText()
		var back ocr.PictureHash
		if err != nil || back.UnmarshalText(text) != nil || back != hash {
			t.Errorf("%s does not come back: %v", text, err)
		}
	}
}

// BenchmarkDoor is what the door checks of a 12-megapixel photo cost beyond
// decoding it, in processor time: other work on the machine does not count.
func BenchmarkDoor(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	page := imaging.Resize(straightOn(rnd).photograph(ocrtest.SamplePage(b), 1600, desks()[0], rnd), 4000, 3000, imaging.Linear)
	from := cpuTime(b)
	for b.Loop() {
		ocr.Glance(page)
	}
	b.ReportMetric(float64((cpuTime(b)-from).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
