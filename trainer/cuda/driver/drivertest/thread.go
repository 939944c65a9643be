package drivertest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

func manyGoroutines(t *testing.T, r *rig) {
	var wait sync.WaitGroup
	failures := make(chan error, 16)
	for i := range byte(16) {
		wait.Go(func() { failures <- roundTrip(r, i) })
	}
	wait.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			t.Error(err)
		}
	}
}

func roundTrip(r *rig, seed byte) error {
	want := pattern(5000, seed)
	p, err := r.Allocate(len(want))
	if err != nil {
		return err
	}
	got := make([]byte, len(want))
	if err := errors.Join(r.Write(r.stream, p, want), r.Read(r.stream, got, p), r.Free(p)); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("goroutine %d read another's bytes", seed)
	}
	return nil
}

func onItsThread(t *testing.T, r *rig) {
	own := errors.New("own")
	if err := r.Do(func() error { return own }); !errors.Is(err, own) {
		t.Errorf("Do gave %v", err)
	}
	r.must(r.Do(func() error {
		p, err := r.Allocate(16)
		if err != nil {
			return err
		}
		return r.Do(func() error { return r.Free(p) })
	}))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic in Do was lost")
			}
		}()
		_ = r.Do(func() error { panic("for the caller") })
	}()
	r.room(16) // it goes on
}

func freesOnce(_ *testing.T, r *rig) {
	p, s, e := r.room(64), of(r.NewStream())(r), of(r.NewEvent(true))(r)
	r.must(r.Free(p))
	r.must(r.FreeStream(s))
	r.must(r.FreeEvent(e))
	r.is(r.Free(p), driver.Bug)
	r.is(r.FreeStream(s), driver.Bug)
	r.is(r.FreeEvent(e), driver.Bug)
	r.is(r.Free(r.room(64).Offset(8)), driver.Bug)
}

// freesAtTheEnd opens the device once more, leaves everything to Close, and compares what is free.
func freesAtTheEnd(t *testing.T, r *rig) {
	before, _, err := r.MemoryInfo()
	r.must(err)
	second := open(t, r.driver, r.compiler)
	const n = 8 << 20
	second.room(n)
	of(second.AllocatePinned(4096))(second)
	of(second.NewEvent(false))(second)
	f := second.kernel(kernels, "add")
	x := second.ints(1)
	second.must(second.BeginCapture(second.stream))
	second.add(second.stream, f, x, x)
	of(second.EndCapture(second.stream))(second)
	second.must(second.Close())
	second.must(second.Close())
	after, _, err := r.MemoryInfo()
	r.must(err)
	if lost := before - after; lost >= n {
		t.Errorf("%d bytes are still held", lost)
	}
}

func refusesWhenClosed(_ *testing.T, r *rig) {
	p := r.room(16)
	r.must(r.Close())
	_, err := r.Allocate(16)
	r.is(err, driver.Bug)
	r.is(r.Free(p), driver.Bug)
	r.is(r.Synchronize(r.stream), driver.Bug)
	r.is(r.Do(func() error { return nil }), driver.Bug)
}
