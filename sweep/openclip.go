package sweep

// OpenCLIP is an open_clip model configuration (its JSON files) of a vision transformer with a
// text transformer. Only what open_clip has defaults for may be left out.
type OpenCLIP struct {
	EmbedDim       int         `json:"embed_dim"`
	QuickGELU      bool        `json:"quick_gelu,omitempty"`       // x sigmoid(1.702 x) instead of GELU
	CustomText     bool        `json:"custom_text,omitempty"`      // only names: the text tower's tensors begin with "text."
	InitLogitScale *float64    `json:"init_logit_scale,omitempty"` // default ln(1/0.07)
	InitLogitBias  *float64    `json:"init_logit_bias,omitempty"`  // given: the logits have a bias, the loss is SigLIP's
	Vision         VisionTower `json:"vision_cfg"`
	Text           TextTower   `json:"text_cfg"`
}

// VisionTower is open_clip's vision_cfg of a vision transformer.
type VisionTower struct {
	ImageSize        int     `json:"image_size"`
	PatchSize        int     `json:"patch_size"`
	Layers           int     `json:"layers"`
	Width            int     `json:"width"`
	HeadWidth        int     `json:"head_width,omitempty"`          // default 64
	MLPRatio         float64 `json:"mlp_ratio,omitempty"`           // default 4
	Channels         int     `json:"channels,omitempty"`            // default 3
	NoLNPre          bool    `json:"no_ln_pre,omitempty"`           // no layer norm before the first block
	PoolType         string  `json:"pool_type,omitempty"`           // tok (default) or avg
	FinalLNAfterPool bool    `json:"final_ln_after_pool,omitempty"` // ln_post behind the pooling
}

// TextTower is open_clip's text_cfg.
type TextTower struct {
	ContextLength int     `json:"context_length"`
	VocabSize     int     `json:"vocab_size"`
	Width         int     `json:"width"`
	Heads         int     `json:"heads"`
	Layers        int     `json:"layers"`
	MLPRatio      float64 `json:"mlp_ratio,omitempty"`      // default 4
	PoolType      string  `json:"pool_type,omitempty"`      // argmax (default), first or last
	NoCausalMask  bool    `json:"no_causal_mask,omitempty"` // tokens see those behind them
	ProjBias      bool    `json:"proj_bias,omitempty"`      // the projection is a linear layer with a bias
}

// Heads is how many attention heads the tower has.
func (v VisionTower) Heads() int {
	if v.HeadWidth == 0 {
		return v.Width / 64
	}
	return v.Width / v.HeadWidth
}

// Grid is the number of patches a side; pixels beyond the last whole patch are not seen.
func (v VisionTower) Grid() int { return v.ImageSize / v.PatchSize }

// MLPWidth is the hidden width of a block, as open_clip rounds it.
func (v VisionTower) MLPWidth() int { return int(mlp(v.Width, v.MLPRatio)) }

// MLPWidth is the hidden width of a block, as open_clip rounds it.
func (t TextTower) MLPWidth() int { return int(mlp(t.Width, t.MLPRatio)) }
