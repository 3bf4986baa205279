package ocr

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
)

func jpegWith(t testing.TB, kind byte, note string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	segment := binary.BigEndian.AppendUint16([]byte{0xff, kind}, uint16(2+len(note)))
	return append(append(append([]byte{0xff, 0xd8}, segment...), note...), out.Bytes()[2:]...)
}

func pngWith(t testing.TB, chunk, note string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	const header = 8 + 12 + 13
	text := append(append(binary.BigEndian.AppendUint32(nil, uint32(len(note))), chunk+note...), 0, 0, 0, 0)
	return append(append(bytes.Clone(out.Bytes()[:header]), text...), out.Bytes()[header:]...)
}

func TestAFileThatNamesAPictureEditorIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"EXIF":                     {jpegWith(t, 0xe1, "Exif\x00\x00MM\x00*Adobe Photoshop 25.1 (Windows)\x00"), "adobe photoshop"},
		"two bytes a letter":       {jpegWith(t, 0xe1, "Exif\x00\x00G\x00I\x00M\x00P\x00"), "gimp"},
		"XMP":                      {jpegWith(t, 0xe1, "http://ns.adobe.com/xap/1.0/\x00<xmp:CreatorTool>Snapseed 2.0"), "snapseed"},
		"a Chinese program":        {jpegWith(t, 0xfe, "美图秀秀"), "美图"},
		"a PNG's text":             {pngWith(t, "tEXt", "Software\x00Paint.NET 5.0"), "paint.net"},
		"a camera":                 {jpegWith(t, 0xe1, "Exif\x00\x00HUAWEI Mate 60 Pro"), ""},
		"a scanner":                {jpegWith(t, 0xe1, "Exif\x00\x00EPSON Scan 2"), ""},
		"colours of a known maker": {jpegWith(t, 0xe2, "ICC_PROFILE\x00Adobe Photoshop"), ""},
		"pixels that spell it":     {append(jpegWith(t, 0xe1, "Exif"), "Adobe Photoshop"...), ""},
		"a segment that lies":      {[]byte("\xff\xd8\xff\xe1\xff\xffAdobe Photoshop"), ""},
		"no picture":               {[]byte("Adobe Photoshop"), ""},
		"nothing":                  {nil, ""},
	} {
		if got := editorOf(c.file); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func FuzzEditorOfEnds(f *testing.F) {
	f.Add(jpegWith(f, 0xe1, "Exif\x00\x00GIMP"))
	f.Add(pngWith(f, "iTXt", "gimp"))
	f.Fuzz(func(t *testing.T, file []byte) { editorOf(file) })
}
