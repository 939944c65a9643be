package cuda

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
)

var (
	barrier = regexp.MustCompile(`__sync(threads|warp)\(`)
	found   = regexp.MustCompile(`race: |never written: `)
)

// Each barrier of the kernels in turn is left out, while the operations are held to their
// definition: the emulation's checks must find what it ordered. A barrier that is never missed
// is one too many, or one that the tests' shapes do not reach.
func TestEveryBarrierIsMissed(t *testing.T) {
	emulator.Build(t)
	barriers := 0
	for _, head := range []int{0, 64} {
		p := Program(sweep.PrecisionFP32, "sm_90", head)
		for i, line := range strings.Split(p.Source, "\n") {
			code, _, _ := strings.Cut(line, "//")
			if !barrier.MatchString(code) {
				continue
			}
			barriers++
			place := fmt.Sprintf("%s:%d", p.Name, i+1)
			t.Run(place, func(t *testing.T) {
				t.Parallel()
				mustBeMissed(t, p, place)
			})
		}
	}
	if barriers < 20 {
		t.Errorf("%d barriers were found in the kernels: is this their text?", barriers)
	}
}

// mustBeMissed runs the operations without one barrier in a process of their own.
func mustBeMissed(t *testing.T, p nvrtc.Program, place string) {
	operations := "" // all
	if strings.HasPrefix(p.Name, "attention") {
		operations = "^attention$"
	}
	run := exec.Command(os.Args[0], "-test.run", "^TestAgainstTheDefinition$/^(fp32|bf16)_natural$/"+operations)
	run.Env = append(os.Environ(), "SCALELAW_EMULATOR_SKIP="+place)
	output, err := run.CombinedOutput()
	var failed *exec.ExitError
	switch {
	case err == nil:
		t.Error("nothing was amiss without it")
	case !errors.As(err, &failed) || !found.Match(output):
		t.Errorf("%v, and no access that it ordered:\n%.2000s", err, output)
	}
}
