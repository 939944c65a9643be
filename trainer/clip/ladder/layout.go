package ladder

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/params"
	"github.com/scalelaw/scalelaw/trainer/clip/safetensors"
)

// tensors collects a model's parameters, in the order of a file.
type tensors []params.Tensor

// vector is the length of a CPU's longest vector: tensors begin at a multiple of it.
const vector = 16

func newLayout(l sweep.Ladder) *params.Layout {
	y := &tensors{}
	w, h, tw, e := l.Width, 4*l.Width, l.TextWidth, l.EmbedDim
	y.linear("visual.conv", w, patchSize, true)
	y.linear("visual.flatten", h, positions*w, true)
	for i := range l.Depth {
		y.block(fmt.Sprintf("visual.blocks.%d", i), h, h)
	}
	y.norm("visual.norm", h)
	y.linear("visual.proj", e, h, false)
	y.add(wordTable, []int{l.Vocabulary + 2, tw}, true, func(r *rand.Rand) float64 { return 0.1 * r.NormFloat64() })
	y.block("text.block", tw, 4*tw)
	y.norm("text.norm", tw)
	y.linear("text.proj", e, tw, false)
	y.add(params.LogitScale, nil, false, func(*rand.Rand) float64 { return math.Log(1 / 0.07) })
	return params.NewLayout(*y, vector)
}

// wordTable is the name of the words' embeddings.
const wordTable = "text.embedding.weight"

func (y *tensors) add(name string, shape []int, decay bool, draw func(*rand.Rand) float64) {
	*y = append(*y, params.Tensor{Name: name, Shape: shape, Decay: decay, Draw: draw})
}

// linear adds a weight [out, in] and a bias [out], uniform within 1/sqrt(in) (He et al. 2015,
// as common frameworks have it by default).
func (y *tensors) linear(name string, out, in int, bias bool) {
	bound := 1 / math.Sqrt(float64(in))
	uniform := func(r *rand.Rand) float64 { return bound * (2*r.Float64() - 1) }
	y.add(name+".weight", []int{out, in}, true, uniform)
	if bias {
		y.add(name+".bias", []int{out}, false, uniform)
	}
}

func (y *tensors) norm(name string, c int) {
	y.add(name+".weight", []int{c}, false, func(*rand.Rand) float64 { return 1 })
	y.add(name+".bias", []int{c}, false, func(*rand.Rand) float64 { return 0 })
}

// block is x + linear(gelu(linear(norm(x)))), from c to hidden and back.
func (y *tensors) block(name string, c, hidden int) {
	y.norm(name+".norm", c)
	y.linear(name+".fc1", hidden, c, true)
	y.linear(name+".fc2", c, hidden, true)
}

// initial draws the parameters. The embedding of padding (row 0) is zero.
func initial(l sweep.Ladder, y *params.Layout, seed int64) []float32 {
	flat := y.Draw(rand.New(rand.NewPCG(uint64(seed), 0x1717)))
	clear(y.Part(flat, wordTable)[:l.TextWidth])
	return flat
}

// CheckWeights reports whether tensors are the weights of a ladder model, without a device.
func CheckWeights(l sweep.Ladder, tensors []safetensors.Tensor) error {
	_, err := newLayout(l).Pack(params.ByName(tensors), "")
	return err
}
