package main

import (
	"regexp"
	"strconv"
	"strings"
)

// usage is what a kernel takes.
type usage struct {
	kernel    string
	registers int // a thread
	shared    int // bytes of static shared memory a block
	spilled   int // bytes of registers a thread, written and read
}

// What ptxas says with -v.
var (
	entryLine  = regexp.MustCompile(`Compiling entry function '(\w+)'`)
	spillsLine = regexp.MustCompile(`(\d+) bytes spill stores, (\d+) bytes spill loads`)
	usedLine   = regexp.MustCompile(`Used (\d+) registers`)
	sharedPart = regexp.MustCompile(`(\d+) bytes smem`)
	usualLine  = regexp.MustCompile(`^ptxas info\s*: *(\d+ bytes gmem|Function properties for|Compile time)|^\s*Function properties for|^\s*\d+ bytes stack frame`)
)

// read finds the kernels in a log, and what else it says.
func read(log string) (found []usage, other []string) {
	var now usage
	for line := range strings.Lines(log) {
		line = strings.TrimRight(line, "\n\x00 ")
		entry, spills, used := entryLine.FindStringSubmatch(line), spillsLine.FindStringSubmatch(line), usedLine.FindStringSubmatch(line)
		switch {
		case entry != nil:
			now = usage{kernel: entry[1]}
		case spills != nil:
			now.spilled = number(spills[1]) + number(spills[2])
		case used != nil:
			now.registers = number(used[1])
			if shared := sharedPart.FindStringSubmatch(line); shared != nil {
				now.shared = number(shared[1])
			}
			found = append(found, now)
		case line != "" && !usualLine.MatchString(line):
			other = append(other, line)
		}
	}
	return found, other
}

// number reads digits that a pattern found.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// hot says that the speed of training depends on a kernel.
func hot(kernel string) bool {
	for _, name := range []string{"attention", "layer_norm", "log_sums", "infonce", "finish_linear", "adamw"} {
		if strings.HasPrefix(kernel, name) {
			return true
		}
	}
	return false
}
