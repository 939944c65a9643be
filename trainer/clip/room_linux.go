package clip

import "golang.org/x/sys/unix"

// hostMemory is the host's memory in bytes; 0: not known.
func hostMemory() int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}
