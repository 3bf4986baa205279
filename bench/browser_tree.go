package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// clockTick is the unit of the times in /proc on Linux, whatever the machine.
const clockTick = 100

// processTree is what a process and all below it use.
type processTree struct {
	cpuMillis float64 // of those alive and of the ended ones they have waited for
	pssMiB    float64 // memory, shared pages split among their users
	zombies   int
	processes int
}

// treeBelow measures the processes below pid, without pid itself.
func treeBelow(pid int, memory bool) (processTree, error) {
	children, stats, err := processes()
	if err != nil {
		return processTree{}, err
	}
	var t processTree
	queue := append([]int(nil), children[pid]...)
	for len(queue) > 0 {
		at := queue[0]
		queue = append(queue[1:], children[at]...)
		s := stats[at]
		t.processes++
		t.cpuMillis += float64(s.ticks) * 1000 / clockTick
		if s.state == "Z" {
			t.zombies++
		}
		if memory {
			t.pssMiB += float64(pssOf(at)) / 1024
		}
	}
	return t, nil
}

type processStat struct {
	state string
	ticks int64
}

// processes reads who is whose child, and what each has used.
func processes() (children map[int][]int, stats map[int]processStat, err error) {
	dirs, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, nil, fmt.Errorf("process tree: %w", err)
	}
	children, stats = map[int][]int{}, map[int]processStat{}
	for _, path := range dirs {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 15 {
			continue
		}
		parent, _ := strconv.Atoi(fields[1])
		children[parent] = append(children[parent], pid)
		s := processStat{state: fields[0]}
		for _, f := range fields[11:15] { // utime, stime, cutime, cstime
			n, _ := strconv.ParseInt(f, 10, 64)
			s.ticks += n
		}
		stats[pid] = s
	}
	return children, stats, nil
}

// pssOf is a process's share of memory in KiB.
func pssOf(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n
		}
	}
	return 0
}
