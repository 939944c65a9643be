package cuda

import (
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/nccl"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Group is a device's place among others, through NCCL. Sums go on in a stream of their own; they
// are in float32, and the same on all members.
type Group struct {
	d      *Device
	c      *nccl.Communicator
	stream driver.Stream
	ready  driver.Event // what is to be summed has been computed
	summed driver.Event
	begun  bool // sums since the last Join
}

var _ op.Group = (*Group)(nil)

// Join takes the device's place in a group.
func (d *Device) Join(c *nccl.Communicator) (*Group, error) {
	g := &Group{d: d, c: c}
	err := d.gpu.Do(func() (err error) {
		if g.stream, err = d.gpu.NewStream(); err != nil {
			return err
		}
		if g.ready, err = d.gpu.NewEvent(false); err != nil {
			return err
		}
		g.summed, err = d.gpu.NewEvent(false)
		return err
	})
	return g, err
}

// Rank implements op.Group.
func (g *Group) Rank() int { return g.c.Rank() }

// Size implements op.Group.
func (g *Group) Size() int { return g.c.Ranks() }

// Gather implements op.Group.
func (g *Group) Gather(y, x op.Floats) {
	d := g.d
	d.run("Gather", func() error {
		return g.c.AllGather(d.stream, d.wide(y), d.wide(x), x.Len, nccl.Float32)
	})
}

// Sum implements op.Group.
func (g *Group) Sum(x op.Floats) {
	d := g.d
	d.run("Sum", func() error {
		if err := d.gpu.Record(g.ready, d.stream); err != nil {
			return err
		}
		if err := d.gpu.Wait(g.stream, g.ready); err != nil {
			return err
		}
		g.begun = true
		return g.c.AllReduce(g.stream, d.wide(x), d.wide(x), x.Len, nccl.Float32, nccl.Sum)
	})
}

// Join implements op.Group.
func (g *Group) Join() {
	d := g.d
	if !g.begun {
		return
	}
	g.begun = false
	d.run("Join", func() error {
		if err := d.gpu.Record(g.summed, g.stream); err != nil {
			return err
		}
		return d.gpu.Wait(d.stream, g.summed)
	})
}
