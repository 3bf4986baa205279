package native

import (
	"image"
	"image/color"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

func TestTheSecondReaderHoldsToWhatItSawUnlessTwoLooksAgree(t *testing.T) {
	for _, c := range []struct {
		name, said string
		looks      []string
		want       string
		taken      int
	}{
		{"the first look agrees", "531", []string{"531", "999"}, "531", 1},
		{"another number of signs is no look", "531", []string{"53", "5311", "531"}, "531", 3},
		{"one look that agrees does not outvote one that does not", "531", []string{"581", "531", "537"}, "581", 3},
		{"two that agree do", "531", []string{"581", "531", "531", "999"}, "531", 3},
		{"so do two that say another thing", "531", []string{"581", "53", "581", "531"}, "581", 3},
		{"nothing fits", "531", []string{"5", "53", ""}, "5", 3},
	} {
		taken := 0
		got, _, err := settled(c.said, len(c.looks), func(i int) (string, float64, error) {
			taken++
			return c.looks[i], 0, nil
		})
		if err != nil || got != c.want || taken != c.taken {
			t.Errorf("%s: %q after %d looks, %v; want %q after %d", c.name, got, taken, err, c.want, c.taken)
		}
	}
}

func TestTheSecondReaderSeesNumbersAcrossTheEdgeOfAShadow(t *testing.T) {
	s, err := openSecond()
	if err != nil {
		t.Fatal(err)
	}
	defer s.client.Close()
	for _, number := range []string{"20250923", "6212261234567890"} {
		line := shadowed(t, number)
		w, h := float64(line.Rect.Dx()), float64(line.Rect.Dy())
		quad := casework.Quad{{}, {X: w}, {X: w, Y: h}, {Y: h}}
		got, _, err := s.Digits(line, ocr.Part{Quad: quad, To: 1, Said: number})
		if err != nil || got != number {
			t.Errorf("saw %q, %v, want %s", got, err, number)
		}
		if got, _, err = s.Digits(line, ocr.Part{Quad: quad, To: 1, Said: "7" + number[1:]}); err != nil || got != number {
			t.Errorf("saw %q, %v where another number was said, want %s", got, err, number)
		}
	}
}

// shadowed is a number whose right half lies in a deep shadow, with a grain on it.
func shadowed(t *testing.T, number string) *image.NRGBA {
	t.Helper()
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 30, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(image.Rect(0, 0, font.MeasureString(face, number).Ceil()+8, 36))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	drawer := font.Drawer{Dst: out, Src: image.NewUniform(color.Gray{60}), Face: face, Dot: fixed.P(4, 28)}
	drawer.DrawString(number)
	for y := range 36 {
		for x := range out.Rect.Dx() {
			p := out.Pix[out.PixOffset(x, y):]
			share := min(1, max(0.55, 1-float64(x-out.Rect.Dx()/2)/60))
			for c := range 3 {
				p[c] = uint8(share * float64(int(p[c])-(x*7+y*13)%19))
			}
		}
	}
	return out
}
