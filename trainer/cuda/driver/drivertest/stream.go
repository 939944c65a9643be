package drivertest

import (
	"bytes"
	"testing"
	"time"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

func orders(t *testing.T, r *rig) {
	const n = 4096
	second := of(r.NewStream())(r)
	ready, copied := of(r.NewEvent(false))(r), of(r.NewEvent(false))(r)
	a, b := r.room(n), r.room(n)
	for round := byte(0); round < 10; round++ {
		r.must(r.FillAsync(r.stream, a, round, n))
		r.must(r.Record(ready, r.stream))
		r.must(r.Wait(second, ready))
		r.must(r.CopyAsync(second, b, a, n))
		r.must(r.Record(copied, second))
		r.must(r.Wait(r.stream, copied))
		if got := r.read(b, n); !bytes.Equal(got, bytes.Repeat([]byte{round}, n)) {
			t.Fatalf("round %d: %d came through", round, got[0])
		}
	}
	r.must(r.FreeEvent(ready))
	r.must(r.FreeStream(second))
}

func times(t *testing.T, r *rig) {
	start, end := of(r.NewEvent(true))(r), of(r.NewEvent(true))(r)
	p := r.room(1 << 16)
	r.must(r.Record(start, r.stream))
	r.must(r.FillAsync(r.stream, p, 1, 1<<16))
	r.must(r.Record(end, r.stream))
	r.must(r.Await(end))
	if !of(r.Done(end))(r) {
		t.Error("awaited, and not done")
	}
	if ms := of(r.Elapsed(start, end))(r); ms < 0 || ms > 60_000 {
		t.Errorf("%v ms", ms)
	}
	r.must(r.Record(end, r.stream))
	for limit := time.Now().Add(10 * time.Second); !of(r.Done(end))(r); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("an event is never done by itself")
		}
	}
	untimed := of(r.NewEvent(false))(r)
	r.must(r.Record(untimed, r.stream))
	r.must(r.Await(untimed))
	_, err := r.Elapsed(start, untimed)
	r.is(err, driver.Bug)
}
