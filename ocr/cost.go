package ocr

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Cost is what one page took in its child, to measure by. Processor time is user
// and system together.
type Cost struct {
	CPU      time.Duration `json:"cpu"`      // all of it
	Decode   time.Duration `json:"decode"`   // of which opening the picture
	Door     time.Duration `json:"door"`     // of which judging it
	Second   time.Duration `json:"second"`   // of which the second opinion
	Resident int64         `json:"resident"` // bytes the child holds after the page
	Peak     int64         `json:"peak"`     // most bytes the child held since it started
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var use syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &use) != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// residentBytes is the memory this process holds, peakBytes the most it held; 0
// when the system won't say.
func residentBytes() int64 { return memoryLine("VmRSS:") }

func peakBytes() int64 { return memoryLine("VmHWM:") }

func memoryLine(name string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64) // the kernel writes numbers
			return kib << 10
		}
	}
	return 0
}
