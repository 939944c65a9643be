// Package cublaslt multiplies matrices with NVIDIA's cublasLt, loaded at run time: version 13,
// 12 or 11, whichever is here and serves the driver. Which of its algorithms serves a shape best
// is measured on the device, kept, and the same from then on, because it decides the bits
// (Choices). The workspace is the handle's own, so that products may be captured into a graph.
package cublaslt

import (
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// Library is the loaded cublasLt.
type Library struct {
	lib     *library.Library
	at      [functions]uintptr
	version int
}

var want = library.Want{
	What: "cublasLt, which multiplies matrices,",
	Files: []library.File{
		{Name: "libcublasLt.so.13", Major: 13}, {Name: "libcublasLt.so.12", Major: 12}, {Name: "libcublasLt.so.11", Major: 11},
		{Name: "libcublasLt.so"},
	},
	Help: "pip install nvidia-cublas (for a driver of CUDA 12: nvidia-cublas-cu12), or install the CUDA toolkit",
}

// Load finds the newest cublasLt that a driver of CUDA up to newest serves.
func Load(s library.Search, newest driver.Version) (*Library, error) {
	lib, err := s.Open(want, newest)
	if err != nil {
		return nil, err
	}
	l := &Library{lib: lib}
	if err := lib.Functions(names[:], l.at[:]); err != nil {
		return nil, err
	}
	l.version = int(library.Call(l.at[getVersion]))
	return l, nil
}

// Version is cublasLt's own: 10000*major + 100*minor + patch.
func (l *Library) Version() int { return l.version }

// Library is the file that was loaded.
func (l *Library) Library() string { return l.lib.Path }

// Workspace is how much memory a handle takes for the algorithms' use: what NVIDIA recommends for
// Hopper (cuBLAS, cublasSetWorkspace).
const Workspace = 32 << 20

// Handle multiplies on one device. One stream at a time uses it: products share its workspace.
type Handle struct {
	lib       *Library
	device    driver.Device
	choices   *Choices
	handle    uintptr
	workspace driver.Pointer
	plans     map[key]*plan
	scalars   [2]float32 // alpha and beta, where the library reads them
}

// Open makes a handle for a device.
func (l *Library) Open(d driver.Device, c *Choices) (*Handle, error) {
	h := &Handle{lib: l, device: d, choices: c, plans: map[key]*plan{}}
	err := d.Do(func() (err error) {
		if h.workspace, err = d.Allocate(Workspace); err != nil {
			return err
		}
		if err = l.call(create, uintptr(unsafe.Pointer(&h.handle))); err != nil {
			_ = d.Free(h.workspace) // the first failure is the one to tell
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}

// Close gives everything back. It comes before the device's. Of a lost device, which takes no more
// calls, what the library itself holds is still given back.
func (h *Handle) Close() error {
	for k, p := range h.plans { // descriptions, which lie on the host
		p.free(h.lib)
		delete(h.plans, k)
	}
	err := h.device.Do(func() error {
		if err := h.lib.call(destroy, h.handle); err != nil {
			return err
		}
		h.handle = 0
		return h.device.Free(h.workspace)
	})
	if h.handle != 0 && driver.Is(err, driver.DeviceLost) {
		_ = h.lib.call(destroy, h.handle) // the loss is what is told
	}
	return err
}
