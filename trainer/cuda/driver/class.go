package driver

import "github.com/scalelaw/scalelaw/sweep"

// Class is what kind of failure an error is: it decides what is done about it.
type Class int

const (
	Bug            Class = iota // a call that must not be made so: ours to mend
	NoDriver                    // libcuda is not on the host
	NoGPU                       // a driver, but no device that may be used
	DriverTooOld                // older than Oldest, or than what a library or a cubin wants
	LibraryMissing              // NVRTC, cublasLt or NCCL was not found
	LibraryForeign              // found, but for another machine, incomplete or of no known version
	OutOfMemory                 // of the device
	HostMemory                  // of the host, page-locked memory too
	DeviceLost                  // its context is gone: illegal access, ECC, fallen off the bus
	DeviceBusy                  // another process has it
	BadKernel                   // a kernel that does not compile or does not load
	Unsupported                 // by this device or driver
)

var classes = map[Class]struct {
	name string
	kind error // what the program does about it: sweep's kinds
}{
	Bug:            {"a call that must not be made so", sweep.ErrInternal},
	NoDriver:       {"no driver", sweep.ErrNoDevice},
	NoGPU:          {"no GPU", sweep.ErrNoDevice},
	DriverTooOld:   {"driver too old", sweep.ErrNoDevice},
	LibraryMissing: {"library missing", sweep.ErrNoDevice},
	LibraryForeign: {"foreign library", sweep.ErrNoDevice},
	OutOfMemory:    {"out of device memory", sweep.ErrDeviceMemory},
	HostMemory:     {"out of host memory", sweep.ErrOutOfMemory},
	DeviceLost:     {"device lost", sweep.ErrDeviceLost},
	DeviceBusy:     {"device busy", sweep.ErrDeviceBusy},
	BadKernel:      {"kernel refused", sweep.ErrInternal},
	Unsupported:    {"not supported", sweep.ErrUnsupported},
}

func (c Class) String() string { return classes[c].name }
