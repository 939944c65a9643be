// Package icons32 is the default data set: 234,457 human-named icons of 132 permissively
// licensed packs (NOTICE names each with its author and licence) at 32x32 pixels, embedded into
// the program. Packs are split whole into training and test, so no test icon's pack is trained on.
package icons32

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/scalelaw/scalelaw/sweep"
)

const (
	// Revision names the pairs, their order, the classes, the templates and the twin-free subset.
	Revision = "icons32-1"
	// Side is the height and width of an image in pixels.
	Side = 32
	// Vocabulary is the number of words with an id of their own; the unknown word is Vocabulary+1.
	Vocabulary = 6000
	// Context is how many words of a caption count.
	Context = 8
)

// Item is one icon: its pack, its name there, the caption's words, and the words without those
// that name a style (outline, bold, ...).
type Item struct {
	Pack, Name string
	Words      []string
	Base       string
}

// Set is the decoded data set. It is read-only and safe for use by several goroutines.
type Set struct {
	images *decoded
	items  []Item
	train  []int // the fixed permutation
	ids    map[string]int32
	labels map[string]int // class name -> number
}

// Load decodes the embedded file, once a process; it takes about half a second.
func Load() (*Set, error) { return load() }

var load = sync.OnceValues(func() (*Set, error) { return newSet(embedded) })

func newSet(file []byte) (*Set, error) {
	images, err := decode(file)
	if err != nil {
		return nil, err
	}
	s := &Set{images: images, items: make([]Item, len(images.lines)), labels: map[string]int{}}
	for i, line := range images.lines {
		pack, name, ok := strings.Cut(line, "\t")
		if !ok {
			return nil, damaged("line %d of the names has no pack", i+1)
		}
		words := Words(name)
		s.items[i] = Item{Pack: pack, Name: name, Words: words, Base: base(words)}
	}
	for k, name := range Classes() {
		s.labels[name] = k
	}
	s.train = s.permutation()
	s.ids = s.vocabulary()
	return s, nil
}

// Len is the number of icons.
func (s *Set) Len() int { return len(s.items) }

// Item describes icon i.
func (s *Set) Item(i int) Item { return s.items[i] }

// permutation orders the training icons by the sha256 of "pack/name", so that the order is
// random to every purpose and depends on no generator.
func (s *Set) permutation() []int {
	type keyed struct {
		key  [8]byte
		item int
	}
	var all []keyed
	for i, it := range s.items {
		if split(it.Pack) == "train" && len(it.Words) > 0 {
			sum := sha256.Sum256([]byte(it.Pack + "/" + it.Name))
			all = append(all, keyed{[8]byte(sum[:8]), i})
		}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		return cmp.Or(slices.Compare(a.key[:], b.key[:]), cmp.Compare(a.item, b.item))
	})
	order := make([]int, len(all))
	for i, k := range all {
		order[i] = k.item
	}
	return order
}

// Train gives the first pairs icons of the fixed permutation of the training packs, so that
// smaller sets are part of larger ones. The caller must not change the slice.
func (s *Set) Train(pairs int) ([]int, error) {
	if pairs < 1 || pairs > len(s.train) {
		return nil, fmt.Errorf("take %d pairs of icons-32, which has %d to train on: %w", pairs, len(s.train), sweep.ErrDataMissing)
	}
	return s.train[:pairs:pairs], nil
}

// Tone turns how much of a pixel is drawn, 0 to 1, into a number, and keeps it for every byte,
// which has two pixels: each has 16 greys.
type Tone struct {
	of    func(drawn float32) float32
	pairs [256][2]float32
}

// NewTone makes the tone of a function.
func NewTone(of func(drawn float32) float32) *Tone {
	t := &Tone{of: of}
	for b := range t.pairs {
		t.pairs[b] = [2]float32{of(1 - float32(b>>4)/15), of(1 - float32(b&15)/15)}
	}
	return t
}

var drawn = NewTone(func(drawn float32) float32 { return drawn })

// Pixels writes image i to dst (Side*Side, row-major) as values in [0, 1]; what is drawn is
// high: 1 - grey/15. Colours become grey by 0.299 R + 0.587 G + 0.114 B.
func (s *Set) Pixels(i int, dst []float32) { s.Toned(i, dst, drawn) }

// Toned is Pixels with every value in a tone.
func (s *Set) Toned(i int, dst []float32, t *Tone) {
	greys := len(s.images.grey) / greyBytes
	if i < greys {
		packed := s.images.grey[i*greyBytes:][:greyBytes]
		to := dst[:2*greyBytes]
		for _, b := range packed {
			*(*[2]float32)(to) = t.pairs[b]
			to = to[2:]
		}
		return
	}
	packed := s.images.colour[(i-greys)*colourBytes:][:colourBytes]
	for k := range greyBytes {
		r, g, b := packed[k], packed[greyBytes+k], packed[2*greyBytes+k]
		dst[2*k] = t.of(1 - luma(r>>4, g>>4, b>>4))
		dst[2*k+1] = t.of(1 - luma(r&15, g&15, b&15))
	}
}

func luma(r, g, b byte) float32 {
	return (0.299*float32(r) + 0.587*float32(g) + 0.114*float32(b)) / 15
}
