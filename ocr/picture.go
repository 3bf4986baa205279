package ocr

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // decoders register themselves
	_ "image/jpeg"
	_ "image/png"
	"io"

	"github.com/disintegration/imaging"
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/jingban/jingban/casework"
)

// maxPixels is the largest picture decoded; phones with more offer less.
const maxPixels = 50_000_000

// workSide is the longest side worked on, in pixels: an A4 page at 270 dpi.
// Larger pictures are reduced; places are reported in the original's pixels.
const workSide = 3200

// mimePPM is what the PDF renderer hands over.
const mimePPM = "image/x-portable-pixmap"

// decode turns the content of a file into a picture on white, turned as its
// EXIF data says. Faults: picture_too_large, picture_broken. A panicking
// decoder counts as a broken picture.
func decode(file []byte) (img *image.NRGBA, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = casework.Fail("picture_broken", "decoder gave up: %v", r)
		}
	}()
	switch Sniff(file) {
	case mimePPM:
		return decodePPM(file)
	case mimeHEIC:
		return decodeHEIC(file)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, casework.Fail("picture_broken", "header: %w", err)
	}
	if err := checkPixels(config.Width, config.Height); err != nil {
		return nil, err
	}
	decoded, err := imaging.Decode(bytes.NewReader(file), imaging.AutoOrientation(true))
	if err != nil {
		return nil, casework.Fail("picture_broken", "%s content: %w", format, brief(err))
	}
	return onWhite(decoded), nil
}

// brief turns the bare "unexpected EOF" into words.
func brief(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("cut off in the middle: %w", err)
	}
	return err
}

func checkPixels(width, height int) error {
	if width <= 0 || height <= 0 {
		return casework.Fail("picture_broken", "%d x %d pixels", width, height)
	}
	if width > maxPixels/height {
		return casework.Fail("picture_too_large", "%d x %d pixels; at most %d million", width, height, maxPixels/1_000_000)
	}
	return nil
}

// onWhite gives NRGBA pixels without transparency, origin at 0,0.
func onWhite(img image.Image) *image.NRGBA {
	out, isNRGBA := img.(*image.NRGBA)
	if isNRGBA && out.Opaque() && out.Rect.Min == (image.Point{}) {
		return out
	}
	if opaque, ok := img.(interface{ Opaque() bool }); ok && opaque.Opaque() {
		return imaging.Clone(img)
	}
	size := img.Bounds().Size()
	page := image.NewNRGBA(image.Rect(0, 0, size.X, size.Y))
	draw.Draw(page, page.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(page, page.Rect, img, img.Bounds().Min, draw.Over)
	return page
}

// decodePPM reads the binary portable pixmap of the PDF renderer.
func decodePPM(file []byte) (*image.NRGBA, error) {
	var width, height, depth int
	rest := bytes.NewReader(file)
	if n, err := fmt.Fscanf(rest, "P6\n%d %d\n%d", &width, &height, &depth); n != 3 || depth != 255 {
		return nil, casework.Fail("picture_broken", "pixmap header: %v", err)
	}
	if err := checkPixels(width, height); err != nil {
		return nil, err
	}
	pixels := file[len(file)-rest.Len():]
	if len(pixels) < 1+3*width*height {
		return nil, casework.Fail("picture_broken", "pixmap is cut off")
	}
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i, from := 0, pixels[1:]; i < len(img.Pix); i, from = i+4, from[3:] {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = from[0], from[1], from[2], 0xff
	}
	return img, nil
}

// fit reduces a picture until its longest side is at most side; the factor
// leads from its pixels back to the original's.
func fit(img *image.NRGBA, side int) (*image.NRGBA, float64) {
	longest := max(img.Rect.Dx(), img.Rect.Dy())
	if side <= 0 || longest <= side {
		return img, 1
	}
	factor := float64(longest) / float64(side)
	reduced := func(v int) int { return max(1, int(float64(v)/factor+0.5)) }
	return imaging.Resize(img, reduced(img.Rect.Dx()), reduced(img.Rect.Dy()), imaging.Box), factor
}

// Turn rotates a picture clockwise by 0, 90, 180 or 270 degrees.
func Turn(img *image.NRGBA, degrees int) *image.NRGBA {
	switch degrees {
	case 90:
		return imaging.Rotate270(img) // imaging counts the other way round
	case 180:
		return imaging.Rotate180(img)
	case 270:
		return imaging.Rotate90(img)
	}
	return img
}

// turnBox follows a box when its page of the given size is turned clockwise.
func turnBox(b casework.Box, width, height, degrees int) casework.Box {
	switch degrees {
	case 90:
		return casework.Box{X: height - b.Y - b.H, Y: b.X, W: b.H, H: b.W}
	case 180:
		return casework.Box{X: width - b.X - b.W, Y: height - b.Y - b.H, W: b.W, H: b.H}
	case 270:
		return casework.Box{X: b.Y, Y: width - b.X - b.W, W: b.H, H: b.W}
	}
	return b
}
