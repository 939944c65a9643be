package cli

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// cpu is the processor time, in seconds, of this process and of the Postgres that it started.
func (s *session) cpu() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	seconds := float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
	postmaster, err := os.ReadFile(filepath.Join(s.app.config.DataDir, "postgres", "postmaster.pid"))
	if err != nil {
		return seconds
	}
	return seconds + treeCPU(strings.SplitN(string(postmaster), "\n", 2)[0])
}

// clockTick is the unit of /proc's times on Linux.
const clockTick = 100.0

// treeCPU sums a process, its living children, and those it has waited for.
func treeCPU(pid string) float64 {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	var total float64
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		own := filepath.Base(filepath.Dir(path))
		f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(f) < 15 || own != pid && f[1] != pid {
			continue
		}
		for _, field := range f[11:15] { // utime, stime, cutime, cstime
			if ticks, err := strconv.ParseFloat(field, 64); err == nil {
				total += ticks / clockTick
			}
		}
	}
	return total
}
