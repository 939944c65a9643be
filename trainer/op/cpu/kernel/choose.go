package kernel

import (
	"fmt"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

// Variable is the environment variable that forces a level.
const Variable = "SCALELAW_CPU"

// Levels lists the levels that this CPU has, the fastest first.
func Levels() []string {
	var names []string
	for _, s := range available() {
		names = append(names, s.Name)
	}
	return names
}

// Choose gives the kernels of a level; "" is the fastest. A level that the CPU lacks, or a name
// that is none, is an error.
func Choose(level string) (*Set, error) {
	for _, s := range available() {
		if level == "" || s.Name == level {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%w: %s is %q; this CPU has %s", sweep.ErrBadInput, Variable, level, strings.Join(Levels(), ", "))
}
