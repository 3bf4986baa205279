package onnx

import (
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// node is one operation.
type node struct {
	op              string
	inputs, outputs []string
	attributes      []field
	others          []field
}

func parseNode(message []byte) (*node, error) {
	all, err := fields(message)
	if err != nil {
		return nil, err
	}
	n := &node{}
	for _, f := range all {
		switch f.number {
		case nodeInput:
			n.inputs = append(n.inputs, string(f.bytes))
		case nodeOutput:
			n.outputs = append(n.outputs, string(f.bytes))
		case nodeOp:
			n.op = string(f.bytes)
		case nodeAttr:
			n.attributes = append(n.attributes, f)
		default:
			n.others = append(n.others, f)
		}
	}
	return n, nil
}

func (n *node) encode() []byte {
	var out []byte
	for _, s := range n.inputs {
		out = appendBytes(out, nodeInput, []byte(s))
	}
	for _, s := range n.outputs {
		out = appendBytes(out, nodeOutput, []byte(s))
	}
	out = appendBytes(out, nodeOp, []byte(n.op))
	for _, f := range slices.Concat(n.attributes, n.others) {
		out = append(out, f.whole...)
	}
	return out
}

// attribute finds a field of the attribute with a name.
func (n *node) attribute(name string, number protowire.Number) (found []field) {
	for _, a := range n.attributes {
		all, err := fields(a.bytes)
		if err != nil || !slices.ContainsFunc(all, func(f field) bool { return f.number == attrName && string(f.bytes) == name }) {
			continue
		}
		for _, f := range all {
			if f.number == number {
				found = append(found, f)
			}
		}
	}
	return found
}

// number is a float attribute, or what holds where there is none.
func (n *node) number(name string, otherwise float64) float64 {
	for _, f := range n.attribute(name, attrFloat) {
		return float64(math.Float32frombits(uint32(f.value)))
	}
	return otherwise
}

// nested says that the operation holds graphs of its own, which may use values of
// this one.
func (n *node) nested() bool {
	return slices.ContainsFunc(n.attributes, func(a field) bool {
		all, err := fields(a.bytes)
		return err != nil || slices.ContainsFunc(all, func(f field) bool { return f.number == attrGraph || f.number == attrGraphs })
	})
}

// padded says that a convolution looks beyond the edges of the plane.
func (n *node) padded() bool {
	if len(n.attribute("auto_pad", 4)) > 0 {
		return true
	}
	var pads []int64
	for _, f := range n.attribute("pads", attrInts) {
		pads = f.ints(pads)
	}
	return slices.ContainsFunc(pads, func(p int64) bool { return p != 0 })
}

// pixelwise is a convolution of one pixel over each channel by itself.
func pixelwise(input, weights, bias, output string, channels int) *node {
	n := &node{op: "Conv", inputs: []string{input, weights, bias}, outputs: []string{output}}
	ints := appendInt(appendInt(nil, attrInts, 1), attrInts, 1)
	n.set("kernel_shape", typeInts, ints)
	n.set("group", typeInt, appendInt(nil, attrInt, int64(channels)))
	return n
}

func (n *node) set(name string, kind int64, value []byte) {
	message := append(appendBytes(nil, attrName, []byte(name)), value...)
	message = appendInt(message, attrType, kind)
	n.attributes = append(n.attributes, field{number: nodeAttr, whole: appendBytes(nil, nodeAttr, message), bytes: message})
}

// tensor is a constant of 32-bit floats.
type tensor struct {
	dims   []int64
	values []float32
}

// parseTensor returns nil for other types of numbers.
func parseTensor(message []byte) (name string, t *tensor, err error) {
	all, err := fields(message)
	if err != nil {
		return "", nil, err
	}
	t = &tensor{}
	kind := uint64(0)
	for _, f := range all {
		switch f.number {
		case tensorDims:
			t.dims = f.ints(t.dims)
		case tensorType:
			kind = f.value
		case tensorName:
			name = string(f.bytes)
		case tensorFloats:
			if f.kind == protowire.Fixed32Type {
				t.values = append(t.values, math.Float32frombits(uint32(f.value)))
				continue
			}
			t.values = floats(t.values, f.bytes)
		case tensorRaw:
			if kind == tensorFloat || kind == 0 {
				t.values = floats(t.values, f.bytes)
			}
		}
	}
	if kind != tensorFloat {
		return name, nil, nil
	}
	size := int64(1)
	for _, d := range t.dims {
		if d < 0 || d > math.MaxInt32 || size > math.MaxInt32 {
			return "", nil, fmt.Errorf("%w: constant %q of size %v", ErrMalformed, name, t.dims)
		}
		size *= d
	}
	if size != int64(len(t.values)) {
		return name, nil, nil // kept elsewhere
	}
	return name, t, nil
}

func (t *tensor) encode(name string) []byte {
	var out []byte
	for _, d := range t.dims {
		out = appendInt(out, tensorDims, d)
	}
	out = appendInt(out, tensorType, tensorFloat)
	out = appendBytes(out, tensorName, []byte(name))
	raw := make([]byte, 0, 4*len(t.values))
	for _, v := range t.values {
		raw = protowire.AppendFixed32(raw, math.Float32bits(v))
	}
	return appendBytes(out, tensorRaw, raw)
}
