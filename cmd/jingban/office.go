package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/papers"
)

// office says who hands papers out: what --office names, or the sample.
func (c *Config) office() (papers.Agency, error) {
	if c.Office == "" {
		return sampleAgency(), nil
	}
	text, err := os.ReadFile(c.Office)
	if err != nil {
		return papers.Agency{}, fmt.Errorf("office: %w", err)
	}
	var said struct {
		Name    string `yaml:"name"`
		Address string `yaml:"address"`
		Phone   string `yaml:"phone"`
		Hours   string `yaml:"hours"`
		Review  string `yaml:"review"`
		Court   string `yaml:"court"`
	}
	if err := casework.DecodeYAML(filepath.Base(c.Office), text, &said); err != nil {
		return papers.Agency{}, fmt.Errorf("office: %w", err)
	}
	agency := papers.Agency(said)
	for name, value := range map[string]string{"name": agency.Name, "address": agency.Address, "phone": agency.Phone, "review": agency.Review, "court": agency.Court} {
		if value == "" { // a paper without its remedy must not leave
			return agency, told{zh: c.Office + " 缺少 " + name + "：文书须写明单位、地址、电话、复议机关和法院。",
				en: fmt.Sprintf("office %s: %s is missing", filepath.Base(c.Office), name)}
		}
	}
	return agency, nil
}

// sampleAgency is the fictional agency of the samples.
func sampleAgency() papers.Agency {
	return papers.Agency{
		Name: "海州市社会保险经办中心（示例）", Address: "海州市示例路 1 号", Phone: "0000-00000000", Hours: "工作日 9:00–17:00",
		Review: "海州市人民政府（示例）", Court: "海州市示例区人民法院",
	}
}

// saySample tells whoever makes papers that they name nobody real.
func (c console) saySample(cfg *Config) {
	if cfg.Office == "" {
		fmt.Fprintln(c.err, c.say("未指定经办机构，文书上是示例机构，不能发出。请用 --office 指定本单位。",
			"No agency is named: the paper is a sample agency's and must not leave. Name yours with --office."))
	}
}
