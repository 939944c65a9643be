package clip

import (
	"errors"

	"github.com/scalelaw/scalelaw/sweep"
)

// roomy is a device that knows how many bytes it has free.
type roomy interface{ Free() (int64, error) }

// free is the least memory that any of the devices has free, in bytes; 0 where none says.
func (d *devices) free() (least int64, err error) {
	for _, one := range d.all {
		r, ok := one.(roomy)
		if !ok {
			continue
		}
		n, err := r.Free()
		if err != nil {
			return 0, err
		}
		if least == 0 || n < least {
			least = n
		}
	}
	return least, nil
}

// gpu says that the devices are GPUs: they have memory of their own.
func (d *devices) gpu() bool {
	if len(d.all) == 0 {
		return false
	}
	_, ok := d.all[0].(roomy)
	return ok
}

// fits refuses a run that the devices have no memory for, before any of it is taken.
func (s *session) fits() (err error) {
	gpu := s.devices.gpu()
	if s.room = hostMemory() / int64(max(len(s.devices.all), 1)); gpu {
		if s.room, err = s.devices.free(); err != nil {
			return err
		}
	}
	need, err := Memory(s.run.Model, s.run.Recipe, gpu)
	if err == nil && s.room > 0 && need > s.room {
		err = tooLarge(s.run.Model, s.run.Recipe, gpu, need, s.room)
	}
	return err
}

// explain adds what would fit to a failure for want of a device's memory.
func (s *session) explain(err error) error {
	if !errors.Is(err, sweep.ErrDeviceMemory) {
		return err
	}
	gpu := s.devices.gpu()
	need, failed := Memory(s.run.Model, s.run.Recipe, gpu)
	if failed != nil {
		return err
	}
	// The plan said that it fits, so that it missed something: leave as much again to spare.
	return errors.Join(err, tooLarge(s.run.Model, s.run.Recipe, gpu, need, min(s.room, need)*9/10))
}
