package clip

import (
	"strings"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip/ladder"
	"github.com/scalelaw/scalelaw/trainer/clip/openclip"
	"github.com/scalelaw/scalelaw/trainer/dataset/picture"
	"github.com/scalelaw/scalelaw/trainer/icons32"
)

const iconSize = icons32.Side * icons32.Side

// intake is how icons and their words become the input of a model.
type intake interface {
	// image writes an icon of the set, shifted by (dx, dy).
	image(dst []float32, item, dx, dy int)
	// text writes the ids of a caption.
	text(dst []int32, words []string)
}

func newIntake(m sweep.Model, set *icons32.Set) (intake, error) {
	if m.OpenCLIP == nil {
		return ladderIntake{set, make([]float32, iconSize)}, nil
	}
	texts, err := openclip.NewTexts(m.OpenCLIP.Text)
	if err != nil {
		return nil, err
	}
	t := picture.Evaluation(m.OpenCLIP.Vision.ImageSize)
	return &pictureIntake{
		set: set, drawn: make([]float32, iconSize), texts: texts, transform: t, tensor: picture.NewTensor(t),
		icon: picture.Image{Width: icons32.Side, Height: icons32.Side, Pix: make([]uint8, 3*iconSize)},
	}, nil
}

// ladderIntake is that of icons-wN: (p - 0.25)*3, and word ids behind which there are zeros.
type ladderIntake struct {
	set  *icons32.Set
	icon []float32 // before it is shifted
}

func (l ladderIntake) image(dst []float32, item, dx, dy int) {
	l.set.Toned(item, l.icon, centred)
	shift(dst[:ladder.ImageSize], l.icon, dx, dy)
}

func (l ladderIntake) text(dst []int32, words []string) {
	clear(dst)
	copy(dst, l.set.Tokens(words))
}

// pictureIntake is that of open_clip's models: a grey picture, preprocessed as open_clip does
// it (which resizes it for a model of other than 32 pixels), and a caption of its words.
type pictureIntake struct {
	set          *icons32.Set
	drawn        []float32 // an icon's pixels
	texts        *openclip.Texts
	transform    picture.Transform
	tensor       *picture.Tensor
	resizer      picture.Resizer
	icon, scaled picture.Image
}

func (p *pictureIntake) image(dst []float32, item, dx, dy int) {
	p.set.Pixels(item, p.drawn)
	for y := range icons32.Side {
		for x := range icons32.Side {
			grey := uint8(0) // what a shift uncovers
			if u, v := x-dx, y-dy; u >= 0 && u < icons32.Side && v >= 0 && v < icons32.Side {
				grey = uint8(p.drawn[v*icons32.Side+u]*255 + 0.5)
			}
			at := 3 * (y*icons32.Side + x)
			p.icon.Pix[at], p.icon.Pix[at+1], p.icon.Pix[at+2] = grey, grey, grey
		}
	}
	input := &p.icon
	if p.transform.Size != icons32.Side {
		p.transform.Apply(&p.resizer, &p.scaled, &p.icon, nil)
		input = &p.scaled
	}
	p.tensor.Normalize(dst, input)
}

func (p *pictureIntake) text(dst []int32, words []string) {
	p.texts.Tokens(dst, strings.Join(words, " "))
}
