package clip

import (
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Memory is how many bytes of a device training takes: a model's weights, gradients and moments,
// and for a batch the images, texts and all that the forward pass keeps for the backward one.
// It is counted by making the model on a device that has none. Scratch memory of kernels and
// threads, and batches that wait in Go's memory, come on top.
func Memory(m sweep.Model, batch int) (int64, error) {
	c := &counter{}
	_, _, err := newModel(m, c, batch, true)
	return 4 * c.words, err
}

// counter is a device that only counts what is asked of it, in words of 4 bytes.
type counter struct {
	op.Device // none: a model that is made calls no operation
	words     int64
}

func (c *counter) Floats(n int) op.Floats {
	c.words += int64(n)
	return op.Floats{Block: 1, Len: n}
}

func (c *counter) Ints(n int) op.Ints {
	c.words += int64(n)
	return op.Ints{Block: 1, Len: n}
}
