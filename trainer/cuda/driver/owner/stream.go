//go:build linux

package owner

import "github.com/scalelaw/scalelaw/trainer/cuda/driver"

// NewStream implements driver.Streams.
func (d *Device) NewStream() (driver.Stream, error) {
	return get(d, func() (driver.Stream, error) {
		s, err := d.raw.NewStream()
		return give(d.held.streams, s, err)
	})
}

// FreeStream implements driver.Streams.
func (d *Device) FreeStream(s driver.Stream) error {
	return d.call(func() error {
		err := takeBack(d.held.streams, s, "stream", d.raw.FreeStream)
		if err == nil {
			delete(d.held.capturing, s)
		}
		return err
	})
}

// Synchronize implements driver.Streams.
func (d *Device) Synchronize(s driver.Stream) error {
	return d.call(func() error { return d.raw.Synchronize(s) })
}

// NewEvent implements driver.Streams.
func (d *Device) NewEvent(timed bool) (driver.Event, error) {
	return get(d, func() (driver.Event, error) {
		e, err := d.raw.NewEvent(timed)
		return give(d.held.events, e, err)
	})
}

// FreeEvent implements driver.Streams.
func (d *Device) FreeEvent(e driver.Event) error {
	return d.call(func() error { return takeBack(d.held.events, e, "event", d.raw.FreeEvent) })
}

// Record implements driver.Streams.
func (d *Device) Record(e driver.Event, s driver.Stream) error {
	return d.call(func() error { return d.raw.Record(e, s) })
}

// Wait implements driver.Streams.
func (d *Device) Wait(s driver.Stream, e driver.Event) error {
	return d.call(func() error { return d.raw.Wait(s, e) })
}

// Done implements driver.Streams.
func (d *Device) Done(e driver.Event) (bool, error) {
	return get(d, func() (bool, error) { return d.raw.Done(e) })
}

// Await implements driver.Streams.
func (d *Device) Await(e driver.Event) error {
	return d.call(func() error { return d.raw.Await(e) })
}

// Elapsed implements driver.Streams.
func (d *Device) Elapsed(start, end driver.Event) (float32, error) {
	return get(d, func() (float32, error) { return d.raw.Elapsed(start, end) })
}
