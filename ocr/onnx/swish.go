package onnx

import "slices"

// swish rewrites the hard swishes; it says whether there were any.
func (g *graph) swish() (found bool) {
	for {
		uses, makers := g.uses(), g.makers()
		at := slices.IndexFunc(g.nodes, func(n *node) bool { return g.rewriteSwish(n, uses, makers) })
		if at < 0 {
			return found
		}
		found = true
	}
}

// swishParts are the operations of one hard swish and of the affine behind it.
type swishParts struct {
	input                string // v
	output               string // of the last operation
	raise, clip, product *node  // v+3; clip(…); v*clip(…)
	behind               []*node
	scale, shift         float64 // of what is behind, 1/6 with it
	channels             int
}

// rewriteSwish rewrites the hard swish around a clip, if it is one.
func (g *graph) rewriteSwish(clip *node, uses map[string][]*node, makers map[string]*node) bool {
	s, ok := g.swishAround(clip, uses, makers)
	if !ok {
		return false
	}
	raised := s.raise.outputs[0]
	ones, threes := g.perPixel(s.channels, 1, 3)
	clip.inputs[0] = raised
	by := []*node{pixelwise(s.input, ones, threes, raised, s.channels), clip, s.product}
	gone := append([]*node{clip, s.product}, s.behind...)
	readers := uses[s.output]
	if len(readers) == 1 && g.scaleInput(readers[0], s.scale, s.shift) {
		readers[0].inputs[0] = s.product.outputs[0]
	} else {
		scale, shift := g.perPixel(s.channels, s.scale, s.shift)
		by = append(by, pixelwise(s.product.outputs[0], scale, shift, s.output, s.channels))
	}
	at := slices.Index(g.nodes, s.raise)
	g.nodes = slices.DeleteFunc(g.nodes, func(n *node) bool { return slices.Contains(gone, n) })
	g.nodes = slices.Replace(g.nodes, at, at+1, by...)
	return true
}

// perPixel makes the weights and the bias of a pixelwise convolution.
func (g *graph) perPixel(channels int, scale, shift float64) (weights, bias string) {
	n := int64(channels)
	return g.constant([]int64{n, 1, 1, 1}, slices.Repeat([]float32{float32(scale)}, channels)),
		g.constant([]int64{n}, slices.Repeat([]float32{float32(shift)}, channels))
}

func (g *graph) swishAround(clip *node, uses map[string][]*node, makers map[string]*node) (s swishParts, ok bool) {
	if clip.op != "Clip" || len(clip.inputs) == 0 || !g.clips(clip, 0, 6) {
		return s, false
	}
	raise := makers[clip.inputs[0]]
	if raise == nil || raise.op != "Add" || len(uses[clip.inputs[0]]) != 1 {
		return s, false
	}
	input, a, ok := g.affine(raise)
	if !ok || len(a.shift) != 1 || a.shift[0] != 3 {
		return s, false
	}
	s = swishParts{input: input, raise: raise, clip: clip, scale: 1}
	if s.product = sole(uses, clip.outputs[0]); s.product == nil || s.product.op != "Mul" || !slices.Contains(s.product.inputs, input) {
		return s, false
	}
	s.channels = g.channelsOf(makers[input])
	s.output = s.product.outputs[0]
	for next := sole(uses, s.output); next != nil; next = sole(uses, s.output) {
		from, a, ok := g.affine(next)
		if !ok || from != s.output || len(a.scale) != 1 || len(a.shift) != 1 {
			break
		}
		s.scale, s.shift = s.scale*a.scale[0], s.shift*a.scale[0]+a.shift[0]
		s.behind, s.output = append(s.behind, next), next.outputs[0]
	}
	return s, s.channels > 0 && len(s.behind) > 0
}

// sole is the only reader of a value; nil where there are others, or the caller is
// one.
func sole(uses map[string][]*node, value string) *node {
	if len(uses[value]) != 1 {
		return nil
	}
	return uses[value][0]
}

// clips says whether a clip has these bounds, as attributes or as inputs.
func (g *graph) clips(clip *node, low, high float64) bool {
	if len(clip.inputs) == 1 {
		return clip.number("min", low-1) == low && clip.number("max", high+1) == high
	}
	if len(clip.inputs) != 3 {
		return false
	}
	bound := func(i int, want float64) bool {
		t := g.constants[clip.inputs[i]]
		return t != nil && len(t.values) == 1 && float64(t.values[0]) == want
	}
	return bound(1, low) && bound(2, high)
}

// channelsOf a convolution; 0 where that is not known.
func (g *graph) channelsOf(maker *node) int {
	if maker == nil {
		return 0
	}
	if _, _, bias, ok := g.weights(maker); ok {
		return len(bias)
	}
	return 0
}
