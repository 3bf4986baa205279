package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/sheets"
	"github.com/jingban/jingban/store"
)

// caseList is a work list, alone or in a folder beside the papers of its rows. A
// folder without a list, whose folders are cases as export writes them, gets one made
// of their case.json.
type caseList struct {
	name   string
	data   []byte
	root   *os.Root         // nil for a list alone
	cases  map[string]claim // by folder, where case.json says more than the list
	failed error            // what stopped the finder
}

// openCaseList opens a file or a folder.
func openCaseList(where string, inputs []sheets.Input) (*caseList, error) {
	info, err := os.Stat(where)
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	if !info.IsDir() {
		data, err := os.ReadFile(where)
		if err != nil {
			return nil, fmt.Errorf("sheet: %w", err)
		}
		return &caseList{name: filepath.Base(where), data: data}, nil
	}
	root, err := os.OpenRoot(where)
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	l := &caseList{root: root, cases: map[string]claim{}}
	if err := l.read(filepath.Base(where), inputs); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return l, nil
}

// Close closes the folder.
func (l *caseList) Close() error {
	if l.root == nil {
		return nil
	}
	return l.root.Close()
}

// read finds the list of a folder, or makes it.
func (l *caseList) read(folder string, inputs []sheets.Input) error {
	entries, err := fs.ReadDir(l.root.FS(), ".")
	if err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	var lists []string
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "~$"):
		case e.IsDir():
			if err := l.readCase(e.Name()); err != nil {
				return err
			}
		case slices.Contains([]string{".xlsx", ".xls", ".csv"}, strings.ToLower(path.Ext(e.Name()))):
			lists = append(lists, e.Name())
		}
	}
	switch {
	case len(lists) == 1:
		l.name = lists[0]
		l.data, err = l.root.ReadFile(l.name)
	case len(lists) == 0 && len(l.cases) > 0:
		l.name = folder + ".csv"
		l.data, err = l.made(inputs)
	default:
		return told{zh: fmt.Sprintf("文件夹里应有一份清单（XLSX、XLS 或 CSV），或每件一个带 case.json 的子文件夹；找到 %d 份清单。", len(lists)),
			en: fmt.Sprintf("want one list (XLSX, XLS or CSV) in the folder, or a folder with a case.json for each case; found %d lists", len(lists))}
	}
	return err
}

func (l *caseList) readCase(folder string) error {
	text, err := l.root.ReadFile(path.Join(folder, "case.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	var c claim
	if err := c.read(text, filepath.Join(l.root.Name(), folder)); err != nil {
		return err
	}
	l.cases[folder] = c
	return nil
}

// made is the list of the cases, one row a folder: always the same for the same
// folders, so that the same folder begins nothing twice.
func (l *caseList) made(inputs []sheets.Input) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff") // spreadsheets take it for UTF-8
	w := csv.NewWriter(&out)
	head := make([]string, len(inputs))
	for i, in := range inputs {
		head[i] = in.Zh
	}
	lines := [][]string{head}
	for _, folder := range slices.Sorted(maps.Keys(l.cases)) {
		line := make([]string, len(inputs))
		for i, in := range inputs {
			line[i] = l.cases[folder].says(in.Name, folder)
		}
		lines = append(lines, line)
	}
	err := w.WriteAll(lines)
	return out.Bytes(), err
}

// says gives what case.json says of an input.
func (c claim) says(input, folder string) string {
	switch input {
	case "name":
		return c.Applicant.Name
	case "id_number":
		return c.Applicant.IDNumber
	case "mobile":
		return c.Applicant.Mobile
	case "account":
		return c.Applicant.Account
	case "month":
		if c.Month == 0 {
			return ""
		}
		return c.Month.String()
	case sheets.PapersInput().Name:
		return folder
	}
	return c.Shared[strings.TrimPrefix(input, "shared.")]
}

// finder keeps the papers of a row and names them: of the folder that the row says,
// else of one called like its ID number. Nil for a list alone.
func (l *caseList) finder(ctx context.Context, books *store.Store) func(sheets.Planned) ([]casework.Material, string) {
	if l.root == nil {
		return nil
	}
	return func(p sheets.Planned) ([]casework.Material, string) {
		folder := p.Folder
		if folder == "" {
			folder = p.Case.Applicant.IDNumber
		}
		entries, err := fs.ReadDir(l.root.FS(), folder)
		if err != nil {
			if p.Folder == "" {
				return nil, "" // a row without papers
			}
			return nil, "papers_missing"
		}
		papers, wrong, err := l.keep(ctx, books, folder, entries)
		l.failed = errors.Join(l.failed, err)
		return papers, wrong
	}
}

func (l *caseList) keep(ctx context.Context, books *store.Store, folder string, entries []fs.DirEntry) (papers []casework.Material, wrong string, err error) {
	for _, e := range entries {
		if !e.Type().IsRegular() || e.Name() == "case.json" || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		data, err := l.root.ReadFile(path.Join(folder, e.Name()))
		if err != nil {
			return nil, "", fmt.Errorf("sheet: %w", err)
		}
		kind := casework.FileKind(data)
		if kind == "" {
			return nil, "papers_type", nil
		}
		sum, err := books.PutFile(ctx, data)
		if err != nil {
			return nil, "", err
		}
		papers = append(papers, casework.Material{Slot: l.cases[folder].Slots[e.Name()], FileName: e.Name(), MIME: kind, SHA256: sum, Bytes: int64(len(data))})
	}
	if len(papers) == 0 {
		return nil, "papers_empty", nil
	}
	return papers, "", nil
}
