// Package native holds the OCR engines that need C libraries. Only the child
// process cmd/jingban-ocr imports it.
//
//	ppocr      PP-OCRv4 mobile on ONNX Runtime: detector → connected areas →
//	           smallest rectangles → page stands how? → crops → characters
//	tesseract  Tesseract's chi_sim, where the models of the first are missing
//
// # Vocabulary
//
//	map      the detector's answer: per pixel, how likely it belongs to a line
//	box      a rotated rectangle around one line, grown by what the map shrinks it
//	crop     a line cut out and straightened, 48 pixels high
//	CTC      the recogniser's alphabet with a blank, read greedily per column
//
// The thresholds are PaddleOCR's published defaults. Places are pixels of the
// sheet; an engine is used by one goroutine. Fault: ocr_missing.
package native
