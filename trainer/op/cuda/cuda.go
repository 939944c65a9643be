// Package cuda is the device for NVIDIA GPUs: kernels of its own, in CUDA C (kernels/*.cu, which
// are embedded and compiled for the device at hand), with cublasLt for the products of
// matrices. docs/cuda-kernels.md tells how they work and what was checked.
//
// Operations are put into one stream and return at once. The first failure sticks: what comes
// after it does nothing, and every Read gives it. The same calls give the same bits on one kind
// of device, one version of its libraries and one choice of cublasLt's algorithms.
package cuda

import (
	"errors"
	"fmt"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/cublaslt"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// Options choose a device.
type Options struct {
	GPU       driver.Device // closed with the device
	Compiler  *nvrtc.Compiler
	Cache     nvrtc.Cache      // of compiled kernels
	Products  *cublaslt.Handle // closed with the device
	Measure   bool             // choose cublasLt's algorithms by timing them, each when it is first wanted
	Precision string           // sweep.PrecisionFP32 ("" too), sweep.PrecisionTF32 or sweep.PrecisionBF16
	Strip     int              // numbers of the largest part of a loss's similarities that is kept; 0: 1<<24
}

// Device computes on a GPU. One goroutine uses it at a time.
type Device struct {
	gpu       driver.Device
	kernels   kernels
	products  *cublaslt.Handle
	measure   bool
	precision string
	strip     int
	stream    driver.Stream
	floats    []block
	ints      []driver.Pointer
	scratch   scratch
	stage     stage
	fetches   []fetch // that are done, for their memory
	recording bool
	err       error // the first failure
}

var _ op.Device = (*Device)(nil)

// New makes a device of an open GPU and compiles its kernels.
func New(o Options) (*Device, error) {
	d := &Device{gpu: o.GPU, products: o.Products, measure: o.Measure, precision: o.Precision, strip: o.Strip}
	switch o.Precision {
	case "":
		d.precision = sweep.PrecisionFP32
	case sweep.PrecisionFP32, sweep.PrecisionTF32, sweep.PrecisionBF16:
	default:
		return nil, fmt.Errorf("precision %q: %w: a GPU computes in %s, %s or %s", o.Precision, sweep.ErrUnsupported,
			sweep.PrecisionFP32, sweep.PrecisionTF32, sweep.PrecisionBF16)
	}
	if o.Strip <= 0 {
		d.strip = 1 << 24
	}
	d.kernels = kernels{gpu: o.GPU, compiler: o.Compiler, cache: o.Cache, precision: d.precision, program: Program, modules: map[int]driver.Module{}, functions: map[symbol]function{}}
	d.scratch.gpu = o.GPU
	return d, o.GPU.Do(func() (err error) {
		if d.stream, err = o.GPU.NewStream(); err != nil {
			return err
		}
		_, err = d.kernels.module(0)
		return err
	})
}

// Name implements op.Device.
func (d *Device) Name() string {
	return fmt.Sprintf("cuda %s %s (%s)", d.gpu.Info().Name, d.gpu.Info().Arch(), d.precision)
}

// Close implements op.Memory. It closes the GPU.
func (d *Device) Close() error {
	d.floats, d.ints = nil, nil
	return errors.Join(d.products.Close(), d.gpu.Close())
}

// fail keeps the first failure.
func (d *Device) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// run does an operation's calls on the GPU's thread, unless something failed before. Its scratch
// memory is free again afterwards.
func (d *Device) run(operation string, calls func() error) {
	if d.err != nil {
		return
	}
	d.scratch.rewind()
	if err := d.gpu.Do(calls); err != nil {
		d.fail(fmt.Errorf("%s: %w", operation, err))
	}
}

// narrow says that activations are bfloat16.
func (d *Device) narrow() bool { return d.precision == sweep.PrecisionBF16 }
