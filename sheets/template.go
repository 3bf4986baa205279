package sheets

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Guide are the texts of a template, in one language.
type Guide struct {
	Title   string    // of the playbook
	List    string    // name of the first worksheet
	Help    string    // name of the second
	Columns [4]string // 栏目, 是否必填, 怎么填, 对应的值
	Yes, No string
	How     func(name string) string // how an input is filled in
	Lines   []string                 // what else there is to say
	English bool
}

// Template makes a workbook with one column for each input and a sheet that says
// how it is filled in.
func Template(inputs []Input, g Guide) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", g.List); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	if err := listSheet(f, inputs, g); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	if err := helpSheet(f, inputs, g); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	return out.Bytes(), nil
}

func (g Guide) title(in Input) string {
	if g.English {
		return in.En
	}
	return in.Zh
}

func listSheet(f *excelize.File, inputs []Input, g Guide) error {
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return err
	}
	head, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DCE6F1"}}})
	if err != nil {
		return err
	}
	last := ColumnName(len(inputs) - 1)
	for i, in := range inputs {
		if err := f.SetCellStr(g.List, ColumnName(i)+"1", g.title(in)); err != nil {
			return err
		}
	}
	for _, set := range []error{
		f.SetColStyle(g.List, "A:"+last, text), // 18 digits typed into a text cell stay 18 digits
		f.SetCellStyle(g.List, "A1", last+"1", head),
		f.SetColWidth(g.List, "A", last, 22),
		f.SetPanes(g.List, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
	} {
		if set != nil {
			return set
		}
	}
	return nil
}

func helpSheet(f *excelize.File, inputs []Input, g Guide) error {
	if _, err := f.NewSheet(g.Help); err != nil {
		return err
	}
	rows := [][]any{{g.Title}, {}, {g.Columns[0], g.Columns[1], g.Columns[2], g.Columns[3]}}
	for _, in := range inputs {
		need := g.No
		if in.Required {
			need = g.Yes
		}
		rows = append(rows, []any{"『" + g.title(in) + "』", need, g.How(in.Name), in.Name})
	}
	rows = append(rows, []any{})
	for _, line := range g.Lines {
		rows = append(rows, []any{line})
	}
	for i, row := range rows {
		if err := f.SetSheetRow(g.Help, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	if err := f.SetColWidth(g.Help, "A", "B", 18); err != nil {
		return err
	}
	return f.SetColWidth(g.Help, "C", "D", 60)
}
