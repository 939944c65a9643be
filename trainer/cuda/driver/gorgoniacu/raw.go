//go:build gorgonia_cu && linux && cgo

package gorgoniacu

// #include <cuda.h>
import "C"

import (
	"unsafe"

	"gorgonia.org/cu"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/owner"
)

// raw is a device on the thread that retained its context.
type raw struct {
	info   driver.Info
	device cu.Device
}

var _ owner.Raw = (*raw)(nil)

// handle reads one of gorgonia.org/cu's handles, or makes one: each is a struct around the
// driver's own.
func handle[To, From any](from From) To { return *(*To)(unsafe.Pointer(&from)) }

func stream(s driver.Stream) cu.Stream { return handle[cu.Stream](s) }

func event(e driver.Event) cu.Event { return handle[cu.Event](e) }

func (r *raw) Info() driver.Info { return r.info }

func (r *raw) Settle() error { return check("cuCtxSynchronize", C.cuCtxSynchronize()) }

func (r *raw) Release() error {
	_ = cu.SetCurrentContext(cu.CUContext{}) // the thread ends next
	return failed("cuDevicePrimaryCtxRelease", r.device.ReleasePrimaryCtx())
}

func (r *raw) NewStream() (driver.Stream, error) {
	s, err := cu.MakeStream(cu.NonBlocking)
	return handle[driver.Stream](s), failed("cuStreamCreate", err)
}

func (r *raw) FreeStream(s driver.Stream) error {
	made := stream(s)
	return failed("cuStreamDestroy", made.Destroy())
}

func (r *raw) Synchronize(s driver.Stream) error {
	return failed("cuStreamSynchronize", stream(s).Synchronize())
}

func (r *raw) NewEvent(timed bool) (driver.Event, error) {
	flags := cu.BlockingSyncEvent
	if !timed {
		flags |= cu.DisableTiming
	}
	e, err := cu.MakeEvent(flags)
	return handle[driver.Event](e), failed("cuEventCreate", err)
}

func (r *raw) FreeEvent(e driver.Event) error {
	made := event(e)
	return failed("cuEventDestroy", cu.DestroyEvent(&made))
}

func (r *raw) Record(e driver.Event, s driver.Stream) error {
	return failed("cuEventRecord", event(e).Record(stream(s)))
}

func (r *raw) Wait(s driver.Stream, e driver.Event) error {
	return failed("cuStreamWaitEvent", stream(s).Wait(event(e), 0))
}

func (r *raw) Done(e driver.Event) (bool, error) {
	err := event(e).Query()
	if err == cu.NotReady {
		return false, nil
	}
	return err == nil, failed("cuEventQuery", err)
}

func (r *raw) Await(e driver.Event) error {
	return failed("cuEventSynchronize", event(e).Synchronize())
}

func (r *raw) Elapsed(start, end driver.Event) (float32, error) {
	ms, err := event(start).Elapsed(event(end))
	return float32(ms), failed("cuEventElapsedTime", err)
}
