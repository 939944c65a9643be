package clip

import (
	"bytes"
	"errors"
	"math"
	"os"
	"reflect"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
)

// A run in bfloat16 learns as one in float32 does, gives the same bits on any number of threads,
// and goes on to the same bits.
func TestBF16(t *testing.T) {
	single := runOf(6, 64*24, nil)
	half := runOf(6, 64*24, func(r *sweep.Run) { r.Recipe.Precision = sweep.PrecisionBF16 })
	whole := &memory{dueAt: 11}
	result, err := Trainer{}.Train(t.Context(), trainer.Job{Run: half, Keep: half.KeepSteps(), Threads: 1}, whole)
	switch {
	case errors.Is(err, sweep.ErrNoDevice) && os.Getenv("REQUIRE_AVX512_BF16") != "1":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	case result.Device != "cpu avx512 bf16 (1 thread)":
		t.Error(result.Device)
	}
	other := mustTrain(t, half, &memory{}, nil)
	if !bytes.Equal(other.checkpoints[24].weights, whole.checkpoints[24].weights) {
		t.Error("other threads, other bits")
	}
	if on := mustTrain(t, half, &memory{}, whole.snapshot(11)); !reflect.DeepEqual(on.checkpoints[24], whole.checkpoints[24]) {
		t.Error("resumed, other bits")
	}
	exact := mustTrain(t, single, &memory{}, nil)
	apart := 0
	for i, m := range exact.metrics {
		if m.Name != "loss" {
			continue
		}
		if got := whole.metrics[i].Value; !(math.Abs(got-m.Value) < 0.01*m.Value) {
			t.Errorf("step %d: loss %g, in float32 %g", m.Step, got, m.Value)
		} else if got != m.Value {
			apart++
		}
	}
	if apart == 0 {
		t.Error("no loss differs: nothing was rounded")
	}
}

// The engine that computes in float32 alone says so, and tf32 is for GPUs.
func TestPrecisionsThatAreNot(t *testing.T) {
	half := runOf(4, 64*4, func(r *sweep.Run) { r.Recipe.Precision = sweep.PrecisionBF16 })
	gorgonia := Engine{Other: &OtherEngine{Name: "gorgonia"}}
	if _, _, err := gorgonia.learner(half, nil); !errors.Is(err, sweep.ErrUnsupported) {
		t.Error(err)
	}
	tf32 := runOf(4, 64*4, func(r *sweep.Run) { r.Recipe.Precision = sweep.PrecisionTF32 })
	if _, err := (Trainer{}).Train(t.Context(), trainer.Job{Run: tf32}, &memory{}); !errors.Is(err, sweep.ErrNoDevice) {
		t.Error(err)
	}
}
