package ladder

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// tensor is a parameter, and where it lies in memory.
type tensor struct {
	name  string
	shape []int
	decay bool // weight decay applies: not to gains, biases and the logit scale
	draw  func(*rand.Rand) float64
	at    int
}

func (t tensor) size() int {
	n := 1
	for _, d := range t.shape {
		n *= d
	}
	return n
}

// layout lists the tensors. In memory those that decay come first, each at a multiple of a
// vector's length; the numbers between them are zero and stay it.
type layout struct {
	ladder  sweep.Ladder
	tensors []tensor // in the order of a file
	index   map[string]int
	decayed int // numbers that weight decay applies to
	size    int
}

func newLayout(l sweep.Ladder) *layout {
	y := &layout{ladder: l, index: map[string]int{}}
	w, h, tw, e := l.Width, 4*l.Width, l.TextWidth, l.EmbedDim
	y.linear("visual.conv", w, patchSize, true)
	y.linear("visual.flatten", h, positions*w, true)
	for i := range l.Depth {
		y.block(fmt.Sprintf("visual.blocks.%d", i), h, h)
	}
	y.norm("visual.norm", h)
	y.linear("visual.proj", e, h, false)
	y.add("text.embedding.weight", []int{l.Vocabulary + 2, tw}, true, func(r *rand.Rand) float64 { return 0.1 * r.NormFloat64() })
	y.block("text.block", tw, 4*tw)
	y.norm("text.norm", tw)
	y.linear("text.proj", e, tw, false)
	y.add("logit_scale", nil, false, func(*rand.Rand) float64 { return math.Log(1 / 0.07) })
	y.place()
	return y
}

func (y *layout) add(name string, shape []int, decay bool, draw func(*rand.Rand) float64) {
	y.index[name] = len(y.tensors)
	y.tensors = append(y.tensors, tensor{name: name, shape: shape, decay: decay, draw: draw})
}

// linear adds a weight [out, in] and a bias [out], uniform within 1/sqrt(in) (He et al. 2015,
// as common frameworks have it by default).
func (y *layout) linear(name string, out, in int, bias bool) {
	bound := 1 / math.Sqrt(float64(in))
	uniform := func(r *rand.Rand) float64 { return bound * (2*r.Float64() - 1) }
	y.add(name+".weight", []int{out, in}, true, uniform)
	if bias {
		y.add(name+".bias", []int{out}, false, uniform)
	}
}

func (y *layout) norm(name string, c int) {
	y.add(name+".weight", []int{c}, false, func(*rand.Rand) float64 { return 1 })
	y.add(name+".bias", []int{c}, false, func(*rand.Rand) float64 { return 0 })
}

// block is x + linear(gelu(linear(norm(x)))), from c to hidden and back.
func (y *layout) block(name string, c, hidden int) {
	y.norm(name+".norm", c)
	y.linear(name+".fc1", hidden, c, true)
	y.linear(name+".fc2", c, hidden, true)
}

// place gives each tensor its place in memory.
func (y *layout) place() {
	const vector = 16
	for _, decay := range []bool{true, false} {
		for i := range y.tensors {
			if t := &y.tensors[i]; t.decay == decay {
				t.at = y.size
				y.size += (t.size() + vector - 1) / vector * vector
			}
		}
		if decay {
			y.decayed = y.size
		}
	}
}

// params is the number of parameters.
func (y *layout) params() (n int) {
	for _, t := range y.tensors {
		n += t.size()
	}
	return n
}

// of is a tensor's part of a flat buffer.
func (y *layout) of(flat op.Floats, name string) op.Floats {
	t := y.tensors[y.index[name]]
	return flat.Slice(t.at, t.size())
}

// initial draws the parameters, in the order of the file. The embedding of padding (row 0) is
// zero.
func (y *layout) initial(seed int64) []float32 {
	random := rand.New(rand.NewPCG(uint64(seed), 0x1717))
	flat := make([]float32, y.size)
	for _, t := range y.tensors {
		for i := range t.size() {
			flat[t.at+i] = float32(t.draw(random))
		}
	}
	clear(flat[y.tensors[y.index["text.embedding.weight"]].at:][:y.ladder.TextWidth])
	return flat
}
