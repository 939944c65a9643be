package cuda

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/optest"
	"github.com/scalelaw/scalelaw/trainer/op/plain"
)

var (
	barrier = regexp.MustCompile(`__sync(threads|warp)\(`)
	heading = regexp.MustCompile(`(?m)^(?:[a-zA-Z_].*?[ *])?(\w+)\([a-z]\w* .*\{$`)
	found   = regexp.MustCompile(`race: |never written: `)
)

// notMissed are the barriers, by function and number in it, that no test misses, and why.
var notMissed = map[string]string{
	"attention.cu block_sums 1": "attention's kernels do not call it; kernels.cu has it, too",
	"kernels.cu sum_before 2":   "sort_offsets comes back to it only beyond 256 blocks: 524,288 words in a batch",
}

// Each barrier of the kernels in turn is left out, while the operations are held to their
// definition: the emulation's checks must find what it ordered. A barrier that is never missed
// is one too many, or one that the tests' shapes do not reach.
func TestEveryBarrierIsMissed(t *testing.T) {
	emulator.Build(t)
	barriers := 0
	for _, head := range []int{0, 64} {
		p := Program(sweep.PrecisionFP32, "sm_90", head)
		for name, line := range barriersOf(p) {
			barriers++
			t.Run(name, func(t *testing.T) {
				if reason, ok := notMissed[name]; ok {
					t.Skip(reason)
				}
				t.Parallel()
				mustBeMissed(t, p, line)
			})
		}
	}
	if barriers < 20 {
		t.Errorf("%d barriers were found in the kernels: is this their text?", barriers)
	}
}

// barriersOf gives the lines of a program's barriers, each by its function and number in it.
func barriersOf(p nvrtc.Program) map[string]int {
	found := map[string]int{}
	in, n := "", 0
	for i, line := range strings.Split(p.Source, "\n") {
		code, _, _ := strings.Cut(line, "//")
		if m := heading.FindStringSubmatch(code); m != nil {
			in, n = m[1], 0
		}
		if barrier.MatchString(code) {
			n++
			found[fmt.Sprintf("%s %s %d", p.Name, in, n)] = i + 1
		}
	}
	return found
}

// mustBeMissed runs the operations without the barrier of a line in a process of their own.
func mustBeMissed(t *testing.T, p nvrtc.Program, line int) {
	cases := "^fp32_natural$/"
	if strings.HasPrefix(p.Name, "attention") {
		cases = "^(fp32|amp_bf16)_natural$/^attention$"
	}
	run := exec.Command(os.Args[0], "-test.run", "^(TestAgainstTheDefinition|TestLongSequences)$/"+cases)
	run.Env = append(os.Environ(), fmt.Sprintf("SCALELAW_EMULATOR_SKIP=%s:%d", p.Name, line))
	output, err := run.CombinedOutput()
	var failed *exec.ExitError
	switch {
	case err == nil:
		t.Errorf("nothing was amiss without the barrier of %s:%d", p.Name, line)
	case !errors.As(err, &failed) || !found.Match(output):
		t.Errorf("without the barrier of %s:%d: %v, and no access that it ordered:\n%.2000s", p.Name, line, err, output)
	}
}

// Sequences longer than a tile of attention's keys.
func TestLongSequences(t *testing.T) {
	for precision, tolerance := range map[string]float64{sweep.PrecisionFP32: 1e-5, sweep.PrecisionBF16: optest.StoredTolerance} {
		t.Run(precision+" natural", func(t *testing.T) {
			t.Run("attention", func(t *testing.T) {
				_, open := open(t, Options{Precision: precision, Strip: 1 << 11})
				device := open()
				for _, causal := range []bool{false, true} {
					s := op.Attention{Batch: 1, Tokens: 150, Heads: 1, Head: 16, Causal: causal}
					got, want := attend(t, device, s), attend(t, plain.New[float64](), s)
					closeTo(t, got, want, tolerance)
				}
				must(t, device.Close())
			})
		})
	}
}

// attend runs attention forward and backward on random numbers and gives dqkv.
func attend(t *testing.T, d op.Device, s op.Attention) []float32 {
	t.Helper()
	n, random := s.Batch*s.Tokens*s.Width(), rand.New(rand.NewPCG(3, 4))
	fill := func(f op.Floats) op.Floats {
		values := make([]float32, f.Len)
		for i := range values {
			values[i] = optest.RoundBF16(float32(random.NormFloat64()))
		}
		d.Write(f, values)
		return f
	}
	qkv, dy, y := fill(d.Activations(3*n)), fill(d.Activations(n)), d.Activations(n)
	logSum, dqkv := d.Floats(s.Batch*s.Heads*s.Tokens), d.Activations(3*n)
	d.Attention(y, logSum, qkv, s)
	d.AttentionBack(dqkv, dy, y, logSum, qkv, s)
	out := make([]float32, 3*n)
	must(t, d.Read(out, dqkv))
	return out
}

func closeTo(t *testing.T, got, want []float32, tolerance float64) {
	t.Helper()
	largest := 0.0
	for _, v := range want {
		largest = math.Max(largest, math.Abs(float64(v)))
	}
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > tolerance*largest {
			t.Fatalf("number %d is %v, by the definition %v (largest %v)", i, got[i], want[i], largest)
		}
	}
}
