package gpus_test

import (
	"fmt"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip"
)

// A run trains on a device that has no more memory than the plan says: the first step's timing of
// products, too, finds what it needs.
func TestTrainsInThePlannedMemory(t *testing.T) {
	for _, precision := range []string{sweep.PrecisionFP32, sweep.PrecisionBF16} {
		t.Run(precision, func(t *testing.T) {
			run := runs(t)["tiny"]
			run.Recipe.BatchSize, run.Recipe.Precision = 64, precision
			plan, err := clip.Memory(run.Model, run.Recipe, true)
			if err != nil {
				t.Fatal(err)
			}
			const workspace = 32 << 20 // of cublasLt: it is taken before the plan is held against what is free
			e, _ := engine(t, "checks=0", fmt.Sprintf("memory=%d", plan+workspace))
			if losses := train(t, e, short(run, 2), "cuda", nil, -1).losses; len(losses) != 2 {
				t.Errorf("losses %v", losses)
			}
		})
	}
}
