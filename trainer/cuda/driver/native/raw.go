//go:build linux && (amd64 || arm64)

package native

import (
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/owner"
)

// raw is a device on the thread that retained its context.
type raw struct {
	*api
	info   driver.Info
	device uintptr
	args   *arguments
	sizes  map[driver.Function][]int // of the parameters, where the driver tells
}

var _ owner.Raw = (*raw)(nil)

func (r *raw) Info() driver.Info { return r.info }

func (r *raw) Settle() error { return r.call(ctxSynchronize) }

func (r *raw) Release() error {
	_ = r.call(ctxSetCurrent, 0) // the thread ends next
	return r.call(primaryCtxRelease, r.device)
}

func (r *raw) NewStream() (driver.Stream, error) {
	var s driver.Stream
	err := r.call(streamCreate, uintptr(unsafe.Pointer(&s)), nonBlocking)
	return s, err
}

func (r *raw) FreeStream(s driver.Stream) error { return r.call(streamDestroy, uintptr(s)) }

func (r *raw) Synchronize(s driver.Stream) error { return r.call(streamSynchronize, uintptr(s)) }

func (r *raw) NewEvent(timed bool) (driver.Event, error) {
	flags := uintptr(eventSleep)
	if !timed {
		flags |= eventUntimed
	}
	var e driver.Event
	err := r.call(eventCreate, uintptr(unsafe.Pointer(&e)), flags)
	return e, err
}

func (r *raw) FreeEvent(e driver.Event) error { return r.call(eventDestroy, uintptr(e)) }

func (r *raw) Record(e driver.Event, s driver.Stream) error {
	return r.call(eventRecord, uintptr(e), uintptr(s))
}

func (r *raw) Wait(s driver.Stream, e driver.Event) error {
	return r.call(streamWaitEvent, uintptr(s), uintptr(e), 0)
}

func (r *raw) Done(e driver.Event) (bool, error) {
	result := r.invoke(eventQuery, uintptr(e))
	if int32(result) == driver.NotReady {
		return false, nil
	}
	return result == 0, r.check(names[eventQuery], result)
}

func (r *raw) Await(e driver.Event) error { return r.call(eventSynchronize, uintptr(e)) }

func (r *raw) Elapsed(start, end driver.Event) (float32, error) {
	var ms float32
	err := r.call(eventElapsedTime, uintptr(unsafe.Pointer(&ms)), uintptr(start), uintptr(end))
	return ms, err
}
