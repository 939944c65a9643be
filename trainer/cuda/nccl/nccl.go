// Package nccl moves numbers between the devices of a machine with NVIDIA's NCCL, loaded at run
// time. Operations go into a device's stream, may be captured, and take effect when every rank
// has put in the same ones in the same order.
package nccl

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// Library is the loaded NCCL.
type Library struct {
	lib     *library.Library
	at      [functions]uintptr
	version int
}

var want = library.Want{
	What:  "NCCL, which several devices need,",
	Files: []library.File{{Name: "libnccl.so.2"}, {Name: "libnccl.so"}},
	Help:  "pip install nvidia-nccl-cu13 (for a driver of CUDA 12: nvidia-nccl-cu12), or take one device",
}

// Load finds NCCL 2.
func Load(s library.Search) (*Library, error) {
	lib, err := s.Open(want, 0)
	if err != nil {
		return nil, err
	}
	l := &Library{lib: lib}
	if err := lib.Functions(names[:], l.at[:]); err != nil {
		return nil, err
	}
	var v int32
	if err := l.call(getVersion, uintptr(unsafe.Pointer(&v))); err != nil {
		return nil, err
	}
	l.version = int(v)
	return l, nil
}

// Version is NCCL's own, as text: "2.29.7".
func (l *Library) Version() string {
	return fmt.Sprintf("%d.%d.%d", l.version/10000, l.version/100%100, l.version%100)
}

// Library is the file that was loaded.
func (l *Library) Library() string { return l.lib.Path }

// ID names a group of ranks; all of them join with the same one (ncclUniqueId).
type ID [128]byte

// NewID makes an ID.
func (l *Library) NewID() (ID, error) {
	var id ID
	err := l.call(getUniqueID, uintptr(unsafe.Pointer(&id)))
	return id, err
}

// Communicator is a device's part in a group. Its calls are made on the device's thread.
type Communicator struct {
	lib    *Library
	device driver.Device
	handle uintptr
	id     ID
	rank   int
	ranks  int
}

// Rank is this device's number in the group of Ranks.
func (c *Communicator) Rank() int { return c.rank }

// Ranks is how many devices the group has.
func (c *Communicator) Ranks() int { return c.ranks }

// Join makes a device a rank of a group and waits for all the others: each joins from a
// goroutine of its own.
func (l *Library) Join(d driver.Device, id ID, ranks, rank int) (*Communicator, error) {
	c := &Communicator{lib: l, device: d, id: id, rank: rank, ranks: ranks}
	err := d.Do(func() error {
		defer runtime.KeepAlive(c) // on the heap, as its parts are, which the library is told of
		return l.call(initRank, append([]uintptr{uintptr(unsafe.Pointer(&c.handle)), uintptr(ranks)}, byValue(&c.id, rank)...)...)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// byValue passes an ID by value, before the last argument. The ABI of amd64 copies it to the
// stack, after the six arguments in registers (System V); that of arm64 passes its address
// (AAPCS64).
func byValue(id *ID, last int) []uintptr {
	if runtime.GOARCH == "arm64" {
		return []uintptr{uintptr(unsafe.Pointer(id)), uintptr(last)}
	}
	args := []uintptr{uintptr(last), 0, 0, 0}
	for at := 0; at < len(id); at += 8 {
		args = append(args, uintptr(binary.NativeEndian.Uint64(id[at:])))
	}
	return args
}

// All makes the devices one group, in their order.
func (l *Library) All(devices []driver.Device) ([]*Communicator, error) {
	ordinals := make([]int32, len(devices))
	for i, d := range devices {
		ordinals[i] = int32(d.Info().Ordinal)
	}
	handles := make([]uintptr, len(devices))
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocks: NCCL changes the thread's current device
		done <- l.call(initAll, uintptr(unsafe.Pointer(&handles[0])), uintptr(len(devices)), uintptr(unsafe.Pointer(&ordinals[0])))
	}()
	if err := <-done; err != nil {
		return nil, err
	}
	group := make([]*Communicator, len(devices))
	for i, d := range devices {
		group[i] = &Communicator{lib: l, device: d, handle: handles[i], rank: i, ranks: len(devices)}
	}
	return group, nil
}
