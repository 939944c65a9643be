package clip

import (
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/dataset"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu"
)

// Memory is how many bytes each device takes to train a model by a recipe: weights, gradients and
// moments; the images and texts of its share of a batch, their unit vectors and those of all
// devices; all that the forward pass of a part keeps for the backward one; on a CPU the
// similarities of all pairs and the scratch memory of two threads. It is counted by making the
// model on a device that has none. What else a GPU keeps is in overhead; what waits in Go's memory
// is in RunMemory.
func Memory(m sweep.Model, r sweep.Recipe, gpu bool) (int64, error) {
	c := &counter{activation: 4}
	if m.OpenCLIP != nil || m.Ladder != nil {
		c.images = r.BatchSize / r.Replicas() * shapeOf(m).image
	}
	if gpu && r.Precision == sweep.PrecisionBF16 {
		c.activation = 2
	}
	var group op.Group
	if r.Replicas() > 1 {
		group = crowd(r.Replicas())
	}
	if _, err := newModel(m, c, useOf(r, r.Replicas(), group)); err != nil {
		return 0, err
	}
	if gpu {
		return c.bytes + overhead(m, r, c), nil
	}
	return c.bytes + 4*int64(r.BatchSize)*int64(r.BatchSize) + usualThreads*cpu.Scratch, nil
}

// usualThreads is how many threads are counted where nobody has said how many there will be.
const usualThreads = 2

// RunMemory is Memory on a CPU, and what waits for the model in Go's memory: batches, and of icons
// the captions' ids and the order of an epoch. What all runs of a process share is not in it: the
// program, and some 130 MB of icons.
func RunMemory(run sweep.Run) (int64, error) {
	n, err := Memory(run.Model, run.Recipe, false)
	if err != nil {
		return 0, err
	}
	s := shapeOf(run.Model)
	images, ids, batch := 4*int64(s.image), 4*int64(s.ids), int64(run.Recipe.BatchSize)
	if run.Data.Source == sweep.SourceFiles {
		return n + batch*(dataset.Batches*images+ids) + usualThreads*dataset.Jobs*images, nil
	}
	const place = 8 // of a pair in the order
	return n + batch*(images+ids) + run.Data.Pairs*(ids+place), nil
}

// What a GPU's operations take at most, of what does not grow with the model (docs/cuda-kernels.md).
const (
	workspace  = 32 << 20 // of cublasLt
	losses     = 66 << 20 // a strip of similarities and its sums
	mostCut    = 1 << 26  // numbers of patches that are cut at once
	overlapCut = 4        // how often a pixel is in a patch: of the ladder, whose patches overlap
)

// overhead is what a GPU keeps beside a model: the next batch, which is copied while a step is
// computed; with bf16 a second copy of the weights; the operations' scratch memory; and in the
// first step a result as large as the largest, into which cublasLt's algorithms are timed.
func overhead(m sweep.Model, r sweep.Recipe, c *counter) int64 {
	s, share := shapeOf(m), int64(r.BatchSize/r.Replicas())
	part := share / int64(r.Accumulations())
	bytes := workspace + losses + 4*share*int64(s.image+s.ids) + c.largest
	bytes += c.activation * min(mostCut, overlapCut*part*int64(s.image))
	bytes += part * int64(s.ids) * textTable(m)
	if r.Precision == sweep.PrecisionBF16 {
		bytes += 2 * m.Params()
	}
	return bytes
}

// textTable is how many bytes the gradient of a table of words takes for each word of a batch:
// words and places, twice to be sorted, weights, and sums at the ends of 128 words.
func textTable(m sweep.Model) int64 {
	width := 0
	if m.OpenCLIP != nil {
		width = m.OpenCLIP.Text.Width
	} else if m.Ladder != nil {
		width = m.Ladder.TextWidth
	}
	return 5*4 + int64(width)*4*2/128
}

// counter is a device that only counts what is asked of it, in bytes.
type counter struct {
	op.Device  // none: a model that is made calls no operation
	bytes      int64
	activation int64 // bytes of one
	images     int   // numbers of a batch's images
	largest    int64 // bytes of what was asked for at once, of other activations
}

func (c *counter) Floats(n int) op.Floats { return c.count(n, 4) }

func (c *counter) Activations(n int) op.Floats {
	if n != c.images { // no product gives those
		c.largest = max(c.largest, int64(n)*c.activation)
	}
	return c.count(n, c.activation)
}

func (c *counter) count(n int, size int64) op.Floats {
	c.bytes += size * int64(n)
	return op.Floats{Block: 1, Len: n}
}

func (c *counter) Ints(n int) op.Ints {
	c.bytes += 4 * int64(n)
	return op.Ints{Block: 1, Len: n}
}

// WriteInts ignores what a model writes when it is made.
func (*counter) WriteInts(op.Ints, []int32) {}

// crowd is a group of so many members that only counts.
type crowd int

func (crowd) Rank() int                   { return 0 }
func (c crowd) Size() int                 { return int(c) }
func (crowd) Gather(op.Floats, op.Floats) {}
func (crowd) Sum(op.Floats)               {}
func (crowd) Join()                       {}
