package children

import (
	"fmt"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Limits bound one process; each process it starts gets the same ones. Zero
// leaves a limit as it is. Core dumps are always off: they would hold personal
// data.
type Limits struct {
	CPUSeconds  uint64 // processor time in all; then SIGKILL
	MemoryBytes uint64 // private writable memory (RLIMIT_DATA)
	OpenFiles   uint64
}

// script is what a shell runs to set the limits and then become the program: a
// parent may not limit a child that runs as somebody else, the child itself may.
// Memory is RLIMIT_DATA, not RLIMIT_AS: Go, V8 and Redis reserve far more
// address space than they ever touch, and die under the latter.
func (l Limits) script() (string, error) {
	wanted := []struct {
		flag  string
		what  int
		value uint64
		unit  uint64
	}{
		{"t", unix.RLIMIT_CPU, l.CPUSeconds, 1},
		{"d", unix.RLIMIT_DATA, l.MemoryBytes, 1024},
		{"n", unix.RLIMIT_NOFILE, l.OpenFiles, 1},
	}
	var script strings.Builder
	script.WriteString("set -e; ulimit -c 0; ")
	for _, w := range wanted {
		if w.value == 0 {
			continue
		}
		var now syscall.Rlimit
		if err := syscall.Getrlimit(w.what, &now); err != nil {
			return "", fmt.Errorf("limit %s: %w", w.flag, err)
		}
		// A stricter limit of ours holds for the child, too, and can't be raised.
		fmt.Fprintf(&script, "ulimit -%s %d; ", w.flag, min(w.value, now.Max)/w.unit)
	}
	script.WriteString(`exec "$@"`)
	return script.String(), nil
}
