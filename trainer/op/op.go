// Package op is the seam between the models and the machines they run on: the operations that
// a CLIP model, its loss and its optimizer are made of, each with its backward pass, over
// numbers that lie in a device's own memory.
//
// op/plain is the definition: readable Go, in float32 or float64, checked by finite
// differences. Every other device is checked against it (op/optest).
//
// A model keeps handles (Floats, Ints), never numbers. Operations take effect in the order in
// which they are called, but a device may run them later: none returns a number or an error.
// Read waits for all that was called before, and reports what went wrong on the way.
//
// Conventions. Matrices are row-major and dense; [r, c] gives rows and columns. A backward
// operation adds to the gradients of parameters (dw, db, dgain, dtable, ...) and overwrites
// those of activations (dx, dqkv, ...). A result may share memory with an input only where it
// says so. A zero handle stands for "none" where a parameter is said to be optional; for an
// optional gradient it means that nobody needs it.
//
// Precision. Activations are what passes from layer to layer, and its gradients: every x, y, dx,
// dy, qkv, dqkv, patches, residual and slope below, and images. All else is Floats, stored in
// float32: parameters, their gradients and moments, stats, logSum, inverse, the unit vectors of
// Normalize (y, and dy of its backward pass) and what losses compare and give. Add and Zero take
// either, but not mixed.
package op

// Floats names Len numbers of a device's memory; the zero value names none. Only devices look
// at the other fields.
type Floats struct {
	Block   int // which allocation, from 1
	At, Len int // the first number, and how many
}

// Slice is the part [at, at+n) of f.
func (f Floats) Slice(at, n int) Floats { return Floats{f.Block, f.At + at, n} }

// None says that f names nothing.
func (f Floats) None() bool { return f.Block == 0 }

// Ints names Len 32-bit integers of a device's memory, as Floats does numbers.
type Ints struct {
	Block   int
	At, Len int
}

// Slice is the part [at, at+n) of i.
func (i Ints) Slice(at, n int) Ints { return Ints{i.Block, i.At + at, n} }

// Memory is a device's own.
type Memory interface {
	// Floats gives n numbers, all zero, which live until Close.
	Floats(n int) Floats
	// Activations is Floats in the precision that the device computes in: two bytes a number
	// on a device that computes in bf16. Write and Read convert.
	Activations(n int) Floats
	// Ints gives n integers, all zero, which live until Close.
	Ints(n int) Ints
	// Write copies src to the beginning of dst. src may be changed as soon as it returns.
	Write(dst Floats, src []float32)
	// WriteInts copies src to the beginning of dst, as Write does.
	WriteInts(dst Ints, src []int32)
	// Read waits until all operations called before are done and copies the beginning of src
	// to dst. It returns the first failure of any of them.
	Read(dst []float32, src Floats) error
	// Close gives back all memory; handles are of no use afterwards.
	Close() error
}

// Device runs operations. One goroutine uses it at a time.
type Device interface {
	Memory
	// Name says what computes, as it is shown and recorded: "cpu avx512 (2 threads)".
	Name() string

	Products
	Tokens
	Losses
	Optimizer

	// LayerNorm: y = gain * (x - mean)/sqrt(var + 1e-5) + bias over each row of x [rows, width]
	// (Ba et al. 2016). stats [rows, 2] keeps each row's mean and 1/sqrt for the backward pass.
	LayerNorm(y, stats, x, gain, bias Floats, rows, width int)
	// LayerNormBack: dx = the gradient through the norm + residual (optional; may be dx itself,
	// not dy).
	LayerNormBack(dx, dgain, dbias, dy, x, stats, gain, residual Floats, rows, width int)

	// Attention: for each sample and head, y = softmax(q k^T / sqrt(Head)) v. qkv is
	// [Batch*Tokens, 3*Heads*Head]: a row is all heads' q, then all k, then all v (the order of
	// PyTorch's in_proj). y is [Batch*Tokens, Heads*Head]. logSum [Batch, Heads, Tokens] keeps
	// the logarithm of each softmax's denominator.
	Attention(y, logSum, qkv Floats, s Attention)
	// AttentionBack: dqkv as qkv, from dy as y.
	AttentionBack(dqkv, dy, y, logSum, qkv Floats, s Attention)

	// Normalize: y = x/|x| over each row of x [rows, width]; inverse [rows] keeps 1/|x|, where
	// |x| = sqrt(sum of squares + 1e-24).
	Normalize(y, inverse, x Floats, rows, width int)
	// NormalizeBack: dx = (dy - y (y.dy)) * inverse.
	NormalizeBack(dx, dy, y, inverse Floats, rows, width int)

	// Zero: x = 0.
	Zero(x Floats)
	// Add: y += x, over y's length.
	Add(y, x Floats)
	// Clamp: x = min(max(x, low), high).
	Clamp(x Floats, low, high float64)
}

// Products are the layers that multiply matrices.
type Products interface {
	// Linear: y [Rows, Out] = act(x [Rows, In] w^T + Bias) + Residual, w being [Out, In] as
	// PyTorch has it.
	Linear(y, x, w Floats, s Linear)
	// LinearInputs: dx [rows, in] = (dy [rows, out] w) * slope; slope [rows, in] (optional) is
	// the Slope that the activation kept which made x.
	LinearInputs(dx, dy, w, slope Floats, rows, in, out int)
	// LinearWeights: dw += dy^T x, db (optional) += column sums of dy.
	LinearWeights(dw, db, dy, x Floats, rows, in, out int)

	// PatchEmbed: a convolution of images x [Batch, Channels, Side, Side] by w [Width,
	// Channels*Patch*Patch] without overlap or with; pixels outside the image are zero.
	// y [Batch*positions, Width] = act(patches w^T + Bias), positions row by row.
	PatchEmbed(y, x, w Floats, s Patches)
	// PatchEmbedBack: dw += dy^T patches, db (optional) += column sums of dy. Where PatchEmbed
	// had an activation, dy is already multiplied by its Slope. Images have no gradient.
	PatchEmbedBack(dw, db, dy, x Floats, s Patches)
}

// Tokens are the operations between sequences, words and single vectors.
type Tokens interface {
	// Embed: x [Batch*Tokens, Width] = table [words, Width] at ids [Batch, Tokens] + positions
	// [Tokens, Width].
	Embed(x, table, positions Floats, ids Ints, s Sequence)
	EmbedBack(dtable, dpositions, dx Floats, ids Ints, s Sequence)

	// Bag: x [Batch, Width] = the sum of the embeddings at ids [Batch, Tokens] over the square
	// root of their number. Id 0 is no word: it is left out; without words x is zero.
	Bag(x, table Floats, ids Ints, s Sequence)
	BagBack(dtable, dx Floats, ids Ints, s Sequence)

	// Prepend: x [Batch*Tokens, Width] = (class [Width], then patches [Batch*(Tokens-1), Width]
	// sample by sample) + positions [Tokens, Width]. Without a class (optional) patches are
	// [Batch*Tokens, Width].
	Prepend(x, class, patches, positions Floats, s Sequence)
	PrependBack(dclass, dpatches, dpositions, dx Floats, s Sequence)

	// Pool: y [Batch, Width] from x [Batch*Tokens, Width], by s.Kind. ids [Batch, Tokens] only
	// for PoolEnd.
	Pool(y, x Floats, ids Ints, s Pooling)
	// PoolBack writes all of dx: zero where a token was not pooled.
	PoolBack(dx, dy Floats, ids Ints, s Pooling)
}

// Losses compare the two towers. Each computes the loss and all its gradients at once.
type Losses interface {
	// InfoNCE is CLIP's symmetric loss (Radford et al. 2021, figure 3): the mean over both
	// directions of the cross-entropy of exp(LogScale) Image Text^T + LogBias [Rows, Rows]
	// against the diagonal, in nats; guessing gives ln Rows.
	InfoNCE(s Contrast)
	// SigLIP is the sigmoid loss (Zhai et al. 2023, algorithm 1): -sum over all pairs of
	// log sigmoid(z * logit), z = 1 on the diagonal and -1 off it, over Rows.
	SigLIP(s Contrast)
}

// Optimizer changes parameters.
type Optimizer interface {
	// Norm: y[0] = the Euclidean length of x.
	Norm(y, x Floats)
	// AdamW is one step of AdamW (Loshchilov and Hutter 2019, algorithm 2) for parameters p
	// with gradients g and moments m, v, all of one length. A model calls it once for what
	// decays and once for what does not.
	AdamW(p, g, m, v Floats, s Update)
}
