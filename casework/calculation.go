package casework

import "fmt"

// Calculation is a pure function that playbooks use by its name: the same given
// values give the same result for ever. A room offers its own, the composition
// root hands them to playbooks.
type Calculation struct {
	Name    string // "unemployment.claim"
	Zh, En  string // what people call it
	Inputs  []Quantity
	Outputs []Quantity

	// Do computes. A *Fault says what a person has to look at; any other error
	// counts as one. Texts of errors hold no personal data.
	Do func(given Given) (Computed, error)
}

// Quantity is one input or output.
type Quantity struct {
	Name     string
	Zh, En   string
	Kind     QuantityKind
	Optional bool // an input that may be left out
}

// QuantityKind is what a quantity holds.
type QuantityKind string

// The kinds, with what Given and Computed hold for them.
const (
	TextQuantity  QuantityKind = "text"  // string
	WholeQuantity QuantityKind = "whole" // int
	MoneyQuantity QuantityKind = "money" // int, in fen
	YesQuantity   QuantityKind = "yes"   // bool
	RowsQuantity  QuantityKind = "rows"  // []map[string]string, by column
)

// Zero is the empty value of the kind.
func (k QuantityKind) Zero() any {
	switch k {
	case WholeQuantity, MoneyQuantity:
		return 0
	case YesQuantity:
		return false
	case RowsQuantity:
		return []map[string]string{}
	default:
		return ""
	}
}

// Given are the inputs by name.
type Given map[string]any

// Text is a text, "" where it was left out.
func (g Given) Text(name string) string { return input[string](g, name) }

// Whole is a number, 0 where it was left out.
func (g Given) Whole(name string) int { return input[int](g, name) }

// Yes is a switch, false where it was left out.
func (g Given) Yes(name string) bool { return input[bool](g, name) }

// Rows are the rows of a table, none where they were left out.
func (g Given) Rows(name string) []map[string]string { return input[[]map[string]string](g, name) }

func input[T any](g Given, name string) T {
	value, _ := g[name].(T)
	return value
}

// Computed is what came out.
type Computed struct {
	Values map[string]any // by the names of the outputs; a missing one is empty
	Lines  []string       // how it came about, in Chinese, for the clerk and the file
}

// Check says whether every value is an output and of its kind.
func (c Calculation) Check(values map[string]any) error {
	kinds := map[string]QuantityKind{}
	for _, out := range c.Outputs {
		kinds[out.Name] = out.Kind
	}
	for name, value := range values {
		kind, known := kinds[name]
		if !known || fmt.Sprintf("%T", value) != fmt.Sprintf("%T", kind.Zero()) {
			return fmt.Errorf("calculation %s: output %s is a %T, want a %s", c.Name, name, value, kind)
		}
	}
	return nil
}
