package ledger

import (
	"bytes"
	"testing"
)

func input(name string, data []byte) Input {
	return Input{Name: name, Size: int64(len(data)), Data: bytes.NewReader(data)}
}

func readAll(t *testing.T, in Input, side Side) (*Statement, []Detail, error) {
	t.Helper()
	var details []Detail
	st, err := Read(in, Options{Side: side}, func(e *Entry) error {
		details = append(details, e.detail())
		return nil
	})
	return st, details, err
}
