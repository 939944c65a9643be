//go:build linux

// Package owner puts a device on an operating system thread of its own: it makes all calls
// there, keeps account of what is held and frees it at the end, and refuses work after the
// device is lost. Both implementations of the driver stand under it.
package owner

import (
	"errors"
	"sync"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// Raw is a device whose calls must come from one thread and whose context is current there.
// It keeps no account of what it gives.
type Raw interface {
	driver.Memory
	driver.Streams
	driver.Kernels
	driver.Graphs

	Info() driver.Info
	// Settle waits until the device is idle.
	Settle() error
	// Release gives the context back.
	Release() error
}

// Device is a Raw with a thread and an account.
type Device struct {
	raw    Raw
	info   driver.Info
	thread *thread
	held   holdings
	lost   error // the failure that ended the context
	closed bool

	closing sync.Once
	failure error // of Close
}

var _ driver.Device = (*Device)(nil)

// Open calls open on a new thread and owns what it gives.
func Open(open func() (Raw, error)) (*Device, error) {
	d := &Device{thread: newThread(), held: newHoldings()}
	err := d.thread.do(func() (err error) {
		d.raw, err = open()
		return err
	})
	if err != nil {
		d.thread.end()
		return nil, err
	}
	d.info = d.raw.Info()
	return d, nil
}

// Info implements driver.Device.
func (d *Device) Info() driver.Info { return d.info }

// Do implements driver.Device.
func (d *Device) Do(f func() error) error { return d.call(f) }

// call runs f on the thread and notes the loss of the device.
func (d *Device) call(f func() error) error {
	return d.thread.do(func() error {
		if err := d.usable(); err != nil {
			return err
		}
		err := f()
		d.note(err)
		return err
	})
}

// get is call for what gives a value.
func get[T any](d *Device, f func() (T, error)) (T, error) {
	var v T
	err := d.call(func() (err error) {
		v, err = f()
		return err
	})
	return v, err
}

func (d *Device) usable() error {
	if d.closed {
		return errClosed()
	}
	return d.lost
}

func (d *Device) note(err error) {
	if d.lost == nil && driver.Is(err, driver.DeviceLost) {
		d.lost = err
	}
}

// Close implements driver.Device. What a lost device held is gone with its context: the failures
// of freeing it are not told, nor is the loss once more.
func (d *Device) Close() error {
	d.closing.Do(func() {
		d.failure = d.thread.do(d.release)
		d.thread.end()
	})
	return d.failure
}

func (d *Device) release() error {
	told := d.lost != nil
	d.held.endCaptures(d.raw)
	settled := d.raw.Settle()
	d.note(settled)
	freed := d.held.free(d.raw)
	released := d.raw.Release()
	d.closed = true
	switch {
	case told:
		return nil
	case d.lost != nil:
		return d.lost
	}
	return errors.Join(settled, freed, released)
}
