package cli

import (
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
)

func TestBenchTrain(t *testing.T) {
	for _, level := range kernel.Levels() {
		args := []string{"bench", "train", "--model", "icons-w4", "--batch-size", "16", "--threads", "1", "--seconds", "0.1", "-o", "json"}
		got := decode[trainSpeed](t, succeeds(t, environ(t, "SCALELAW_CPU", level), args...).out)
		s := got.SamplesPerSecond
		if !(s.Median > 0 && s.Best >= s.Median && got.PeakShare > 0 && got.PeakShare < 1.5 && got.GFLOPS > 0 && got.StepCPU > 0) {
			t.Errorf("%+v", got)
		}
		want := []any{sweep.NewLadder(4).Params(), "icons-w4", 16, "cpu " + level + " (1 thread)"}
		equal(t, "the rest", []any{got.Parameters, got.Model, got.BatchSize, got.Device}, want)
	}
}

func TestBenchTrainRefusesBadFlags(t *testing.T) {
	for _, c := range []struct{ args, words string }{
		{"--model icons-w5", `unknown model "icons-w5"`},
		{"--batch-size 1", "--batch-size 2"},
		{"--threads -1", "--threads"},
		{"--seconds 0", "--seconds"},
		{"--precision half", "--precision fp32 bf16"},
		{"--model nothing-of-the-sort", "catalogue icons-w4, tiny"},
	} {
		fails(t, environ(t), exitBadInput, strings.Fields(c.words), append([]string{"bench", "train"}, strings.Fields(c.args)...)...)
	}
	fails(t, environ(t, "SCALELAW_CPU", "sse"), exitBadInput, []string{"SCALELAW_CPU", "avx512, avx2, portable"}, "bench", "train")
}

// bf16 is open_clip's amp_bf16, for CPUs that have it; kernels that do not say what to do.
func TestBenchTrainInBF16(t *testing.T) {
	for _, level := range kernel.Levels() {
		set, err := kernel.Choose(level)
		if err != nil {
			t.Fatal(err)
		}
		env := environ(t, "SCALELAW_CPU", level)
		args := []string{"bench", "train", "--model", "icons-w4", "--batch-size", "16", "--threads", "1", "--seconds", "0.1", "-o", "json", "--precision", "bf16"}
		if set.BF16 == nil {
			fails(t, env, exitBadInput, []string{"AVX512_BF16", "here are " + level, "precision fp32"}, args...)
			continue
		}
		got := decode[trainSpeed](t, succeeds(t, env, args...).out)
		equal(t, "device", got.Device, "cpu "+level+" bf16 (1 thread)")
	}
}
