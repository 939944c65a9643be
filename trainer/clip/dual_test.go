package clip

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/dual"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// stepped is what a few steps came to.
type stepped struct {
	losses  []float64
	weights []safetensors.Tensor
}

// stepsOf trains a model a few steps on random batches, on count CPU devices.
func stepsOf(t *testing.T, m sweep.Model, r sweep.Recipe, count int) stepped {
	t.Helper()
	d, err := Engine{}.open(need{place: Place{CPU: true}, count: count, threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	r.Devices = count
	run := sweep.Run{Model: m, Recipe: r}
	l, _, err := Engine{}.learner(run, d)
	if err != nil {
		t.Fatal(err)
	}
	return steps(t, l, m, r.BatchSize)
}

// steps are six steps on batches that a seed gives.
func steps(t *testing.T, l Learner, m sweep.Model, batch int) (s stepped) {
	t.Helper()
	shape, random := shapeOf(m), rand.New(rand.NewPCG(5, 5))
	images, ids := make([]float32, batch*shape.image), make([]int32, batch*shape.ids)
	l.Draw(3)
	a := op.AdamW{Rate: 1e-3, Beta1: 0.9, Beta2: 0.98, Eps: 1e-6, Decay: 0.1}
	for a.Step = 1; a.Step <= 6; a.Step++ {
		for i := range images {
			images[i] = float32(random.NormFloat64())
		}
		for i := range ids {
			ids[i] = int32(random.IntN(shape.words))
		}
		l.Load(images, ids, a)
		l.Train()
		o, err := l.Fetch()()
		if err != nil {
			t.Fatal(err)
		}
		s.losses = append(s.losses, o.Loss)
	}
	var err error
	if s.weights, err = l.Weights(); err != nil {
		t.Fatal(err)
	}
	return s
}

// apart is how far losses lie apart at most, relatively, and weights on average (the root of the
// mean of squares), in steps of the learning rate. The attention's key biases have no gradient but
// rounding, which AdamW makes whole steps of: a largest distance would only show those.
func (s stepped) apart(o stepped) (losses, weights float64) {
	for i := range s.losses {
		losses = max(losses, math.Abs(s.losses[i]-o.losses[i])/s.losses[i])
	}
	count := 0
	for i, w := range s.weights {
		for k := range w.Data {
			d := float64(w.Data[k] - o.weights[i].Data[k])
			weights += d * d
		}
		count += len(w.Data)
	}
	return losses, math.Sqrt(weights/float64(count)) / 1e-3
}

// models are those whose steps are compared: both architectures, with InfoNCE and SigLIP.
func models() map[string]sweep.Model {
	var tiny sweep.Run
	tinyViT(&tiny)
	sigmoid := tiny.Model
	o, bias := *sigmoid.OpenCLIP, -10.0
	o.InitLogitBias = &bias
	sigmoid.OpenCLIP = &o
	return map[string]sweep.Model{"ladder": sweep.NewLadder(4), "vit": tiny.Model, "siglip": sigmoid}
}

// Activations that are computed again are those that were dropped: the same bits, in less memory.
func TestCheckpointingKeepsTheBits(t *testing.T) {
	for name, m := range models() {
		r := sweep.Recipe{BatchSize: 16}
		kept := stepsOf(t, m, r, 1)
		r.GradCheckpointing = true
		again := stepsOf(t, m, r, 1)
		if losses, weights := kept.apart(again); losses != 0 || weights != 0 {
			t.Errorf("%s: losses %g, weights %g apart", name, losses, weights)
		}
	}
}

// A batch taken in parts, and one shared by devices, is the whole batch but for the order of
// sums: open_clip's accumulation has the loss over all of it.
func TestPartsAndReplicasAreTheWholeBatch(t *testing.T) {
	for name, m := range models() {
		whole := stepsOf(t, m, sweep.Recipe{BatchSize: 24}, 1)
		for _, c := range []struct{ parts, devices int }{{2, 1}, {3, 1}, {24, 1}, {1, 2}, {1, 3}, {2, 2}} {
			got := stepsOf(t, m, sweep.Recipe{BatchSize: 24, AccumFreq: c.parts}, c.devices)
			losses, weights := whole.apart(got)
			t.Logf("%s, %d parts on %d devices: losses %.1e, weights %.1e steps apart", name, c.parts, c.devices, losses, weights)
			if losses > 1e-6 || weights > 0.01 {
				t.Errorf("%s, %d parts on %d devices: losses %v, of the whole %v; weights %g steps apart", name, c.parts, c.devices, got.losses, whole.losses, weights)
			}
		}
	}
}

// Without the loss over the whole batch (a part for itself) the numbers are others: the test
// before can fail.
func TestPartsForThemselvesDiffer(t *testing.T) {
	m := sweep.NewLadder(4)
	whole, half := stepsOf(t, m, sweep.Recipe{BatchSize: 24}, 1), stepsOf(t, m, sweep.Recipe{BatchSize: 12}, 1)
	if losses, _ := whole.apart(half); losses < 0.1 {
		t.Errorf("losses only %g apart", losses)
	}
}

// behind is a CPU device that pretends to run behind the calls: what is recorded is called
// again, what is staged arrives late.
type behind struct {
	op.Device
	staged   []func()
	recorded int
}

func (b *behind) Record(work func()) func() {
	b.recorded++
	return work
}

func (b *behind) Stage(dst op.Floats, src []float32) {
	kept := append([]float32{}, src...)
	b.staged = append(b.staged, func() { b.Write(dst, kept) })
}

func (b *behind) StageInts(dst op.Ints, src []int32) {
	kept := append([]int32{}, src...)
	b.staged = append(b.staged, func() { b.WriteInts(dst, kept) })
}

func (b *behind) Land() {
	for _, land := range b.staged {
		land()
	}
	b.staged = nil
}

func (b *behind) Fetch(src op.Floats) func([]float32) error {
	kept := make([]float32, src.Len)
	err := b.Read(kept, src)
	return func(dst []float32) error { copy(dst, kept); return err }
}

// A step that is recorded once and replayed is the step that is called.
func TestRecordedStepsAreTheSame(t *testing.T) {
	for name, m := range models() {
		plain := stepsOf(t, m, sweep.Recipe{BatchSize: 16, AccumFreq: 2}, 1)
		device, err := Engine{}.one(need{threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		q := &behind{Device: device}
		l, err := newModel(m, q, dual.Use{Batch: 16, Train: true, Parts: 2, Record: true})
		if err != nil {
			t.Fatal(err)
		}
		if losses, weights := plain.apart(steps(t, l, m, 16)); losses != 0 || weights != 0 || q.recorded != 1 {
			t.Errorf("%s: losses %g, weights %g apart; recorded %d times", name, losses, weights, q.recorded)
		}
		if err := device.Close(); err != nil {
			t.Error(err)
		}
	}
}
