package openclip

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/params"
)

// tensors collects a model's parameters, in open_clip's order.
type tensors []params.Tensor

// customText is what the text tower's names begin with in models with custom_text.
const customText = "text."

// Parameters lists a model's parameters by open_clip's names and shapes, in its order.
func Parameters(o sweep.OpenCLIP) []params.Tensor {
	y := &tensors{}
	y.vision(o.Vision, o.EmbedDim)
	y.text(o.Text, textPrefix(o), o.EmbedDim)
	scale := math.Log(1 / 0.07)
	if o.InitLogitScale != nil {
		scale = *o.InitLogitScale
	}
	y.add(params.LogitScale, nil, constant(scale))
	if o.InitLogitBias != nil {
		y.add(params.LogitBias, nil, constant(*o.InitLogitBias))
	}
	return *y
}

func newLayout(o sweep.OpenCLIP) *params.Layout { return params.NewLayout(Parameters(o), 1) }

// random is where first weights are drawn from.
func random(seed int64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 0x0c11)) }

// vision adds the image tower, its first weights drawn as open_clip draws them: PyTorch's
// defaults, and a normal of deviation width^-1/2 for embeddings and the projection.
func (y *tensors) vision(v sweep.VisionTower, embed int) {
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
func (y *tensors) text(t sweep.TextTower, p string, embed int) {
	w := t.Width
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

func textPrefix(o sweep.OpenCLIP) string {
	if o.CustomText {
		return customText
	}
	return ""
}

// draws are the first weights of a block's four matrices.
type draws struct{ qkv, out, fc, proj func(*rand.Rand) float64 }

func (y *tensors) block(name string, w, mlp int, d draws) {
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

func (y *tensors) norm(name string, w int) {
	y.add(name+".weight", []int{w}, constant(1))
	y.add(name+".bias", []int{w}, constant(0))
}

// add adds one. open_clip's training program decays matrices and embeddings; not gains, biases,
// the class embedding and the logit scale.
func (y *tensors) add(name string, shape []int, draw func(*rand.Rand) float64) {
	*y = append(*y, params.Tensor{Name: name, Shape: shape, Decay: len(shape) >= 2, Draw: draw})
}

// addTransposed adds one that open_clip has as [in, out].
func (y *tensors) addTransposed(name string, shape []int, draw func(*rand.Rand) float64) {
	y.add(name, shape, draw)
	(*y)[len(*y)-1].Transposed = true
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
