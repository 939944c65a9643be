package cuda

import (
	"slices"
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// step is a training step of one attention block and a layer.
type step struct {
	d                                  op.Queue
	w, dw, bias, m, v, pace, length    op.Floats
	gain, shift, stats, logSum         op.Floats
	x, normed, qkv, y, dy, dqkv, dx, h op.Floats
}

const (
	stepTokens = 20
	stepRows   = 2 * stepTokens
	stepWidth  = 32
)

func newStep(d op.Queue) *step {
	n := numbers{d}
	return &step{
		d: d, w: n.floats(3 * stepWidth * stepWidth), dw: d.Floats(3 * stepWidth * stepWidth), bias: n.floats(3 * stepWidth),
		m: d.Floats(3 * stepWidth * stepWidth), v: d.Floats(3 * stepWidth * stepWidth), pace: d.Floats(op.Paces), length: d.Floats(1),
		gain: n.floats(stepWidth), shift: n.floats(stepWidth), stats: d.Floats(2 * stepRows), logSum: d.Floats(2 * stepRows),
		x: n.kept(stepRows * stepWidth), normed: d.Activations(stepRows * stepWidth), qkv: d.Activations(3 * stepRows * stepWidth),
		y: d.Activations(stepRows * stepWidth), dy: n.kept(stepRows * stepWidth), dqkv: d.Activations(3 * stepRows * stepWidth),
		dx: d.Activations(stepRows * stepWidth), h: d.Activations(stepRows * stepWidth),
	}
}

func (s *step) do() {
	d, a := s.d, op.Attention{Batch: 2, Tokens: stepTokens, Heads: 2, Head: stepWidth / 2, Causal: true}
	d.Zero(s.dw)
	d.LayerNorm(s.normed, s.stats, s.x, s.gain, s.shift, stepRows, stepWidth)
	d.Linear(s.qkv, s.normed, s.w, op.Linear{Rows: stepRows, In: stepWidth, Out: 3 * stepWidth, Bias: s.bias, Act: op.GELU})
	d.Attention(s.y, s.logSum, s.qkv, a)
	d.AttentionBack(s.dqkv, s.dy, s.y, s.logSum, s.qkv, a)
	d.LinearWeights(s.dw, op.Floats{}, s.dqkv, s.normed, stepRows, stepWidth, 3*stepWidth)
	d.Norm(s.length, s.dw)
	d.AdamW(s.w, s.dw, s.m, s.v, op.Update{Beta1: 0.9, Beta2: 0.98, Eps: 1e-6, Pace: s.pace, Decays: true, Norm: s.length, MaxNorm: 1})
}

func (s *step) pacing(t int64) []float32 {
	p := op.AdamW{Rate: 0.01, Beta1: 0.9, Beta2: 0.98, Decay: 0.1, Step: t}.Pace()
	return p[:]
}

// A recorded step, replayed with numbers that were staged, gives the bits of plain calls.
func TestReplayIsPlainWork(t *testing.T) {
	for _, precision := range []string{sweep.PrecisionFP32, sweep.PrecisionBF16} {
		t.Run(precision, func(t *testing.T) {
			_, device := open(t, Options{Precision: precision})
			const steps = 4
			run := func(recorded bool) (weights []float32, lengths []float32) {
				d := device().(op.Queue)
				defer d.Close()
				s := newStep(d)
				replay := s.do
				var waits []func([]float32) error
				for i := range steps {
					if !recorded {
						d.Write(s.pace, s.pacing(int64(i+1)))
					} else {
						d.Stage(s.pace, s.pacing(int64(i+1)))
						d.Stage(s.dy, slices.Repeat([]float32{0.25, -0.5, 1, 0}, stepRows*stepWidth/4))
						d.Land()
						d.Write(s.dy, numbersLike(s.dy.Len))
						if i == 1 {
							replay = d.Record(s.do)
						}
					}
					replay()
					waits = append(waits, d.Fetch(s.length))
				}
				for _, wait := range waits {
					one := make([]float32, 1)
					must(t, wait(one))
					lengths = append(lengths, one[0])
				}
				weights = make([]float32, s.w.Len)
				must(t, d.Read(weights, s.w))
				return weights, lengths
			}
			plain, lengths := run(false)
			replayed, others := run(true)
			if !slices.Equal(plain, replayed) || !slices.Equal(lengths, others) {
				t.Errorf("replayed steps differ from plain ones: gradients' lengths %v and %v", others, lengths)
			}
			if slices.Contains(lengths, 0) || slices.Compact(slices.Clone(lengths))[0] == lengths[steps-1] {
				t.Errorf("gradients' lengths %v do not change: nothing was trained", lengths)
			}
		})
	}
}

func numbersLike(n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i*7%13)/8 - 0.75
	}
	return values
}

// What is staged lands where it belongs, at Land and not before, while another turn is staged.
func TestStagedNumbersLand(t *testing.T) {
	for _, precision := range []string{sweep.PrecisionFP32, sweep.PrecisionBF16} {
		t.Run(precision, func(t *testing.T) {
			_, device := open(t, Options{Precision: precision})
			d := device().(op.Queue)
			defer d.Close()
			f, a, ids := d.Floats(6), d.Activations(6), d.Ints(2)
			table, positions, x := numbers{d}.floats(8), d.Floats(4), d.Activations(4)
			for turn := range 3 {
				value := float32(turn + 1)
				d.Stage(f.Slice(2, 3), []float32{value, value, value})
				d.Stage(a, []float32{-value})
				d.StageInts(ids, []int32{int32(turn), int32(turn + 1)})
				if got := read(t, d, f)[2]; got != float32(turn) {
					t.Errorf("before turn %d lands: %g", turn, got)
				}
				d.Land()
				d.Embed(x, table, positions, ids, op.Sequence{Batch: 1, Tokens: 2, Width: 2})
				words := read(t, d, table)
				if got := read(t, d, f); !slices.Equal(got, []float32{0, 0, value, value, value, 0}) {
					t.Errorf("turn %d: floats %v", turn, got)
				}
				if got := read(t, d, a); got[0] != -value || got[1] != 0 {
					t.Errorf("turn %d: activations %v", turn, got)
				}
				if got := read(t, d, x); !slices.Equal(got, words[2*turn:][:4]) {
					t.Errorf("turn %d: words %v of %v", turn, got, words)
				}
			}
		})
	}
}

func read(t *testing.T, d op.Device, f op.Floats) []float32 {
	t.Helper()
	values := make([]float32, f.Len)
	must(t, d.Read(values, f))
	return values
}
