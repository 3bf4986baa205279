package playbooks

import (
	"maps"
	"strings"

	"github.com/jingban/jingban/casework"
)

// values gives what expressions see at the start of a run.
func values(pb *Playbook, snapshot casework.Snapshot, offered []casework.Calculation) map[string]any {
	a := snapshot.Applicant
	findings := []any{}
	for _, f := range snapshot.Assessment.Findings {
		findings = append(findings, map[string]any{"rule": f.Rule, "severity": string(f.Severity), "material": f.Material, "field": f.Field})
	}
	shared := map[string]string{}
	maps.Copy(shared, snapshot.Shared)
	env := map[string]any{
		"case": map[string]any{"name": a.Name, "id_number": a.IDNumber, "mobile": a.Mobile, "account": a.Account,
			"month": snapshot.Month.String(), "number": snapshot.Number, "received": snapshot.Received.String(),
			"matter": snapshot.Matter, "region": snapshot.Region},
		"docs":     documentValues(pb, snapshot.Assessment.Documents),
		"shared":   shared,
		"verdict":  string(snapshot.Assessment.Verdict),
		"findings": findings, "correction_text": snapshot.Assessment.Correction(),
	}
	maps.Copy(env, functions())
	for _, step := range pb.Steps {
		env[step.ID] = step.body.gives(offered)
	}
	return env
}

// documentValues gives every document, and "" for each field that the playbook
// asks of a document or field that is not there.
func documentValues(pb *Playbook, documents map[string]casework.Document) map[string]any {
	docs := map[string]map[string]any{}
	get := func(kind string) map[string]any {
		if docs[kind] == nil {
			docs[kind] = map[string]any{"confidence": 0.0, "file": ""}
		}
		return docs[kind]
	}
	for _, e := range pb.exprs {
		for _, used := range e.documents() {
			if doc := get(used[0]); doc[used[1]] == nil {
				doc[used[1]] = ""
			}
		}
	}
	for kind, document := range documents {
		doc := get(kind)
		for name, field := range document.Fields {
			doc[name] = field.Value
		}
		doc["confidence"], doc["file"] = document.Confidence, document.FileID
	}
	all := map[string]any{}
	for kind, doc := range docs {
		all[kind] = doc
	}
	return all
}

// edited gives the snapshot with a person's corrections: "<type>.<field>" of a
// document, or case.name, case.mobile and case.account. The ID number of the
// case is never edited: another person is another case.
func edited(snapshot casework.Snapshot, edits map[string]string) casework.Snapshot {
	documents := map[string]casework.Document{}
	for kind, document := range snapshot.Assessment.Documents {
		document.Fields = maps.Clone(document.Fields)
		documents[kind] = document
	}
	a := &snapshot.Applicant
	own := map[string]*string{"name": &a.Name, "mobile": &a.Mobile, "account": &a.Account}
	for key, value := range edits {
		kind, name, _ := strings.Cut(key, ".")
		if field := own[name]; kind == "case" && field != nil {
			*field = value
		}
		document, ok := documents[kind]
		if !ok {
			continue
		}
		if document.Fields == nil {
			document.Fields = map[string]casework.Field{}
			documents[kind] = document
		}
		field := document.Fields[name]
		field.Name, field.Value, field.Confidence, field.Status = name, value, 1, casework.FieldVerified
		document.Fields[name] = field
	}
	snapshot.Assessment.Documents = documents
	return snapshot
}
