package ocr

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jingban/jingban/casework"
)

// maxFrame bounds one message; the largest is a page's JPEG in base64.
const maxFrame = 64 << 20

// What a child is asked for.
const (
	opRead    = "read"
	opPicture = "picture"
	opStock   = "stock"
	opDoor    = "door"
	opHealth  = "health"
)

// pageFD is the child's descriptor of the shared page file; the length of its
// content is in the request.
const pageFD = 3

// request is one message to a child.
type request struct {
	Op       string `json:"op"`
	Bytes    int64  `json:"bytes"` // length of what is in the page file: a picture, or a file with pages
	Page     int    `json:"page"`  // read, picture, door: which one, from 1
	Engine   string `json:"engine"`
	MaxSide  int    `json:"max_side"` // picture: longest side in pixels, 0 is unchanged
	Rotation int    `json:"rotation"` // picture: known turn clockwise, or unknownRotation

	Drawn   bool            `json:"drawn,omitempty"`   // the page file holds this page alone, drawn by the parent
	Printed []casework.Line `json:"printed,omitempty"` // read: the text layer's lines, in the picture's pixels
	Door    DoorLimits      `json:"door"`              // read, door: what a good picture is
}

// unknownRotation asks the child to find out how the page stands.
const unknownRotation = -1

// reply is one message from a child. The first one, sent unasked once the child
// stands, is empty.
type reply struct {
	Reading *casework.Reading `json:"reading,omitempty"`
	JPEG    []byte            `json:"jpeg,omitempty"`
	Width   int               `json:"width,omitempty"`
	Height  int               `json:"height,omitempty"`
	Turn    int               `json:"turn,omitempty"`
	Engines []EngineHealth    `json:"engines,omitempty"`
	MIME    string            `json:"mime,omitempty"`  // stock
	Pages   int               `json:"pages,omitempty"` // stock
	Sheet   *DoorSheet        `json:"sheet,omitempty"` // door
	Fault   *wireFault        `json:"fault,omitempty"`
	Cost    Cost              `json:"cost"`
}

// wireFault carries a casework.Fault through JSON.
type wireFault struct {
	Kind casework.Kind `json:"kind"`
	Code string        `json:"code"`
	Text string        `json:"text"`
}

func toWire(err error) *wireFault {
	f := casework.AsFault(err)
	return &wireFault{Kind: f.Kind, Code: f.Code, Text: cause(f).Error()}
}

// cause is a fault's reason without the code in front of it.
func cause(f *casework.Fault) error {
	if inner, ok := errors.AsType[*casework.Fault](f.Err); ok && inner.Err != nil {
		return inner.Err
	}
	return f.Err
}

func (f *wireFault) fault() *casework.Fault {
	return &casework.Fault{Kind: f.Kind, Code: f.Code, Err: errors.New(f.Text)}
}

// send writes one frame: four bytes of length, big endian, then JSON.
func send(w io.Writer, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("ocr message: %w", err)
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	if _, err := w.Write(append(frame, body...)); err != nil {
		return fmt.Errorf("ocr message: %w", err)
	}
	return nil
}

// receive reads one frame. A clean end of the stream is io.EOF.
func receive(r io.Reader, message any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > maxFrame {
		return fmt.Errorf("ocr message of %d bytes: at most %d", size, maxFrame)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return fmt.Errorf("ocr message: %w", err)
	}
	if err := json.Unmarshal(body, message); err != nil {
		return fmt.Errorf("ocr message: %w", err)
	}
	return nil
}
