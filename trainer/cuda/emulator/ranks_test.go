package emulator_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/native"
	"github.com/scalelaw/scalelaw/trainer/cuda/emulator"
	"github.com/scalelaw/scalelaw/trainer/cuda/nccl"
)

// rank is one of several devices.
type rank struct {
	driver.Device
	*nccl.Communicator
	stream driver.Stream
}

func openRanks(t *testing.T, n string, settings ...string) []rank {
	t.Helper()
	e := emulator.Open(t, append(settings, "devices="+n)...)
	d, err := native.Load(e.Search())
	must(t, err)
	infos, err := d.Devices()
	must(t, err)
	var devices []driver.Device
	for i := range infos {
		device, err := d.Open(i)
		must(t, err)
		t.Cleanup(func() { _ = device.Close() })
		devices = append(devices, device)
	}
	library, err := nccl.Load(e.Search())
	must(t, err)
	communicators, err := library.All(devices)
	must(t, err)
	var ranks []rank
	for i, device := range devices {
		stream, err := device.NewStream()
		must(t, err)
		ranks = append(ranks, rank{device, communicators[i], stream})
	}
	return ranks
}

// everywhere runs f for all ranks at once and gives the first error.
func everywhere(ranks []rank, f func(i int, r rank) error) error {
	failures := make(chan error, len(ranks))
	for i, r := range ranks {
		go func() { failures <- f(i, r) }()
	}
	var failed error
	for range ranks {
		failed = errors.Join(failed, <-failures)
	}
	return failed
}

func TestCollectives(t *testing.T) {
	const n = 3
	ranks := openRanks(t, "2")
	tests := map[string]struct {
		call func(r rank, dst, src driver.Pointer) error
		want [2][]float32
	}{
		"all-reduce": {func(r rank, dst, src driver.Pointer) error {
			return r.AllReduce(r.stream, dst, src, n, nccl.Float32, nccl.Sum)
		}, [2][]float32{{11, 22, 33}, {11, 22, 33}}},
		"average": {func(r rank, dst, src driver.Pointer) error {
			return r.AllReduce(r.stream, dst, src, n, nccl.Float32, nccl.Average)
		}, [2][]float32{{5.5, 11, 16.5}, {5.5, 11, 16.5}}},
		"all-gather": {func(r rank, dst, src driver.Pointer) error {
			return r.AllGather(r.stream, dst, src, n, nccl.Float32)
		}, [2][]float32{{1, 2, 3, 10, 20, 30}, {1, 2, 3, 10, 20, 30}}},
		"reduce-scatter": {func(r rank, dst, src driver.Pointer) error {
			return r.ReduceScatter(r.stream, dst, src, 1, nccl.Float32, nccl.Sum)
		}, [2][]float32{{11}, {22}}},
		"broadcast": {func(r rank, dst, src driver.Pointer) error {
			return r.Broadcast(r.stream, dst, src, n, nccl.Float32, 1)
		}, [2][]float32{{10, 20, 30}, {10, 20, 30}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			must(t, everywhere(ranks, func(i int, r rank) error { return collect(r, i, test.want[i], test.call) }))
		})
	}
}

// collect runs a collective on (1, 2, 3) or (10, 20, 30), by rank, and compares what comes out.
func collect(r rank, i int, want []float32, call func(r rank, dst, src driver.Pointer) error) error {
	src, err := r.Allocate(12)
	if err != nil {
		return err
	}
	dst, err := r.Allocate(4 * len(want))
	if err != nil {
		return err
	}
	values := []float32{1, 2, 3}
	if i == 1 {
		values = []float32{10, 20, 30}
	}
	if err := errors.Join(r.Write(r.stream, src, bytes(values)), call(r, dst, src)); err != nil {
		return err
	}
	got := make([]float32, len(want))
	if err := r.Read(r.stream, bytes(got), dst); err != nil {
		return err
	}
	if !slices.Equal(got, want) {
		return errors.New("another result than expected")
	}
	return errors.Join(r.Free(src), r.Free(dst), r.Check())
}

func TestCollectivesInGraphs(t *testing.T) {
	ranks := openRanks(t, "2")
	sums := make([]float32, 2)
	must(t, everywhere(ranks, func(i int, r rank) error {
		x, err := r.Allocate(4)
		if err != nil {
			return err
		}
		if err := errors.Join(r.Write(r.stream, x, bytes([]float32{float32(i + 1)})), r.BeginCapture(r.stream)); err != nil {
			return err
		}
		captured := r.AllReduce(r.stream, x, x, 1, nccl.Float32, nccl.Sum)
		graph, err := r.EndCapture(r.stream)
		if err = errors.Join(captured, err); err != nil {
			return err
		}
		for range 3 {
			if err := r.LaunchGraph(graph, r.stream); err != nil {
				return err
			}
		}
		return r.Read(r.stream, bytes(sums[i:i+1]), x)
	}))
	if !slices.Equal(sums, []float32{12, 12}) { // 1+2, then doubled twice
		t.Errorf("sums %v", sums)
	}
}

func TestARankThatDoesNotComeIsReported(t *testing.T) {
	ranks := openRanks(t, "2", "patience=1")
	r := ranks[0]
	x, err := r.Allocate(4)
	must(t, err)
	must(t, r.Write(r.stream, x, bytes([]float32{1})))
	must(t, r.AllReduce(r.stream, x, x, 1, nccl.Float32, nccl.Sum))
	if err := r.Synchronize(r.stream); err == nil || !strings.Contains(err.Error(), "waits for a rank") {
		t.Errorf("a missing rank: %v", err)
	}
}

func TestDifferentCollectivesAreReported(t *testing.T) {
	ranks := openRanks(t, "2")
	err := everywhere(ranks, func(i int, r rank) error {
		x, err := r.Allocate(8)
		if err != nil {
			return err
		}
		err = errors.Join(r.Write(r.stream, x, bytes([]float32{1, 2})), r.AllReduce(r.stream, x, x, 1+i, nccl.Float32, nccl.Sum))
		return errors.Join(err, r.Synchronize(r.stream))
	})
	if err == nil || !strings.Contains(err.Error(), "not the same on all ranks") {
		t.Errorf("sums of one and of two numbers: %v", err)
	}
}

func TestARankThatIsLostIsReported(t *testing.T) {
	ranks := openRanks(t, "2", "patience=1")
	one, other := ranks[0], ranks[1]
	x, err := other.Allocate(4)
	must(t, err)
	must(t, other.FillAsync(other.stream, x, 0, 4096)) // beyond its end: the device is lost there
	must(t, other.AllReduce(other.stream, x, x, 1, nccl.Float32, nccl.Sum))
	if err := other.Synchronize(other.stream); !driver.Is(err, driver.DeviceLost) {
		t.Fatalf("a fill beyond the end of memory: %v", err)
	}
	_ = other.Device.Close() // a lost device does not close without an error

	y, err := one.Allocate(4)
	must(t, err)
	must(t, one.Write(one.stream, y, bytes([]float32{1})))
	must(t, one.AllReduce(one.stream, y, y, 1, nccl.Float32, nccl.Sum))
	if err := one.Synchronize(one.stream); err == nil || !strings.Contains(err.Error(), "ended without collective") {
		t.Errorf("a collective with a rank that is lost: %v", err)
	}
}
