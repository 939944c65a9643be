// Package dual trains two towers, which make unit vectors of images and of texts, against each
// other: the step that every CLIP model has, whatever its towers are. It takes a batch at once
// or in parts, on one device or on several, call by call or recorded.
package dual

import "github.com/scalelaw/scalelaw/trainer/op"

// Tower makes unit vectors of samples. Its memory is for Use.Rows samples at a time.
type Tower interface {
	// Forward writes the unit vectors [n, dims] of n samples.
	Forward(d op.Device, in Input, n int, unit op.Floats)
	// Backward adds to the gradients of the parameters, from those by the unit vectors, of the
	// samples of the last Forward. It tells ready, if not nil, which gradients are whole: parts
	// of the flat buffer that do not overlap.
	Backward(d op.Device, in Input, n int, unit, dUnit op.Floats, ready func(op.Floats))
}

// Input is a batch on a device: images [n, image], ids [n, context].
type Input struct {
	Images op.Floats
	IDs    op.Ints
}

// Shape is what a model takes for a sample, and gives.
type Shape struct {
	Image   int // numbers of an image
	Context int // ids of a caption
	Dims    int // of the shared space
}

// from is the input from sample i on, n of them.
func (s Shape) from(in Input, i, n int) Input {
	return Input{in.Images.Slice(i*s.Image, n*s.Image), in.IDs.Slice(i*s.Context, n*s.Context)}
}

// Use says what a model is made for: how much memory it takes, and how it takes a step.
type Use struct {
	Batch int  // pairs of a step on this device; samples embedded at once
	Train bool // without, it only embeds

	// Parts is how many parts a step takes its batch in (accum_freq of open_clip); 0 is one.
	// The towers' memory is for a part; the loss is over the whole batch. It costs a second
	// forward pass of all parts but one.
	Parts int
	// Checkpoint lets towers keep only what goes into each block and compute the rest of it
	// again in the backward pass: less memory, the same bits.
	Checkpoint bool
	// Record lets a device that can take its work down once do each later step from that.
	Record bool
	// Group are the devices that share a batch; nil: this one is alone.
	Group op.Group
}

func (u Use) parts() int { return max(u.Parts, 1) }

// Rows is how many samples a tower sees at a time, at most.
func (u Use) Rows() int { return (u.Batch + u.parts() - 1) / u.parts() }

func (u Use) members() int {
	if u.Group == nil {
		return 1
	}
	return u.Group.Size()
}
