package ocr_test

import (
	"image"
	"image/jpeg"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jingban/jingban/ocr"
)

// The door's checks of corners and screens were tuned on seeds 41 to 43.
// JINGBAN_DOOR_ROUNDS makes the tests larger, JINGBAN_DOOR_PAGES names folders
// of rendered pages (a pattern) to look for false alarms on.
const doorSeed = 971

func doorRounds() int {
	if n, err := strconv.Atoi(os.Getenv("JINGBAN_DOOR_ROUNDS")); err == nil {
		return n
	}
	return 2
}

// screen is a monitor that shows a page, and the camera in front of it.
type screen struct {
	pitch float64 // camera pixels to one of the screen's
	turn  float64 // degrees
	wide  int     // camera pixels
	soft  float64 // the lens: standard deviation in camera pixels
}

// shoot photographs a page from the screen: dots of three coloured stripes with
// dark lines between them, gathered by camera pixels in linear light.
func (s screen) shoot(page *image.NRGBA, rnd *rand.Rand) *image.NRGBA {
	const fine = 4 // light is gathered at so many places along each side of a camera pixel
	high := s.wide * page.Rect.Dy() / page.Rect.Dx()
	zoom := float64(page.Rect.Dx()) / (float64(s.wide) / s.pitch) // page pixels to a screen pixel
	sin, cos := math.Sincos(s.turn * math.Pi / 180)
	lean := (rnd.Float64() - 0.5) * 0.06 / float64(s.wide)
	var linear [256]float64
	for v := range linear {
		linear[v] = math.Pow(float64(v)/255, 2.2)
	}
	var jitters [fine * fine][2]float64
	for i := range jitters {
		jitters[i] = [2]float64{(float64(i%fine)+0.5)/fine + rnd.NormFloat64()*s.soft, (float64(i/fine)+0.5)/fine + rnd.NormFloat64()*s.soft}
	}
	out := image.NewNRGBA(image.Rect(0, 0, s.wide, high))
	for y := range high {
		for x := range s.wide {
			var light [3]float64
			for _, j := range jitters {
				dx, dy := float64(x)+j[0]-float64(s.wide)/2, float64(y)+j[1]-float64(high)/2
				near := 1 + lean*dx
				u := (dx*cos-dy*sin)*near/s.pitch + float64(s.wide)/s.pitch/2
				v := (dx*sin+dy*cos)*near/s.pitch + float64(high)/s.pitch/2
				iu, iv := math.Floor(u), math.Floor(v)
				px, py := int(iu*zoom), int(iv*zoom)
				if px < 0 || py < 0 || px >= page.Rect.Dx() || py >= page.Rect.Dy() || v-iv < 0.12 {
					continue
				}
				stripe := (u - iu) * 3
				if c := int(stripe); stripe-float64(c) > 0.12 {
					light[c] += linear[page.Pix[py*page.Stride+4*px+c]]
				}
			}
			for c, v := range light {
				v = math.Pow(min(1, 3.6*v/(fine*fine)), 1/2.2)
				out.Pix[y*out.Stride+4*x+c] = uint8(max(0, min(255, 235*v+rnd.NormFloat64()*1.5)))
			}
			out.Pix[y*out.Stride+4*x+3] = 255
		}
	}
	return out
}

func TestAPhotoOfAScreenIsToldFromOneOfPaper(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(doorSeed, 2))
	pages, rounds := flatPages(t, 1600), doorRounds()/2
	shown, told := 0, 0
	for i, page := range pages {
		for range rounds {
			s := screen{pitch: 1.2 + 3*rnd.Float64(), turn: (rnd.Float64() - 0.5) * 8, wide: 640, soft: 0.35 + 0.4*rnd.Float64()}
			shot, err := ocr.Decode(encoded(t, func(w io.Writer) error {
				return jpeg.Encode(w, s.shoot(page, rnd), &jpeg.Options{Quality: 70 + rnd.IntN(25)})
			}))
			if err != nil {
				t.Fatal(err)
			}
			shown++
			if q, ok := finding(ocr.Inspect(shot), "screen_photo"); ok {
				told++
				if q.Retake {
					t.Errorf("page %d must be taken again: %+v", i, q)
				}
			} else {
				t.Logf("page %d, %+v: %.0f", i, s, ocr.Grid(shot))
			}
		}
		lying := straightOn(rnd).photograph(page, 1200, desks()[0], rnd)
		if score := ocr.Grid(lying); score > 40 {
			t.Errorf("page %d on a desk: %.0f", i, score)
		}
	}
	t.Logf("%d of %d", told, shown)
	if told < shown*8/10 {
		t.Errorf("%d of %d photos of a screen were told", told, shown)
	}
}

// TestGoodPagesRaiseNoAlarm is about all twelve conditions of the reading set,
// each strength of which a clerk would accept.
func TestGoodPagesRaiseNoAlarm(t *testing.T) {
	t.Parallel()
	pattern := os.Getenv("JINGBAN_DOOR_PAGES")
	if pattern == "" {
		pattern = t.TempDir()
		if _, err := openStudio(t).WriteReadingSet(pattern, 12, doorSeed, func() {}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(pattern, "*.jpg"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages in %s (%v)", pattern, err)
	}
	worst := 0.0
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		page, err := ocr.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		found := ocr.Inspect(page)
		for _, code := range []string{"corner_missing", "screen_photo"} {
			if q, ok := finding(found, code); ok {
				t.Errorf("%s: %+v", path, q)
			}
		}
		worst = max(worst, ocr.Grid(page))
	}
	t.Logf("%d pages, crossing waves at most %.0f", len(files), worst)
}
