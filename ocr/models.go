package ocr

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// modelList lies beside the models and names them, where they are not the ones
// that come with this release. A newer PP-OCR is used by putting its files and
// this list into the folder:
//
//	{"detect":  {"file": "PP-OCRv5_mobile_det.onnx", "sha256": "…"},
//	 "read":    {"file": "PP-OCRv5_mobile_rec.onnx", "sha256": "…", "classes": 18385},
//	 "class":   {"file": "ch_ppocr_mobile_v2.0_cls_infer.onnx", "sha256": "…"},
//	 "keys":    {"file": "ppocrv5_dict.txt", "sha256": "…"},
//	 "library": {"file": "libonnxruntime.so.1"}}
const modelList = "models.json"

// ModelFile is one file of the engine. An empty SHA256 is not checked.
type ModelFile struct {
	File    string `json:"file"` // in the models' folder
	SHA256  string `json:"sha256,omitempty"`
	Classes int    `json:"classes,omitempty"` // read: characters with blank and space; 0 is not checked
}

// Models are the files PP-OCR is made of.
type Models struct {
	Folder  string    `json:"-"`
	Detect  ModelFile `json:"detect"`
	Read    ModelFile `json:"read"`
	Class   ModelFile `json:"class"`   // which way up a line stands
	Keys    ModelFile `json:"keys"`    // the reader's alphabet, a character a line
	Library ModelFile `json:"library"` // ONNX Runtime
}

// ownModels are those of this release (scripts/models.sh): PP-OCRv4 mobile.
func ownModels() Models {
	return Models{
		Detect:  ModelFile{File: "ch_PP-OCRv4_det_infer.onnx", SHA256: "30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff"},
		Read:    ModelFile{File: "ch_PP-OCRv4_rec_infer.onnx", SHA256: "06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0", Classes: 6625},
		Class:   ModelFile{File: "ch_ppocr_mobile_v2.0_cls_infer.onnx", SHA256: "491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640"},
		Keys:    ModelFile{File: "ppocr_keys_v1.txt", SHA256: "28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7"},
		Library: ModelFile{File: "libonnxruntime.so.1"}, // another one for each processor
	}
}

// LoadModels reads which models a folder holds. Files the list leaves out are
// those of this release.
func LoadModels(folder string) (Models, error) {
	m := ownModels()
	m.Folder = folder
	text, err := os.ReadFile(filepath.Join(folder, modelList))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("list of models: %w", err)
	}
	var named map[string]ModelFile
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&named); err != nil {
		return m, fmt.Errorf("%s: %w", modelList, err)
	}
	for name, file := range named {
		into := m.slot(name)
		if into == nil {
			return m, fmt.Errorf("%s: %q is no part of the engine: want detect, read, class, keys, library", modelList, name)
		}
		if file.File == "" || file.File != filepath.Base(file.File) {
			return m, fmt.Errorf("%s: %s: file %q: want the name of a file in the same folder", modelList, name, file.File)
		}
		*into = file
	}
	return m, nil
}

func (m *Models) slot(name string) *ModelFile {
	return map[string]*ModelFile{"detect": &m.Detect, "read": &m.Read, "class": &m.Class, "keys": &m.Keys, "library": &m.Library}[name]
}

// Path is where a file of the engine lies.
func (m Models) Path(f ModelFile) string { return filepath.Join(m.Folder, f.File) }

// Check compares the files with their hashes and gives one hash over all models,
// "sha256:…", which names them in every reading.
func (m Models) Check() (string, error) {
	all := sha256.New()
	for _, f := range []ModelFile{m.Detect, m.Read, m.Class, m.Keys} {
		sum, err := hashFile(m.Path(f))
		if err != nil {
			return "", fmt.Errorf("PP-OCR models: %w: run 'make setup', or set JINGBAN_MODELS", err)
		}
		if f.SHA256 != "" && !strings.EqualFold(f.SHA256, hex.EncodeToString(sum)) {
			return "", fmt.Errorf("PP-OCR models: %s has the hash %x, want %s: fetch it again with 'make setup', or name it in %s", f.File, sum, f.SHA256, modelList)
		}
		all.Write(sum)
	}
	return "sha256:" + hex.EncodeToString(all.Sum(nil)), nil
}

func hashFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return nil, err
	}
	return sum.Sum(nil), nil
}
