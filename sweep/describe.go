package sweep

// DatasetDetail is what is known of a data set beyond its entry in the catalogue.
type DatasetDetail struct {
	Dataset
	Classes     int                `json:"classes,omitempty"`
	Splits      map[string]int     `json:"splits,omitempty"` // labelled pairs
	Baselines   map[string]float64 `json:"nearest_neighbour_top1_error,omitempty"`
	NearTwins   map[string]int     `json:"near_twins,omitempty"` // of a split, those left out because training packs have a near twin
	Captions    []string           `json:"captions,omitempty"`   // the first few
	Packs       []Pack             `json:"packs,omitempty"`      // where its training pairs come from, the largest first
	Words       int                `json:"words,omitempty"`      // different ones in its captions
	Frequencies []WordFrequency    `json:"word_frequencies,omitempty"`
}

// Pack is a part of a data set with one author and licence.
type Pack struct {
	Pack    string `json:"pack"`
	Name    string `json:"name"`
	Author  string `json:"author"`
	Licence string `json:"licence"` // SPDX
	Address string `json:"address"` // of the licence's text
	Pairs   int    `json:"pairs"`
}

// WordFrequency is how often a word stands in captions. Rank counts from 1, the most frequent;
// of the rarer words only some ranks are given, evenly on a log scale.
type WordFrequency struct {
	Rank  int    `json:"rank"`
	Word  string `json:"word"`
	Count int    `json:"count"`
}

// Sample is one pair to look at.
type Sample struct {
	Icon    int    `json:"icon"` // number in icons-32
	Caption string `json:"caption"`
	Pack    string `json:"pack"`
	Class   string `json:"class,omitempty"`
}
