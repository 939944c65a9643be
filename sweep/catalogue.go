package sweep

import (
	"fmt"
	"slices"
)

// ladderWidths are the members icons-wN of the laptop ladder.
var ladderWidths = []int{4, 6, 8, 12, 16, 24, 32, 48, 64, 96}

// NewLadder is the ladder model of width w: text width 32 up to w8, 64 up to w24, else 128;
// one block, 64 shared dimensions, 6,000 words of which a caption's first 8 count.
func NewLadder(w int) Model {
	tw := 128
	switch {
	case w <= 8:
		tw = 32
	case w <= 24:
		tw = 64
	}
	return Model{
		Name:   fmt.Sprintf("icons-w%d", w),
		Ladder: &Ladder{Width: w, TextWidth: tw, Depth: 1, EmbedDim: 64, Vocabulary: 6000, Context: 8},
	}
}

// openCLIP lists open_clip's vision transformers by the facts of its model_configs
// (mlfoundations/open_clip@89fb801): layers, width, head width, MLP ratio, patch of the image
// tower; layers, width, heads of the text tower; embedding dimension.
var openCLIP = []struct {
	name                               string
	layers, width, headWidth           int
	ratio                              float64
	patch                              int
	textLayers, textWidth, heads, dims int
}{
	{"ViT-S-32", 12, 384, 64, 4, 32, 12, 384, 6, 384},
	{"ViT-M-32", 12, 512, 64, 4, 32, 12, 512, 8, 512},
	{"ViT-S-16", 12, 384, 64, 4, 16, 12, 384, 6, 384},
	{"ViT-M-16", 12, 512, 64, 4, 16, 12, 512, 8, 512},
	{"ViT-B-32", 12, 768, 64, 4, 32, 12, 512, 8, 512},
	{"ViT-B-16", 12, 768, 64, 4, 16, 12, 512, 8, 512},
	{"ViT-L-16", 24, 1024, 64, 4, 16, 12, 768, 12, 768},
	{"ViT-L-14", 24, 1024, 64, 4, 14, 12, 768, 12, 768},
	{"ViT-H-16", 32, 1280, 80, 4, 16, 24, 1024, 16, 1024},
	{"ViT-H-14", 32, 1280, 80, 4, 14, 24, 1024, 16, 1024},
	{"ViT-g-14", 40, 1408, 88, 4.3637, 14, 24, 1024, 16, 1024},
	{"ViT-bigG-14", 48, 1664, 104, 4.9231, 14, 32, 1280, 20, 1280},
}

// tiny is the smallest open_clip-shaped model, for tests and speed measurements.
var tiny = Model{Name: "tiny", OpenCLIP: &OpenCLIP{
	EmbedDim: 64,
	Vision:   VisionTower{ImageSize: 32, PatchSize: 8, Layers: 2, Width: 64, HeadWidth: 16, MLPRatio: 4},
	Text:     TextTower{ContextLength: 16, VocabSize: 512, Width: 64, Heads: 4, Layers: 2, MLPRatio: 4},
}}

// Models is the catalogue: the ladder, tiny, and open_clip's vision transformers.
func Models() []Model {
	var all []Model
	for _, w := range ladderWidths {
		all = append(all, NewLadder(w))
	}
	all = append(all, tiny)
	for _, m := range openCLIP {
		all = append(all, Model{Name: m.name, OpenCLIP: &OpenCLIP{
			EmbedDim: m.dims,
			Vision:   VisionTower{ImageSize: 224, PatchSize: m.patch, Layers: m.layers, Width: m.width, HeadWidth: m.headWidth, MLPRatio: m.ratio},
			Text:     TextTower{ContextLength: 77, VocabSize: 49408, Width: m.textWidth, Heads: m.heads, Layers: m.textLayers},
		}})
	}
	return all
}

// Datasets is the catalogue of training data. The icons sets are prefixes of one fixed
// order, in the ratio 1 : 5 : 25 that stands for LAION-80M : 400M : 2B.
func Datasets() []Dataset {
	return []Dataset{
		{Name: "icons-6k", Pairs: 6_400, Source: "icons-32", Revision: "icons32-1"},
		{Name: "icons-32k", Pairs: 32_000, Source: "icons-32", Revision: "icons32-1"},
		{Name: "icons-160k", Pairs: 160_000, Source: "icons-32", Revision: "icons32-1"},
		{Name: "LAION-80M", Pairs: 80_000_000, Source: "LAION-5B", Revision: "1"},
		{Name: "LAION-400M", Pairs: 407_332_084, Source: "LAION-5B", Revision: "1"},
		{Name: "LAION-2B", Pairs: 2_000_000_000, Source: "LAION-5B", Revision: "1"},
	}
}

// LookupModel finds a model of the catalogue.
func LookupModel(name string) (Model, bool) {
	return find(Models(), func(m Model) bool { return m.Name == name })
}

// LookupDataset finds a data set of the catalogue.
func LookupDataset(name string) (Dataset, bool) {
	return find(Datasets(), func(d Dataset) bool { return d.Name == name })
}

func find[T any](all []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	var none T
	return none, false
}
