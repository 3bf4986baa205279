package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrMalformed says that bytes are not an ONNX model.
var ErrMalformed = errors.New("not an ONNX model")

// The fields that are read; all others are passed on as they came.
const (
	modelVersion = 1
	modelGraph   = 7
	modelOpset   = 8

	graphNode   = 1
	graphConst  = 5
	graphInput  = 11
	graphOutput = 12

	nodeInput  = 1
	nodeOutput = 2
	nodeOp     = 4
	nodeAttr   = 5

	attrName   = 1
	attrFloat  = 2
	attrInt    = 3
	attrTensor = 5
	attrGraph  = 6
	attrInts   = 8
	attrGraphs = 11
	attrType   = 20

	tensorDims   = 1
	tensorType   = 2
	tensorFloats = 4
	tensorName   = 8
	tensorRaw    = 9

	opsetDomain  = 1
	opsetVersion = 2
	valueName    = 1
)

// Types of attributes and of tensors.
const (
	typeFloat   = 1
	typeInt     = 2
	typeInts    = 7
	tensorFloat = 1
)

// field is one field of a message: its number and whole encoding, and its payload
// when it is a string of bytes.
type field struct {
	number protowire.Number
	kind   protowire.Type
	whole  []byte
	bytes  []byte
	value  uint64 // of varints and fixed numbers
}

// fields splits a message.
func fields(message []byte) ([]field, error) {
	var all []field
	for len(message) > 0 {
		number, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, protowire.ParseError(tag))
		}
		f := field{number: number, kind: kind}
		n := f.consume(message[tag:])
		if n < 0 {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, protowire.ParseError(n))
		}
		f.whole = message[:tag+n]
		message = message[tag+n:]
		all = append(all, f)
	}
	return all, nil
}

func (f *field) consume(from []byte) (n int) {
	switch f.kind {
	case protowire.VarintType:
		f.value, n = protowire.ConsumeVarint(from)
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(from)
		f.value = uint64(v)
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(from)
	default:
		n = protowire.ConsumeFieldValue(f.number, f.kind, from)
	}
	return n
}

// ints appends a repeated integer field, which may be packed.
func (f field) ints(to []int64) []int64 {
	if f.kind == protowire.VarintType {
		return append(to, int64(f.value))
	}
	for rest := f.bytes; len(rest) > 0; {
		v, n := protowire.ConsumeVarint(rest)
		if n < 0 {
			return to
		}
		to, rest = append(to, int64(v)), rest[n:]
	}
	return to
}

// floats appends numbers of four bytes each, lowest byte first.
func floats(to []float32, packed []byte) []float32 {
	for ; len(packed) >= 4; packed = packed[4:] {
		v, _ := protowire.ConsumeFixed32(packed)
		to = append(to, math.Float32frombits(v))
	}
	return to
}

func appendBytes(to []byte, number protowire.Number, bytes []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), bytes)
}

func appendInt(to []byte, number protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, number, protowire.VarintType), uint64(v))
}
