package drivertest

import (
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

func (r *rig) add(s driver.Stream, f driver.Function, x, by driver.Pointer) {
	r.t.Helper()
	r.must(r.Launch(driver.Launch{Function: f, Block: driver.Dim{X: 32}, Stream: s, Args: []driver.Arg{driver.Ptr(x), driver.Ptr(by), driver.Int(1)}}))
}

func replays(t *testing.T, r *rig) {
	f := r.kernel(kernels, "add")
	x, by := r.ints(5), r.ints(1)
	r.must(r.BeginCapture(r.stream))
	r.add(r.stream, f, x, by)
	r.add(r.stream, f, x, by)
	g := of(r.EndCapture(r.stream))(r)
	if got := r.readInts(x, 1)[0]; got != 5 {
		t.Fatalf("captured work ran: %d", got)
	}
	r.must(r.LaunchGraph(g, r.stream))
	r.must(r.Write(r.stream, by, []byte{10, 0, 0, 0})) // what changes reaches it through memory
	r.must(r.LaunchGraph(g, r.stream))
	if got := r.readInts(x, 1)[0]; got != 27 {
		t.Errorf("5 + 2*1 + 2*10 = %d", got)
	}
	r.must(r.FreeGraph(g))
	r.is(r.FreeGraph(g), driver.Bug)
	r.must(r.BeginCapture(r.stream))
	_, err := r.EndCapture(r.stream)
	r.is(err, driver.Bug)
}

// capturesAcross lets a second stream join a capture by an event, and come back by another.
func capturesAcross(t *testing.T, r *rig) {
	f := r.kernel(kernels, "add")
	side := of(r.NewStream())(r)
	fork, join := of(r.NewEvent(false))(r), of(r.NewEvent(false))(r)
	x, y, by := r.ints(1), r.ints(2), r.ints(3)
	r.must(r.BeginCapture(r.stream))
	r.must(r.Record(fork, r.stream))
	r.must(r.Wait(side, fork))
	r.add(side, f, y, by)
	r.add(r.stream, f, x, by)
	r.must(r.Record(join, side))
	r.must(r.Wait(r.stream, join))
	r.add(r.stream, f, x, y)
	g := of(r.EndCapture(r.stream))(r)
	for range 3 {
		r.must(r.LaunchGraph(g, r.stream))
	}
	// y: 5, 8, 11; x: 1+3+5, +3+8, +3+11
	if gotX, gotY := r.readInts(x, 1)[0], r.readInts(y, 1)[0]; gotX != 34 || gotY != 11 {
		t.Errorf("x %d, y %d", gotX, gotY)
	}
}

func spoiledCapture(t *testing.T, r *rig) {
	f := r.kernel(kernels, "add")
	x, by := r.ints(1), r.ints(1)
	r.must(r.BeginCapture(r.stream))
	r.add(r.stream, f, x, by)
	r.is(r.Synchronize(r.stream), driver.Bug)
	_, err := r.EndCapture(r.stream)
	r.is(err, driver.Bug)
	_, err = r.EndCapture(r.stream)
	r.is(err, driver.Bug)
	r.add(r.stream, f, x, by)
	if got := r.readInts(x, 1)[0]; got != 2 {
		t.Errorf("after it: %d", got)
	}
}
