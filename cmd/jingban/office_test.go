package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheAgencyIsTheOneNamedAndTheSampleSaysSo(t *testing.T) {
	write := func(text string) *Config {
		path := filepath.Join(t.TempDir(), "office.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return &Config{Office: path}
	}
	const whole = "name: 江州市社会保险经办中心\naddress: 江州市一路1号\nphone: 0000-1\nhours: 工作日\nreview: 江州市人民政府\ncourt: 江州市法院\n"
	agency, err := write(whole).office()
	if err != nil || agency.Name != "江州市社会保险经办中心" || agency.Court != "江州市法院" {
		t.Errorf("%+v, %v", agency, err)
	}
	for name, text := range map[string]string{"no court": strings.Replace(whole, "court: 江州市法院", "", 1), "a word nobody knows": whole + "fax: 1\n"} {
		if _, err := write(text).office(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := (&Config{Office: "nowhere.yaml"}).office(); err == nil {
		t.Error("a file that is not there: no error")
	}
	for _, cfg := range []*Config{{}, write(whole)} {
		var said bytes.Buffer
		console{err: &said, chinese: true}.saySample(cfg)
		if strings.Contains(said.String(), "示例机构") != (cfg.Office == "") {
			t.Errorf("office %q: said %q", cfg.Office, said.String())
		}
	}
}
