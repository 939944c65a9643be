package openclip

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// tensor is a parameter by open_clip's name and shape, and where it lies in memory.
type tensor struct {
	name       string
	shape      []int // as open_clip has it
	transposed bool  // open_clip has [in, out] where the operations want [out, in]
	draw       func(*rand.Rand) float64
	at         int
}

func (t tensor) size() int {
	n := 1
	for _, d := range t.shape {
		n *= d
	}
	return n
}

// decays: open_clip's training program decays matrices and embeddings; not gains, biases, the
// class embedding and the logit scale.
func (t tensor) decays() bool { return len(t.shape) >= 2 }

// layout lists the parameters. Those that weight decay applies to come first in memory.
type layout struct {
	config  sweep.OpenCLIP
	tensors []tensor // in open_clip's order
	index   map[string]int
	decayed int // numbers that weight decay applies to
	size    int
}

// customText is what the text tower's names begin with in models with custom_text.
const customText = "text."

func newLayout(o sweep.OpenCLIP) *layout {
	y := &layout{config: o, index: map[string]int{}}
	y.vision(o.Vision, o.EmbedDim)
	y.text(o.Text, o.EmbedDim)
	scale, bias := math.Log(1/0.07), 0.0
	if o.InitLogitScale != nil {
		scale = *o.InitLogitScale
	}
	y.add("logit_scale", nil, constant(scale))
	if o.InitLogitBias != nil {
		bias = *o.InitLogitBias
		y.add("logit_bias", nil, constant(bias))
	}
	y.place()
	return y
}

// vision adds the image tower, its first weights drawn as open_clip draws them: PyTorch's
// defaults, and a normal of deviation width^-1/2 for embeddings and the projection.
func (y *layout) vision(v sweep.VisionTower, embed int) {
	w, small := v.Width, normal(math.Pow(float64(v.Width), -0.5))
	y.add("visual.class_embedding", []int{w}, small)
	y.add("visual.positional_embedding", []int{v.Grid()*v.Grid() + 1, w}, small)
	y.add("visual.conv1.weight", []int{w, Channels, v.PatchSize, v.PatchSize}, within(Channels*v.PatchSize*v.PatchSize))
	if !v.NoLNPre {
		y.norm("visual.ln_pre", w)
	}
	for i := range v.Layers {
		y.block(fmt.Sprintf("visual.transformer.resblocks.%d", i), w, v.MLPWidth(), draws{
			qkv: uniform(math.Sqrt(1.5 / float64(w))), out: within(w), fc: within(w), proj: within(v.MLPWidth())})
	}
	y.norm("visual.ln_post", w)
	y.addTransposed("visual.proj", []int{w, embed}, small)
}

// text adds the text tower, its first weights those of Radford et al. 2021, section 2.5.
func (y *layout) text(t sweep.TextTower, embed int) {
	w, p := t.Width, y.textPrefix()
	width := float64(w)
	deep := math.Pow(width, -0.5) * math.Pow(2*float64(t.Layers), -0.5)
	y.add(p+"positional_embedding", []int{t.ContextLength, w}, normal(0.01))
	y.add(p+"token_embedding.weight", []int{t.VocabSize, w}, normal(0.02))
	for i := range t.Layers {
		y.block(fmt.Sprintf("%stransformer.resblocks.%d", p, i), w, t.MLPWidth(), draws{
			qkv: normal(math.Pow(width, -0.5)), out: normal(deep), fc: normal(math.Pow(2*width, -0.5)), proj: normal(deep)})
	}
	y.norm(p+"ln_final", w)
	if t.ProjBias {
		y.add(p+"text_projection.weight", []int{embed, w}, normal(math.Pow(width, -0.5)))
		y.add(p+"text_projection.bias", []int{embed}, constant(0))
	} else {
		y.addTransposed(p+"text_projection", []int{w, embed}, normal(math.Pow(width, -0.5)))
	}
}

func (y *layout) textPrefix() string {
	if y.config.CustomText {
		return customText
	}
	return ""
}

// draws are the first weights of a block's four matrices.
type draws struct{ qkv, out, fc, proj func(*rand.Rand) float64 }

func (y *layout) block(name string, w, mlp int, d draws) {
	y.norm(name+".ln_1", w)
	y.add(name+".attn.in_proj_weight", []int{3 * w, w}, d.qkv)
	y.add(name+".attn.in_proj_bias", []int{3 * w}, constant(0))
	y.add(name+".attn.out_proj.weight", []int{w, w}, d.out)
	y.add(name+".attn.out_proj.bias", []int{w}, constant(0))
	y.norm(name+".ln_2", w)
	y.add(name+".mlp.c_fc.weight", []int{mlp, w}, d.fc)
	y.add(name+".mlp.c_fc.bias", []int{mlp}, within(w))
	y.add(name+".mlp.c_proj.weight", []int{w, mlp}, d.proj)
	y.add(name+".mlp.c_proj.bias", []int{w}, within(mlp))
}

func (y *layout) norm(name string, w int) {
	y.add(name+".weight", []int{w}, constant(1))
	y.add(name+".bias", []int{w}, constant(0))
}

func (y *layout) add(name string, shape []int, draw func(*rand.Rand) float64) {
	y.index[name] = len(y.tensors)
	y.tensors = append(y.tensors, tensor{name: name, shape: shape, draw: draw})
}

func (y *layout) addTransposed(name string, shape []int, draw func(*rand.Rand) float64) {
	y.add(name, shape, draw)
	y.tensors[len(y.tensors)-1].transposed = true
}

// place gives every tensor its place.
func (y *layout) place() {
	for _, decays := range []bool{true, false} {
		for i := range y.tensors {
			if t := &y.tensors[i]; t.decays() == decays {
				t.at = y.size
				y.size += t.size()
			}
		}
		if decays {
			y.decayed = y.size
		}
	}
}

// of is a parameter's part of a flat buffer; the zero handle when the model has none such.
func (y *layout) of(flat op.Floats, name string) op.Floats {
	i, ok := y.index[name]
	if !ok {
		return op.Floats{}
	}
	t := y.tensors[i]
	return flat.Slice(t.at, t.size())
}

// initial draws the first weights.
func (y *layout) initial(seed int64) []float32 {
	random := rand.New(rand.NewPCG(uint64(seed), 0x0c11))
	flat := make([]float32, y.size)
	for _, t := range y.tensors {
		for i := range t.size() {
			flat[t.at+i] = float32(t.draw(random))
		}
	}
	return flat
}

func constant(v float64) func(*rand.Rand) float64 { return func(*rand.Rand) float64 { return v } }

func normal(deviation float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return deviation * r.NormFloat64() }
}

func uniform(bound float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return bound * (2*r.Float64() - 1) }
}

// within is uniform within 1/sqrt(in), PyTorch's default for linear layers and convolutions.
func within(in int) func(*rand.Rand) float64 { return uniform(1 / math.Sqrt(float64(in))) }
