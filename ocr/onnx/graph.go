package onnx

import (
	"fmt"
	"slices"
)

// leastVersion of the format lets a graph hold constants that are no inputs.
const leastVersion = 4

// graph is what is rewritten of a model.
type graph struct {
	nodes     []*node
	constants map[string]*tensor
	stored    map[string]field // initializers as they came, by name
	inputs    map[string]bool
	outputs   []string
	others    []field
	made      int // constants made here
}

// Simplify rewrites a model. What it does not understand it leaves as it is.
// Error: ErrMalformed.
func Simplify(model []byte) ([]byte, error) {
	all, err := fields(model)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(f field) bool { return f.number == modelGraph && f.bytes != nil })
	if at < 0 {
		return nil, fmt.Errorf("%w: it has no graph", ErrMalformed)
	}
	if slices.ContainsFunc(all, func(f field) bool { return f.number == modelVersion && f.value < leastVersion }) {
		return model, nil
	}
	g, err := parseGraph(all[at].bytes)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(g.nodes, (*node).nested) {
		return model, nil
	}
	for g.fold() || g.swish() {
	}
	all[at].whole = appendBytes(nil, modelGraph, g.encode())
	var out []byte
	for _, f := range all {
		out = append(out, f.whole...)
	}
	return out, nil
}

func parseGraph(message []byte) (*graph, error) {
	all, err := fields(message)
	if err != nil {
		return nil, err
	}
	g := &graph{constants: map[string]*tensor{}, stored: map[string]field{}, inputs: map[string]bool{}}
	for _, f := range all {
		if err := g.take(f); err != nil {
			return nil, err
		}
	}
	for name := range g.inputs { // the caller may give another value
		delete(g.constants, name)
	}
	return g, nil
}

func (g *graph) take(f field) error {
	switch f.number {
	case graphNode:
		return g.takeNode(f.bytes)
	case graphConst:
		name, t, err := parseTensor(f.bytes)
		if err != nil {
			return err
		}
		g.stored[name] = f
		if t != nil {
			g.constants[name] = t
		}
		return nil
	case graphInput, graphOutput:
		name, err := valueNamed(f.bytes)
		if err != nil {
			return err
		}
		if f.number == graphInput {
			g.inputs[name] = true
		} else {
			g.outputs = append(g.outputs, name)
		}
	}
	g.others = append(g.others, f)
	return nil
}

func (g *graph) takeNode(message []byte) error {
	n, err := parseNode(message)
	if err != nil {
		return err
	}
	g.nodes = append(g.nodes, n)
	if n.op != "Constant" || len(n.outputs) != 1 {
		return nil
	}
	for _, f := range n.attribute("value", attrTensor) {
		_, t, err := parseTensor(f.bytes)
		if err != nil {
			return err
		}
		if t != nil {
			g.constants[n.outputs[0]] = t
		}
	}
	return nil
}

func valueNamed(message []byte) (string, error) {
	all, err := fields(message)
	for _, f := range all {
		if f.number == valueName {
			return string(f.bytes), err
		}
	}
	return "", err
}

// encode leaves out the constants nobody uses any more.
func (g *graph) encode() []byte {
	used := map[string]bool{}
	for _, name := range g.outputs {
		used[name] = true
	}
	for _, n := range g.nodes {
		for _, name := range n.inputs {
			used[name] = true
		}
	}
	var out []byte
	for _, n := range g.nodes {
		if n.op != "Constant" || len(n.outputs) != 1 || used[n.outputs[0]] {
			out = appendBytes(out, graphNode, n.encode())
		}
	}
	for name, f := range g.stored {
		if used[name] || g.inputs[name] {
			out = append(out, f.whole...)
		}
	}
	for i := range g.made {
		if name := madeName(i); used[name] {
			out = appendBytes(out, graphConst, g.constants[name].encode(name))
		}
	}
	for _, f := range g.others {
		out = append(out, f.whole...)
	}
	return out
}

func madeName(i int) string { return fmt.Sprintf("folded.%d", i) }

// constant adds one and returns its name.
func (g *graph) constant(dims []int64, values []float32) string {
	name := madeName(g.made)
	g.made++
	g.constants[name] = &tensor{dims, values}
	return name
}

// uses lists by value who reads it; nil stands for the caller of the network.
func (g *graph) uses() map[string][]*node {
	uses := map[string][]*node{}
	for _, n := range g.nodes {
		for _, name := range n.inputs {
			uses[name] = append(uses[name], n)
		}
	}
	for _, name := range g.outputs {
		uses[name] = append(uses[name], nil)
	}
	return uses
}

// makers lists by value who makes it.
func (g *graph) makers() map[string]*node {
	makers := map[string]*node{}
	for _, n := range g.nodes {
		for _, name := range n.outputs {
			makers[name] = n
		}
	}
	return makers
}

// replace puts nodes where one was and takes others away.
func (g *graph) replace(old *node, by []*node, gone ...*node) {
	at := slices.Index(g.nodes, old)
	g.nodes = slices.Replace(g.nodes, at, at+1, by...)
	g.nodes = slices.DeleteFunc(g.nodes, func(n *node) bool { return slices.Contains(gone, n) })
}
