package sweep

// Model is a catalogue entry: a name and exactly one architecture.
type Model struct {
	Name     string    `json:"name"`
	Ladder   *Ladder   `json:"ladder,omitempty"`
	OpenCLIP *OpenCLIP `json:"openclip,omitempty"`
}

// Ladder is the laptop model icons-wN: convolution patches + MLP image tower, bag-of-words
// text tower. Its shapes are in docs/ladder.md; its multiply-adds in GMACs.
type Ladder struct {
	Width      int `json:"width"`      // w: channels of the patch convolution; hidden width 4w
	TextWidth  int `json:"text_width"` // tw
	Depth      int `json:"depth"`      // MLP blocks of the image tower
	EmbedDim   int `json:"embed_dim"`  // of the shared space
	Vocabulary int `json:"vocabulary"` // words, without padding and unknown
	Context    int `json:"context"`    // words of a caption that count
}

// OpenCLIP is an open_clip model configuration (its JSON files), as far as compute and
// parameters need it.
type OpenCLIP struct {
	EmbedDim  int         `json:"embed_dim"`
	QuickGELU bool        `json:"quick_gelu,omitempty"`
	Vision    VisionTower `json:"vision_cfg"`
	Text      TextTower   `json:"text_cfg"`
}

// VisionTower is open_clip's vision_cfg of a vision transformer.
type VisionTower struct {
	ImageSize int     `json:"image_size"`
	PatchSize int     `json:"patch_size"`
	Layers    int     `json:"layers"`
	Width     int     `json:"width"`
	HeadWidth int     `json:"head_width,omitempty"` // default 64
	MLPRatio  float64 `json:"mlp_ratio,omitempty"`  // default 4
	Channels  int     `json:"channels,omitempty"`   // default 3
}

// TextTower is open_clip's text_cfg.
type TextTower struct {
	ContextLength int     `json:"context_length"`
	VocabSize     int     `json:"vocab_size"`
	Width         int     `json:"width"`
	Heads         int     `json:"heads"`
	Layers        int     `json:"layers"`
	MLPRatio      float64 `json:"mlp_ratio,omitempty"` // default 4
}

// GMACs are the multiply-adds of a forward pass over one sample, in units of 1e9.
type GMACs struct {
	Image float64 `json:"image"`
	Text  float64 `json:"text"`
}

// Total is the image tower's plus the text tower's.
func (g GMACs) Total() float64 { return g.Image + g.Text }

// ComputeConvention names how compute is counted, and goes with every coefficient: forward
// multiply-adds of both towers, attention products included, times the samples really seen;
// no factor 2 for FLOPs, none of 3 for the backward pass (Cherti et al. 2023, Table 1).
const ComputeConvention = "forward GMACs per sample (image + text) x samples seen"

// Dataset is a catalogue entry of training data.
type Dataset struct {
	Name     string `json:"name"`
	Pairs    int64  `json:"pairs"`    // image-text pairs, unique
	Source   string `json:"source"`   // icons-32, LAION-5B, files
	Revision string `json:"revision"` // changes when the pairs or their order change

	Files *DataFiles `json:"files,omitempty"` // where and how to read them; of the source files
}

// DataFiles is a data set of webdataset shards or a CSV table: its files and the options that
// differ from the usual (docs/data.md).
type DataFiles struct {
	Pattern    string `json:"pattern"` // absolute paths, globs, brace lists, joined by ::
	ImageKey   string `json:"image_key,omitempty"`
	CaptionKey string `json:"caption_key,omitempty"`
	Separator  string `json:"separator,omitempty"`
	Root       string `json:"root,omitempty"`
}
