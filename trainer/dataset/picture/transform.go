package picture

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
)

// Transform is how an image becomes the input of a square image tower.
type Transform struct {
	Size      int         // height and width of the result in pixels
	Crop      *RandomCrop // for training; nil: shortest side to Size, then the centre
	Mean, Std [3]float32  // of R, G, B in [0, 1]
}

// RandomCrop is a random part of the image, resized to the tower's size.
type RandomCrop struct {
	Scale [2]float64 // share of the image's area
	Ratio [2]float64 // width over height
}

// OpenAI is the mean and standard deviation that CLIP models are trained with (Radford et al.
// 2021, openai/CLIP's clip.py), open_clip's default.
var OpenAI = struct{ Mean, Std [3]float32 }{
	Mean: [3]float32{0.48145466, 0.4578275, 0.40821073},
	Std:  [3]float32{0.26862954, 0.26130258, 0.27577711},
}

// Evaluation is open_clip's preprocessing for evaluation.
func Evaluation(size int) Transform {
	return Transform{Size: size, Mean: OpenAI.Mean, Std: OpenAI.Std}
}

// Training is open_clip's preprocessing for training: 0.9 to 1 of the area, torchvision's ratios.
func Training(size int) Transform {
	t := Evaluation(size)
	t.Crop = &RandomCrop{Scale: [2]float64{0.9, 1}, Ratio: [2]float64{3. / 4, 4. / 3}}
	return t
}

// Check says what a transform cannot work with.
func (t Transform) Check() error {
	if t.Size < 1 || t.Size > 4096 {
		return fmt.Errorf("image size %d is not between 1 and 4096", t.Size)
	}
	for _, s := range t.Std {
		if !(s > 0) {
			return fmt.Errorf("standard deviations %v are not all above 0", t.Std)
		}
	}
	if c := t.Crop; c != nil && !(0 < c.Scale[0] && c.Scale[0] <= c.Scale[1] && c.Scale[1] <= 1 && 0 < c.Ratio[0] && c.Ratio[0] <= c.Ratio[1] && !math.IsInf(c.Ratio[1], 1)) {
		return fmt.Errorf("random crop of scale %v and ratio %v: want 0 < scale <= 1 and ratio > 0, low before high", c.Scale, c.Ratio)
	}
	return nil
}

// Apply writes src to dst as Size x Size pixels. draw is only used by a random crop.
func (t Transform) Apply(r *Resizer, dst, src *Image, draw *rand.Rand) {
	if t.Crop != nil {
		box := t.Crop.box(src.Width, src.Height, draw)
		r.Resize(dst, src, box, t.Size, t.Size, image.Rect(0, 0, t.Size, t.Size))
		return
	}
	width, height := t.Size, t.Size
	if src.Width < src.Height {
		height = t.Size * src.Height / src.Width
	} else {
		width = t.Size * src.Width / src.Height
	}
	left, top := middle(width-t.Size), middle(height-t.Size)
	window := image.Rect(left, top, left+t.Size, top+t.Size)
	r.Resize(dst, src, image.Rect(0, 0, src.Width, src.Height), width, height, window)
}

// middle is half of what is left over, rounded as Python rounds.
func middle(rest int) int { return int(math.RoundToEven(float64(rest) / 2)) }

// box draws the part of a width x height image, as torchvision's RandomResizedCrop does: ten
// tries, then the largest centred part of a ratio that is allowed.
func (c RandomCrop) box(width, height int, draw *rand.Rand) image.Rectangle {
	area := float64(width * height)
	low, high := math.Log(c.Ratio[0]), math.Log(c.Ratio[1])
	for range 10 {
		target := area * (c.Scale[0] + (c.Scale[1]-c.Scale[0])*draw.Float64())
		ratio := math.Exp(low + (high-low)*draw.Float64())
		w, h := int(math.RoundToEven(math.Sqrt(target*ratio))), int(math.RoundToEven(math.Sqrt(target/ratio)))
		if 0 < w && w <= width && 0 < h && h <= height {
			top := draw.IntN(height - h + 1)
			left := draw.IntN(width - w + 1)
			return image.Rect(left, top, left+w, top+h)
		}
	}
	return c.central(width, height)
}

func (c RandomCrop) central(width, height int) image.Rectangle {
	w, h := width, height
	switch ratio := float64(width) / float64(height); {
	case ratio < c.Ratio[0]:
		h = max(int(math.RoundToEven(float64(w)/c.Ratio[0])), 1)
	case ratio > c.Ratio[1]:
		w = max(int(math.RoundToEven(float64(h)*c.Ratio[1])), 1)
	}
	left, top := (width-w)/2, (height-h)/2
	return image.Rect(left, top, left+w, top+h)
}

// Tensor turns 8-bit images into the tower's input. The zero value is not ready: see NewTensor.
type Tensor struct{ value [3][256]float32 }

// NewTensor prepares (p/255 - mean) / std for every value of p, in float32 as torchvision.
func NewTensor(t Transform) *Tensor {
	var n Tensor
	for c := range 3 {
		for p := range 256 {
			n.value[c][p] = (float32(p)/255 - t.Mean[c]) / t.Std[c]
		}
	}
	return &n
}

// Normalize writes src to dst, [3, Height, Width] in row-major order.
func (n *Tensor) Normalize(dst []float32, src *Image) {
	plane := src.Width * src.Height
	for c := range 3 {
		out, value := dst[c*plane:][:plane], &n.value[c]
		for i := range out {
			out[i] = value[src.Pix[3*i+c]]
		}
	}
}

// Planes writes src to dst without normalising, [3, Height, Width] in row-major order.
func Planes(dst []uint8, src *Image) {
	plane := src.Width * src.Height
	for c := range 3 {
		out := dst[c*plane:][:plane]
		for i := range out {
			out[i] = src.Pix[3*i+c]
		}
	}
}
