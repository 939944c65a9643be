package figure

// WordCount is how often the word of a rank stands in captions; rank 1 is the most frequent.
type WordCount struct {
	Rank, Count int
	Word        string
}

// WordsInput is what a figure of word frequencies shows.
type WordsInput struct {
	Title, Subtitle string
	Words           []WordCount
}

// labelledWords is how many of the most frequent words are named.
const labelledWords = 5

// NewWords draws how often words stand in captions against their rank, on log axes, beside
// Zipf's law: a count that falls as one over the rank (Zipf 1949).
func NewWords(in WordsInput) Figure {
	f := Figure{Kind: "words", Title: in.Title, Subtitle: in.Subtitle}
	f.X, f.Y = Axis{Label: "Rank of the word", Scale: Log}, Axis{Label: "Captions' words", Scale: Log}
	if len(in.Words) == 0 {
		f.Refusal = "No words are known"
		return f
	}
	counts := Layer{Kind: Line, Name: "words", Ink: 0}
	named := Layer{Kind: Points, Name: "frequent words", Ink: 0}
	zipf := Layer{Kind: Line, Name: "Zipf's law", Ink: Muted, Dash: true, Thin: true}
	for i, w := range in.Words {
		m := Mark{ID: w.Word, X: float64(w.Rank), Y: float64(w.Count), Hint: w.Word}
		counts.Marks = append(counts.Marks, m)
		if i < labelledWords {
			m.Label, m.Size = w.Word, 3.5
			named.Marks = append(named.Marks, m)
		}
		zipf.Marks = append(zipf.Marks, Mark{X: m.X, Y: float64(in.Words[0].Count*in.Words[0].Rank) / m.X})
	}
	f.Layers = []Layer{zipf, counts, named}
	f.Legend = []Block{{Title: "Words", Keys: []Key{{Kind: Line, Ink: 0, Text: "counted"}, {Kind: Line, Ink: Muted, Dash: true, Thin: true, Text: "1 / rank"}}}}
	return f
}
