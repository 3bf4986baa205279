package ocr

// What the tests of this package look at from outside; ocrtest imports the
// package, so that they can't be inside.
var (
	Inspect      = inspect
	Sharpness    = sharpness
	LiftInk      = liftInk
	Decode       = decode
	ParsePDFInfo = func(report string, page int) (pages, dpi int, err error) {
		info, err := parsePDFInfo(report)
		return info.pages, info.dpi(page), err
	}
	Admit = admit
)
