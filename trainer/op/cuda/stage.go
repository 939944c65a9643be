package cuda

import (
	"fmt"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// stage is what is copied ahead: a second stream brings numbers from page-locked memory to a
// place of their own, from where Land puts them where operations look for them.
type stage struct {
	stream driver.Stream
	landed driver.Event // after it the places may be written again
	places map[place]*staged
	order  []*staged // of this turn's
}

// place is where numbers go: a block of floats, or of ints.
type place struct {
	block, at int
	ints      bool
}

type staged struct {
	place
	pinned  driver.Pinned
	at      driver.Pointer
	arrived driver.Event
	n       int // numbers, of 4 bytes
}

// Stage implements op.Queue.
func (d *Device) Stage(dst op.Floats, src []float32) {
	d.stageBytes(place{dst.Block, dst.At, false}, bytesOf(src))
}

// StageInts implements op.Queue.
func (d *Device) StageInts(dst op.Ints, src []int32) {
	d.stageBytes(place{dst.Block, dst.At, true}, bytesOf(src))
}

func (d *Device) stageBytes(p place, src []byte) {
	if len(src) == 0 {
		return
	}
	d.run("Stage", func() error {
		s, err := d.stage.find(d.gpu, p, len(src))
		if err != nil {
			return err
		}
		if s.n > 0 { // the last copy out of the pinned memory
			if err := d.gpu.Await(s.arrived); err != nil {
				return err
			}
		}
		copy(s.pinned, src)
		s.n = len(src) / floatSize
		d.stage.order = append(d.stage.order, s)
		if err := d.gpu.Wait(d.stage.stream, d.stage.landed); err != nil {
			return err
		}
		if err := d.gpu.WriteAsync(d.stage.stream, s.at, s.pinned[:len(src)]); err != nil {
			return err
		}
		return d.gpu.Record(s.arrived, d.stage.stream)
	})
}

// find gives a place's memory, made on first use.
func (g *stage) find(gpu driver.Device, p place, bytes int) (*staged, error) {
	if g.places == nil {
		var err error
		if g.stream, err = gpu.NewStream(); err != nil {
			return nil, err
		}
		if g.landed, err = gpu.NewEvent(false); err != nil {
			return nil, err
		}
		g.places = map[place]*staged{}
	}
	if s, ok := g.places[p]; ok {
		if bytes > len(s.pinned) {
			return nil, driver.Errorf(driver.Bug, "%d bytes are staged where %d were before", bytes, len(s.pinned))
		}
		return s, nil
	}
	s, err := newStaged(gpu, p, bytes)
	if err == nil {
		g.places[p] = s
	}
	return s, err
}

func newStaged(gpu driver.Device, p place, bytes int) (*staged, error) {
	s := &staged{place: p}
	var err error
	if s.pinned, err = gpu.AllocatePinned(bytes); err != nil {
		return nil, err
	}
	if s.at, err = gpu.Allocate(bytes); err != nil {
		return nil, err
	}
	s.arrived, err = gpu.NewEvent(false)
	return s, err
}

// Land implements op.Queue.
func (d *Device) Land() {
	if len(d.stage.order) == 0 {
		return
	}
	d.run("Land", func() error {
		for _, s := range d.stage.order {
			if err := d.gpu.Wait(d.stream, s.arrived); err != nil {
				return err
			}
			if err := d.land(s); err != nil {
				return err
			}
		}
		d.stage.order = d.stage.order[:0]
		return d.gpu.Record(d.stage.landed, d.stream)
	})
}

func (d *Device) land(s *staged) error {
	if s.ints {
		return d.gpu.CopyAsync(d.stream, d.numbers(op.Ints{Block: s.block, At: s.place.at}), s.at, s.n*intSize)
	}
	to := op.Floats{Block: s.block, At: s.place.at, Len: s.n}
	if d.floats[s.block-1].narrow {
		return d.launch("narrow", strided(s.n, 1), d.reals(to), s.at, int64(s.n))
	}
	if err := d.gpu.CopyAsync(d.stream, d.wide(to), s.at, s.n*floatSize); err != nil {
		return err
	}
	return d.refresh(to)
}

// fetch is a read that was begun.
type fetch struct {
	pinned driver.Pinned
	done   driver.Event
}

// Fetch implements op.Queue.
func (d *Device) Fetch(src op.Floats) (wait func(dst []float32) error) {
	var f fetch
	d.run("Fetch", func() (err error) {
		if f, err = d.newFetch(src.Len * floatSize); err != nil {
			return err
		}
		from, err := d.asFloats(src, src.Len)
		if err != nil {
			return err
		}
		if err := d.gpu.ReadAsync(d.stream, f.pinned[:src.Len*floatSize], from); err != nil {
			return err
		}
		return d.gpu.Record(f.done, d.stream)
	})
	return func(dst []float32) error {
		if f.done == 0 {
			return d.err
		}
		if err := d.gpu.Await(f.done); err != nil {
			d.fail(fmt.Errorf("Fetch: %w", err))
		}
		if d.err == nil {
			copy(dst, unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(f.pinned))), src.Len))
		}
		d.fetches = append(d.fetches, f)
		return d.err
	}
}

// newFetch takes memory that a finished fetch left, or makes some.
func (d *Device) newFetch(bytes int) (fetch, error) {
	for i, f := range d.fetches {
		if len(f.pinned) >= bytes {
			d.fetches = append(d.fetches[:i], d.fetches[i+1:]...)
			return f, nil
		}
	}
	pinned, err := d.gpu.AllocatePinned(max(bytes, 1))
	if err != nil {
		return fetch{}, err
	}
	done, err := d.gpu.NewEvent(false)
	return fetch{pinned, done}, err
}
