package cublaslt

import "github.com/scalelaw/scalelaw/trainer/cuda/driver"

// stopwatch times what is put into a stream.
type stopwatch struct {
	device     driver.Device
	stream     driver.Stream
	start, end driver.Event
}

func newStopwatch(d driver.Device, s driver.Stream) (*stopwatch, error) {
	w := &stopwatch{device: d, stream: s}
	var err error
	if w.start, err = d.NewEvent(true); err != nil {
		return nil, err
	}
	if w.end, err = d.NewEvent(true); err != nil {
		_ = d.FreeEvent(w.start) // the first failure is the one to tell
		return nil, err
	}
	return w, nil
}

// time gives the milliseconds that f's work takes on the device.
func (w *stopwatch) time(f func() error) (float32, error) {
	if err := w.device.Record(w.start, w.stream); err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	if err := w.device.Record(w.end, w.stream); err != nil {
		return 0, err
	}
	if err := w.device.Await(w.end); err != nil {
		return 0, err
	}
	return w.device.Elapsed(w.start, w.end)
}

func (w *stopwatch) free() {
	_ = w.device.FreeEvent(w.start) // Close frees what is left
	_ = w.device.FreeEvent(w.end)
}
