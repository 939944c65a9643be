package gpus_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/gpus"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// A graph's replays are the plain launches, bit for bit; and steps do replay a graph.
func TestReplaysAreThePlainLaunches(t *testing.T) {
	_, emulator := engine(t)
	host := gpus.New(emulator.Search(), t.TempDir(), nil)
	config := *runs(t)["tiny"].Model.OpenCLIP
	train := func(record bool) []safetensors.Tensor {
		devices, _, err := host.Open(nil, 1, "")
		if err != nil {
			t.Fatal(err)
		}
		defer devices[0].Close()
		if p, ok := devices[0].(interface{ Peak() float64 }); !ok || p.Peak() <= 0 {
			t.Error("the emulated sm_90 has no peak")
		}
		const batch = 4
		m, err := openclip.New(config, devices[0], dual.Use{Batch: batch, Train: true, Record: record})
		if err != nil {
			t.Fatal(err)
		}
		m.Draw(1)
		random := rand.New(rand.NewPCG(3, 3))
		images, ids := make([]float32, batch*m.Image), make([]int32, batch*m.Context)
		a := op.AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.98, Eps: 1e-6, Decay: 0.1}
		for a.Step = 1; a.Step <= 5; a.Step++ {
			a.Rate *= 0.9
			for i := range images {
				images[i] = float32(random.NormFloat64())
			}
			for i := range ids {
				ids[i] = int32(random.IntN(config.Text.VocabSize))
			}
			m.Load(images, ids, a)
			m.Train()
			if _, err := m.Fetch()(); err != nil {
				t.Fatal(err)
			}
		}
		weights, err := m.Weights()
		if err != nil {
			t.Fatal(err)
		}
		return weights
	}
	plain := train(false)
	before := emulator.Calls()["cuGraphLaunch"]
	if !reflect.DeepEqual(train(true), plain) {
		t.Error("the weights differ")
	}
	if n := emulator.Calls()["cuGraphLaunch"] - before; before != 0 || n != 4 {
		t.Errorf("%d graphs were launched, and %d without recording", n, before)
	}
}
