package cuda

import (
	"testing"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/cuda/cublaslt"
	"github.com/scalelaw/scalelaw/trainer/cuda/driver/drivertest"
	"github.com/scalelaw/scalelaw/trainer/cuda/nvrtc"
	"github.com/scalelaw/scalelaw/trainer/op"
	"github.com/scalelaw/scalelaw/trainer/op/optest"
)

// Every operation on a real device is what its definition says, in every precision.
func TestAgainstTheDefinitionOnAGPU(t *testing.T) {
	d, s := drivertest.GPU(t)
	compiler, err := nvrtc.Load(s, d.Version())
	must(t, err)
	lt, err := cublaslt.Load(s, d.Version())
	must(t, err)
	for _, precision := range []string{sweep.PrecisionFP32, sweep.PrecisionTF32, sweep.PrecisionBF16} {
		t.Run(precision, func(t *testing.T) {
			optest.CheckWith(t, optest.Options{
				Rounds: 4, Tolerance: 1e-5, Most: 1 << 11, Heads: []int{16, 33, 64},
				Stored: precision == sweep.PrecisionBF16, TF32: precision != sweep.PrecisionFP32,
			}, func() op.Device {
				o := Options{Precision: precision, Strip: 1 << 11, Compiler: compiler, Cache: nvrtc.Cache{Folder: t.TempDir()}}
				o.GPU, err = d.Open(0)
				must(t, err)
				o.Products, err = lt.Open(o.GPU, cublaslt.NewChoices("", nil))
				must(t, err)
				device, err := New(o)
				must(t, err)
				return device
			})
		})
	}
}
