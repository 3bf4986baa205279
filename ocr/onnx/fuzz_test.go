package onnx_test

import (
	"testing"

	"github.com/jingban/jingban/ocr/onnx"
)

// Whatever bytes a model file holds, rewriting ends without a panic, and what it
// made can be rewritten again.
func FuzzSimplify(f *testing.F) {
	f.Add([]byte("\x08\x08\x3a\x1c\x0a\x12\x0a\x01x\x0a\x01k\x12\x01a\x22\x03Mul\x2a\x02\x08\x01\x5a\x03\x0a\x01x"))
	f.Add([]byte("\x08\x08\x3a\x16\x2a\x14\x08\x01\x08\x01\x08\x01\x08\x01\x10\x01\x42\x01k\x4a\x04\x00\x00\x80\x3f"))
	f.Add([]byte("\x08\x08\x3a\x0e\x0a\x0c\x0a\x01x\x12\x01y\x22\x04Clip"))
	f.Fuzz(func(t *testing.T, model []byte) {
		simple, err := onnx.Simplify(model)
		if err != nil {
			return
		}
		if _, err := onnx.Simplify(simple); err != nil {
			t.Errorf("%q became %q: %v", model, simple, err)
		}
	})
}
