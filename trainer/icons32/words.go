package icons32

import (
	"cmp"
	"slices"
	"strings"
)

// styles are words that say how an icon is drawn, not what it shows.
var styles = wordSet(`outline outlined duotone regular filled bold sharp thin rounded fill line solid tone
	twotone light linear broken round baseline alt medium small large xs sm lg xl duo color flat two mini
	micro 3d stroke style`)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// Words splits a name into the caption's words: lower case, split at everything that is
// neither letter nor digit and between letters and digits.
func Words(name string) []string {
	var words []string
	var word []byte
	var last int
	flush := func() {
		if len(word) > 0 {
			words = append(words, string(word))
			word = nil
		}
	}
	for _, c := range []byte(strings.ToLower(name)) {
		kind := classOf(c)
		if kind != last {
			flush()
		}
		if kind != 0 {
			word = append(word, c)
		}
		last = kind
	}
	flush()
	return words
}

// classOf is 1 for a letter, 2 for a digit, 0 for anything else.
func classOf(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return 1
	case c >= '0' && c <= '9':
		return 2
	}
	return 0
}

func base(words []string) string {
	var kept []string
	for _, w := range words {
		if !styles[w] && classOf(w[0]) != 2 {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// vocabulary numbers the most frequent words of the training packs from 1, by the number of
// captions they occur in, ties by alphabet.
func (s *Set) vocabulary() map[string]int32 {
	count := map[string]int{}
	for _, i := range s.train {
		words := s.items[i].Words
		for k, w := range words {
			if !slices.Contains(words[:k], w) {
				count[w]++
			}
		}
	}
	var words []string
	for w := range count {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	ids := map[string]int32{}
	for i, w := range words[:min(Vocabulary, len(words))] {
		ids[w] = int32(i + 1)
	}
	return ids
}

// Tokens gives the ids of a caption's first Context words: 1 to Vocabulary, Vocabulary+1 for a
// word that is not among them. There is no padding.
func (s *Set) Tokens(words []string) []int32 {
	words = words[:min(Context, len(words))]
	ids := make([]int32, len(words))
	for i, w := range words {
		id, ok := s.ids[w]
		if !ok {
			id = Vocabulary + 1
		}
		ids[i] = id
	}
	return ids
}

// Known reports whether a word has an id of its own.
func (s *Set) Known(word string) bool {
	_, ok := s.ids[word]
	return ok
}
