package clip

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

// tinyViT is one of open_clip's models, small enough to be trained many times.
func tinyViT(r *sweep.Run) {
	r.Model = sweep.Model{Name: "small", OpenCLIP: &sweep.OpenCLIP{
		EmbedDim: 16,
		Vision:   sweep.VisionTower{ImageSize: 32, PatchSize: 8, Layers: 1, Width: 16, HeadWidth: 8},
		Text:     sweep.TextTower{ContextLength: 8, VocabSize: 512, Width: 16, Heads: 2, Layers: 1},
	}}
	r.Recipe.BatchSize = 16
	r.Recipe.LearningRate = 1e-3
	r.ActualSamplesSeen = sweep.WholeBatches(r.SamplesSeen, 16)
}

func trainOn(t *testing.T, job trainer.Job, m *memory) error {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	m.stop = cancel
	job.Keep = job.Run.KeepSteps()
	_, err := Trainer{}.Train(ctx, job, m)
	return err
}

// A transformer that was cut anywhere and resumed, on another number of threads, has the bits
// of one that was not.
func TestTransformerResumesExactly(t *testing.T) {
	run := runOf(4, 16*40, tinyViT)
	whole := &memory{}
	if err := trainOn(t, trainer.Job{Run: run, Threads: 1}, whole); err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int64{1, 17, 39} {
		first, second := &memory{stopAt: cut}, &memory{}
		if err := trainOn(t, trainer.Job{Run: run, Threads: 2}, first); !errors.Is(err, errStopped) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := trainOn(t, trainer.Job{Run: run, Threads: 3, Resume: first.snapshot(cut)}, second); err != nil {
			t.Fatal(err)
		}
		if got := append(first.metrics, second.metrics...); !reflect.DeepEqual(got, whole.metrics) || !reflect.DeepEqual(second.checkpoints[40], whole.checkpoints[40]) {
			t.Errorf("cut at %d: other bits", cut)
		}
	}
}

func TestTransformerLearnsAndIsScored(t *testing.T) {
	run := runOf(4, 16*300, tinyViT)
	m := mustTrain(t, run, &memory{}, nil)
	first, last := m.metrics[0].Value, m.metrics[len(m.metrics)-4].Value
	if m.metrics[0].Name != "loss" || math.Abs(first-math.Log(16)) > 1 || last > first-0.1 {
		t.Errorf("the loss went from %g to %g", first, last)
	}
	scores := evaluate(t, run, m.checkpoints[300].weights, []string{"icons-test", "icons-retrieval"})
	if len(scores) != 9 {
		t.Errorf("%d scores: %+v", len(scores), scores)
	}
	for _, s := range scores {
		if s.Metric == "image_recall@10" && s.Value < 0.015 {
			t.Errorf("recall@10 is %g; guessing gives 0.01", s.Value)
		}
	}
}

// Given weights, the data's own order and no shifts: what a step sees can be told from outside.
func TestInitOrderAndAugment(t *testing.T) {
	run := runOf(4, 16*3, tinyViT)
	run.Recipe.Order, run.Recipe.Augment = "sequential", "none"
	set, err := icons32.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFeed(set, run)
	if err != nil {
		t.Fatal(err)
	}
	for n := range int64(16 * 3) {
		if at := f.at(n); at != int(n) {
			t.Fatalf("sample %d is pair %d", n, at)
		}
	}
	if at := f.at(16 * 400); at != 0 {
		t.Errorf("after an epoch of 400 batches: pair %d", at)
	}
	images, ids, err := f.next(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	icon, want := make([]float32, iconSize), make([]int32, 8)
	for k := range 16 {
		set.Pixels(f.items[k], icon)
		for i, p := range icon {
			if got, w := images[(k*3+1)*iconSize+i], (p-picture.OpenAI.Mean[1])/picture.OpenAI.Std[1]; math.Abs(float64(got-w)) > 1e-6 {
				t.Fatalf("icon %d, green pixel %d: %g, want %g", k, i, got, w)
			}
		}
		f.intake.text(want, set.Item(f.items[k]).Words)
		if !slices.Equal(ids[k*8:][:8], want) {
			t.Errorf("caption %d: %v, want %v", k, ids[k*8:][:8], want)
		}
	}
	from := mustTrain(t, run, &memory{}, nil).checkpoints[3].weights
	init := func() ([]safetensors.Tensor, error) {
		f, err := safetensors.Read(bytes.NewReader(from))
		return f.Tensors, err
	}
	run.Recipe.LearningRate = 0
	m := &memory{}
	if err := trainOn(t, trainer.Job{Run: run, Init: init}, m); err != nil {
		t.Fatal(err)
	}
	a, _ := init()
	b, err := safetensors.Read(bytes.NewReader(m.checkpoints[3].weights))
	if err != nil || !reflect.DeepEqual(a, b.Tensors) {
		t.Errorf("at learning rate 0 the weights are not the given ones: %v", err)
	}
	init = func() ([]safetensors.Tensor, error) { return a[1:], nil }
	if err := trainOn(t, trainer.Job{Run: run, Init: init}, m); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("weights without a tensor: %v", err)
	}
}

func TestChance(t *testing.T) {
	run := runOf(4, 64, nil)
	if got := chance(run); math.Abs(got-math.Log(64)) > 1e-12 {
		t.Errorf("InfoNCE of 64: %g", got)
	}
	tinyViT(&run)
	bias := -10.0
	run.Model.OpenCLIP.InitLogitBias = &bias
	logit := math.Log(1.0 / 15) // of probability 1/16
	want := math.Log1p(math.Exp(-logit)) + 15*math.Log1p(math.Exp(logit))
	if got := chance(run); math.Abs(got-want) > 1e-12 {
		t.Errorf("SigLIP of 16: %g, want %g", got, want)
	}
}
