package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// checkCommand checks the materials of one case: files, or a folder of them. A
// file case.json beside them says who applies (see claim).
type checkCommand struct {
	Files    []string `arg:"" name:"file" help:"Files or one folder." type:"existingpath"`
	Matter   string   `required:"" help:"Like unemployment_claim; document_check for any papers."`
	Region   string   `default:"${region}" help:"Region whose lists and parameters hold."`
	Agency   string   `help:"Folder with the agency's own types/, matters/, sentences/ and params/." type:"existingdir" placeholder:"DIR"`
	JSON     bool     `help:"Print JSON."`
	Annotate string   `help:"Write each page that has a finding into this folder, as PNG with its boxes." placeholder:"DIR"`
	Notice   string   `help:"Write the notice of everything to correct; .html, or .pdf (needs Chromium). --office says who hands it out." placeholder:"OUT.pdf"`
}

// claim is what case.json may say; whatever is missing is taken from the papers.
type claim struct {
	Case      string            `json:"case,omitempty"` // its number; the folder's name when it is not said
	Applicant casework.Person   `json:"applicant"`
	Month     casework.Month    `json:"month"`
	Received  casework.Date     `json:"received"`
	Shared    map[string]string `json:"shared"`
	Slots     map[string]string `json:"slots"` // file name → material type it was uploaded as
}

// read takes what case.json says of a folder. A word nobody knows or a file that is
// not there would switch a comparison off in silence.
func (c *claim) read(text []byte, folder string) error {
	named := c.Case
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(c); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Slots)) {
		if _, err := os.Stat(filepath.Join(folder, filepath.Base(name))); err != nil {
			return fmt.Errorf("slots: there is no file %q beside it", name)
		}
	}
	c.Case = cmp.Or(c.Case, named)
	return nil
}

// The exit status by verdict; 2 is an error, as everywhere.
func (c checkCommand) status(verdict casework.Verdict) error {
	switch verdict {
	case casework.ReturnForCorrection:
		return status(1)
	case casework.ManualReview:
		return status(3)
	case casework.ProposeReject:
		return status(4)
	}
	return nil
}

// Run prints the findings. The exit status is 0 for AUTO_PASS, 1 for
// RETURN_FOR_CORRECTION, 3 for MANUAL_REVIEW, 4 for PROPOSE_REJECT, 2 for an error.
func (c checkCommand) Run(ctx context.Context, t console, cfg *Config) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	catalog, err := loadCatalog(c.Agency)
	if err != nil {
		return err
	}
	if err := knownMatter(catalog, c.Matter); err != nil {
		return err
	}
	paths, about, err := c.gather()
	if err != nil {
		return err
	}
	if err := knownSlots(catalog, about.Slots); err != nil {
		return err
	}
	input := materials.Input{Matter: c.Matter, Region: c.Region, Applicant: about.Applicant, Month: about.Month, Received: about.Received, Shared: about.Shared}
	t.saySecondBest(cfg)
	reader, err := newReader(cfg, nil)
	if err != nil {
		return err
	}
	defer reader.Close()
	if input.Files, err = readFiles(ctx, t, reader, paths, about.Slots); err != nil {
		return err
	}
	assessment := catalog.Assess(input)
	if err := c.print(t, about.Case, assessment); err != nil {
		return err
	}
	if c.Annotate != "" {
		if err := annotateFindings(ctx, reader.pool, c.Annotate, paths, input.Files, assessment.Findings); err != nil {
			return err
		}
	}
	if c.Notice != "" && assessment.Verdict != casework.ReturnForCorrection {
		fmt.Fprintln(t.err, t.say("没有需要补正的内容，未生成告知书。", "Nothing has to be corrected: no notice was written."))
	} else if c.Notice != "" {
		if err := c.writeNotice(ctx, t, cfg, catalog, about, assessment); err != nil {
			return err
		}
	}
	return c.status(assessment.Verdict)
}

// loadCatalog reads the types and lists, with the agency's own where it has some.
func loadCatalog(agency string) (*materials.Catalog, error) {
	var own []fs.FS
	if agency != "" {
		own = append(own, os.DirFS(agency))
	}
	catalog, err := materials.Load(own...)
	if err != nil {
		return nil, fmt.Errorf("material types: %w", err)
	}
	return catalog, nil
}

// knownMatter refuses a matter that is not there and names those that are.
func knownMatter(catalog *materials.Catalog, name string) error {
	if _, ok := catalog.Matter(name); ok {
		return nil
	}
	names := catalog.Matters()
	return told{zh: "没有事项 " + name + "，可用：" + strings.Join(names, "、"), en: fmt.Sprintf("unknown matter %q: use one of %s", name, strings.Join(names, ", "))}
}

// knownSlots refuses a material type nobody knows: its file would count as none.
func knownSlots(catalog *materials.Catalog, slots map[string]string) error {
	types := catalog.Schema()
	for _, file := range slices.Sorted(maps.Keys(slots)) {
		if _, ok := types[slots[file]]; !ok && slots[file] != "" {
			return told{zh: "case.json：没有材料类型 " + slots[file] + "，用 jingban material list 查看", en: fmt.Sprintf("case.json: slots: unknown material type %q: see jingban material list", slots[file])}
		}
	}
	return nil
}

// gather resolves a folder into its files and reads case.json.
func (c checkCommand) gather() ([]string, claim, error) {
	about := claim{Received: casework.DateOf(time.Now())}
	var paths []string
	for _, path := range c.Files {
		info, err := os.Stat(path)
		if err != nil {
			return nil, about, fmt.Errorf("check: %w", err)
		}
		if !info.IsDir() {
			paths = append(paths, path)
			continue
		}
		about.Case = filepath.Base(filepath.Clean(path))
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, about, fmt.Errorf("check: %w", err)
		}
		for _, entry := range entries {
			if entry.Type().IsRegular() {
				paths = append(paths, filepath.Join(path, entry.Name()))
			}
		}
	}
	var files []string
	for _, path := range paths {
		if filepath.Base(path) != "case.json" {
			files = append(files, path)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, about, fmt.Errorf("check: %w", err)
		}
		if err := about.read(text, filepath.Dir(path)); err != nil {
			return nil, about, fmt.Errorf("%s: %w", path, err)
		}
	}
	if len(files) == 0 {
		return nil, about, fmt.Errorf("no files to check in %v", c.Files)
	}
	return files, about, nil
}

// readFiles reads every file with as many OCR children as there are cores.
func readFiles(ctx context.Context, t console, reader *reader, paths []string, slots map[string]string) ([]materials.File, error) {
	bar := progress(t, len(paths))
	files := make([]materials.File, len(paths))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i, path := range paths {
		group.Go(func() error {
			data, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("check: %w", err)
			}
			name := filepath.Base(path)
			files[i] = materials.File{ID: name, Slot: slots[name], FileName: name, Bytes: int64(len(data))}
			unread, err := reader.into(ctx, &files[i], data)
			if err != nil {
				return err
			}
			if unread != nil {
				fmt.Fprintf(t.err, "%s: %s\n", name, t.fault(unread.Code, unread.Err.Error()))
			}
			return bar.Add(1)
		})
	}
	return files, group.Wait()
}

// progress is a bar on a terminal and nothing elsewhere.
func progress(t console, total int) *progressbar.ProgressBar {
	file, ok := t.err.(*os.File)
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(t.err), progressbar.OptionSetVisibility(ok && term.IsTerminal(int(file.Fd()))),
		progressbar.OptionSetDescription(t.say("识读", "reading")), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}
