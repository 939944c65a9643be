package nccl

import (
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
)

// Type is a number's type (ncclDataType_t).
type Type int

const (
	Int32    Type = 2
	Float32  Type = 7
	BFloat16 Type = 9
)

// Op is how numbers are reduced (ncclRedOp_t).
type Op int

const (
	Sum     Op = 0
	Max     Op = 2
	Average Op = 4
)

// AllReduce reduces count numbers over all ranks; each gets the result. dst may be src.
func (c *Communicator) AllReduce(s driver.Stream, dst, src driver.Pointer, count int, t Type, op Op) error {
	return c.do(allReduce, uintptr(src), uintptr(dst), uintptr(count), uintptr(t), uintptr(op), c.handle, uintptr(s))
}

// AllGather puts count numbers of each rank one after the other, in the order of ranks: dst
// holds Ranks*count. src may be its own part of dst.
func (c *Communicator) AllGather(s driver.Stream, dst, src driver.Pointer, count int, t Type) error {
	return c.do(allGather, uintptr(src), uintptr(dst), uintptr(count), uintptr(t), c.handle, uintptr(s))
}

// ReduceScatter reduces Ranks*count numbers over all ranks; each gets its own count of them. dst
// may be its own part of src.
func (c *Communicator) ReduceScatter(s driver.Stream, dst, src driver.Pointer, count int, t Type, op Op) error {
	return c.do(reduceScatter, uintptr(src), uintptr(dst), uintptr(count), uintptr(t), uintptr(op), c.handle, uintptr(s))
}

// Broadcast gives every rank the root's count numbers. dst may be src.
func (c *Communicator) Broadcast(s driver.Stream, dst, src driver.Pointer, count int, t Type, root int) error {
	return c.do(broadcast, uintptr(src), uintptr(dst), uintptr(count), uintptr(t), uintptr(root), c.handle, uintptr(s))
}

func (c *Communicator) do(f int, args ...uintptr) error {
	return c.device.Do(func() error { return c.lib.call(f, args...) })
}

// Group runs f, whose operations become one.
func (c *Communicator) Group(f func() error) error {
	return c.device.Do(func() error {
		if err := c.lib.call(groupStart); err != nil {
			return err
		}
		err := f()
		if ended := c.lib.call(groupEnd); err == nil {
			err = ended
		}
		return err
	})
}

// Check gives what went wrong in operations that have returned, here or on another rank.
func (c *Communicator) Check() error {
	return c.device.Do(func() error {
		var result int32
		if err := c.lib.call(asyncError, c.handle, uintptr(unsafe.Pointer(&result))); err != nil {
			return err
		}
		return c.lib.check(asyncError, int(result))
	})
}

// Close leaves the group when all operations are done. It comes before the device's.
func (c *Communicator) Close() error { return c.leave(commDestroy) }

// Abort leaves the group at once: operations that wait for a rank that is gone end.
func (c *Communicator) Abort() error { return c.leave(commAbort) }

func (c *Communicator) leave(how int) error {
	return c.device.Do(func() error {
		if c.handle == 0 {
			return nil
		}
		handle := c.handle
		c.handle = 0
		return c.lib.call(how, handle)
	})
}
