package clip

import (
	"runtime"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/bpe"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// live is how many bytes of Go's memory are in use, once the threads of closed devices are gone.
func live() int64 {
	var m runtime.MemStats
	for before := ^uint64(0); ; before = m.HeapAlloc {
		time.Sleep(10 * time.Millisecond)
		runtime.GC()
		if runtime.ReadMemStats(&m); m.HeapAlloc >= before {
			return int64(m.HeapAlloc)
		}
	}
}

// The plan's memory is, within 10 %, what a whole run takes on the CPU, from its data to its last
// step, icons apart.
func TestMemory(t *testing.T) {
	if _, err := icons32.Load(); err != nil {
		t.Fatal(err)
	}
	if _, err := bpe.New(); err != nil {
		t.Fatal(err)
	}
	vit, _ := sweep.LookupModel("tiny")
	var small sweep.Run
	tinyViT(&small)
	for _, c := range []struct {
		model sweep.Model
		batch int
		data  string
	}{
		{vit, 32, "icons-6k"}, {vit, 256, "icons-6k"}, {small.Model, 256, "icons-32k"}, {sweep.NewLadder(4), 128, "icons-6k"},
		{sweep.NewLadder(8), 128, "icons-160k"}, {sweep.NewLadder(16), 128, "icons-32k"}, {sweep.NewLadder(32), 64, "icons-6k"}, {sweep.NewLadder(8), 1024, "icons-6k"},
	} {
		run := runOf(4, 0, func(r *sweep.Run) {
			r.Model, r.Recipe.BatchSize, r.ActualSamplesSeen = c.model, c.batch, 2*int64(c.batch)
			r.Data, _ = sweep.LookupDataset(c.data)
		})
		want, err := RunMemory(run)
		if err != nil {
			t.Fatal(err)
		}
		got := -live()
		s, err := (Trainer{}).newSession(t.Context(), trainer.Job{Run: run, Threads: 2}, &memory{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := s.advance(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got += live()
		s.close()
		t.Logf("%s, batch %d of %s: %d bytes, planned %d (%+.1f %%)", c.model.Name, c.batch, c.data, got, want, 100*float64(want-got)/float64(got))
		if float64(want) > 1.1*float64(got) || float64(want) < 0.9*float64(got) {
			t.Errorf("%s, batch %d of %s: %d bytes, planned %d", c.model.Name, c.batch, c.data, got, want)
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
