package native

import (
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/jingban/jingban/ocr/onnx"
)

// startRuntime loads ONNX Runtime, once per process.
func startRuntime(path string) error {
	if ort.IsInitialized() {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("ONNX Runtime: %w: run 'make setup'", err)
	}
	ort.SetSharedLibraryPath(path)
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return fmt.Errorf("ONNX Runtime: %w", err)
	}
	return nil
}

func runtimeVersion() string { return "onnxruntime " + ort.GetVersion() }

// network is one loaded model with one input and one output.
type network struct {
	session *ort.DynamicAdvancedSession
}

func openNetwork(path string) (*network, error) {
	model, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if model, err = onnx.Simplify(model); err != nil {
		return nil, fmt.Errorf("model %s: %w", filepath.Base(path), err)
	}
	inputs, outputs, err := ort.GetInputOutputInfoWithONNXData(model)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", filepath.Base(path), err)
	}
	if len(inputs) != 1 || len(outputs) != 1 {
		return nil, fmt.Errorf("model %s: %d inputs and %d outputs, want one of each", filepath.Base(path), len(inputs), len(outputs))
	}
	options, err := sessionOptions()
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	session, err := ort.NewDynamicAdvancedSessionWithONNXData(model, []string{inputs[0].Name}, []string{outputs[0].Name}, options)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", filepath.Base(path), err)
	}
	return &network{session}, nil
}

// sessionOptions: one thread, because one page per core is faster than two
// threads in a page; no spinning, because spinning threads starve the
// neighbours; the arena on and memory patterns off, because every page has
// another shape. One arena for all three networks, growing by what is asked for,
// held 550 MB after ten pages where each its own, doubling, held 470 after 24.
func sessionOptions() (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, fmt.Errorf("session options: %w", err)
	}
	err = errors.Join(options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1),
		options.SetCpuMemArena(true), options.SetMemPattern(false),
		options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"))
	if err != nil {
		options.Destroy()
		return nil, fmt.Errorf("session options: %w", err)
	}
	return options, nil
}

// tensor is a network's answer in native memory; free gives it back.
type tensor struct {
	data  []float32
	shape []int64
	free  func()
}

// run feeds planes of one picture (1 x 3 x height x width). The caller frees the
// answer.
func (n *network) run(planes []float32, width, height int) (tensor, error) {
	input, err := ort.NewTensor(ort.NewShape(1, 3, int64(height), int64(width)), planes)
	if err != nil {
		return tensor{}, fmt.Errorf("network input: %w", err)
	}
	defer input.Destroy()
	outputs := []ort.Value{nil}
	if err := n.session.Run([]ort.Value{input}, outputs); err != nil {
		return tensor{}, fmt.Errorf("network: %w", err)
	}
	free := func() { _ = outputs[0].Destroy() } // it has nothing to say
	answer, ok := outputs[0].(*ort.Tensor[float32])
	if !ok {
		free()
		return tensor{}, fmt.Errorf("network answered %T, want float32", outputs[0])
	}
	return tensor{data: answer.GetData(), shape: answer.GetShape(), free: free}, nil
}

// scaling is (v/255 - mean) / spread per plane.
type scaling struct {
	mean, spread [3]float32
}

// planes lays a picture out as blue, green and red planes, the order the models
// were trained in, into a field that may be wider; the rest stays 0.
func (s scaling) planes(img *image.NRGBA, width, height int) []float32 {
	out := make([]float32, 3*width*height)
	for c := range 3 {
		plane := out[c*width*height:]
		for y := range min(height, img.Rect.Dy()) {
			row := img.Pix[y*img.Stride:]
			for x := range min(width, img.Rect.Dx()) {
				plane[y*width+x] = (float32(row[x*4+2-c])/255 - s.mean[c]) / s.spread[c]
			}
		}
	}
	return out
}

// halfScaling is what the recogniser and the orientation classifier want.
func halfScaling() scaling {
	half := [3]float32{0.5, 0.5, 0.5}
	return scaling{mean: half, spread: half}
}
