package playbooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Deed is one thing a person did to a page while they were watched: what was pressed,
// or which field was written. What they wrote is not in it.
type Deed struct {
	Verb    Verb    `json:"verb"` // click, fill or attach
	At      Locator `json:"at"`
	Secret  bool    `json:"secret"` // a password
	Page    string  `json:"page"`   // path of the document
	Confirm string  `json:"-"`      // the question they answered with yes
}

// Draft writes a playbook from what a person did on a system: the way to the page as its
// menu path, values as parameters of the case, and each press of a committing button as a
// commit that a person verifies until somebody writes how to look. Signing in is the
// system file's and is left out.
func Draft(name string, system System, deeds []Deed) []byte {
	d := &draft{system: system}
	fmt.Fprintf(&d.text, `# Recorded on %[2]s. A draft: put the values in their places, write each verify, then lint it.
playbook: %[1]s
title: {zh: %[3]s, en: %[4]s}
key: case.number
steps:
`, name, system.Name, scalarText("录制："+system.Title.Zh), scalarText("Recorded: "+system.Title.En))
	for _, deed := range d.worked(deeds) {
		d.add(deed)
	}
	d.end()
	return d.text.Bytes()
}

// draft is a playbook being written.
type draft struct {
	system System
	text   bytes.Buffer
	steps  int
	menu   []string // links pressed at the beginning of a step
	open   bool     // a step has begun
	fills  bool     // a list of values has begun
}

// worked leaves out the sign-in: everything up to the first press after a password.
func (d *draft) worked(deeds []Deed) []Deed {
	last := -1
	for i, deed := range deeds {
		if deed.Secret {
			last = i
		}
	}
	if last < 0 {
		return deeds
	}
	for i := last; i < len(deeds); i++ {
		if deeds[i].Verb == Click {
			return deeds[i+1:]
		}
	}
	return nil
}

func (d *draft) add(deed Deed) {
	if deed.Verb == Click && deed.At.Link != "" && deed.At.Near == "" && deed.At.Row == "" && !d.open {
		d.menu = append(d.menu, deed.At.Link)
		return
	}
	d.begin(deed)
	switch {
	case deed.Verb == Fill:
		d.fill(deed)
	case deed.Verb == Attach:
		d.fills = false
		fmt.Fprintf(&d.text, "      # a file went into %s: attach: {%s: docs.MATERIAL.file}\n", deed.At.Label, scalarText(deed.At.Label))
	case d.commits(deed):
		fmt.Fprintf(&d.text, "      - commit: %s # say what the page shows once it is saved: saved: …\n    verify: person # better: how to look whether it happened\n", flow(deed.At, deed.Confirm))
		d.open, d.fills = false, false
	default:
		d.fills = false
		fmt.Fprintf(&d.text, "      - click: %s%s\n", flow(deed.At, deed.Confirm), d.doubt(deed))
	}
}

// begin opens a step with the way to its page.
func (d *draft) begin(deed Deed) {
	if d.open {
		return
	}
	d.open, d.fills = true, false
	d.steps++
	way := scalarText(deed.Page)
	if len(d.menu) > 0 {
		parts := make([]string, len(d.menu))
		for i, m := range d.menu {
			parts[i] = scalarText(m)
		}
		way = "[" + strings.Join(parts, ", ") + "]"
	}
	fmt.Fprintf(&d.text, "  - id: step%d\n    page: %s\n@%d@    do:\n      - open: %s\n", d.steps, d.system.Name, d.steps, way)
	d.menu = nil
}

// end closes the last step. Links pressed with nothing done after them are a step, too.
// Only steps with a commit name an effect.
func (d *draft) end() {
	if len(d.menu) > 0 {
		d.begin(Deed{})
	}
	if d.steps == 0 {
		d.begin(Deed{Page: "/"})
	}
	parts := regexp.MustCompile(`@(\d+)@`).Split(d.text.String(), -1)
	text := parts[0]
	for i, part := range parts[1:] {
		if strings.Contains(part, "      - commit: ") {
			text += fmt.Sprintf("    effect: recorded_%d\n", i+1)
		}
		text += part
	}
	d.text.Reset()
	d.text.WriteString(text)
}

func (d *draft) fill(deed Deed) {
	if !d.fills {
		d.text.WriteString("      - fill:\n")
		d.fills = true
	}
	at := flow(deed.At, "")
	fmt.Fprintf(&d.text, "          - %s, value: %s}\n", strings.TrimSuffix(at, "}"), scalarText(d.parameter(deed.At)))
}

// parameter is where a field's value probably comes from.
func (d *draft) parameter(at Locator) string {
	label := plain(at.Label)
	for value, names := range map[string][]string{
		"case.id_number": {"证件号码", "公民身份号码", "身份证号码", "身份证号", "社会保障号码"}, "case.name": {"姓名", "申请人姓名", "参保人姓名"},
		"case.mobile": {"手机号码", "手机", "联系电话"}, "case.account": {"银行账号", "银行卡号", "账号"}, "case.month": {"申领月份", "所属月份"},
	} {
		if slices.Contains(names, label) {
			return value
		}
	}
	if label == "" {
		label = at.CSS
	}
	return "shared[" + inQuotes(label) + "]"
}

// commits says that the button changes the system for good, as its file says.
func (d *draft) commits(deed Deed) bool {
	return slices.ContainsFunc(d.system.CommitNames(), func(c string) bool { return plain(c) == plain(deed.At.Button+deed.At.Link) })
}

// doubt marks a press that looks like a commit and is none by the system's file.
func (d *draft) doubt(deed Deed) string {
	name := plain(deed.At.Button + deed.At.Link)
	if slices.ContainsFunc(append(usualCommits(), "确认", "确定", "核定", "复核", "Save", "Submit"), func(c string) bool { return plain(c) == name }) {
		return " # looks like a commit: if it changes the system for good, list it under commits: and write commit and verify"
	}
	return ""
}

// flow writes a locator as a flow mapping; the first key is its main one.
func flow(at Locator, confirm string) string {
	var parts []string
	for _, p := range []struct{ key, text string }{{"label", at.Label}, {"button", at.Button}, {"link", at.Link}, {"text", at.Text}, {"css", at.CSS}, {"row", at.Row}, {"near", at.Near}, {"confirm", confirm}} {
		if p.text != "" {
			parts = append(parts, p.key+": "+scalarText(p.text))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// scalarText writes a text as YAML: bare where nothing in it means anything.
func scalarText(text string) string {
	if regexp.MustCompile(`^[\p{Han}][\p{Han}A-Za-z0-9]*$`).MatchString(text) {
		return text
	}
	return inQuotes(text)
}

func inQuotes(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(text) != nil {
		return `""` // no text fails to encode
	}
	return strings.TrimSpace(out.String())
}
