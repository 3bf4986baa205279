package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine names what a measurement ran on: cores, processor and how busy it was.
func Machine() string {
	return fmt.Sprintf("%d cores, %s, %s/%s, load %s", runtime.NumCPU(), processor(), runtime.GOOS, runtime.GOARCH, load())
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}
