package link

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
)

// WritePairs writes pairs.csv: a,b,zone,level,weight,rule.
func (r *Result) WritePairs(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"a", "b", "zone", "level", "weight", "rule"}) // the writer keeps its first error
	for _, p := range r.Pairs {
		_ = out.Write([]string{r.Name(p.A), r.Name(p.B), string(p.Decision.Zone), p.Decision.Level, formatted(p.Weight), p.Decision.Rule})
	}
	out.Flush()
	return out.Error()
}

func formatted(weight float64) string { return strconv.FormatFloat(weight, 'f', 3, 64) }

// WriteEvidence writes evidence.csv: per pair the level and the weight of every
// field, the prior and the rarity. It holds no values of the file, and with the
// configuration it is enough to decide again ([Replay]).
func (r *Result) WriteEvidence(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"a", "b", "prior", "rarity"}
	for _, f := range r.Model.Fields {
		head = append(head, f.Name, f.Name+" weight")
	}
	_ = out.Write(head)
	for _, p := range r.Pairs {
		fields, prior, rarity := r.Explain(p)
		row := append(head[:0], r.Name(p.A), r.Name(p.B), formatted(prior), formatted(rarity))
		for _, f := range fields {
			row = append(row, f.Level, formatted(f.Weight))
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// WriteClusters writes clusters.csv: cluster,record,zone. A record that stands in
// no line stands alone.
func (r *Result) WriteClusters(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"cluster", "record", "zone"})
	for i, c := range r.Clusters {
		for _, record := range c.Records {
			_ = out.Write([]string{strconv.Itoa(i + 1), r.Name(record), string(c.Zone)})
		}
	}
	out.Flush()
	return out.Error()
}

// WriteModel writes model.json: what was counted and what the weights come from.
func (r *Result) WriteModel(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", " ")
	return out.Encode(struct {
		Summary Summary `json:"summary"`
		Model   Model   `json:"model"`
	}{r.Summary, r.Model})
}

// ReadModel reads what [Result.WriteModel] wrote.
func ReadModel(text []byte) (*Model, error) {
	var kept struct {
		Model Model `json:"model"`
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, err
	}
	return &kept.Model, nil
}
