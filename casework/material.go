package casework

import (
	"image"
	"time"
)

// MaterialState is where one uploaded file stands.
type MaterialState string

// The states of a material.
const (
	MaterialReceived   MaterialState = "received"
	MaterialRead       MaterialState = "read"
	MaterialUnreadable MaterialState = "unreadable" // refused for good; Fault says why
)

// Material is one uploaded file of a case. Its bytes are sealed and kept under
// their SHA-256.
type Material struct {
	ID         string
	CaseID     string
	Slot       string // material type the uploader said it is, "" when not said
	FileName   string // as uploaded, for people only; never a path
	MIME       string // by content, not by name
	SHA256     string
	Bytes      int64
	Pages      int // known once read
	State      MaterialState
	Fault      string // code, when unreadable
	UploadedAt time.Time
	Looks      []Look // what was seen at the door; empty: nobody looked
	Replaced   bool   // a later submission of its case no longer has it: it is kept, and not judged
}

// Look is what was seen of one page when its file came in, before anything was
// read. Places are pixels of the page as it came, not turned upright.
type Look struct {
	Page     int       `json:"page"` // from 1
	Hash     []byte    `json:"hash"` // of the picture; near pictures have near hashes; empty: nothing was seen
	Findings []Quality `json:"findings"`
}

// Quad is a four-cornered area of the upright page in pixels: top left, top
// right, bottom right, bottom left of the text it holds.
type Quad [4]Point

// Point is a place on the upright page in pixels.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Box is the smallest upright rectangle around the quad.
func (q Quad) Box() Box {
	r := image.Rectangle{Min: image.Pt(int(q[0].X), int(q[0].Y)), Max: image.Pt(int(q[0].X), int(q[0].Y))}
	for _, p := range q[1:] {
		r.Min.X, r.Min.Y = min(r.Min.X, int(p.X)), min(r.Min.Y, int(p.Y))
		r.Max.X, r.Max.Y = max(r.Max.X, int(p.X+0.999)), max(r.Max.Y, int(p.Y+0.999))
	}
	return Box{X: r.Min.X, Y: r.Min.Y, W: r.Dx(), H: r.Dy()}
}

// Box is an upright rectangle in pixels of the upright page. The zero value
// means "no place on the page".
type Box struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Empty says that the box marks no place.
func (b Box) Empty() bool { return b.W <= 0 || b.H <= 0 }

// Union is the smallest box around both.
func (b Box) Union(c Box) Box {
	if b.Empty() {
		return c
	}
	if c.Empty() {
		return b
	}
	x, y := min(b.X, c.X), min(b.Y, c.Y)
	return Box{X: x, Y: y, W: max(b.X+b.W, c.X+c.W) - x, H: max(b.Y+b.H, c.Y+c.H) - y}
}

// Line is one line of text an engine saw.
type Line struct {
	Text       string    `json:"text"`
	Quad       Quad      `json:"quad"`
	Confidence float64   `json:"confidence"`      // mean of the characters, 0..1
	Chars      []float64 `json:"chars,omitempty"` // per character, 0..1
	Engine     string    `json:"engine"`          // "ppocr" or "tesseract"
	Second     []Opinion `json:"second,omitempty"`
	Hand       [][2]int  `json:"hand,omitempty"` // runes, from (incl.) to (excl.), that may be handwriting
	At         []float64 `json:"-"`              // middles of the characters as shares of the line, while it is being read
}

// Opinion is what a second engine, which does not know what the first one said,
// read of the part of a line that holds a number: its runes from From (incl.) to
// To (excl.).
type Opinion struct {
	From       int     `json:"from"`
	To         int     `json:"to"`
	Text       string  `json:"text"` // digits and capitals only; "" when it could not tell
	Confidence float64 `json:"confidence"`
	Engine     string  `json:"engine"`
}

// Seal is a stamp seen by its colour and shape.
type Seal struct {
	Box    Box    `json:"box"`
	Colour string `json:"colour"`         // "red" or "blue"
	Shape  string `json:"shape"`          // "round", "oval" or "square"
	Text   string `json:"text,omitempty"` // name on its rim, or in a square one, "" when nobody could read it

	Confidence float64 `json:"confidence,omitempty"` // of Text, 0..1
	Over       float64 `json:"over,omitempty"`       // share of the box that lies over lines of text
}

// Signature is a place where somebody signs, and whether ink stands there. Who
// wrote it nobody can tell from a picture.
type Signature struct {
	Label  string  `json:"label"` // as printed: "申请人签名"
	Box    Box     `json:"box"`
	Ink    float64 `json:"ink"` // share of the place
	Signed bool    `json:"signed"`
}

// Quality is one finding about the picture itself, before any text is read.
type Quality struct {
	Code      string  `json:"code"`  // "blurred", "blank", "too_small", …
	Score     float64 `json:"score"` // as measured
	Threshold float64 `json:"threshold"`
	Retake    bool    `json:"retake"` // true: the picture cannot be used
	Box       Box     `json:"box"`
}

// Reading is what was seen on one page. Width, Height and every place in it are
// pixels of the page turned upright.
type Reading struct {
	Page     int       `json:"page"` // from 1
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	Rotation int       `json:"rotation"` // degrees clockwise the picture was turned to stand upright
	Lines    []Line    `json:"lines"`    // in reading order
	Seals    []Seal    `json:"seals,omitempty"`
	Quality  []Quality `json:"quality,omitempty"`

	Signatures []Signature `json:"signatures,omitempty"`

	Engine string `json:"engine"`           // which engine read the page, stated openly
	Model  string `json:"model"`            // hash of its model files, or version
	Second string `json:"second,omitempty"` // which engine read the numbers again; "" when nobody did
	Millis int64  `json:"ms"`
}
