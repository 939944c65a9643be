package nccl_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/drivertest"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
	"github.com/scalelaw/scalelaw/trainer/cuda/nccl"
)

// member is a device in a group.
type member struct {
	*nccl.Communicator
	device driver.Device
	stream driver.Stream
	x, y   driver.Pointer
}

const count = 5

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open gives the devices of a host with what they compute on: x holds 10*rank + 1, 2, 3, ...
func open(t *testing.T, d driver.Driver, ranks int) []*member {
	t.Helper()
	members := make([]*member, ranks)
	for rank := range members {
		device, err := d.Open(rank)
		check(t, err)
		t.Cleanup(func() { check(t, device.Close()) })
		m := &member{device: device}
		m.stream, err = device.NewStream()
		check(t, err)
		for _, p := range []*driver.Pointer{&m.x, &m.y} {
			*p, err = device.Allocate(4 * count * ranks)
			check(t, err)
		}
		var b []byte
		for i := range count * ranks {
			b = binary.NativeEndian.AppendUint32(b, math.Float32bits(float32(10*rank+i+1)))
		}
		check(t, device.Write(m.stream, m.x, b))
		check(t, device.Write(m.stream, m.y, b))
		members[rank] = m
	}
	return members
}

// each calls f for every member at once, as data parallel training does.
func each(t *testing.T, members []*member, f func(*member) error) {
	t.Helper()
	failures := make(chan error, len(members))
	for _, m := range members {
		go func() { failures <- f(m) }()
	}
	for range members {
		check(t, <-failures)
	}
}

func (m *member) read(t *testing.T, p driver.Pointer, n int) []float32 {
	t.Helper()
	b := make([]byte, 4*n)
	check(t, m.device.Read(m.stream, b, p))
	values := make([]float32, n)
	for i := range values {
		values[i] = math.Float32frombits(binary.NativeEndian.Uint32(b[4*i:]))
	}
	return values
}

func TestTwoEmulatedDevices(t *testing.T) {
	e := emulator.Open(t, "devices=2")
	d, err := native.Load(e.Search())
	check(t, err)
	collectives(t, e.Search(), d, 2)
}

func TestDevicesOfAHostOnAGPU(t *testing.T) {
	d, s := drivertest.GPU(t)
	all, err := d.Devices()
	check(t, err)
	collectives(t, s, d, len(all))
}

// collectives tries every operation in groups that are made in both ways.
func collectives(t *testing.T, s library.Search, d driver.Driver, ranks int) {
	l, err := nccl.Load(s)
	check(t, err)
	t.Logf("NCCL %s, %d devices", l.Version(), ranks)
	t.Run("all at once", func(t *testing.T) {
		members := open(t, d, ranks)
		var devices []driver.Device
		for _, m := range members {
			devices = append(devices, m.device)
		}
		group, err := l.All(devices)
		check(t, err)
		for i, c := range group {
			members[i].Communicator = c
		}
		operations(t, members)
	})
	t.Run("one by one", func(t *testing.T) {
		members := open(t, d, ranks)
		id, err := l.NewID()
		check(t, err)
		joined := make(chan error, ranks)
		for rank, m := range members {
			go func() {
				var err error
				m.Communicator, err = l.Join(m.device, id, ranks, rank)
				joined <- err
			}()
		}
		for range members {
			check(t, <-joined)
		}
		operations(t, members)
	})
}

func operations(t *testing.T, members []*member) {
	ranks := len(members)
	base := func(i int) float32 { return float32(ranks*(i+1)) + float32(10*ranks*(ranks-1)/2) } // sum over ranks
	for _, step := range []struct {
		name string
		do   func(*member) error
		n    int
		want func(m *member, i int) float32
	}{
		{"all-reduce", func(m *member) error { return m.AllReduce(m.stream, m.y, m.x, count, nccl.Float32, nccl.Sum) }, count,
			func(_ *member, i int) float32 { return base(i) }},
		{"maximum", func(m *member) error { return m.AllReduce(m.stream, m.y, m.x, count, nccl.Float32, nccl.Max) }, count,
			func(_ *member, i int) float32 { return float32(10*(ranks-1) + i + 1) }},
		{"all-gather", func(m *member) error { return m.AllGather(m.stream, m.y, m.x, count, nccl.Float32) }, count * ranks,
			func(_ *member, i int) float32 { return float32(10*(i/count) + i%count + 1) }},
		{"reduce-scatter", func(m *member) error { return m.ReduceScatter(m.stream, m.y, m.x, count, nccl.Float32, nccl.Sum) }, count,
			func(m *member, i int) float32 { return base(m.Rank()*count + i) }},
		{"broadcast", func(m *member) error { return m.Broadcast(m.stream, m.y, m.x, count, nccl.Float32, ranks-1) }, count,
			func(_ *member, i int) float32 { return float32(10*(ranks-1) + i + 1) }},
		{"group", func(m *member) error {
			return m.Group(func() error {
				return m.AllReduce(m.stream, m.y, m.x, count, nccl.Float32, nccl.Sum)
			})
		}, count, func(_ *member, i int) float32 { return base(i) }},
	} {
		each(t, members, step.do)
		for _, m := range members {
			for i, got := range m.read(t, m.y, step.n) {
				if got != step.want(m, i) {
					t.Fatalf("%s, rank %d of %d: number %d is %v, want %v", step.name, m.Rank(), m.Ranks(), i, got, step.want(m, i))
				}
			}
		}
	}
	each(t, members, func(m *member) error { return m.Check() })
	each(t, members, func(m *member) error { return m.Close() })
	each(t, members, func(m *member) error { return m.Close() })
}

func TestMistakesAreOurs(t *testing.T) {
	e := emulator.Open(t, "devices=1")
	d, err := native.Load(e.Search())
	check(t, err)
	l, err := nccl.Load(e.Search())
	check(t, err)
	m := open(t, d, 1)[0]
	group, err := l.All([]driver.Device{m.device})
	check(t, err)
	if err := group[0].AllReduce(m.stream, m.y, m.x, count, nccl.Type(77), nccl.Sum); !driver.Is(err, driver.Bug) {
		t.Errorf("a type that is none: %v", err)
	}
	check(t, group[0].Close())
}
