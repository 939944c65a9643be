package clip

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
	"github.com/scalelaw/scalelaw/trainer/icons32"
	"github.com/scalelaw/scalelaw/trainer/op/cpu"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
)

// memory is a sink that keeps everything, and can end a run at a step.
type memory struct {
	metrics     []sweep.Metric
	checkpoints map[int64]stored
	dueAt       int64
	at          int64
	stopAt      int64
	stop        context.CancelCauseFunc
}

type stored struct {
	weights, state []byte
	kept           bool
}

func (m *memory) Metrics(_ context.Context, rows []sweep.Metric) error {
	for _, r := range rows {
		if r.Name != "samples_per_second" {
			m.metrics = append(m.metrics, r)
		}
	}
	return nil
}

func (m *memory) Checkpoint(_ context.Context, c trainer.Checkpoint) error {
	var w, s bytes.Buffer
	if err := errors.Join(c.Weights(&w), c.State(&s)); err != nil {
		return err
	}
	if m.checkpoints == nil {
		m.checkpoints = map[int64]stored{}
	}
	m.checkpoints[c.Step] = stored{w.Bytes(), s.Bytes(), c.Kept}
	return nil
}

func (m *memory) CheckpointDue() bool { return m.at == m.dueAt }

func (m *memory) Progress(p trainer.Progress) {
	m.at = p.Step
	if p.Step == m.stopAt {
		m.stop(errStopped)
	}
}

var errStopped = errors.New("stopped by the test")

func (m *memory) snapshot(step int64) *trainer.Snapshot {
	c := m.checkpoints[step]
	open := func(b []byte) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	}
	return &trainer.Snapshot{Step: step, Weights: open(c.weights), State: open(c.state)}
}

func runOf(width int, samples int64, change func(*sweep.Run)) sweep.Run {
	data, _ := sweep.LookupDataset("icons-6k")
	r := sweep.Run{
		ID: "test", Trainer: "clip", Model: sweep.NewLadder(width), Data: data, SamplesSeen: samples, Checkpoints: 1,
		ActualSamplesSeen: sweep.WholeBatches(samples, 64), Seed: 1,
		Recipe: sweep.Recipe{BatchSize: 64, LearningRate: 2e-3, WarmupSteps: samples / 640, WeightDecay: 0.1, Beta1: 0.9, Beta2: 0.98, Eps: 1e-8, Schedule: "cosine", Precision: "fp32"},
	}
	if change != nil {
		change(&r)
	}
	return r
}

func train(t testing.TB, run sweep.Run, m *memory, resume *trainer.Snapshot) (trainer.Result, error) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	m.stop = cancel
	return Trainer{}.Train(ctx, trainer.Job{Run: run, Keep: run.KeepSteps(), Resume: resume}, m)
}

func mustTrain(t testing.TB, run sweep.Run, m *memory, resume *trainer.Snapshot) *memory {
	t.Helper()
	result, err := train(t, run, m, resume)
	if err != nil || result.Diverged != nil {
		t.Fatalf("%+v, %v", result, err)
	}
	return m
}

// The same run gives the same bits on any number of threads, at each level of this CPU, and
// beside another run.
func TestBitsDoNotDependOnThreads(t *testing.T) {
	run := runOf(6, 64*24, nil)
	cores := &cpu.Cores{}
	for _, level := range kernel.Levels() {
		var want *memory
		for _, threads := range []int{1, 2, 3} {
			got := &memory{}
			result, err := Trainer{Engine{Level: level, Cores: cores}}.Train(context.Background(), trainer.Job{Run: run, Keep: run.KeepSteps(), Threads: threads}, got)
			if err != nil || !strings.Contains(result.Device, level) {
				t.Fatalf("%s: %+v, %v", level, result, err)
			}
			if want == nil {
				want = got
			} else if !reflect.DeepEqual(got.metrics, want.metrics) || !bytes.Equal(got.checkpoints[24].weights, want.checkpoints[24].weights) {
				t.Errorf("%s, %d threads: other bits", level, threads)
			}
		}
	}
	want := mustTrain(t, run, &memory{}, nil)
	if other := mustTrain(t, runOf(6, 64*24, func(r *sweep.Run) { r.Seed = 2 }), &memory{}, nil); bytes.Equal(other.checkpoints[24].weights, want.checkpoints[24].weights) {
		t.Error("another seed gave the same weights")
	}
}

// A run that was cut anywhere and resumed is, bit for bit, the run that was not: metrics,
// weights and optimizer state. 6,400 pairs are 100 steps, so the cuts lie in two epochs.
func TestResumeIsExact(t *testing.T) {
	run := runOf(4, 64*130, func(r *sweep.Run) { r.Checkpoints = 2 })
	whole := mustTrain(t, run, &memory{dueAt: 33}, nil)
	for _, cut := range []int64{1, 33, 65, 99, 100, 101} {
		first := &memory{stopAt: cut}
		if _, err := train(t, run, first, nil); !errors.Is(err, errStopped) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		second := mustTrain(t, run, &memory{}, first.snapshot(cut))
		if got := append(first.metrics, second.metrics...); !reflect.DeepEqual(got, whole.metrics) {
			t.Errorf("cut at %d: other metrics", cut)
		}
		if !reflect.DeepEqual(second.checkpoints[130], whole.checkpoints[130]) {
			t.Errorf("cut at %d: other weights or state", cut)
		}
	}
	again := mustTrain(t, run, &memory{}, whole.snapshot(33))
	if !reflect.DeepEqual(again.checkpoints[130], whole.checkpoints[130]) {
		t.Error("resumed from the checkpoint that was due at step 33: other weights")
	}
	if len(whole.checkpoints) != 3 || whole.checkpoints[33].kept || !whole.checkpoints[65].kept {
		t.Errorf("checkpoints %v", len(whole.checkpoints))
	}
}

// A run that goes on with other kernels says so, in its device and in its state, once.
func TestOtherKernelsAreToldOf(t *testing.T) {
	run := runOf(4, 64*20, nil)
	first := mustTrain(t, run, &memory{dueAt: 5}, nil)
	fastest := kernelsOf(cpu.Name(kernel.Levels()[0], 1))
	goOn := func(from *trainer.Snapshot, level string) (m *memory, device string, said []string) {
		m = &memory{dueAt: 10}
		job := trainer.Job{Run: run, Keep: run.KeepSteps(), Resume: from, Threads: 2, Warn: func(text string) { said = append(said, text) }}
		result, err := Trainer{Engine{Level: level}}.Train(t.Context(), job, m)
		if err != nil {
			t.Fatal(err)
		}
		return m, result.Device, said
	}
	if _, device, said := goOn(first.snapshot(5), ""); len(said) != 0 || device != cpu.Name(kernel.Levels()[0], 2) {
		t.Errorf("the same kernels: %q, %q", device, said)
	}
	if fastest == "cpu portable" {
		t.Skip("this CPU has one level of kernels")
	}
	second, device, said := goOn(first.snapshot(5), "portable")
	if len(said) != 1 || !strings.Contains(said[0], "goes on with cpu portable after "+fastest) || device != "cpu portable (2 threads), after "+fastest {
		t.Errorf("%q, %q", device, said)
	}
	third, device, said := goOn(second.snapshot(10), "portable")
	if len(said) != 0 || device != "cpu portable (2 threads)" {
		t.Errorf("the same kernels again: %q, %q", device, said)
	}
	state, err := safetensors.Read(bytes.NewReader(third.checkpoints[20].state))
	if err != nil || state.Metadata[computedBy] != fastest+", cpu portable" {
		t.Errorf("%v, %v", state.Metadata, err)
	}
}

func TestDamagedCheckpointsAreNotResumed(t *testing.T) {
	run := runOf(4, 64*20, nil)
	m := mustTrain(t, run, &memory{dueAt: 10}, nil)
	other := mustTrain(t, runOf(4, 64*20, nil), &memory{dueAt: 5}, nil)
	mixed := *m.snapshot(10)
	mixed.State = other.snapshot(5).State
	wider := runOf(6, 64*20, nil)
	for name, c := range map[string]struct {
		run    sweep.Run
		resume *trainer.Snapshot
	}{
		"state of another step":    {run, &mixed},
		"weights of another model": {wider, m.snapshot(10)},
		"nothing":                  {run, &trainer.Snapshot{Step: 10, Weights: m.snapshot(99).Weights, State: m.snapshot(99).State}},
	} {
		if _, err := train(t, c.run, &memory{}, c.resume); err == nil || !strings.Contains(err.Error(), "resume from step 10") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLostRunsEndAsDiverged(t *testing.T) {
	for _, rate := range []float64{1e9, 1e30, 30} {
		run := runOf(4, 64*300, func(r *sweep.Run) { r.Recipe.LearningRate = rate })
		result, err := train(t, run, &memory{}, nil)
		if err != nil || result.Diverged == nil {
			t.Errorf("learning rate %g: %+v, %v", rate, result, err)
			continue
		}
		if d := result.Diverged; d.Step > 120 || !strings.Contains(d.Reason, "step") {
			t.Errorf("learning rate %g: %+v", rate, d)
		}
	}
}

func TestWatch(t *testing.T) {
	w := newWatch(math.Log(64), 10, 400)
	for step := int64(1); step <= 59; step++ {
		if d := w.see(step, 9, 1); d != nil {
			t.Fatalf("given up at step %d, within the window after the warm-up", step)
		}
	}
	if d := w.see(60, 9, 1); d == nil {
		t.Error("50 steps at twice chance after the warm-up and not given up")
	}
	w = newWatch(math.Log(64), 0, 400)
	for step := int64(1); step <= 400; step++ {
		loss := 9.0
		if step%49 == 0 {
			loss = 4 // a spike that recovers
		}
		if d := w.see(step, loss, 1); d != nil {
			t.Fatalf("given up at step %d although the loss recovers", step)
		}
	}
	for _, bad := range [][2]float64{{math.NaN(), 1}, {math.Inf(1), 1}, {1, math.NaN()}, {1, math.Inf(1)}} {
		if d := newWatch(math.Log(64), 10, 400).see(3, bad[0], bad[1]); d == nil || d.Step != 3 {
			t.Errorf("loss %g, gradient %g: %+v", bad[0], bad[1], d)
		}
	}
}

// A short run learns: its loss is well under chance and its errors are better than guessing.
func TestItLearns(t *testing.T) {
	run := runOf(8, 32_000, nil)
	m := mustTrain(t, run, &memory{}, nil)
	first, last := m.metrics[0].Value, m.metrics[len(m.metrics)-4]
	if last.Name != "loss" || last.Value > math.Log(64)-0.7 || last.Value > first-0.7 {
		t.Errorf("the loss went from %g to %+v; chance is %g", first, last, math.Log(64))
	}
	scores := map[string]float64{}
	for _, s := range evaluate(t, run, m.checkpoints[500].weights, Trainer{}.Tasks()) {
		if s.Samples == 0 || s.Revision == "" || s.Evaluator == "" || s.Value < 0 || s.Value > 1 {
			t.Errorf("%+v", s)
		}
		scores[s.Task+"/"+s.Metric] = s.Value
	}
	if e := scores["icons-test/top1_error"]; e > 0.97 {
		t.Errorf("top-1 error %.3f; guessing gives 0.994", e)
	}
	if r := scores["icons-retrieval/image_recall@10"]; r < 0.03 {
		t.Errorf("recall@10 %.3f; guessing gives 0.01", r)
	}
	mean := (scores["icons-emoji/top1_error"] + scores["icons-pixel/top1_error"] + scores["icons-colour/top1_error"]) / 3
	if math.Abs(mean-scores["icons-shift/top1_error"]) > 1e-12 {
		t.Errorf("icons-shift %g is not the mean %g of its parts", scores["icons-shift/top1_error"], mean)
	}
	for _, task := range (Trainer{}).Tasks() {
		for _, metric := range sweep.Metrics(task) {
			if _, ok := scores[metric]; !ok {
				t.Errorf("the catalogue's metric %s was not computed", metric)
			}
		}
	}
}

func evaluate(t *testing.T, run sweep.Run, weights []byte, tasks []string) []sweep.Score {
	t.Helper()
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(weights)), nil }
	scores, err := Trainer{}.Evaluate(context.Background(), trainer.EvalJob{Run: run, Weights: open, Tasks: tasks})
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

// impatient is a sink that writes nothing once ctx is over, as Postgres does.
type impatient struct{ memory }

func (i *impatient) Checkpoint(ctx context.Context, c trainer.Checkpoint) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return i.memory.Checkpoint(ctx, c)
}

func (i *impatient) Metrics(ctx context.Context, rows []sweep.Metric) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return i.memory.Metrics(ctx, rows)
}

// A cancellation that comes just when a checkpoint is due, or with the last step, loses nothing:
// a checkpoint to be kept is kept.
func TestCancelledWhileACheckpointIsDue(t *testing.T) {
	run := runOf(4, 64*20, nil)
	for step, kept := range map[int64]bool{7: false, 10: false, 20: true} {
		ctx, cancel := context.WithCancelCause(context.Background())
		m := &impatient{memory{dueAt: step, stopAt: step, stop: cancel}}
		result, err := Trainer{}.Train(ctx, trainer.Job{Run: run, Keep: run.KeepSteps()}, m)
		if c := m.checkpoints[step]; !errors.Is(err, errStopped) || result.Steps != step || c.state == nil || c.kept != kept {
			t.Errorf("stopped at %d: %+v, %v, saved %t, kept %t", step, result, err, c.state != nil, c.kept)
		}
	}
}

// Weights that are no numbers have no score: nothing would be nearer than NaN, and the error 0.
func TestBrokenWeightsHaveNoScore(t *testing.T) {
	run := runOf(4, 64*2, nil)
	m := mustTrain(t, run, &memory{}, nil)
	file, err := safetensors.Read(bytes.NewReader(m.checkpoints[2].weights))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range file.Tensors {
		for i := range x.Data {
			x.Data[i] = float32(math.NaN())
		}
	}
	for _, task := range []string{"icons-test", retrievalTask} {
		scores, err := Trainer{}.Score(t.Context(), run, file.Tensors, []string{task}, 0)
		if !errors.Is(err, sweep.ErrBadInput) || !strings.Contains(err.Error(), "NaN") {
			t.Errorf("%s: %+v, %v", task, scores, err)
		}
	}
}

func TestUnsupportedRunsAreRefused(t *testing.T) {
	vit, _ := sweep.LookupModel("ViT-B-32")
	laion, _ := sweep.LookupDataset("LAION-80M")
	for _, change := range []func(*sweep.Run){func(r *sweep.Run) { r.Model = vit }, func(r *sweep.Run) { r.Data = laion }} {
		if _, err := train(t, runOf(4, 640, change), &memory{}, nil); !errors.Is(err, sweep.ErrUnsupported) {
			t.Error(err)
		}
	}
	if _, err := (Trainer{}).Evaluate(context.Background(), trainer.EvalJob{Run: runOf(4, 640, nil), Tasks: []string{"imagenet1k"}}); !errors.Is(err, sweep.ErrBadInput) {
		t.Errorf("an unknown task: %v", err)
	}
}

func TestShiftMovesTheImageOverBackground(t *testing.T) {
	set, err := icons32.Load()
	if err != nil {
		t.Fatal(err)
	}
	in, err := newIntake(sweep.NewLadder(4), set)
	if err != nil {
		t.Fatal(err)
	}
	icon, moved := make([]float32, iconSize), make([]float32, iconSize)
	for _, item := range []int{7, set.Len() - 1} { // grey, and in colour
		set.Pixels(item, icon)
		for _, by := range [][2]int{{0, 0}, {1, -2}, {-2, 1}, {2, 2}, {-1, 0}} {
			dx, dy := by[0], by[1]
			in.image(moved, item, dx, dy)
			for y := range icons32.Side {
				for x := range icons32.Side {
					want := float32(-0.75)
					if x-dx >= 0 && x-dx < icons32.Side && y-dy >= 0 && y-dy < icons32.Side {
						want = (icon[(y-dy)*icons32.Side+x-dx] - 0.25) * 3
					}
					if got := moved[y*icons32.Side+x]; got != want {
						t.Fatalf("icon %d moved by %v: pixel (%d, %d) is %g, want %g", item, by, x, y, got, want)
					}
				}
			}
		}
	}
}

// BenchmarkFeed makes the batches of icons that BenchmarkTrain's steps take.
func BenchmarkFeed(b *testing.B) {
	set, err := icons32.Load()
	if err != nil {
		b.Fatal(err)
	}
	f, err := newFeed(set, runOf(8, 1<<40, func(r *sweep.Run) { r.Recipe.BatchSize = 128 }))
	if err != nil {
		b.Fatal(err)
	}
	for step := int64(0); b.Loop(); step++ {
		if _, _, err := f.next(b.Context(), step); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTrain(b *testing.B) {
	for _, width := range []int{4, 8, 16, 32} {
		b.Run(sweep.NewLadder(width).Name, func(b *testing.B) {
			run := runOf(width, 1<<40, func(r *sweep.Run) { r.Recipe.BatchSize = 128; r.ActualSamplesSeen = 1 << 40 })
			s, err := (Trainer{}).newSession(context.Background(), trainer.Job{Run: run}, &memory{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.advance(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(128*float64(b.N)/b.Elapsed().Seconds(), "samples/s")
		})
	}
}
