// Package cpu is the fast device for CPUs: generated kernels (kernel) under the operations of
// op, on several threads. The same calls give the same bits on any number of threads, within
// one level of kernels: work is cut so that each number is computed by one thread in a fixed
// order, or in parts whose size depends on the shapes alone and which are added up in order.
package cpu

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"
)

// Device computes on the CPU's cores.
type Device struct {
	k      *kernel.Set
	bf16   bool // factors of linear layers are rounded
	crew   *crew
	floats [][]float32
	ints   [][]int32
	parts  []float32 // of sums that are computed in parts

	// The operation that is running, by kind: fields, so that nothing is allocated for it.
	linear    linear
	weights   weights
	sum       sumParts
	patches   patches
	patchBack patchBack
	norm      layerNorm
	normBack  layerNormBack
	attention attention
	unit      unit
	contrast  contrast
	rows      rowsTask
	optimize  optimize
	squares   squares
}

var _ op.Device = (*Device)(nil)

// Options choose a device.
type Options struct {
	Threads int    // 0: all cores
	Level   string // of the kernels; "": the fastest that the CPU has
	BF16    bool   // round the factors of linear layers to bfloat16; sums and all else are float32
	Cores   *Cores // shared with the process's other devices; nil: none
}

// New makes a device with its own threads.
func New(o Options) (*Device, error) {
	set, err := kernel.Choose(o.Level)
	if err != nil {
		return nil, err
	}
	if o.BF16 && set.BF16 == nil {
		return nil, fmt.Errorf("%w: precision amp_bf16 needs a CPU with AVX512_BF16 and the kernels avx512, here are %s; precision fp32 runs on every CPU", sweep.ErrNoDevice, set.Name)
	}
	if o.Cores == nil {
		o.Cores = &Cores{}
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	return &Device{k: set, bf16: o.BF16, crew: newCrew(o.Cores, o.Threads)}, nil
}

// Name implements op.Device.
func (d *Device) Name() string {
	if d.bf16 {
		return Name(d.k.Name+" bf16", len(d.crew.workers))
	}
	return Name(d.k.Name, len(d.crew.workers))
}

// Name names a device: the level decides the bits, so it belongs to the record of a run.
func Name(level string, threads int) string {
	if threads == 1 {
		return fmt.Sprintf("cpu %s (1 thread)", level)
	}
	return fmt.Sprintf("cpu %s (%d threads)", level, threads)
}

// Floats implements op.Memory.
func (d *Device) Floats(n int) op.Floats {
	d.floats = append(d.floats, aligned(n))
	return op.Floats{Block: len(d.floats), Len: n}
}

// aligned gives n zeros that begin at a multiple of 64 bytes, a vector's and a cache line's size.
func aligned(n int) []float32 {
	const line = 64
	all := make([]float32, n+line/4)
	off := int(uintptr(unsafe.Pointer(&all[0])) % line / 4)
	at := (line/4 - off) % (line / 4)
	return all[at:][:n:n]
}

// Activations implements op.Memory: the CPU computes in float32.
func (d *Device) Activations(n int) op.Floats { return d.Floats(n) }

// Ints implements op.Memory.
func (d *Device) Ints(n int) op.Ints {
	d.ints = append(d.ints, make([]int32, n))
	return op.Ints{Block: len(d.ints), Len: n}
}

// of gives the numbers behind a handle, nil for none.
func (d *Device) of(f op.Floats) []float32 {
	if f.None() {
		return nil
	}
	return d.floats[f.Block-1][f.At:][:f.Len:f.Len]
}

func (d *Device) idsOf(i op.Ints) []int32 {
	if i.Block == 0 {
		return nil
	}
	return d.ints[i.Block-1][i.At:][:i.Len:i.Len]
}

// Write implements op.Memory.
func (d *Device) Write(dst op.Floats, src []float32) { copy(d.of(dst)[:len(src)], src) }

// WriteInts implements op.Memory.
func (d *Device) WriteInts(dst op.Ints, src []int32) { copy(d.idsOf(dst)[:len(src)], src) }

// Read implements op.Memory. Operations are done when they return; none fails.
func (d *Device) Read(dst []float32, src op.Floats) error {
	copy(dst, d.of(src)[:len(dst)])
	return nil
}

// Close implements op.Memory.
func (d *Device) Close() error {
	d.crew.close()
	d.floats, d.ints, d.parts = nil, nil, nil
	return nil
}

// partial gives scratch memory for n numbers, which lives until the next call.
func (d *Device) partial(n int) []float32 {
	if len(d.parts) < n {
		d.parts = aligned(n)
	}
	return d.parts[:n]
}

// room gives a worker's scratch memory.
func (w *worker) room(n int) []float32 {
	if len(w.scratch) < n {
		w.scratch = aligned(n)
	}
	return w.scratch[:n]
}

// ptr is the address of x[at], nil when x is empty.
func ptr(x []float32, at int) *float32 {
	if at >= len(x) {
		return nil
	}
	return &x[at]
}

// ceil is a/b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }
