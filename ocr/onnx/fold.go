package onnx

import "math"

// affine is v*scale + shift: one factor, or one for each channel.
type affine struct {
	scale, shift []float64
}

// fold moves the affines behind convolutions into their weights; it says whether
// there were any.
func (g *graph) fold() (found bool) {
	for {
		uses, makers := g.uses(), g.makers()
		if !g.foldFirst(uses, makers) {
			return found
		}
		found = true
	}
}

func (g *graph) foldFirst(uses map[string][]*node, makers map[string]*node) bool {
	for _, n := range g.nodes {
		input, a, ok := g.affine(n)
		if !ok || len(uses[input]) != 1 {
			continue
		}
		if maker := makers[input]; maker != nil && g.scaleOutput(maker, a) {
			maker.outputs[0] = n.outputs[0]
			g.replace(n, nil)
			return true
		}
	}
	return false
}

// affine reads an operation as one: a product, sum, difference or quotient with a
// constant, or a batch normalisation.
func (g *graph) affine(n *node) (input string, a affine, ok bool) {
	switch {
	case len(n.outputs) != 1:
		return "", affine{}, false
	case n.op == "BatchNormalization" && len(n.inputs) == 5:
		a, ok = g.normalisation(n)
		return n.inputs[0], a, ok
	case len(n.inputs) != 2:
		return "", affine{}, false
	}
	input, other := n.inputs[0], n.inputs[1]
	if g.constants[input] != nil && (n.op == "Mul" || n.op == "Add") {
		input, other = other, input
	}
	v, known := g.perChannel(other)
	if !known || g.constants[input] != nil {
		return "", affine{}, false
	}
	switch n.op {
	case "Mul":
		return input, affine{v, []float64{0}}, true
	case "Div":
		return input, affine{each(v, func(x float64) float64 { return 1 / x }), []float64{0}}, true
	case "Add":
		return input, affine{[]float64{1}, v}, true
	case "Sub":
		return input, affine{[]float64{1}, each(v, func(x float64) float64 { return -x })}, true
	}
	return "", affine{}, false
}

// perChannel reads a constant of one number, or of 1 × channels × 1 × 1.
func (g *graph) perChannel(name string) ([]float64, bool) {
	t := g.constants[name]
	if t == nil || len(t.values) == 0 {
		return nil, false
	}
	if len(t.values) > 1 {
		d := t.dims
		if len(d) == 4 && d[0] == 1 {
			d = d[1:]
		}
		if len(d) != 3 || d[1] != 1 || d[2] != 1 {
			return nil, false
		}
	}
	return wide(t.values), true
}

func (g *graph) normalisation(n *node) (affine, bool) {
	var p [4][]float64 // gain, offset, mean, variance
	for i := range p {
		t := g.constants[n.inputs[i+1]]
		if t == nil || len(t.values) == 0 || i > 0 && len(t.values) != len(p[0]) {
			return affine{}, false
		}
		p[i] = wide(t.values)
	}
	epsilon := n.number("epsilon", 1e-5)
	a := affine{p[0], p[1]}
	for c := range a.scale {
		a.scale[c] /= math.Sqrt(p[3][c] + epsilon)
		a.shift[c] -= p[2][c] * a.scale[c]
	}
	return a, true
}

// scaleOutput puts an affine into the weights of the convolution before it.
func (g *graph) scaleOutput(conv *node, a affine) bool {
	channel, weights, bias, ok := g.weights(conv)
	channels := len(bias)
	if !ok || !fits(a.scale, channels) || !fits(a.shift, channels) {
		return false
	}
	w := make([]float32, len(weights.values))
	for i, v := range weights.values {
		w[i] = float32(float64(v) * of(a.scale, channel(i)))
	}
	b := make([]float32, channels)
	for c := range b {
		b[c] = float32(bias[c]*of(a.scale, c) + of(a.shift, c))
	}
	conv.inputs = []string{conv.inputs[0], g.constant(weights.dims, w), g.constant([]int64{int64(channels)}, b)}
	return true
}

// scaleInput puts an affine of one factor into the weights of the convolution
// behind it; a shift only where no padding makes it different at the edges.
func (g *graph) scaleInput(conv *node, scale, shift float64) bool {
	if conv == nil || conv.op != "Conv" || shift != 0 && conv.padded() {
		return false
	}
	channel, weights, bias, ok := g.weights(conv)
	if !ok {
		return false
	}
	w := make([]float32, len(weights.values))
	for i, v := range weights.values {
		w[i] = float32(float64(v) * scale)
		bias[channel(i)] += float64(v) * shift
	}
	conv.inputs = []string{conv.inputs[0], g.constant(weights.dims, w), g.constant([]int64{int64(len(bias))}, narrow(bias))}
	return true
}

// weights of a convolution: which channel of the output a weight belongs to, the
// weights, and the bias of each channel. Only a transposed convolution in groups is
// not understood.
func (g *graph) weights(conv *node) (channel func(i int) int, weights *tensor, bias []float64, ok bool) {
	if conv.op != "Conv" && conv.op != "ConvTranspose" || len(conv.inputs) < 2 {
		return nil, nil, nil, false
	}
	weights = g.constants[conv.inputs[1]]
	if weights == nil || len(weights.dims) != 4 || len(weights.values) == 0 {
		return nil, nil, nil, false
	}
	kernel := int(weights.dims[2] * weights.dims[3])
	per, channels := int(weights.dims[1])*kernel, int(weights.dims[0])
	channel = func(i int) int { return i / per }
	if conv.op == "ConvTranspose" {
		for _, f := range conv.attribute("group", attrInt) {
			if f.value != 1 {
				return nil, nil, nil, false
			}
		}
		channels = int(weights.dims[1])
		channel = func(i int) int { return i / kernel % channels }
	}
	bias = make([]float64, channels)
	if len(conv.inputs) > 2 && conv.inputs[2] != "" {
		t := g.constants[conv.inputs[2]]
		if t == nil || len(t.values) != channels {
			return nil, nil, nil, false
		}
		bias = wide(t.values)
	}
	return channel, weights, bias, true
}

func fits(v []float64, channels int) bool { return len(v) == 1 || len(v) == channels }

// of is the factor of a channel.
func of(v []float64, channel int) float64 {
	if len(v) == 1 {
		return v[0]
	}
	return v[channel]
}

func wide(v []float32) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(v[i])
	}
	return out
}

func narrow(v []float64) []float32 {
	out := make([]float32, len(v))
	for i := range v {
		out[i] = float32(v[i])
	}
	return out
}

func each(v []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = f(v[i])
	}
	return out
}
