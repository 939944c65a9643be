package op

// Activation is what follows a product.
type Activation int

// Identity leaves x; GELU is x*Phi(x) by the error function (Hendrycks and Gimpel 2016);
// QuickGELU is x*sigmoid(1.702 x), as OpenAI's CLIP has it.
const (
	Identity Activation = iota
	GELU
	QuickGELU
)

// Linear is a layer's shape and what is done to its products before they are stored.
type Linear struct {
	Rows, In, Out int
	Bias          Floats // [Out], optional
	Act           Activation
	Slope         Floats // [Rows, Out], optional: keeps the activation's derivative
	Residual      Floats // [Rows, Out], optional: added last; may be y itself
}

// Patches is the shape of a patch embedding.
type Patches struct {
	Batch, Channels, Side  int
	Patch, Stride, Padding int
	Width                  int
	Bias                   Floats // [Width], optional
	Act                    Activation
	Slope                  Floats // [Batch*positions, Width], optional
}

// Along is how many patches lie along one side.
func (p Patches) Along() int { return (p.Side+2*p.Padding-p.Patch)/p.Stride + 1 }

// Positions is how many patches an image gives.
func (p Patches) Positions() int { return p.Along() * p.Along() }

// Size is how many numbers a patch has.
func (p Patches) Size() int { return p.Channels * p.Patch * p.Patch }

// Attention is the shape of a self-attention.
type Attention struct {
	Batch, Tokens, Heads, Head int  // Head: numbers of one head
	Causal                     bool // a token sees itself and those before it
}

// Width is that of all heads together.
func (a Attention) Width() int { return a.Heads * a.Head }

// Sequence is the shape of a batch of sequences.
type Sequence struct{ Batch, Tokens, Width int }

// PoolKind says which tokens of a sequence stand for it.
type PoolKind int

// PoolFirst takes the first token; PoolMean the mean of the tokens from From on; PoolEnd the
// token at the largest id, the first of equals (CLIP's end of text).
const (
	PoolFirst PoolKind = iota
	PoolMean
	PoolEnd
)

// Pooling is the shape and kind of a pooling.
type Pooling struct {
	Sequence
	Kind PoolKind
	From int // of PoolMean
}

// Contrast is a batch of pairs for a loss, and where its results go.
type Contrast struct {
	Rows, Width int    // pairs, and the numbers of an embedding
	Image, Text Floats // [Rows, Width]
	LogScale    Floats // [1], natural logarithm
	LogBias     Floats // [1], optional; added to every logit

	Loss      Floats // [1], overwritten
	DImage    Floats // [Rows, Width], overwritten
	DText     Floats // [Rows, Width], overwritten
	DLogScale Floats // [1], added to
	DLogBias  Floats // [1], optional; added to
}
