package icons32

import (
	_ "embed"
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
)

//go:embed NOTICE
var notice []byte

// Notice names every pack with its author and licence; it goes where the icons go. The caller
// must not change it.
func Notice() []byte { return notice }

// Caption is the words of icon i.
func (s *Set) Caption(i int) string { return strings.Join(s.items[i].Words, " ") }

// Image is icon i as it was drawn: dark on white, or in colour; 4 bits a channel.
func (s *Set) Image(i int) image.Image {
	greys := len(s.images.grey) / greyBytes
	if i < greys {
		img := image.NewGray(image.Rect(0, 0, Side, Side))
		widen(img.Pix, 1, s.images.grey[i*greyBytes:][:greyBytes])
		return img
	}
	img := image.NewRGBA(image.Rect(0, 0, Side, Side))
	packed := s.images.colour[(i-greys)*colourBytes:][:colourBytes]
	for c := range 3 {
		widen(img.Pix[c:], 4, packed[c*greyBytes:][:greyBytes])
	}
	for k := 3; k < len(img.Pix); k += 4 {
		img.Pix[k] = 255
	}
	return img
}

// widen writes 4-bit values as 8-bit ones, 0 to 0 and 15 to 255.
func widen(dst []uint8, step int, packed []byte) {
	for k, b := range packed {
		dst[2*k*step], dst[(2*k+1)*step] = 17*(b>>4), 17*(b&15)
	}
}

// Splits are the names that Split knows beside train.
func Splits() []string { return []string{"test", "test-all", "emoji", "pixel", "colour", "retrieval"} }

// Split gives the icons of a part of the data: train is the first pairs of the training packs,
// retrieval the unseen pairs, the others are those of Labelled. labels is nil where there are
// no classes.
func (s *Set) Split(name string, pairs int) (items, labels []int, err error) {
	switch {
	case name == "train":
		items, err = s.Train(pairs)
		return items, nil, err
	case name == "retrieval":
		return s.Retrieval(), nil, nil
	case slices.Contains(Splits(), name):
		return s.Labelled(name)
	}
	return nil, nil, fmt.Errorf("%w: split %q is none of train, %s", sweep.ErrBadInput, name, strings.Join(Splits(), ", "))
}
