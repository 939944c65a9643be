package clip

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// patches: a 32x32 image makes 8x8 positions of 8x8 patches (stride 4, padding 2).
const (
	patch     = 8
	stride    = 4
	padding   = 2
	positions = 64
	patchSize = patch * patch
)

// tensor is a view into the flat parameters.
type tensor struct {
	name  string
	shape []int
	decay bool // weight decay applies: not to gains, biases and the logit scale
	init  func(*rand.Rand) float64
	at    int
}

func (t tensor) size() int {
	n := 1
	for _, d := range t.shape {
		n *= d
	}
	return n
}

// layout lists the tensors of a ladder model in the order in which they lie in memory.
type layout struct {
	ladder  sweep.Ladder
	tensors []tensor
	index   map[string]int
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
	return y
}

func (y *layout) add(name string, shape []int, decay bool, init func(*rand.Rand) float64) {
	t := tensor{name: name, shape: shape, decay: decay, init: init, at: y.size}
	y.index[name] = len(y.tensors)
	y.tensors = append(y.tensors, t)
	y.size += t.size()
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

// of is a tensor's part of a flat buffer.
func of[T real](y *layout, flat []T, name string) []T {
	t := y.tensors[y.index[name]]
	return flat[t.at:][:t.size()]
}

// initial draws the parameters. The embedding of padding (row 0) is zero.
func initial[T real](y *layout, seed int64) []T {
	random := rand.New(rand.NewPCG(uint64(seed), 0x1717))
	flat := make([]T, y.size)
	for _, t := range y.tensors {
		for i := range t.size() {
			flat[t.at+i] = T(t.init(random))
		}
	}
	clear(of(y, flat, "text.embedding.weight")[:y.ladder.TextWidth])
	return flat
}

// file gives flat buffers as the tensors of a file, under prefixes.
func (y *layout) file(metadata map[string]string, buffers map[string][]float32, prefixes ...string) safetensors.File {
	f := safetensors.File{Metadata: metadata}
	for _, prefix := range prefixes {
		for _, t := range y.tensors {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: prefix + t.name, Shape: t.shape, Data: buffers[prefix][t.at:][:t.size()]})
		}
	}
	return f
}

// fill copies a file's tensors into the flat buffer of a prefix; all must be there, in shape.
func (y *layout) fill(flat []float32, f safetensors.File, prefix string) error {
	found := map[string]safetensors.Tensor{}
	for _, t := range f.Tensors {
		found[t.Name] = t
	}
	for _, t := range y.tensors {
		got, ok := found[prefix+t.name]
		if !ok {
			return fmt.Errorf("%w: there is no tensor %s%s", sweep.ErrBadInput, prefix, t.name)
		}
		if len(got.Data) != t.size() {
			return fmt.Errorf("%w: tensor %s%s has shape %v, the model wants %v", sweep.ErrBadInput, prefix, t.name, got.Shape, t.shape)
		}
		copy(flat[t.at:], got.Data)
	}
	return nil
}
