package sweep

import "math"

// GMACs counts the multiply-adds of one forward pass over one sample, exactly, from the
// architecture: matrix products including those of attention; no look-ups, biases, norms.
func (m Model) GMACs() GMACs {
	switch {
	case m.Ladder != nil:
		return m.Ladder.gmacs()
	case m.OpenCLIP != nil:
		return m.OpenCLIP.gmacs()
	}
	return GMACs{}
}

// Params counts the trainable numbers, embeddings, biases and the logit scale included.
func (m Model) Params() int64 {
	switch {
	case m.Ladder != nil:
		return m.Ladder.params()
	case m.OpenCLIP != nil:
		return m.OpenCLIP.params()
	}
	return 0
}

// The ladder's image side: 32x32 pixels, patches of 8x8 at stride 4, padding 2.
const (
	ladderPatch     = 8 * 8
	ladderPositions = 8 * 8
)

func (l *Ladder) gmacs() GMACs {
	w, tw, e := float64(l.Width), float64(l.TextWidth), float64(l.EmbedDim)
	hidden := 4 * w
	image := ladderPositions*ladderPatch*w + ladderPositions*w*hidden +
		float64(l.Depth)*2*hidden*hidden + hidden*e
	text := 2*tw*4*tw + tw*e
	return GMACs{Image: image / 1e9, Text: text / 1e9}
}

func (l *Ladder) params() int64 {
	w, tw, e := int64(l.Width), int64(l.TextWidth), int64(l.EmbedDim)
	h := 4 * w
	image := ladderPatch*w + w + // convolution
		ladderPositions*w*h + h + // flatten to hidden
		int64(l.Depth)*(2*h+2*(h*h+h)) + // blocks: norm, two linears
		2*h + h*e // norm, projection
	text := (int64(l.Vocabulary)+2)*tw + // padding, words, unknown
		2*tw + tw*4*tw + 4*tw + 4*tw*tw + tw + // block
		2*tw + tw*e // norm, projection
	return image + text + 1 // logit scale
}

// mlp is the hidden width of a transformer block, as open_clip rounds it.
func mlp(width int, ratio float64) int64 {
	if ratio == 0 {
		ratio = 4
	}
	return int64(float64(width) * ratio)
}

// tokens is the number of patches and the class token.
func (v VisionTower) tokens() int64 { return int64(v.Grid())*int64(v.Grid()) + 1 }

func (v VisionTower) channels() int64 {
	if v.Channels == 0 {
		return 3
	}
	return int64(v.Channels)
}

// blockMACs are the multiply-adds of one transformer block over n tokens:
// n(4w^2 + 2 w mlp) for the linears, 2 n^2 w for attention.
func blockMACs(n, w, mlp int64) float64 {
	return float64(n)*float64(4*w*w+2*w*mlp) + 2*float64(n)*float64(n)*float64(w)
}

func (o *OpenCLIP) gmacs() GMACs {
	v, t, e := o.Vision, o.Text, int64(o.EmbedDim)
	w, n := int64(v.Width), v.tokens()
	patches := v.tokens() - 1
	image := float64(patches*int64(v.PatchSize*v.PatchSize)*v.channels()*w) +
		float64(v.Layers)*blockMACs(n, w, mlp(v.Width, v.MLPRatio)) + float64(w*e)
	tw := int64(t.Width)
	text := float64(t.Layers)*blockMACs(int64(t.ContextLength), tw, mlp(t.Width, t.MLPRatio)) + float64(tw*e)
	return GMACs{Image: image / 1e9, Text: text / 1e9}
}

// blockParams are the weights, biases and two norms of one transformer block.
func blockParams(w, mlp int64) int64 {
	attention := 3*w*w + 3*w + w*w + w
	return attention + w*mlp + mlp + mlp*w + w + 4*w
}

func (o *OpenCLIP) params() int64 {
	v, t, e := o.Vision, o.Text, int64(o.EmbedDim)
	w, tw := int64(v.Width), int64(t.Width)
	image := int64(v.PatchSize*v.PatchSize)*v.channels()*w + // patch embedding, no bias
		w + v.tokens()*w + // class token, positions
		4*w - given(v.NoLNPre, 2*w) + // ln_pre, ln_post
		int64(v.Layers)*blockParams(w, mlp(v.Width, v.MLPRatio)) + w*e
	text := int64(t.VocabSize)*tw + int64(t.ContextLength)*tw +
		int64(t.Layers)*blockParams(tw, mlp(t.Width, t.MLPRatio)) + 2*tw + tw*e + given(t.ProjBias, e)
	return image + text + 1 + given(o.InitLogitBias != nil, 1)
}

// given is n where something is there, else 0.
func given(there bool, n int64) int64 {
	if there {
		return n
	}
	return 0
}

// WholeBatches rounds samples up to whole global batches: what is really trained on.
func WholeBatches(samples int64, batch int) int64 {
	b := int64(batch)
	if b <= 0 || samples > math.MaxInt64-b {
		return samples
	}
	return (samples + b - 1) / b * b
}
