//go:build linux

package owner

import "github.com/scalelaw/scalelaw/trainer/cuda/driver"

// Allocate implements driver.Memory.
func (d *Device) Allocate(bytes int) (driver.Pointer, error) {
	return get(d, func() (driver.Pointer, error) {
		if bytes <= 0 {
			return 0, driver.Errorf(driver.Bug, "%d bytes of device memory were asked for", bytes)
		}
		p, err := d.raw.Allocate(bytes)
		return give(d.held.memory, p, err)
	})
}

// Free implements driver.Memory.
func (d *Device) Free(p driver.Pointer) error {
	return d.call(func() error { return takeBack(d.held.memory, p, "device memory", d.raw.Free) })
}

// AllocatePinned implements driver.Memory.
func (d *Device) AllocatePinned(bytes int) (driver.Pinned, error) {
	return get(d, func() (driver.Pinned, error) {
		if bytes <= 0 {
			return nil, driver.Errorf(driver.Bug, "%d bytes of page-locked memory were asked for", bytes)
		}
		p, err := d.raw.AllocatePinned(bytes)
		if err == nil {
			d.held.pinned[first(p)] = p
		}
		return p, err
	})
}

// FreePinned implements driver.Memory.
func (d *Device) FreePinned(p driver.Pinned) error {
	return d.call(func() error {
		whole, ok := d.held.pinned[first(p)]
		if !ok {
			return driver.Errorf(driver.Bug, "page-locked memory that is not held: freed before, or a part of some")
		}
		err := d.raw.FreePinned(whole)
		if err == nil {
			delete(d.held.pinned, first(p))
		}
		return err
	})
}

// MemoryInfo implements driver.Memory.
func (d *Device) MemoryInfo() (free, total int64, err error) {
	err = d.call(func() error {
		free, total, err = d.raw.MemoryInfo()
		return err
	})
	return free, total, err
}

// Write implements driver.Memory.
func (d *Device) Write(s driver.Stream, dst driver.Pointer, src []byte) error {
	return d.copy(len(src), func() error { return d.raw.Write(s, dst, src) })
}

// Read implements driver.Memory.
func (d *Device) Read(s driver.Stream, dst []byte, src driver.Pointer) error {
	return d.copy(len(dst), func() error { return d.raw.Read(s, dst, src) })
}

// WriteAsync implements driver.Memory.
func (d *Device) WriteAsync(s driver.Stream, dst driver.Pointer, src driver.Pinned) error {
	return d.copy(len(src), func() error { return d.raw.WriteAsync(s, dst, src) })
}

// ReadAsync implements driver.Memory.
func (d *Device) ReadAsync(s driver.Stream, dst driver.Pinned, src driver.Pointer) error {
	return d.copy(len(dst), func() error { return d.raw.ReadAsync(s, dst, src) })
}

// CopyAsync implements driver.Memory.
func (d *Device) CopyAsync(s driver.Stream, dst, src driver.Pointer, bytes int) error {
	return d.copy(bytes, func() error { return d.raw.CopyAsync(s, dst, src, bytes) })
}

// FillAsync implements driver.Memory.
func (d *Device) FillAsync(s driver.Stream, dst driver.Pointer, value byte, bytes int) error {
	return d.copy(bytes, func() error { return d.raw.FillAsync(s, dst, value, bytes) })
}

// copy leaves out copies of nothing, which the driver refuses.
func (d *Device) copy(bytes int, f func() error) error {
	return d.call(func() error {
		switch {
		case bytes < 0:
			return driver.Errorf(driver.Bug, "a copy of %d bytes", bytes)
		case bytes == 0:
			return nil
		}
		return f()
	})
}
