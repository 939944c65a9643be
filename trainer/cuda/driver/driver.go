// Package driver is the seam between the CUDA trainer and NVIDIA's driver: what the trainer
// needs of it, and no more. driver/native loads libcuda at run time, without cgo;
// driver/gorgoniacu stands on gorgonia.org/cu behind a build tag. Both pass driver/drivertest.
//
// The names are those of CUDA's driver API, where a word of it fits (NVIDIA, CUDA Driver API).
// Addresses and handles are opaque numbers: libraries that share a device's streams (cublasLt,
// NCCL) take them as they are.
package driver

import "fmt"

// Driver is NVIDIA's driver, loaded.
type Driver interface {
	// Version is the newest CUDA that the driver can serve.
	Version() Version
	// Library is the file that was loaded.
	Library() string
	// Devices lists what may be opened, in the driver's order (CUDA_VISIBLE_DEVICES counts).
	// None at all is an error of class NoGPU.
	Devices() ([]Info, error)
	// Open retains a device's primary context on an operating system thread of its own.
	Open(ordinal int) (Device, error)
}

// Version is a CUDA version as the driver and its libraries count: 1000*major + 10*minor.
type Version int

func (v Version) String() string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }

// Major is the first number of a version.
func (v Version) Major() int { return int(v) / 1000 }

// Oldest is the oldest driver that is served.
const Oldest Version = 11080

// Info describes a device.
type Info struct {
	Ordinal      int     `json:"ordinal"`
	Name         string  `json:"name"`
	UUID         string  `json:"uuid"` // "GPU-...", as nvidia-smi shows it
	Driver       Version `json:"driver"`
	Major        int     `json:"major"` // compute capability
	Minor        int     `json:"minor"`
	SMs          int     `json:"sms"`           // streaming multiprocessors
	Memory       int64   `json:"memory"`        // bytes
	SharedBlock  int     `json:"shared_block"`  // bytes of shared memory that a block may opt in to
	SharedSM     int     `json:"shared_sm"`     // bytes of shared memory of a multiprocessor
	L2           int     `json:"l2"`            // bytes
	ClockKHz     int     `json:"clock_khz"`     // the multiprocessors' peak
	MemoryKHz    int     `json:"memory_khz"`    // the memory's peak
	MemoryBus    int     `json:"memory_bus"`    // bits
	ThreadsPerSM int     `json:"threads_sm"`    // at most, at once
	Bus          string  `json:"bus,omitempty"` // PCI: domain:bus:device
}

// Arch is the architecture as NVRTC takes it: "sm_90".
func (i Info) Arch() string { return fmt.Sprintf("sm_%d%d", i.Major, i.Minor) }

// Device is an open device. Its methods may be called from any goroutine: one thread, which owns
// the device's primary context, makes all of the driver's calls, in order. A call from
// elsewhere costs a change of threads; Do saves it.
//
// A device that is lost (class DeviceLost) refuses everything but Close.
type Device interface {
	Info() Info
	// Do runs f on the device's thread, where calls of the device (and of libraries that work
	// in its context) are direct. Do within Do is a plain call. f must not wait for another
	// goroutine that uses the device.
	Do(f func() error) error
	// Close waits for the work under way, frees all that was not freed, and releases the context.
	// A second Close does nothing.
	Close() error

	Memory
	Streams
	Kernels
	Graphs
}

// Pointer is an address in a device's memory; 0 is none.
type Pointer uint64

// Offset is the address n bytes on.
func (p Pointer) Offset(n int) Pointer { return p + Pointer(n) }

// Pinned is page-locked host memory, which the device copies from and to beside the host. Any
// part of it may be copied. It lies outside of Go's heap and lives until FreePinned or Close.
type Pinned []byte

// Memory is a device's memory and what moves in and out of it. All sizes are in bytes.
type Memory interface {
	// Allocate gives memory aligned to 256 bytes or more, whose contents are not defined. An
	// error of class OutOfMemory says how much was asked and how much is free.
	Allocate(bytes int) (Pointer, error)
	// Free waits for the device to be idle.
	Free(Pointer) error
	// AllocatePinned gives page-locked host memory, aligned to a page.
	AllocatePinned(bytes int) (Pinned, error)
	// FreePinned takes what AllocatePinned gave, not a part of it.
	FreePinned(Pinned) error
	// MemoryInfo is how much of the device's memory is free now, and all there is.
	MemoryInfo() (free, total int64, err error)

	// Write copies src to dst in s's order. It returns when src may be changed: when the copy
	// is done, and all that s held before.
	Write(s Stream, dst Pointer, src []byte) error
	// Read copies len(dst) bytes in s's order and returns when they are there.
	Read(s Stream, dst []byte, src Pointer) error
	// WriteAsync is Write without the wait: src must stay as it is until s has passed the copy.
	WriteAsync(s Stream, dst Pointer, src Pinned) error
	// ReadAsync is Read without the wait.
	ReadAsync(s Stream, dst Pinned, src Pointer) error
	// CopyAsync copies within the device's memory.
	CopyAsync(s Stream, dst, src Pointer, bytes int) error
	// FillAsync sets each of the bytes to value.
	FillAsync(s Stream, dst Pointer, value byte, bytes int) error
}

// Stream is work in order; streams run beside each other. It is the driver's CUstream.
type Stream uintptr

// Event is a mark in a stream. It is the driver's CUevent.
type Event uintptr

// Streams orders work.
type Streams interface {
	// NewStream gives a stream that does not wait for the legacy default stream.
	NewStream() (Stream, error)
	// FreeStream lets the stream's work end by itself.
	FreeStream(Stream) error
	// Synchronize waits until all of the stream's work is done, and reports what went wrong in it.
	Synchronize(Stream) error

	// NewEvent gives an event; only a timed one may be used with Elapsed.
	NewEvent(timed bool) (Event, error)
	FreeEvent(Event) error
	// Record sets the event at the stream's end as it is now.
	Record(Event, Stream) error
	// Wait lets the stream go on only after the event (as last recorded).
	Wait(Stream, Event) error
	// Done reports, without waiting, whether the work before the event is done.
	Done(Event) (bool, error)
	// Await waits for the event on the host. It sleeps; it does not spin.
	Await(Event) error
	// Elapsed is the time between two timed events that are done, in milliseconds, to about 0.5 us.
	Elapsed(start, end Event) (float32, error)
}
