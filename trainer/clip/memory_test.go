package clip

import (
	"runtime"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
)

// allocated is how many bytes f takes of Go's memory.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// scratch is what kernels and threads may hold beside a model, however small that is.
const scratch = 3 << 20

// The plan's memory is, within 10 %, what a model and a whole step take on the CPU, but for
// the scratch memory of kernels, which counts where a model is small.
func TestMemory(t *testing.T) {
	vit, _ := sweep.LookupModel("tiny")
	var small sweep.Run
	tinyViT(&small)
	for _, c := range []struct {
		model sweep.Model
		batch int
	}{{vit, 32}, {vit, 256}, {small.Model, 256}, {sweep.NewLadder(4), 128}, {sweep.NewLadder(8), 128}, {sweep.NewLadder(32), 64}} {
		want, err := Memory(c.model, sweep.Recipe{BatchSize: c.batch}, false)
		if err != nil {
			t.Fatal(err)
		}
		device, err := Engine{}.one(need{threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		got := allocated(func() {
			model, err := newModel(c.model, device, dual.Use{Batch: c.batch, Train: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := stepper(model, shapeOf(c.model), c.batch)(); err != nil {
				t.Fatal(err)
			}
		})
		device.Close()
		s := shapeOf(c.model)
		got -= 4 * int64(c.batch*(s.image+s.ids)) // the stepper's own batch
		t.Logf("%s, batch %d: %d bytes, planned %d (%+.2f %%)", c.model.Name, c.batch, got, want, 100*float64(want-got)/float64(got))
		if float64(want) > 1.001*float64(got) || float64(want) < 0.9*float64(got-scratch) {
			t.Errorf("%s, batch %d: %d bytes, planned %d", c.model.Name, c.batch, got, want)
		}
	}
	big, _ := sweep.LookupModel("ViT-B-32")
	of := func(batch int) int64 {
		n, err := Memory(big, sweep.Recipe{BatchSize: batch, Precision: sweep.PrecisionBF16}, true)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if one, two, three := of(1), of(2), of(3); two-one != three-two || one-(two-one) < 18*big.Params() {
		t.Errorf("%d, %d and %d bytes", one, two, three) // 16 bytes a parameter and 2 of its shadow in bf16, and as much for each sample
	}
	if _, err := Memory(sweep.Model{Name: "none"}, sweep.Recipe{BatchSize: 1}, false); err == nil {
		t.Error("a model without an architecture has a size")
	}
}
