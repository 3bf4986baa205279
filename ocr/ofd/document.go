package ofd

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// MaxPages is how many pages of one document are counted.
const MaxPages = 500

// maxSide is the largest page side in millimetres: A0 is 1,189.
const maxSide = 2000

// rootFile is where every document begins.
const rootFile = "OFD.xml"

// Is says that an archive holds an OFD document.
func Is(a *Archive) bool { return a.Has(rootFile) }

// Document is an opened document. It is used by one goroutine.
type Document struct {
	archive    *Archive
	pages      []string          // content files
	area       Box               // the default page
	templates  map[string]string // ID → content file
	images     map[string]string // ID → picture file
	signatures []Signature
}

// Signature is a digital seal as it is shown on a page.
type Signature struct {
	Page int // from 1, 0 when it is shown on none
	Box  Box
}

type xmlRoot struct {
	Bodies []struct {
		Root       string `xml:"DocRoot"`
		Signatures string `xml:"Signatures"`
	} `xml:"DocBody"`
}

type xmlDocument struct {
	Common struct {
		Area      string   `xml:"PageArea>PhysicalBox"`
		Public    []string `xml:"PublicRes"`
		Document  []string `xml:"DocumentRes"`
		Templates []xmlRef `xml:"TemplatePage"`
	} `xml:"CommonData"`
	Pages []xmlRef `xml:"Pages>Page"`
}

type xmlRef struct {
	ID   string `xml:"ID,attr"`
	File string `xml:"BaseLoc,attr"`
}

type xmlResources struct {
	Base  string `xml:"BaseLoc,attr"`
	Media []struct {
		ID   string `xml:"ID,attr"`
		File string `xml:"MediaFile"`
	} `xml:"MultiMedias>MultiMedia"`
}

// Open reads the document's skeleton: pages, templates, pictures, signatures.
// Of several bodies the first is read, as viewers do.
func Open(a *Archive) (*Document, error) {
	var root xmlRoot
	if err := decodeFile(a, rootFile, &root); err != nil {
		return nil, fmt.Errorf("OFD.xml: %w", err)
	}
	if len(root.Bodies) == 0 {
		return nil, errors.New("OFD.xml names no document")
	}
	at, err := resolve("", root.Bodies[0].Root)
	if err != nil {
		return nil, fmt.Errorf("OFD.xml: %w", err)
	}
	var body xmlDocument
	if err := decodeFile(a, at, &body); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	d := &Document{archive: a, templates: map[string]string{}, images: map[string]string{}, area: Box{W: 210, H: 297}}
	if area, ok := parseBox(body.Common.Area); ok && area.W <= maxSide && area.H <= maxSide {
		d.area = area
	}
	if err := d.skeleton(path.Dir(at), body); err != nil {
		return nil, err
	}
	ids := map[string]int{}
	for i, p := range body.Pages {
		ids[p.ID] = i + 1
	}
	d.signatures, err = readSignatures(a, root.Bodies[0].Signatures, ids)
	return d, err
}

func (d *Document) skeleton(folder string, body xmlDocument) error {
	if len(body.Pages) == 0 || len(body.Pages) > MaxPages {
		return fmt.Errorf("%d pages: want 1 to %d", len(body.Pages), MaxPages)
	}
	for _, p := range body.Pages {
		file, err := resolve(folder, p.File)
		if err != nil {
			return fmt.Errorf("page: %w", err)
		}
		d.pages = append(d.pages, file)
	}
	for _, t := range body.Common.Templates {
		file, err := resolve(folder, t.File)
		if err != nil {
			return fmt.Errorf("template: %w", err)
		}
		d.templates[t.ID] = file
	}
	for _, name := range append(body.Common.Public, body.Common.Document...) {
		if err := d.resources(folder, name); err != nil {
			return fmt.Errorf("resources: %w", err)
		}
	}
	return nil
}

// resources adds the pictures of one resource file.
func (d *Document) resources(folder, name string) error {
	at, err := resolve(folder, name)
	if err != nil {
		return err
	}
	var res xmlResources
	if err := decodeFile(d.archive, at, &res); err != nil {
		return err
	}
	base, err := resolve(path.Dir(at), res.Base)
	if err != nil {
		return err
	}
	for _, m := range res.Media {
		if d.images[m.ID], err = resolve(base, m.File); err != nil {
			return err
		}
	}
	return nil
}

// Pages is how many pages there are.
func (d *Document) Pages() int { return len(d.pages) }

// Signatures lists the digital seals.
func (d *Document) Signatures() []Signature { return d.signatures }

func decodeFile(a *Archive, name string, v any) error {
	text, err := a.Read(name)
	if err != nil {
		return err
	}
	return decodeXML(text, v)
}

// resolve follows a location from a folder; one that begins with a slash starts
// at the archive's root.
func resolve(folder, location string) (string, error) {
	location = strings.TrimSpace(location)
	if strings.HasPrefix(location, "/") {
		folder, location = "", strings.TrimPrefix(location, "/")
	}
	full := path.Join(folder, location)
	if full != "" && !inside(full) {
		return "", errors.New("a location leaves the archive")
	}
	return full, nil
}
