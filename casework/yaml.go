package casework

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/goccy/go-yaml"
)

// DecodeYAML decodes one YAML document strictly: an unknown or doubled key, a
// second document or an empty file is an error that begins with file:line:column.
func DecodeYAML(file string, text []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := decoder.Decode(into); err != nil {
		return yamlError(file, err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: want exactly one YAML document", file)
	}
	return nil
}

func yamlError(file string, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s:1: the file is empty", file)
	}
	located, ok := errors.AsType[yaml.Error](err)
	if !ok || located.GetToken() == nil {
		return fmt.Errorf("%s:1: %w", file, err)
	}
	at := located.GetToken().Position
	return fmt.Errorf("%s:%d:%d: %s", file, at.Line, at.Column, located.GetMessage())
}

// PlaceInYAML names the place of a node for an error message, "file:line". The
// path is in the manner of "$.fields[2].label"; a path that leads nowhere gives
// the file alone.
func PlaceInYAML(file string, text []byte, at string) string {
	place, err := yaml.PathString(at)
	if err != nil {
		return file
	}
	node, err := place.ReadNode(bytes.NewReader(text))
	if err != nil || node.GetToken() == nil {
		return file
	}
	return fmt.Sprintf("%s:%d", file, node.GetToken().Position.Line)
}

// EachYAML calls visit for every *.yaml file of a folder in the order of their
// names. A folder that is not there holds no files.
func EachYAML(fsys fs.FS, folder string, visit func(file string, text []byte) error) error {
	names, err := fs.Glob(fsys, path.Join(folder, "*.yaml"))
	if err != nil {
		return fmt.Errorf("list %s: %w", folder, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if err := visit(name, text); err != nil {
			return err
		}
	}
	return nil
}
