package survey

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// content is what one resource holds, taken apart.
type content struct {
	code   strings.Builder
	words  strings.Builder
	signs  []seen // by element
	links  []link
	frames int
	text   int  // characters a person reads
	script bool // scripts from the same host are named
	form   bool // has a password field
	asks   *regexp.Regexp
}

// seen is a sign's code with what was matched; it never quotes what a page says.
type seen struct{ code, detail string }

// link is an address a page names, and the words on it.
type link struct {
	address, words string
	kind           linkKind
}

type linkKind int

const (
	toPage linkKind = iota
	toFrame
	toScript
	inScript   // named somewhere in a script
	redirected // by the answer itself
)

// elementsAtMost bounds one page: a page of a million empty elements is read no further.
const elementsAtMost = 50_000

// read takes markup apart. Comments say nothing, but for those that only old IEs
// read.
func read(text string) *content {
	c := &content{asks: challenge()}
	z := html.NewTokenizer(strings.NewReader(text))
	z.SetMaxBuf(1 << 20)
	var inside atom.Atom
	last := -1 // the link that is open
	for range elementsAtMost {
		switch z.Next() {
		case html.ErrorToken:
			return c
		case html.CommentToken:
			if comment := string(z.Raw()); strings.Contains(comment, "[if ") && strings.Contains(comment, "IE") {
				c.see("ie_mode", "<!--[if IE]>")
			}
		case html.TextToken:
			c.read(inside, string(z.Text()), last)
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			inside = token.DataAtom
			if c.element(token) {
				last = len(c.links) - 1
			}
		case html.EndTagToken:
			inside = 0
			if name, _ := z.TagName(); string(name) == "a" {
				last = -1
			}
		}
	}
	return c
}

func (c *content) see(code, detail string) { c.signs = append(c.signs, seen{code, detail}) }

func (c *content) read(inside atom.Atom, text string, last int) {
	switch inside {
	case atom.Script:
		c.code.WriteString(text + "\n")
	case atom.Style:
		c.code.WriteString(text + "\n")
	default:
		c.text += len([]rune(strings.TrimSpace(text)))
		c.words.WriteString(text + "\n")
		if last >= 0 {
			c.links[last].words += text
		}
	}
}

// element notes what one element tells, and says whether it opens a link whose
// words follow.
func (c *content) element(t html.Token) bool {
	attr := map[string]string{}
	for _, a := range t.Attr {
		name, value := strings.ToLower(a.Key), strings.TrimSpace(a.Val)
		attr[name] = value
		switch {
		case strings.HasPrefix(name, "on"):
			c.code.WriteString(name + "=" + value + "\n")
		case strings.HasPrefix(strings.ToLower(value), "javascript:"), strings.HasPrefix(strings.ToLower(value), "vbscript:"), name == "style":
			c.code.WriteString(value + "\n")
		case name == "title" || name == "alt" || name == "placeholder" || name == "value":
			c.words.WriteString(value + "\n")
		}
	}
	c.special(t.DataAtom, attr)
	return c.leads(t.DataAtom, attr)
}

// special notes elements that only some browsers know, or that need a person.
func (c *content) special(element atom.Atom, attr map[string]string) {
	switch element {
	case atom.Meta:
		if strings.EqualFold(attr["http-equiv"], "X-UA-Compatible") {
			c.mode(attr["content"])
		}
	case atom.Object:
		c.object(attr)
	case atom.Applet:
		c.see("applet", attr["code"])
	case atom.Embed:
		c.see("plugin", attr["type"])
	case atom.Script:
		language := strings.ToLower(attr["language"] + attr["type"])
		if strings.Contains(language, "vbs") || strings.HasSuffix(strings.ToLower(attr["src"]), ".vbs") {
			c.see("vbscript", "<script>")
		}
	case atom.Canvas:
		c.see("pictures", "<canvas>")
	case atom.Input:
		c.input(attr)
	case atom.Img:
		if c.asks.MatchString(attr["src"] + " " + attr["id"] + " " + attr["name"]) {
			c.see("captcha", "<img>")
		}
	}
}

// mode notes a document mode of old IEs; "edge" means today's.
func (c *content) mode(content string) {
	if content != "" && !strings.Contains(strings.ToLower(content), "edge") {
		c.see("ie_mode", content)
	}
}

// object tells plug-ins by their class: the class id is what a maker is asked about.
func (c *content) object(attr map[string]string) {
	class := strings.ToLower(attr["classid"])
	switch {
	case strings.HasPrefix(class, "clsid:"):
		id := strings.ToUpper(strings.TrimPrefix(class, "clsid:"))
		if name := classNames()[id]; name != "" {
			id += " " + name
		}
		c.see("activex", id)
	case strings.HasPrefix(class, "java:"):
		c.see("applet", class)
	case strings.Contains(attr["type"], "flash"), strings.Contains(attr["type"], "silverlight"):
		c.see("plugin", attr["type"])
	}
}

// classNames are controls that old systems often carry.
func classNames() map[string]string {
	return map[string]string{
		"8856F961-340A-11D0-A96B-00C04FD705A2": "WebBrowser", "D27CDB6E-AE6D-11CF-96B8-444553540000": "Flash", "8AD9C840-044E-11D1-B3E9-00805F499D93": "Java",
		"6BF52A52-394A-11D3-B153-00C04F79FAA6": "Media Player", "2105C259-1E0C-4534-8141-A753534CB4CA": "Lodop", "00460182-9E5E-11D5-B7C8-B8269041DD57": "DSO Framer",
		"1663ED61-23EB-11D2-B92F-008048FDD814": "ScriptX",
	}
}

func (c *content) input(attr map[string]string) {
	switch strings.ToLower(attr["type"]) {
	case "password":
		c.form = true
	case "image":
		c.see("pictures", "<input type=image>")
	}
	if c.asks.MatchString(attr["name"] + " " + attr["id"]) {
		c.see("captcha", "<input>")
	}
}

// challenge tells a CAPTCHA by what its picture or field is called.
func challenge() *regexp.Regexp {
	return regexp.MustCompile(`(?i)captcha|kaptcha|(?:verify|valid(?:ate)?|check|rand|auth|image?)_?-?(?:code|img|image|pic)|yzm|authimg`)
}

// leads notes where an element leads.
func (c *content) leads(element atom.Atom, attr map[string]string) (opens bool) {
	add := func(address string, kind linkKind) bool {
		if address == "" || len(c.links) >= linksAtMost {
			return false
		}
		c.links = append(c.links, link{address: address, kind: kind, words: attr["title"]})
		return true
	}
	switch element {
	case atom.A:
		return add(attr["href"], toPage)
	case atom.Area:
		add(attr["href"], toPage)
	case atom.Frame, atom.Iframe:
		c.frames++
		add(attr["src"], toFrame)
	case atom.Script:
		c.script = c.script || attr["src"] != ""
		add(attr["src"], toScript)
	case atom.Meta:
		_, to, found := strings.Cut(strings.ToLower(attr["content"]), "url=")
		if found && strings.EqualFold(attr["http-equiv"], "refresh") {
			add(strings.Trim(attr["content"][max(0, len(attr["content"])-len(to)):], `'" `), toPage)
		}
	}
	return false
}

// named finds addresses of pages in a script: menus of old systems are written
// there.
func (c *content) named() {
	addresses := regexp.MustCompile(`["']([\w./-]{1,200}\.(?:jsp|do|action|aspx?|php|html?|htm|shtml|cgi)(?:\?[\w=&%.-]{0,200})?)["']`)
	for _, m := range addresses.FindAllStringSubmatch(c.code.String(), linksAtMost) {
		c.links = append(c.links, link{address: m[1], kind: inScript})
	}
}

// uncommented takes comments out of a script: what is commented out is not used.
func uncommented(script string) string {
	script = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(script, " ")
	return regexp.MustCompile(`(?m)(^|[\s;{}])//.*$`).ReplaceAllString(script, "$1")
}
