package native

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	ort "github.com/yalue/onnxruntime_go"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
	"github.com/jingban/jingban/ocr/onnx"
)

// A rewritten network answers what it answered before, to a few units of the last
// place of its largest number.
const rounding = 2e-5

const channels = 16

// A graph under test: x is 1 × 16 × height × width, y the answer.
type sketch struct {
	random *rand.Rand
	body   []byte
}

func newSketch() *sketch { return &sketch{random: rand.New(rand.NewPCG(7, 7))} }

func text(number protowire.Number, s string) []byte { return message(number, []byte(s)) }

func message(number protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), b)
}

func integer(number protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), v)
}

func (s *sketch) add(op, output string, attributes []byte, inputs ...string) {
	var node []byte
	for _, in := range inputs {
		node = append(node, text(1, in)...)
	}
	node = slices.Concat(node, text(2, output), text(4, op), attributes)
	s.body = append(s.body, message(1, node)...)
}

// known adds a constant of given numbers, or random ones between 0.5 and 1.5.
func (s *sketch) known(name string, dims []uint64, values ...float32) string {
	size := uint64(1)
	var tensor []byte
	for _, d := range dims {
		size *= d
		tensor = append(tensor, integer(1, d)...)
	}
	var raw []byte
	for i := range size {
		v := s.random.Float32() + 0.5
		if len(values) > 0 {
			v = values[i]
		}
		raw = protowire.AppendFixed32(raw, math.Float32bits(v))
	}
	s.body = append(s.body, message(5, slices.Concat(tensor, integer(2, 1), text(8, name), message(9, raw)))...)
	return name
}

func integers(name string, values ...uint64) []byte {
	a := text(1, name)
	for _, v := range values {
		a = append(a, integer(8, v)...)
	}
	return message(5, append(a, integer(20, 7)...))
}

func number(name string, v float32) []byte {
	a := protowire.AppendFixed32(protowire.AppendTag(text(1, name), 2, protowire.Fixed32Type), math.Float32bits(v))
	return message(5, append(a, integer(20, 1)...))
}

func tensorInfo(number protowire.Number, name string) []byte {
	var shape []byte
	for _, d := range [][]byte{integer(1, 1), integer(1, channels), text(2, "h"), text(2, "w")} {
		shape = append(shape, message(1, d)...)
	}
	kind := message(1, append(integer(1, 1), message(2, shape)...))
	return message(number, append(text(1, name), message(2, kind)...))
}

// model closes the graph.
func (s *sketch) model(outputs ...string) []byte {
	graph := slices.Concat(s.body, text(2, "sketch"), tensorInfo(11, "x"))
	for _, name := range outputs {
		graph = append(graph, tensorInfo(12, name)...)
	}
	return slices.Concat(integer(1, 8), message(7, graph), message(8, slices.Concat(text(1, ""), integer(2, 9))))
}

func (s *sketch) conv(input, output string, size, groups uint64) {
	pad := size / 2
	w := s.known(output+".w", []uint64{channels, channels / groups, size, size})
	b := s.known(output+".b", []uint64{channels})
	group := message(5, slices.Concat(text(1, "group"), integer(3, groups), integer(20, 2)))
	s.add("Conv", output, append(integers("pads", pad, pad, pad, pad), group...), input, w, b)
}

// hardSwish writes it out as PaddlePaddle does.
func (s *sketch) hardSwish(input, output string, low, high float32) {
	s.add("Add", output+".3", nil, input, s.known(output+".three", []uint64{1}, 3))
	s.add("Clip", output+".c", append(number("min", low), number("max", high)...), output+".3")
	s.add("Mul", output+".m", nil, input, output+".c")
	s.add("Div", output, nil, output+".m", s.known(output+".six", []uint64{1}, 6))
}

func (s *sketch) scaled(input, output string) {
	s.add("Mul", output+".s", nil, s.known(output+".scale", []uint64{1}), input)
	s.add("Add", output, nil, output+".s", s.known(output+".shift", []uint64{1}))
}

// rewriting is a graph that Simplify is to make smaller, or to leave as it is.
type rewriting struct {
	draw    func(s *sketch)
	outputs []string
	gone    []string // operations nobody needs any more
}

func rewritings() map[string]rewriting {
	return map[string]rewriting{
		"an affine behind a convolution": {func(s *sketch) {
			s.conv("x", "a", 3, 1)
			s.scaled("a", "y")
		}, nil, []string{"Mul", "Add"}},
		"a factor for each channel": {func(s *sketch) {
			s.conv("x", "a", 3, channels)
			s.add("Mul", "b", nil, "a", s.known("k", []uint64{1, channels, 1, 1}))
			s.add("Sub", "y", nil, "b", s.known("l", []uint64{channels, 1, 1}))
		}, nil, []string{"Mul", "Sub"}},
		"a factor for each column is none for each channel": {func(s *sketch) {
			s.conv("x", "a", 1, 1)
			s.add("Mul", "y", nil, "a", s.known("k", []uint64{12}))
		}, nil, nil},
		"a batch normalisation behind a transposed convolution": {func(s *sketch) {
			s.add("ConvTranspose", "a", integers("strides", 2, 2), "x", s.known("w", []uint64{channels, channels, 2, 2}))
			s.add("Add", "b", nil, "a", s.known("k", []uint64{1, channels, 1, 1}))
			s.add("BatchNormalization", "y", number("epsilon", 0.01), "b", s.known("g", []uint64{channels}), s.known("o", []uint64{channels}), s.known("m", []uint64{channels}), s.known("v", []uint64{channels}))
		}, nil, []string{"Add", "BatchNormalization"}},
		"a hard swish before a convolution of one pixel": {func(s *sketch) {
			s.conv("x", "a", 3, channels)
			s.hardSwish("a", "b", 0, 6)
			s.scaled("b", "c")
			s.conv("c", "y", 1, 1)
		}, nil, []string{"Add", "Div"}},
		"a hard swish before one that looks beyond the edge": {func(s *sketch) {
			s.conv("x", "a", 1, 1)
			s.hardSwish("a", "b", 0, 6)
			s.scaled("b", "c")
			s.conv("c", "y", 3, channels)
		}, nil, []string{"Add", "Div"}},
		"a hard swish read by two": {func(s *sketch) {
			s.conv("x", "a", 1, 1)
			s.hardSwish("a", "b", 0, 6)
			s.conv("b", "c", 1, 1)
			s.conv("b", "d", 3, 1)
			s.add("Add", "y", nil, "c", "d")
		}, nil, []string{"Div"}},
		"a clip that is no hard swish": {func(s *sketch) {
			s.conv("x", "a", 1, 1)
			s.hardSwish("a", "y", 0, 5)
		}, nil, nil},
		"a clip of something raised by two": {func(s *sketch) {
			s.conv("x", "a", 1, 1)
			s.add("Add", "b", nil, "a", s.known("two", []uint64{1}, 2))
			s.add("Clip", "c", append(number("min", 0), number("max", 6)...), "b")
			s.add("Mul", "d", nil, "a", "c")
			s.add("Div", "y", nil, "d", s.known("six", []uint64{1}, 6))
		}, nil, nil},
		"what the caller reads stays": {func(s *sketch) {
			s.conv("x", "a", 1, 1)
			s.hardSwish("a", "b", 0, 6)
			s.scaled("b", "y")
		}, []string{"y", "a", "b"}, nil},
	}
}

func TestSimplifiedNetworksSayTheSame(t *testing.T) {
	startForTest(t)
	for name, c := range rewritings() {
		s := newSketch()
		c.draw(s)
		model := s.model(append(c.outputs, "y")[0])
		if len(c.outputs) > 0 {
			model = s.model(c.outputs...)
		}
		simple, err := onnx.Simplify(model)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, op := range c.gone {
			if bytes.Contains(simple, text(4, op)) {
				t.Errorf("%s: %s is still there", name, op)
			}
		}
		x := make([]float32, channels*9*12)
		for i := range x {
			x[i] = s.random.Float32()*8 - 4
		}
		outputs := append(c.outputs, "y")[:max(1, len(c.outputs))]
		if off := furthest(answer(t, model, outputs, x, channels, 9, 12), answer(t, simple, outputs, x, channels, 9, 12)); off > rounding {
			t.Errorf("%s: the answers differ by %g of the largest", name, off)
		}
	}
}

// The models of this release, on a line of print; all their answers are
// probabilities.
func TestSimplifiedModelsSayTheSame(t *testing.T) {
	startForTest(t)
	models, err := ocr.LoadModels(ocrtest.Models(t))
	if err != nil {
		t.Fatal(err)
	}
	for file, height := range map[ocr.ModelFile]int64{models.Detect: 96, models.Read: 48, models.Class: 48} {
		model, err := os.ReadFile(models.Path(file))
		if err != nil {
			t.Fatal(err)
		}
		simple, err := onnx.Simplify(model)
		if err != nil {
			t.Fatal(err)
		}
		_, outs, err := ort.GetInputOutputInfoWithONNXData(model)
		if err != nil {
			t.Fatal(err)
		}
		page := ocrtest.Draw(t, 192, int(height), ocrtest.Text{X: 8, Y: 38, Size: 34, Text: "海州示例 2026"})
		x := halfScaling().planes(page, 192, int(height))
		names := []string{outs[0].Name}
		if off := furthest(answer(t, model, names, x, 3, height, 192), answer(t, simple, names, x, 3, height, 192)); off > 1e-4 {
			t.Errorf("%s: the answers differ by %g of the likeliest", file.File, off)
		}
		if was, is := bytes.Count(model, text(4, "Div")), bytes.Count(simple, text(4, "Div")); file != models.Class && is > was/2 {
			t.Errorf("%s: %d of %d quotients are left", file.File, is, was)
		}
	}
}

func TestBytesThatAreNoModelAreRefused(t *testing.T) {
	for _, bad := range []string{"", "no model", "\x3a\xff\xff\xff\xff\x0f", "\x3a\x03\x0a\x05a"} {
		if _, err := onnx.Simplify([]byte(bad)); !errors.Is(err, onnx.ErrMalformed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func startForTest(t *testing.T) {
	t.Helper()
	models, err := ocr.LoadModels(ocrtest.Models(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := startRuntime(models.Path(models.Library)); err != nil {
		t.Fatal(err)
	}
}

func answer(t *testing.T, model []byte, outputs []string, x []float32, shape ...int64) [][]float32 {
	t.Helper()
	options, err := sessionOptions()
	if err != nil {
		t.Fatal(err)
	}
	defer options.Destroy()
	session, err := ort.NewDynamicAdvancedSessionWithONNXData(model, []string{"x"}, outputs, options)
	if err != nil {
		dump := filepath.Join(t.ArtifactDir(), "model.onnx")
		t.Fatal(err, os.WriteFile(dump, model, 0o600), dump)
	}
	defer session.Destroy()
	input, err := ort.NewTensor(append(ort.NewShape(1), shape...), x)
	if err != nil {
		t.Fatal(err)
	}
	defer input.Destroy()
	values := make([]ort.Value, len(outputs))
	if err := session.Run([]ort.Value{input}, values); err != nil {
		t.Fatal(fmt.Errorf("run: %w", err))
	}
	var all [][]float32
	for _, v := range values {
		all = append(all, slices.Clone(v.(*ort.Tensor[float32]).GetData()))
		v.Destroy()
	}
	return all
}

// furthest is the largest difference, as a share of the largest number.
func furthest(a, b [][]float32) float64 {
	var off, most float64
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return math.Inf(1)
		}
		for j := range a[i] {
			off = max(off, math.Abs(float64(a[i][j])-float64(b[i][j])))
			most = max(most, math.Abs(float64(a[i][j])))
		}
	}
	return off / most
}
