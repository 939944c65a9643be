package drivertest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

func describes(t *testing.T, r *rig) {
	i := r.Info()
	if i.Name == "" || !strings.HasPrefix(i.UUID, "GPU-") || len(i.UUID) != 40 || i.Driver < driver.Oldest {
		t.Errorf("%+v", i)
	}
	if i.Major < 3 || i.SMs < 1 || i.Memory < 1<<20 || i.SharedBlock < 48<<10 || i.SharedSM < i.SharedBlock || i.ThreadsPerSM < 1024 || i.ClockKHz < 1 {
		t.Errorf("%+v", i)
	}
	all := of(r.driver.Devices())(r)
	if all[0] != i {
		t.Errorf("listed as %+v\nopened as %+v", all[0], i)
	}
	if r.driver.Library() == "" || r.driver.Version() != i.Driver {
		t.Errorf("%s, %v", r.driver.Library(), r.driver.Version())
	}
	_, err := r.driver.Open(len(all))
	r.is(err, driver.NoGPU)
	_, err = r.driver.Open(-1)
	r.is(err, driver.NoGPU)
}

func copies(t *testing.T, r *rig) {
	const n = 100_003
	want := pattern(n, 7)
	a, b := r.room(n), r.room(n)
	if a%256 != 0 || b%256 != 0 {
		t.Errorf("addresses %#x, %#x", a, b)
	}
	r.must(r.Write(r.stream, a, want))
	r.must(r.CopyAsync(r.stream, b, a, n))
	if !bytes.Equal(r.read(b, n), want) {
		t.Error("what was copied is not what came back")
	}
	r.must(r.Write(r.stream, b.Offset(11), want[:5]))
	if got := r.read(b.Offset(10), 7); !bytes.Equal(got, append(append([]byte{want[10]}, want[:5]...), want[16])) {
		t.Errorf("a part in the middle: % x", got)
	}
	r.must(r.Write(r.stream, a, nil))
	r.must(r.Read(r.stream, nil, a))
}

func copiesAsync(t *testing.T, r *rig) {
	const n = 1 << 16
	out, in := of(r.AllocatePinned(n))(r), of(r.AllocatePinned(n))(r)
	copy(out, pattern(n, 3))
	p := r.room(n)
	r.must(r.WriteAsync(r.stream, p, out))
	r.must(r.ReadAsync(r.stream, in[:n/2], p.Offset(n/2)))
	r.must(r.ReadAsync(r.stream, in[n/2:], p))
	r.must(r.Synchronize(r.stream))
	if !bytes.Equal(in[:n/2], out[n/2:]) || !bytes.Equal(in[n/2:], out[:n/2]) {
		t.Error("halves of pinned memory do not come back")
	}
	r.must(r.FreePinned(out))
	r.is(r.FreePinned(in[8:]), driver.Bug)
}

func fills(t *testing.T, r *rig) {
	p := r.room(1000)
	r.must(r.FillAsync(r.stream, p, 0xab, 1000))
	r.must(r.FillAsync(r.stream, p.Offset(100), 0, 13))
	want := bytes.Repeat([]byte{0xab}, 1000)
	clear(want[100:113])
	if !bytes.Equal(r.read(p, 1000), want) {
		t.Error("filled otherwise")
	}
	r.must(r.FillAsync(r.stream, p, 1, 0))
}

func wrongSizes(_ *testing.T, r *rig) {
	_, err := r.Allocate(0)
	r.is(err, driver.Bug)
	_, err = r.Allocate(-1)
	r.is(err, driver.Bug)
	_, err = r.AllocatePinned(0)
	r.is(err, driver.Bug)
	p := r.room(8)
	r.is(r.CopyAsync(r.stream, p, p, -8), driver.Bug)
}

func outOfMemory(t *testing.T, r *rig) {
	free, total, err := r.MemoryInfo()
	r.must(err)
	if free <= 0 || free > total || total > r.Info().Memory {
		t.Errorf("%d of %d are free, the device has %d", free, total, r.Info().Memory)
	}
	_, err = r.Allocate(int(2 * r.Info().Memory))
	r.is(err, driver.OutOfMemory)
	if err != nil && !strings.Contains(err.Error(), "MiB") {
		t.Error(err)
	}
	r.room(256) // it goes on
}
