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
