package casework

import (
	"bytes"
	"net/http"
	"slices"
)

// FileKind is the kind of file that is taken in as a material, as its MIME type, told by
// how it begins; "" for any other. Its name and what the sender says it is count for
// nothing; what is inside an archive the door finds out.
func FileKind(data []byte) string {
	switch kind := http.DetectContentType(data); kind {
	case "image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp", "application/pdf":
		return kind
	}
	starts := func(magic string) bool { return bytes.HasPrefix(data, []byte(magic)) }
	switch {
	case starts("II*\x00"), starts("MM\x00*"):
		return "image/tiff"
	case starts("PK\x03\x04") && bytes.Contains(data, []byte("OFD.xml")): // names of entries stand in clear
		return "application/ofd"
	case starts("PK\x03\x04"):
		return "application/zip"
	case len(data) >= 12 && string(data[4:8]) == "ftyp" && slices.Contains(heicBrands(), string(data[8:12])):
		return "image/heic"
	}
	return ""
}

// heicBrands are how the photos of phones name themselves (ISO/IEC 23008-12).
func heicBrands() []string {
	return []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1"}
}
